//! Where requests end: Node's rules, packages, symbolic links, workspaces, TypeScript's additions.

use crate::support::{Project, build};
use payload::FileKind;

#[test]
fn conditions_differ_between_import_and_require() {
    let built = build(&[
        (
            "main.mjs",
            "import 'both'; import { createRequire } from 'node:module'; createRequire(import.meta.url)('both');",
        ),
        ("package.json", "{}"),
        (
            "node_modules/both/package.json",
            r#"{"name":"both","exports":{".":{"import":"./e.mjs","require":"./c.cjs"}}}"#,
        ),
        ("node_modules/both/e.mjs", "export {}"),
        ("node_modules/both/c.cjs", ""),
    ]);
    assert_eq!(built.text(), "");
    assert_eq!(built.import("main.mjs", "both"), "node_modules/both/e.mjs");
    assert_eq!(built.require("main.mjs", "both"), "node_modules/both/c.cjs");
}

#[test]
fn custom_conditions_and_imports_field() {
    let project = Project::new(&[
        ("main.mjs", "import '#db';"),
        ("package.json", r##"{"imports":{"#db":{"mock":"./mock.mjs","default":"./real.mjs"}}}"##),
        ("mock.mjs", ""),
        ("real.mjs", ""),
    ]);
    assert_eq!(project.build().import("main.mjs", "#db"), "real.mjs");
    let mocked = project.with(|o| o.conditions.push("mock".into())).build();
    assert_eq!(mocked.import("main.mjs", "#db"), "mock.mjs");
    assert_eq!(mocked.files(), ["main.mjs", "mock.mjs"]);
}

#[test]
fn only_commonjs_may_leave_out_extensions() {
    let built = build(&[
        ("main.cjs", "require('./a'); require('./dir');"),
        ("a.js", ""),
        ("dir/index.js", ""),
        ("package.json", "{}"),
    ]);
    assert_eq!(built.require("main.cjs", "./a"), "a.js");
    assert_eq!(built.require("main.cjs", "./dir"), "dir/index.js");

    let built = build(&[("main.mjs", "import './a';\nimport './dir';"), ("a.js", ""), ("dir/index.js", "")]);
    assert_eq!(built.codes(), ["unresolved-import", "unresolved-import"]);
    assert!(built.text().contains("\"./a.js\""), "{}", built.text());
    assert!(built.text().contains("\"./dir/index.js\""), "{}", built.text());
    assert!(built.payload.is_none());
}

#[test]
fn formats_follow_name_then_package_then_syntax() {
    let built = build(&[
        (
            "main.js",
            "require('./a.mjs'); require('./b.cjs'); require('./esm/c.js'); require('./d.js'); require('./e.js'); require('./f.json');",
        ),
        ("package.json", "{}"),
        ("a.mjs", ""),
        ("b.cjs", ""),
        ("esm/package.json", r#"{"type":"module"}"#),
        ("esm/c.js", ""),
        ("d.js", "export const d = 1;"),
        ("e.js", "const require = 1;"),
        ("f.json", "{}"),
    ]);
    let kind = |path| built.kind(path);
    assert_eq!(kind("main.js"), FileKind::CommonJs);
    assert_eq!(kind("a.mjs"), FileKind::EsModule);
    assert_eq!(kind("b.cjs"), FileKind::CommonJs);
    assert_eq!(kind("esm/c.js"), FileKind::EsModule);
    assert_eq!(kind("d.js"), FileKind::EsModule);
    assert_eq!(kind("e.js"), FileKind::EsModule);
    assert_eq!(kind("f.json"), FileKind::Json);
    assert_eq!(kind("package.json"), FileKind::PackageJson);
    assert_eq!(kind("esm/package.json"), FileKind::PackageJson);
}

#[test]
fn top_level_await_alone_makes_a_module() {
    let built = build(&[("main.js", "const x = await 1; console.log(x);"), ("package.json", "{}")]);
    assert_eq!(built.kind("main.js"), FileKind::EsModule);
}

#[test]
fn javascript_is_embedded_byte_for_byte() {
    let source = "#!/usr/bin/env node\r\n'use strict';  // \u{e9}\nmodule.exports = function  f ( ) { };\n";
    let built = build(&[("main.js", source), ("package.json", "{}")]);
    // Latin-1 text is stored in one byte a character.
    let stored: String = source.chars().filter(|c| c.is_ascii()).collect();
    let code: String = built.code("main.js").chars().filter(|c| c.is_ascii()).collect();
    assert_eq!(code, stored);
}

#[test]
fn symbolic_links_are_followed_and_kept_for_computed_requests() {
    let built = build(&[
        ("app/main.js", "require('@w/lib'); require(process.argv[2]);"),
        ("package.json", r#"{"workspaces":["app","lib"]}"#),
        ("package-lock.json", "{}"),
        ("app/package.json", r#"{"name":"app","dependencies":{"@w/lib":"*"}}"#),
        ("lib/package.json", r#"{"name":"@w/lib","main":"src/i.js"}"#),
        ("lib/src/i.js", "require('dep')"),
        ("node_modules/dep/index.js", ""),
        ("node_modules/dep/package.json", r#"{"name":"dep"}"#),
        ("node_modules/@w/lib ->", "../../lib"),
    ]);
    assert_eq!(built.require("app/main.js", "@w/lib"), "lib/src/i.js");
    assert_eq!(built.require("lib/src/i.js", "dep"), "node_modules/dep/index.js");
    assert_eq!(built.link("node_modules/@w/lib").as_deref(), Some("../../lib"));
    assert!(built.has("lib/package.json"));
}

#[test]
fn pnpm_layout() {
    let built = build(&[
        ("main.js", "require('a')"),
        ("package.json", r#"{"dependencies":{"a":"1"}}"#),
        ("pnpm-lock.yaml", ""),
        ("node_modules/a ->", ".pnpm/a@1/node_modules/a"),
        ("node_modules/.pnpm/a@1/node_modules/a/package.json", r#"{"name":"a"}"#),
        ("node_modules/.pnpm/a@1/node_modules/a/index.js", "require('b')"),
        ("node_modules/.pnpm/a@1/node_modules/b ->", "../../b@1/node_modules/b"),
        ("node_modules/.pnpm/b@1/node_modules/b/package.json", r#"{"name":"b"}"#),
        ("node_modules/.pnpm/b@1/node_modules/b/index.js", ""),
    ]);
    let a = "node_modules/.pnpm/a@1/node_modules/a/index.js";
    assert_eq!(built.require("main.js", "a"), a);
    assert_eq!(built.require(a, "b"), "node_modules/.pnpm/b@1/node_modules/b/index.js");
    assert_eq!(built.link("node_modules/.pnpm/a@1/node_modules/b").as_deref(), Some("../../b@1/node_modules/b"));
}

#[test]
fn files_outside_of_the_root_go_under_their_package() {
    let built = build(&[
        ("app/main.js", "require('../shared/x'); require('above'); require('../loose');"),
        ("app/package.json", r#"{"name":"app"}"#),
        ("shared/package.json", r#"{"name":"@s/shared"}"#),
        ("shared/x.js", "require('own')"),
        ("shared/node_modules/own/index.js", ""),
        ("node_modules/above/index.js", ""),
        ("loose.js", ""),
    ]);
    assert_eq!(built.require("main.js", "../shared/x"), "~/@s/shared/x.js");
    assert_eq!(built.require("~/@s/shared/x.js", "own"), "~/@s/shared/node_modules/own/index.js");
    assert_eq!(built.require("main.js", "above"), "~/node_modules/above/index.js");
    assert_eq!(built.require("main.js", "../loose"), "~/up1/loose.js");
}

#[test]
fn externals_are_left_to_the_disk() {
    let built = Project::new(&[("main.js", "require('native'); require('native/sub');"), ("package.json", "{}")])
        .with(|o| o.external.push("native".into()))
        .build();
    assert_eq!(built.text(), "");
    assert_eq!(built.require("main.js", "native"), "external native");
    assert_eq!(built.require("main.js", "native/sub"), "external native/sub");
}

#[test]
fn typescript_requests() {
    let built = build(&[
        ("src/main.ts", "import './a.js'; import './b'; import '@lib/c'; import './d.mjs';"),
        ("package.json", r#"{"type":"module"}"#),
        ("tsconfig.json", "{ /* comment */ \"extends\": \"./base.json\", }"),
        ("base.json", r#"{"compilerOptions":{"paths":{"@lib/*":["./lib/*"]}}}"#),
        ("src/a.ts", ""),
        ("src/b.ts", ""),
        ("lib/c.ts", ""),
        ("src/d.mts", ""),
    ]);
    assert_eq!(built.text(), "");
    assert_eq!(built.import("src/main.ts", "./a.js"), "src/a.ts");
    assert_eq!(built.import("src/main.ts", "./b"), "src/b.ts");
    assert_eq!(built.import("src/main.ts", "@lib/c"), "lib/c.ts");
    assert_eq!(built.import("src/main.ts", "./d.mjs"), "src/d.mts");
}

#[test]
fn typescript_beside_javascript_in_a_package_is_not_taken() {
    let built = build(&[
        ("main.ts", "import 'p';"),
        ("package.json", r#"{"type":"module"}"#),
        ("node_modules/p/package.json", r#"{"name":"p","main":"index"}"#),
        ("node_modules/p/index.js", ""),
        ("node_modules/p/index.ts", "enum X {}"),
    ]);
    assert_eq!(built.import("main.ts", "p"), "node_modules/p/index.js");
}

#[test]
fn a_missing_package_in_try_or_optional_is_silent() {
    let built = build(&[
        (
            "main.js",
            "try { require('a') } catch {}\nimport('b').catch(() => {});\nrequire('c');\nrequire('d');\nrequire('p');",
        ),
        ("package.json", r#"{"optionalDependencies":{"c":"1"},"peerDependenciesMeta":{"d":{"optional":true}}}"#),
        ("node_modules/p/index.js", "require('not-there')"),
    ]);
    assert_eq!(built.codes(), ["unresolved-require"], "{}", built.text());
    assert!(built.text().contains("\"b\""), "{}", built.text());
    for request in ["a", "c", "d"] {
        assert_eq!(built.require("main.js", request), "missing");
    }
    assert_eq!(built.require("node_modules/p/index.js", "not-there"), "missing");
}

#[test]
fn parameters_called_require_are_tried_but_not_reported() {
    let built = build(&[
        (
            "main.js",
            "(function (factory) { factory(require, exports) })(function (require, exports) { require('./impl'); require('./nowhere') })",
        ),
        ("package.json", "{}"),
        ("impl.js", ""),
    ]);
    assert_eq!(built.text(), "");
    assert_eq!(built.require("main.js", "./impl"), "impl.js");
    assert_eq!(built.require("main.js", "./nowhere"), "unseen");
}
