//! fetch and what belongs to it: the npm package undici, which is what Node has inside too. Its modules become built-ins.
//!
//! Owns: choosing the modules that Node's fetch needs, naming them. Does not own: getting the package (`npm.rs`), how they are embedded and loaded (`src/builtins.rs`), the globals (`js/internal/fetch.js`).

use std::collections::BTreeSet;
use std::path::Path;

/// Where the modules are among the built-ins.
const ROOT: &str = "internal/deps/undici";
/// What Node's own build of undici starts from; `js/internal/fetch.js` takes its place, so that a part is loaded when it is used.
const ENTRY: &str = "index-fetch.js";
const LICENSE_IN: &str = "lib/web/fetch/index.js";

/// What is changed: module, text, new text. HTTP/2 is loaded when a server speaks it, crypto when it is needed: a program that
/// calls fetch once should not pay for them. Servers are told `node`, as Node's own build tells them.
const CHANGES: [(&str, &str, &str); 4] = [
    (
        "lib/dispatcher/client.js",
        "const connectH2 = require('./client-h2.js')",
        "const connectH2 = (client, socket) => require('./client-h2.js')(client, socket)",
    ),
    (
        "lib/web/fetch/index.js",
        "const { bytesMatch } = require('../subresource-integrity/subresource-integrity')",
        "const bytesMatch = (bytes, list) => \
         require('../subresource-integrity/subresource-integrity').bytesMatch(bytes, list)",
    ),
    ("lib/web/fetch/index.js", "typeof __UNDICI_IS_NODE__ !== 'undefined'", "true"),
    (
        "lib/web/fetch/formdata.js",
        "const random = runtimeFeatures.has('crypto')\n  ? require('node:crypto').randomInt\n  : (max) => Math.floor(Math.random() * max)",
        "const random = (max) => require('node:crypto').randomInt(max)",
    ),
];

/// Writes the modules below `out/builtins`, as the files of built-ins lie below `js`.
pub fn install(npm: &Path, out: &Path) {
    let package = npm.join("node_modules/undici");
    let target = out.join("builtins");
    let _ = std::fs::remove_dir_all(&target);
    let license = read(&package.join("LICENSE"));
    let mut modules = BTreeSet::new();
    follow(&package, ENTRY, &mut modules);
    modules.remove(ENTRY);
    for module in modules {
        let mut text = read(&package.join(&module));
        for (_, old, new) in CHANGES.iter().filter(|change| change.0 == module) {
            assert!(text.contains(old), "undici: {module} has no {old}");
            text = text.replace(old, new);
        }
        text = rewrite(&package, &module, &text);
        if module == LICENSE_IN {
            text = format!("/*\n{}\n*/\n{text}", license.trim());
        }
        let path = target.join(format!("{}.js", id(&module)));
        std::fs::create_dir_all(path.parent().expect("has one")).expect("OUT_DIR can be written");
        std::fs::write(path, text).expect("OUT_DIR can be written");
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `lib/core/util.js` -> `internal/deps/undici/lib/core/util`
fn id(module: &str) -> String {
    format!("{ROOT}/{}", module.trim_end_matches(".js"))
}

fn follow(package: &Path, module: &str, seen: &mut BTreeSet<String>) {
    if seen.insert(module.to_owned()) {
        for (_, request) in requests(&read(&package.join(module))) {
            if let Some(found) = resolve(package, module, request) {
                follow(package, &found, seen);
            }
        }
    }
}

/// Offset and text of each request in `require('request')`.
fn requests(text: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    for (at, call) in text.match_indices("require(") {
        let at = at + call.len();
        let rest = &text[at..];
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))
            && let Some(end) = rest[1..].find(quote)
        {
            out.push((at + 1, &rest[1..1 + end]));
        }
    }
    out
}

/// The file of the package that a relative request means.
fn resolve(package: &Path, from: &str, request: &str) -> Option<String> {
    if !request.starts_with('.') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in request.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let base = parts.join("/");
    let found = [base.clone(), format!("{base}.js"), format!("{base}/index.js")];
    let found = found.into_iter().find(|path| package.join(path).is_file());
    Some(found.unwrap_or_else(|| panic!("undici: {from} requires {request}, which is not there")))
}

/// The module with ids of built-ins for its requests, in ASCII.
fn rewrite(package: &Path, module: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, request) in requests(text) {
        out.push_str(&text[done..at]);
        match resolve(package, module, request) {
            Some(found) => out.push_str(&id(&found)),
            None => out.push_str(request.strip_prefix("node:").unwrap_or(request)),
        }
        done = at + request.len();
    }
    out.push_str(&text[done..]);
    let mut ascii = String::with_capacity(out.len());
    for c in out.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    ascii
}
