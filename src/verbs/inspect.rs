//! `pack inspect`: what is inside an executable, how large, and why.

use crate::report::bytes;
use crate::terminal::{print, tell};
use crate::{Status, cli};
use packager::generate::package_of;
use payload::{EdgeKind, Entry, EntryKind, FileKind, Payload, SectionKind, Target, container};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

pub fn run(arguments: &cli::Inspect) -> Status {
    match inspect(arguments) {
        Ok(text) => {
            print(&text);
            Status::Success
        }
        Err(message) => {
            tell(&format!("pack: {}: {message}\n", arguments.app.display()));
            Status::Failure
        }
    }
}

fn inspect(arguments: &cli::Inspect) -> Result<String, String> {
    let executable = std::fs::read(&arguments.app).map_err(|error| error.to_string())?;
    let start = container::locate(&executable).map_err(|error| error.to_string())?;
    let payload = Payload::open(start).map_err(|error| error.to_string())?;
    let payload = payload.ok_or("a bare runtime: there is no app in it")?;
    payload.check_all().map_err(|error| error.to_string())?;
    let inside = Inside::of(&payload, executable.len() as u64);
    match (&arguments.what, arguments.json) {
        (None, false) => Ok(inside.text()),
        (None, true) => Ok(format!("{:#}\n", inside.json(&inside.files))),
        (Some(what), json) => {
            let found = inside.find(what);
            if found.is_empty() {
                return Err(format!("nothing inside is called {what}"));
            }
            Ok(if json { format!("{:#}\n", inside.json(&found)) } else { inside.reasons(&found) })
        }
    }
}

/// One embedded file.
#[derive(Clone)]
struct Embedded {
    index: u32,
    path: String,
    kind: FileKind,
    /// What it takes in the payload, source map and all.
    bytes: u64,
}

/// A step of the way from the entry to a file.
#[derive(Clone)]
struct Step {
    importer: u32,
    kind: EdgeKind,
    request: String,
}

struct Inside<'a> {
    payload: &'a Payload<'a>,
    size: u64,
    /// By path.
    files: Vec<Embedded>,
    /// For each file that is reached: from where, on a shortest way.
    reached: BTreeMap<u32, Option<Step>>,
}

impl<'a> Inside<'a> {
    fn of(payload: &'a Payload<'a>, size: u64) -> Self {
        let files = payload.tree().entries().filter_map(|entry| embedded(&entry)).collect();
        let mut reached = BTreeMap::new();
        let mut queue = VecDeque::new();
        if let Some(entry) = payload.tree().lookup(&payload.manifest().entry) {
            reached.insert(entry.index(), None);
            queue.push_back(entry.index());
        }
        while let Some(importer) = queue.pop_front() {
            for edge in payload.edges().of(importer) {
                if let Target::File(target) = edge.target
                    && !reached.contains_key(&target)
                {
                    reached.insert(target, Some(Step { importer, kind: edge.kind, request: edge.request.to_owned() }));
                    queue.push_back(target);
                }
            }
        }
        Self { payload, size, files, reached }
    }

    /// Files by path, by the end of it, or by package.
    fn find(&self, what: &str) -> Vec<Embedded> {
        let what = what.trim_start_matches("./").trim_start_matches("/proc/self/exe/app/");
        let matches = |file: &&Embedded| {
            let below = file.path.strip_prefix(what).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            below || file.path.ends_with(&format!("/{what}")) || package_of(&file.path) == what
        };
        self.files.iter().filter(matches).cloned().collect()
    }

    /// The way from the entry to `file`, in words, nearest importer last.
    fn why(&self, file: &Embedded) -> Vec<String> {
        let mut steps = Vec::new();
        let mut at = file.index;
        while let Some(Some(step)) = self.reached.get(&at) {
            steps.push(self.step(step));
            at = step.importer;
        }
        steps.reverse();
        if steps.is_empty() {
            steps.push(match (self.reached.contains_key(&file.index), file.kind) {
                (true, _) => "the entry".to_owned(),
                (false, FileKind::PackageJson) => "describes the package".to_owned(),
                (false, FileKind::Asset) => "--include".to_owned(),
                (false, _) => "a dependency that an unknown request may mean, or what such a one asks for".to_owned(),
            });
        }
        steps
    }

    fn step(&self, step: &Step) -> String {
        let importer = self.payload.tree().entry(step.importer).map_or("?", |entry| entry.path());
        match step.kind {
            EdgeKind::Import => format!("{importer} imports \"{}\"", step.request),
            EdgeKind::Require => format!("{importer} requires \"{}\"", step.request),
            EdgeKind::Url => format!("{importer} names the path {}", step.request.trim_start_matches("./")),
        }
    }

    /// What the runtime is made of, the largest first, as the build of the runtime counted it.
    fn components(&self) -> Vec<(&str, u64)> {
        let text = self.payload.manifest().extra.get("runtime").map(String::as_str).unwrap_or_default();
        let parsed = text.lines().filter_map(|line| line.split_once(' '));
        parsed.filter_map(|(bytes, name)| Some((name, bytes.parse().ok()?))).collect()
    }

    /// What the app's files are: a piece that two files share counts twice.
    fn contents(&self) -> [(&'static str, u64); 5] {
        let mut sums = [("modules", 0), ("assets", 0), ("code caches", 0), ("source maps", 0), ("original sources", 0)];
        for entry in self.payload.tree().entries() {
            let EntryKind::File(kind) = entry.kind() else { continue };
            let asset = matches!(kind, FileKind::Asset | FileKind::Wasm | FileKind::NativeAddon);
            let parts = [
                (usize::from(asset), entry.content()),
                (2, entry.code_cache()),
                (3, entry.source_map()),
                (4, entry.source()),
            ];
            for (at, blob) in parts {
                sums[at].1 += blob.map_or(0, |blob| blob.stored_len());
            }
        }
        sums
    }

    fn packages(&self) -> Vec<(String, u64, u64)> {
        let mut packages: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for file in &self.files {
            let share = packages.entry(package_of(&file.path)).or_default();
            share.0 += 1;
            share.1 += file.bytes;
        }
        let mut packages: Vec<_> =
            packages.into_iter().map(|(name, (files, bytes))| (name.to_owned(), files, bytes)).collect();
        packages.sort_by_key(|(name, _, bytes)| (std::cmp::Reverse(*bytes), name.clone()));
        packages
    }

    fn text(&self) -> String {
        let manifest = self.payload.manifest();
        let mut out = format!("{} {}\n", manifest.name, manifest.version);
        let mut field = |name: &str, value: &str| {
            if !value.is_empty() {
                out += &format!("  {name:<14}{value}\n");
            }
        };
        field("entry", &manifest.entry);
        field("target", &manifest.target);
        field("made by", &format!("pack {}", manifest.pack_version));
        field("node options", &manifest.exec_argv.join(" "));
        field("left to disk", &manifest.externals.join(" "));
        field("allowed", if manifest.allow_env { "NODE_EXTRA_CA_CERTS" } else { "" });
        let extra = |key: &str| manifest.extra.get(key).map(String::as_str).unwrap_or_default();
        field("intl", extra("intl"));
        extra("intl-reasons").lines().for_each(|line| field("", line));
        let payload = self.payload.bytes().len() as u64;
        out += &format!("\n{:>10}  all\n{:>10}  runtime\n", bytes(self.size), bytes(self.size.saturating_sub(payload)));
        for (name, size) in self.components() {
            out += &format!("{:>10}    {name}\n", bytes(size));
        }
        for section in self.payload.sections().iter().filter(|section| section.len > 0) {
            out += &format!("{:>10}  {}\n", bytes(section.len), section.kind.name());
            if section.kind == SectionKind::Data {
                for (name, size) in self.contents().iter().filter(|(_, size)| *size > 0) {
                    out += &format!("{:>10}    {name}\n", bytes(*size));
                }
            }
        }
        out += &format!("\n{:>10} {:>7}  package\n", "size", "files");
        for (name, files, size) in self.packages() {
            let name = if name.is_empty() { "(the project)" } else { &name };
            out += &format!("{:>10} {files:>7}  {name}\n", bytes(size));
        }
        out += "\n      size  kind      file\n";
        let mut files: Vec<&Embedded> = self.files.iter().collect();
        files.sort_by_key(|file| (std::cmp::Reverse(file.bytes), &file.path));
        for file in files {
            out += &format!("{:>10}  {:<8}  {}\n", bytes(file.bytes), kind_name(file.kind), file.path);
        }
        out
    }

    fn reasons(&self, found: &[Embedded]) -> String {
        let mut out = String::new();
        for file in found {
            out += &format!("{} ({}, {})\n", file.path, kind_name(file.kind), bytes(file.bytes));
            for step in self.why(file) {
                out += &format!("  {step}\n");
            }
        }
        out
    }

    fn json(&self, found: &[Embedded]) -> Value {
        let manifest = self.payload.manifest();
        let file = |file: &Embedded| {
            json!({
                "path": file.path, "kind": kind_name(file.kind), "bytes": file.bytes,
                "package": package_of(&file.path), "why": self.why(file),
            })
        };
        let package = |(name, files, bytes)| json!({ "name": name, "files": files, "bytes": bytes });
        let part = |(name, bytes): (&str, u64)| json!({ "name": name, "bytes": bytes });
        let section = |s: &payload::SectionInfo| json!({ "name": s.kind.name(), "bytes": s.len });
        json!({
            "name": manifest.name, "version": manifest.version, "entry": manifest.entry, "target": manifest.target,
            "packVersion": manifest.pack_version, "execArgv": manifest.exec_argv, "externals": manifest.externals,
            "allowEnv": if manifest.allow_env { vec!["NODE_EXTRA_CA_CERTS"] } else { vec![] },
            "intl": {
                "data": manifest.extra.get("intl"),
                "reasons": manifest.extra.get("intl-reasons").map(|text| text.lines().collect::<Vec<_>>()),
            },
            "bytes": self.size,
            "runtime": {
                "bytes": self.size.saturating_sub(self.payload.bytes().len() as u64),
                "components": self.components().into_iter().map(part).collect::<Vec<_>>(),
            },
            "contents": self.contents().into_iter().map(part).collect::<Vec<_>>(),
            "sections": self.payload.sections().iter().map(section).collect::<Vec<_>>(),
            "packages": self.packages().into_iter().map(package).collect::<Vec<_>>(),
            "files": found.iter().map(file).collect::<Vec<_>>(),
        })
    }
}

fn embedded(entry: &Entry) -> Option<Embedded> {
    let EntryKind::File(kind) = entry.kind() else { return None };
    let parts = [entry.content(), entry.source(), entry.source_map(), entry.code_cache()];
    let bytes = parts.iter().flatten().map(|blob| blob.stored_len()).sum();
    Some(Embedded { index: entry.index(), path: entry.path().to_owned(), kind, bytes })
}

fn kind_name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::CommonJs => "commonjs",
        FileKind::EsModule => "module",
        FileKind::Json => "json",
        FileKind::PackageJson => "package",
        FileKind::Wasm => "wasm",
        FileKind::NativeAddon => "addon",
        FileKind::Asset => "asset",
    }
}
