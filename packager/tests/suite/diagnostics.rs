//! What the user is told, to the letter.

use crate::support::build;

/// Yarn's Plug'n'Play is told by its name.
#[test]
fn pain_31_packages_in_archives() {
    let built = build(&[
        ("main.js", "import 'thing';"),
        ("package.json", r#"{ "type": "module", "dependencies": { "thing": "1" } }"#),
        (".pnp.cjs", ""),
        ("yarn.lock", ""),
    ]);
    assert!(built.text().contains("main.js:1:8") && built.text().contains("nodeLinker"), "{}", built.text());
}

#[test]
fn an_import_that_is_not_there() {
    let built = build(&[
        ("src/main.mjs", "import a from './a.mjs';\n\nexport { x } from 'nowhere/sub';\n"),
        ("package.json", "{}"),
        ("src/a.mjs", "export default 1;"),
    ]);
    assert!(built.payload.is_none());
    assert_eq!(
        built.text(),
        "error[unresolved-import]: cannot find \"nowhere/sub\": not found\n  \
           ┌─ src/main.mjs:3:19\n  \
           │\n\
         3 │ export { x } from 'nowhere/sub';\n  \
           │                   ^^^^^^^^^^^^^\n  \
           │\n  \
           = hint: install it (npm install nowhere), or leave it to the disk at run time with --external nowhere\n\n"
    );
}

#[test]
fn unknown_requests_are_one_warning() {
    let built = build(&[("main.js", "require(process.argv[2]);\nimport(globalThis.x);\n"), ("package.json", "{}")]);
    assert_eq!(built.codes(), ["unknown-request"]);
    let text = built.text();
    assert!(
        text.starts_with("warning[unknown-request]: what 2 requests ask for is not known before they run\n"),
        "{text}"
    );
    assert!(text.contains("main.js:1:9") && text.contains("main.js:2:8"), "{text}");
    assert!(text.contains("--include GLOB") && text.contains("--external NAME"), "{text}");
}

#[test]
fn syntax_errors_have_a_place() {
    let built = build(&[("main.js", "let a = 1;\nlet b = = 2;\n"), ("package.json", "{}")]);
    assert_eq!(built.codes(), ["syntax"]);
    assert!(built.text().contains("main.js:2:9"), "{}", built.text());
}

#[test]
fn places_in_typescript_are_those_of_the_source() {
    let built = build(&[
        (
            "main.ts",
            "enum E { A }\ninterface X { a: string }\nconst n: number = E.A;\nrequire(process.argv[n] as string);\n",
        ),
        ("package.json", "{}"),
    ]);
    assert_eq!(built.codes(), ["unknown-request"], "{}", built.text());
    assert!(built.text().contains("main.ts:4:9"), "{}", built.text());
}

#[test]
fn faults_in_what_is_only_perhaps_loaded_do_not_fail_the_build() {
    let built = build(&[
        ("main.js", "require('./plugins/' + process.argv[2])"),
        ("package.json", "{}"),
        ("plugins/good.js", ""),
        ("plugins/bad.js", "import x from 'dev-only'; = ="),
        ("plugins/worse.mjs", "import x from 'dev-only';"),
    ]);
    assert!(built.payload.is_some(), "{}", built.text());
    assert!(built.has("plugins/bad.js"));
}

#[test]
fn entries() {
    let built = build(&[
        ("package.json", r#"{"name":"@a/tool","bin":{"x":"b.js","tool":"./a.js"}}"#),
        ("a.js", ""),
        ("b.js", ""),
    ]);
    // The first file is the entry: package.json itself is JSON, which may be one.
    assert_eq!(built.files(), Vec::<String>::new());
    let missing = crate::support::build_at(std::path::Path::new("/nowhere/main.js"));
    assert_eq!(missing.codes(), ["entry"]);
}
