//! The command line of the stub as a `node`: which words are options, which is the script.
//!
//! Owns: Node's option names and their forms. Does not own: what an option does (JavaScript asks with `getOptionValue`).

use crate::binding;
use std::sync::OnceLock;

/// What an option takes.
#[derive(Clone, Copy, PartialEq)]
enum Takes {
    /// `--name` and `--no-name`.
    Nothing,
    /// `--name=value` or `--name value`.
    Value,
    /// As `Value`, and it may be repeated.
    List,
    /// `--name` or `--name=value`.
    Optional,
}

/// Options of Node's that mean something here or are accepted for compatibility. Everything else that begins with `--` goes to V8.
const OPTIONS: &[(&str, Takes)] = {
    use Takes::{List, Nothing, Optional, Value};
    &[
        ("--abort-on-uncaught-exception", Nothing),
        ("--addons", Nothing),
        ("--allow-addons", Nothing),
        ("--allow-child-process", Nothing),
        ("--allow-ffi", Nothing),
        ("--allow-fs-read", List),
        ("--allow-fs-vfs", Nothing),
        ("--allow-fs-write", List),
        ("--allow-inspector", Nothing),
        ("--allow-net", Nothing),
        ("--allow-openssl-store", Nothing),
        ("--allow-wasi", Nothing),
        ("--allow-worker", Nothing),
        ("--async-context-frame", Nothing),
        ("--check", Nothing),
        ("--conditions", List),
        ("--cpu-prof", Nothing),
        ("--cpu-prof-dir", Value),
        ("--cpu-prof-interval", Value),
        ("--cpu-prof-name", Value),
        ("--debug-arraybuffer-allocations", Nothing),
        ("--deprecation", Nothing),
        ("--diagnostic-dir", Value),
        ("--disable-proto", Value),
        ("--disable-sigusr1", Nothing),
        ("--disable-warning", List),
        ("--disable-wasm-trap-handler", Nothing),
        ("--dns-result-order", Value),
        ("--enable-fips", Nothing),
        ("--enable-network-family-autoselection", Nothing),
        ("--enable-source-maps", Nothing),
        ("--entry-url", Nothing),
        ("--env-file", List),
        ("--env-file-if-exists", List),
        ("--eval", Value),
        ("--experimental-abortcontroller", Nothing),
        ("--experimental-detect-module", Nothing),
        ("--experimental-eventsource", Nothing),
        ("--experimental-fetch", Nothing),
        ("--experimental-global-customevent", Nothing),
        ("--experimental-global-navigator", Nothing),
        ("--experimental-global-webcrypto", Nothing),
        ("--experimental-import-meta-resolve", Nothing),
        ("--experimental-import-text", Nothing),
        ("--experimental-json-modules", Nothing),
        ("--experimental-loader", List),
        ("--experimental-modules", Nothing),
        ("--experimental-print-required-tla", Nothing),
        ("--experimental-repl-await", Nothing),
        ("--experimental-report", Nothing),
        ("--experimental-require-module", Nothing),
        ("--experimental-specifier-resolution", Value),
        ("--experimental-sqlite", Nothing),
        ("--experimental-strip-types", Nothing),
        ("--experimental-test-coverage", Nothing),
        ("--experimental-test-isolation", Value),
        ("--experimental-test-module-mocks", Nothing),
        ("--experimental-test-snapshots", Nothing),
        ("--experimental-test-tag-filter", List),
        ("--experimental-top-level-await", Nothing),
        ("--experimental-vm-modules", Nothing),
        ("--experimental-wasi-unstable-preview1", Nothing),
        ("--experimental-wasm-modules", Nothing),
        ("--experimental-websocket", Nothing),
        ("--experimental-webstorage", Nothing),
        ("--experimental-worker", Nothing),
        ("--experimental-worker-inspection", Nothing),
        ("--expose-internals", Nothing),
        ("--extra-info-on-fatal-exception", Nothing),
        ("--force-async-hooks-checks", Nothing),
        ("--force-context-aware", Nothing),
        ("--force-fips", Nothing),
        ("--force-node-api-uncaught-exceptions-policy", Nothing),
        ("--frozen-intrinsics", Nothing),
        ("--global-search-paths", Nothing),
        ("--heap-prof", Nothing),
        ("--heap-prof-dir", Value),
        ("--heap-prof-interval", Value),
        ("--heap-prof-name", Value),
        ("--heapsnapshot-signal", Value),
        ("--http-parser", Value),
        ("--icu-data-dir", Value),
        ("--import", List),
        ("--input-type", Value),
        ("--insecure-http-parser", Nothing),
        ("--inspect", Optional),
        ("--inspect-brk", Optional),
        ("--inspect-port", Value),
        ("--inspect-publish-uid", Value),
        ("--inspect-wait", Optional),
        ("--interactive", Nothing),
        ("--localstorage-file", Value),
        ("--max-http-header-size", Value),
        ("--max-old-space-size-percentage", Value),
        ("--napi-modules", Nothing),
        ("--network-family-autoselection", Nothing),
        ("--network-family-autoselection-attempt-timeout", Value),
        ("--node-memory-debug", Nothing),
        ("--node-snapshot", Nothing),
        ("--openssl-legacy-provider", Nothing),
        ("--openssl-shared-config", Nothing),
        ("--pending-deprecation", Nothing),
        ("--permission", Nothing),
        ("--permission-audit", Nothing),
        ("--preserve-symlinks", Nothing),
        ("--preserve-symlinks-main", Nothing),
        ("--print", Nothing),
        ("--redirect-warnings", Value),
        ("--report-code-caches", Nothing),
        ("--report-compact", Nothing),
        ("--report-dir", Value),
        ("--report-directory", Value),
        ("--report-exclude-env", Nothing),
        ("--report-exclude-network", Nothing),
        ("--report-filename", Value),
        ("--report-on-fatalerror", Nothing),
        ("--report-on-signal", Nothing),
        ("--report-signal", Value),
        ("--report-uncaught-exception", Nothing),
        ("--require", List),
        ("--require-module", Nothing),
        ("--run", Value),
        ("--secure-heap", Value),
        ("--secure-heap-min", Value),
        ("--stack-trace-limit", Value),
        ("--strip-types", Nothing),
        ("--test", Nothing),
        ("--test-concurrency", Value),
        ("--test-coverage-branches", Value),
        ("--test-coverage-exclude", List),
        ("--test-coverage-functions", Value),
        ("--test-coverage-include", List),
        ("--test-coverage-include-all", Nothing),
        ("--test-coverage-lines", Value),
        ("--test-force-exit", Nothing),
        ("--test-global-setup", Value),
        ("--test-isolation", Value),
        ("--test-name-pattern", List),
        ("--test-only", Nothing),
        ("--test-random-seed", Value),
        ("--test-randomize", Nothing),
        ("--test-reporter", List),
        ("--test-reporter-destination", List),
        ("--test-rerun-failures", Value),
        ("--test-shard", Value),
        ("--test-skip-pattern", List),
        ("--test-timeout", Value),
        ("--test-update-snapshots", Nothing),
        ("--throw-deprecation", Nothing),
        ("--title", Value),
        ("--tls-cipher-list", Value),
        ("--tls-keylog", Value),
        ("--tls-max-v1.2", Nothing),
        ("--tls-max-v1.3", Nothing),
        ("--tls-min-v1.0", Nothing),
        ("--tls-min-v1.1", Nothing),
        ("--tls-min-v1.2", Nothing),
        ("--tls-min-v1.3", Nothing),
        ("--trace-deprecation", Nothing),
        ("--trace-event-categories", Value),
        ("--trace-event-file-pattern", Value),
        ("--trace-events-enabled", Nothing),
        ("--trace-exit", Nothing),
        ("--trace-sigint", Nothing),
        ("--trace-sync-io", Nothing),
        ("--trace-tls", Nothing),
        ("--trace-uncaught", Nothing),
        ("--trace-warnings", Nothing),
        ("--track-heap-objects", Nothing),
        ("--unhandled-rejections", Value),
        ("--trace-require-module", Value),
        ("--use-bundled-ca", Nothing),
        ("--use-env-proxy", Nothing),
        ("--use-largepages", Value),
        ("--use-openssl-ca", Nothing),
        ("--use-system-ca", Nothing),
        ("--v8-pool-size", Value),
        ("--verify-base-objects", Nothing),
        ("--warnings", Nothing),
        ("--watch", Nothing),
        ("--watch-kill-signal", Value),
        ("--watch-path", List),
        ("--watch-preserve-output", Nothing),
        ("--webstorage", Nothing),
        ("--worker-snapshot", Nothing),
        ("--zero-fill-buffers", Nothing),
    ]
};

const SHORT: &[(&str, &str)] = &[
    ("-e", "--eval"),
    ("-p", "--print"),
    ("-pe", "--print"),
    ("-r", "--require"),
    ("-c", "--check"),
    ("-i", "--interactive"),
    ("-C", "--conditions"),
    ("--debug-port", "--inspect-port"),
    ("--es-module-specifier-resolution", "--experimental-specifier-resolution"),
    ("--loader", "--experimental-loader"),
];

/// One option as it was given: canonical name (`--warnings`), value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `--name` or `--no-name`.
    Flag(bool),
    /// `--name=text`.
    Text(String),
}

/// A parsed command line.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// argv[0] as the program was called.
    pub argv0: String,
    /// The words before the script, `process.execArgv`.
    pub exec_argv: Vec<String>,
    /// The script and its arguments.
    pub rest: Vec<String>,
    /// Node's options in the order given.
    pub values: Vec<(String, Value)>,
    /// Options for V8.
    pub v8_flags: Vec<String>,
    /// `--version`, `-v`.
    pub version: bool,
    /// `--help`, `-h`.
    pub help: bool,
    /// In an app: the first of `rest` is a child's script, not the user's word.
    pub child: bool,
}

static CURRENT: OnceLock<Options> = OnceLock::new();

/// Keeps the options of this process, for JavaScript.
pub fn set_current(options: Options) {
    let _ = CURRENT.set(options);
}

/// The options of this process, once they are set.
pub fn known() -> Option<&'static Options> {
    CURRENT.get()
}

/// The options of this process.
pub fn current() -> &'static Options {
    CURRENT.get_or_init(Options::default)
}

impl Options {
    /// Parses `argv` as `node` does: options up to the first word that is none, or `--`.
    ///
    /// # Errors
    /// A message in Node's words for an option without its value.
    pub fn parse(argv: &[String]) -> Result<Options, String> {
        let mut options = Options { argv0: argv.first().cloned().unwrap_or_default(), ..Options::default() };
        let mut i = 1;
        let mut print = false;
        while let Some(word) = argv.get(i) {
            if word == "--" {
                i += 1;
                break;
            }
            if !word.starts_with('-') || word == "-" {
                break;
            }
            i += 1;
            options.exec_argv.push(word.clone());
            let (name, mut value) = match word.split_once('=') {
                Some((name, value)) if word.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (word.clone(), None),
            };
            let name = SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, long)| (*long).to_owned());
            let name = if name.starts_with("--") { name.replace('_', "-") } else { name };
            match name.as_str() {
                "--version" | "-v" => options.version = true,
                "--help" | "-h" => options.help = true,
                "--print" => {
                    print = true;
                    options.values.push((name, Value::Flag(true)));
                    // `-p CODE`: a word that follows is code unless it is an option.
                    if value.is_none() && argv.get(i).is_some_and(|w| !w.starts_with('-') || w == "-") {
                        value = argv.get(i).cloned();
                        options.exec_argv.extend(value.clone());
                        i += 1;
                    }
                    if let Some(code) = value {
                        options.values.push(("--eval".into(), Value::Text(code)));
                    }
                }
                _ => {
                    let positive = name.strip_prefix("--no-").map(|n| format!("--{n}"));
                    let known = |n: &str| OPTIONS.iter().find(|(o, _)| *o == n).map(|(_, takes)| *takes);
                    match (known(&name), positive) {
                        (Some(Takes::Optional), _) => {
                            options.values.push((name, Value::Text(value.unwrap_or_default())))
                        }
                        (Some(Takes::Nothing), _) => options.values.push((name, Value::Flag(true))),
                        (Some(_), _) => {
                            let value = match value {
                                Some(value) if value.is_empty() => return Err(format!("{word} requires an argument")),
                                Some(value) => value,
                                None => match argv.get(i) {
                                    Some(next) if !next.starts_with('-') || next.len() == 1 || print => {
                                        i += 1;
                                        options.exec_argv.push(next.clone());
                                        next.clone()
                                    }
                                    // It lists the scripts there are.
                                    _ if name == "--run" => String::new(),
                                    _ => return Err(format!("{word} requires an argument")),
                                },
                            };
                            options.values.push((name, Value::Text(value)));
                        }
                        (None, Some(positive)) if known(&positive) == Some(Takes::Nothing) => {
                            options.values.push((positive, Value::Flag(false)));
                        }
                        _ if crate::left_out::is_asked_for(word) => return Err(format!("bad option: {word}")),
                        _ if word.starts_with("--") => options.v8_flags.push(word.clone()),
                        _ => return Err(format!("bad option: {word}")),
                    }
                }
            }
        }
        if let Some(percentage) = options.text("--max-old-space-size-percentage") {
            options.v8_flags.push(old_space_size(percentage)?);
        }
        options.rest = argv.get(i..).unwrap_or_default().to_vec();
        if options.text("--run").is_some() && argv.get(i - 1).is_none_or(|word| word != "--") {
            // Words before `--` are nobody's.
            let end = options.rest.iter().position(|word| word == "--").map_or(options.rest.len(), |at| at + 1);
            options.rest.drain(..end);
        }
        if options.flag("--tls-min-v1.3") && options.flag("--tls-max-v1.2") {
            return Err("either --tls-min-v1.3 or --tls-max-v1.2 can be used, not both".into());
        }
        options.check_pairs()?;
        options.check_words()?;
        options.check_secure_heap()?;
        options.check_profiles()?;
        options.check_watch()?;
        options.check_unhandled_rejections()?;
        options.check_input_type()?;
        Ok(options)
    }

    /// Names, folders and intervals of profiles that are not made.
    fn check_profiles(&self) -> Result<(), String> {
        let lonely = |kind: &str| {
            let of_kind: Vec<&str> =
                self.values.iter().map(|(name, _)| &**name).filter(|n| n.starts_with(kind)).collect();
            let on = self.flag(kind);
            of_kind.into_iter().find(|name| *name != kind && !on).map(|name| format!("{name} must be used with {kind}"))
        };
        let wrong: Vec<String> = ["--cpu-prof", "--heap-prof"].into_iter().filter_map(lonely).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join(&format!("\n{}: ", self.argv0))) }
    }

    /// Options that cannot be used together.
    fn check_pairs(&self) -> Result<(), String> {
        let given = |name: &str| self.flag(name) || self.text(name).is_some();
        let pairs = [("--check", "--eval"), ("--test", "--eval"), ("--use-openssl-ca", "--use-bundled-ca")];
        match pairs.into_iter().find(|(one, other)| given(one) && given(other)) {
            Some((one, other)) => Err(format!("either {one} or {other} can be used, not both")),
            None => Ok(()),
        }
    }

    /// Values that are one of a few words.
    fn check_words(&self) -> Result<(), String> {
        let choices: [(&str, &[&str]); 4] = [
            ("--use-largepages", &["off", "on", "silent"]),
            ("--trace-require-module", &["all", "no-node-modules"]),
            ("--test-isolation", &["process", "none"]),
            ("--experimental-test-isolation", &["process", "none"]),
        ];
        for (name, words) in choices {
            if self.text(name).is_some_and(|text| !words.contains(&text)) {
                return Err(format!("invalid value for {name}"));
            }
        }
        if self
            .text("--inspect-publish-uid")
            .is_some_and(|text| text.split(',').any(|to| !matches!(to, "stderr" | "http")))
        {
            return Err("--inspect-publish-uid destination can be stderr or http".into());
        }
        Ok(())
    }

    fn check_input_type(&self) -> Result<(), String> {
        match self.text("--input-type") {
            None | Some("module" | "commonjs" | "module-typescript" | "commonjs-typescript") => Ok(()),
            Some(_) => {
                Err("--input-type must be \"module\",\"commonjs\", \"module-typescript\" or \"commonjs-typescript\""
                    .into())
            }
        }
    }

    fn check_unhandled_rejections(&self) -> Result<(), String> {
        match self.text("--unhandled-rejections") {
            None | Some("none" | "strict" | "throw" | "warn" | "warn-with-error-code") => Ok(()),
            Some(_) => Err("invalid value for --unhandled-rejections".into()),
        }
    }

    /// What cannot be watched.
    fn check_watch(&self) -> Result<(), String> {
        let by_path = self.text("--watch-path").is_some();
        if by_path && self.flag("--test") {
            return Err("--watch-path cannot be used in combination with --test".into());
        }
        let other = if self.flag("--check") {
            "--check"
        } else if self.text("--eval").is_some() {
            "--eval"
        } else if self.flag("--interactive") {
            "--interactive"
        } else {
            return Ok(());
        };
        if by_path || self.flag("--watch") {
            Err(format!("either --watch or {other} can be used, not both"))
        } else {
            Ok(())
        }
    }

    /// OpenSSL's secure heap comes in powers of two.
    fn check_secure_heap(&self) -> Result<(), String> {
        let number = |name| self.text(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let size = number("--secure-heap");
        let minimum = number("--secure-heap-min").min(size).max(2);
        let wrong: Vec<String> = [("--secure-heap", size), ("--secure-heap-min", minimum)]
            .into_iter()
            .filter(|(_, number)| size >= 2 && !number.is_power_of_two())
            .map(|(name, _)| format!("{name} must be a power of 2"))
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join(&format!("\n{}: ", self.argv0))) }
    }

    /// As [`Options::parse`], after the options of `NODE_OPTIONS`: only a stub without an app reads it.
    ///
    /// # Errors
    /// As [`Options::parse`].
    pub fn of_node(argv: &[String]) -> Result<Options, String> {
        let Some(text) = std::env::var_os("NODE_OPTIONS").filter(|t| !t.is_empty()) else { return Self::parse(argv) };
        let words = split_words(&text.to_string_lossy())?;
        let first = Self::parse(&[vec![String::new()], words].concat())?;
        let run = first.text("--run").map(|_| "--run");
        if let Some(word) = run.or(first.rest.first().map(String::as_str)) {
            return Err(format!("{word} is not allowed in NODE_OPTIONS"));
        }
        let mut options = Self::parse(argv)?;
        options.values.splice(0..0, first.values);
        options.v8_flags.splice(0..0, first.v8_flags);
        Ok(options)
    }

    /// The command line of an app: every word is the app's, to the letter, except where leading Node options are followed by a
    /// path of the embedded tree: then the app started itself, and they are a child's options and script. Options of a child that are
    /// refused end it, as they do under node: the app instead of it would start the same child, and so on.
    pub fn of_app(argv: &[String], baked: &[String]) -> Result<Options, String> {
        let root = format!("{}/", crate::app::ROOT);
        let is_script = |word: &String| word.starts_with(&root);
        match Options::parse(argv) {
            Ok(mut child) if child.rest.first().is_some_and(is_script) => {
                child.child = true;
                child.version = false;
                Ok(child)
            }
            Err(refused) if argv.iter().skip(1).any(is_script) => Err(refused),
            _ => Ok(Self::of_app_itself(argv, baked)),
        }
    }

    /// As [`Options::of_app`], where the app has not started itself.
    pub fn of_app_itself(argv: &[String], baked: &[String]) -> Options {
        let words: Vec<String> = argv.first().cloned().into_iter().chain(baked.iter().cloned()).collect();
        let mut options = Options::parse(&words).unwrap_or_default();
        options.argv0 = argv.first().cloned().unwrap_or_default();
        options.rest = argv.get(1..).unwrap_or_default().to_vec();
        options
    }

    /// The last text given for `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find_map(|(n, v)| match v {
            Value::Text(text) if n == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// Whether a debugger, a profile or coverage is asked for; coverage by the environment too, which an app does not read.
    pub fn inspects(&self) -> bool {
        const PREFIXES: [&str; 5] =
            ["--experimental-test-coverage", "--inspect", "--cpu-prof", "--heap-prof", "--heapsnapshot-signal"];
        self.values.iter().any(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
            || ((self.child || crate::app::app().is_none())
                && std::env::var_os("NODE_V8_COVERAGE").is_some_and(|f| !f.is_empty()))
    }

    /// Whether the flag `name` was given and not taken back.
    pub fn flag(&self, name: &str) -> bool {
        self.values.iter().rev().find_map(|(n, v)| (n == name).then_some(*v == Value::Flag(true))).unwrap_or(false)
    }
}

/// Words separated by spaces; a double quote begins and ends a part with spaces in it, a backslash inside takes the next character.
fn split_words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let (mut word, mut quoted) = (None::<String>, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' if !quoted => words.extend(word.take()),
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '\\' if quoted => {
                let next = chars.next().ok_or("invalid value for NODE_OPTIONS (invalid escape)")?;
                word.get_or_insert_default().push(next);
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    if quoted {
        return Err("invalid value for NODE_OPTIONS (unterminated string)".into());
    }
    words.extend(word);
    Ok(words)
}

/// The flag of V8 that `--max-old-space-size-percentage` stands for.
fn old_space_size(percentage: &str) -> Result<String, String> {
    let name = "--max-old-space-size-percentage";
    let share = percentage.trim().parse::<f64>().ok().filter(|p| *p > 0.0 && *p <= 100.0);
    let share = share.ok_or_else(|| format!("{name} must be greater than 0 and up to 100. Got: {percentage}"))?;
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let meminfo = read("/proc/meminfo").unwrap_or_default();
    let total =
        meminfo.lines().find_map(|l| l.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse::<f64>().ok());
    let total = total.unwrap_or(0.0) * 1024.0;
    let limit = read("/sys/fs/cgroup/memory.max").and_then(|s| s.trim().parse::<f64>().ok());
    let memory = limit.filter(|l| *l > 0.0 && *l < total).unwrap_or(total);
    Ok(format!("--max-old-space-size={}", (memory * share / 100.0 / 1048576.0) as u64))
}

/// `getOptions()`: `[[name, value], ...]` as given.
fn get_options(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set(pairs(scope, current()));
}

fn pairs<'s>(scope: &mut v8::PinScope<'s, '_>, options: &Options) -> v8::Local<'s, v8::Value> {
    let mut pairs = Vec::new();
    for (name, value) in &options.values {
        let name = binding::string(scope, name);
        let value = match value {
            Value::Flag(on) => v8::Boolean::new(scope, *on).into(),
            Value::Text(text) => binding::string(scope, text),
        };
        pairs.push(v8::Array::new_with_elements(scope, &[name, value]).into());
    }
    v8::Array::new_with_elements(scope, &pairs).into()
}

/// `isKnownOption(word)`: whether `node` itself, not V8, takes it.
fn is_known_option(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let word = args.get(0).to_rust_string_lossy(scope).replace('_', "-");
    let positive = word.strip_prefix("--no-").map(|n| format!("--{n}"));
    let known = OPTIONS.iter().any(|(name, _)| *name == word || Some(*name) == positive.as_deref());
    rv.set_bool(known || SHORT.iter().any(|(short, _)| *short == word));
}

/// `locateScript(words)`: `[index, isCode]` for the words after argv[0] of a `node`: where its script stands, or would stand where
/// code is given; undefined where the words are no command line of `node`.
fn locate_script(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(list) = v8::Local::<v8::Array>::try_from(args.get(0)) else { return };
    let mut words = vec![String::new()];
    for i in 0..list.length() {
        let Some(word) = list.get_index(scope, i) else { return };
        words.push(word.to_rust_string_lossy(scope));
    }
    let Ok(options) = Options::parse(&words) else { return };
    let index = (words.len() - 1 - options.rest.len()) as i32;
    let is_code = options.text("--eval").is_some();
    let pair = [v8::Integer::new(scope, index).into(), v8::Boolean::new(scope, is_code).into()];
    rv.set(v8::Array::new_with_elements(scope, &pair).into());
}

/// `parseOptions(words)`: `[[[name, value], ...], optionsForV8]`, or a message where an option is wrong.
fn parse_options(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(list) = v8::Local::<v8::Array>::try_from(args.get(0)) else { return };
    let word = |scope: &mut v8::PinScope, i| list.get_index(scope, i).map(|w| w.to_rust_string_lossy(scope));
    let words: Vec<String> =
        std::iter::once(String::new()).chain((0..list.length()).filter_map(|i| word(scope, i))).collect();
    match Options::parse(&words) {
        Ok(options) => {
            let pairs = pairs(scope, &options);
            let v8_flags: Vec<v8::Local<v8::Value>> =
                options.v8_flags.iter().map(|flag| binding::string(scope, flag)).collect();
            let v8_flags = v8::Array::new_with_elements(scope, &v8_flags).into();
            rv.set(v8::Array::new_with_elements(scope, &[pairs, v8_flags]).into());
        }
        Err(message) => rv.set(binding::string(scope, &message)),
    }
}

binding!("options", [
    locateScript => locate_script,
    getOptions => get_options,
    parseOptions => parse_options,
    isKnownOption => is_known_option,
]);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Options {
        let argv: Vec<String> = std::iter::once("node").chain(words.iter().copied()).map(str::to_owned).collect();
        Options::parse(&argv).unwrap()
    }

    #[test]
    fn pairs_and_words_that_are_refused() {
        for words in [
            &["--check", "-e", "1"][..],
            &["--test", "-e", "1"],
            &["--use-openssl-ca", "--use-bundled-ca", "a.js"],
            &["--use-largepages=x", "a.js"],
            &["--trace-require-module=x", "a.js"],
            &["--inspect-publish-uid=stderr,x", "a.js"],
        ] {
            let argv: Vec<String> = std::iter::once("node").chain(words.iter().copied()).map(str::to_owned).collect();
            assert!(Options::parse(&argv).is_err(), "{words:?}");
        }
    }

    #[test]
    fn script_ends_options() {
        let o = parse(&["--no-warnings", "--expose-gc", "a.js", "-e", "x"]);
        assert_eq!(o.values, [("--warnings".into(), Value::Flag(false))]);
        assert_eq!(o.v8_flags, ["--expose-gc"]);
        assert_eq!(o.rest, ["a.js", "-e", "x"]);
        assert_eq!(o.exec_argv, ["--no-warnings", "--expose-gc"]);
    }

    #[test]
    fn eval_and_print() {
        assert_eq!(parse(&["-e", "1"]).text("--eval"), Some("1"));
        let o = parse(&["-p", "1+1", "a"]);
        assert_eq!((o.text("--eval"), o.flag("--print")), (Some("1+1"), true));
        assert_eq!(o.rest, ["a"]);
        let o = parse(&["-p", "-e", "2"]);
        assert_eq!((o.text("--eval"), o.flag("--print")), (Some("2"), true));
    }

    #[test]
    fn missing_value() {
        assert!(Options::parse(&["node".into(), "-r".into()]).is_err());
    }
}
