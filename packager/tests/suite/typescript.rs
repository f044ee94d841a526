//! TypeScript and JSX: what is erased in place, what is printed anew, which format comes out.

use crate::support::{Project, build};
use payload::FileKind;

#[test]
fn types_become_blanks() {
    let source = "import type { A } from './a';\nconst x: number = 1;\nfunction f<T>(a: T, b?: string): a is T { return a as any; }\nexport { x };\n";
    let built = build(&[("main.ts", source), ("package.json", r#"{"type":"module"}"#)]);
    let code = built.code("main.ts");
    assert_eq!(code.len(), source.len());
    assert_eq!(code.lines().count(), source.lines().count());
    assert!(!code.contains("number") && code.contains("const x         = 1;"), "{code}");
    assert!(!built.has_source_map("main.ts"));
}

#[test]
fn imports_used_only_as_types_go_away() {
    let files = [
        (
            "main.ts",
            "import Def, { A, b, type C } from './m';\nimport { D } from './types';\nimport * as ns from './ns';\nimport './effect';\nlet a: A, d: D, n: ns.X, q: Def;\nconsole.log(b);\n",
        ),
        ("package.json", r#"{"type":"module"}"#),
        ("tsconfig.json", "{}"),
        ("m.ts", "export interface A {} export const b = 1; export interface C {} export default interface Def {}"),
        ("effect.ts", ""),
    ];
    let built = build(&files);
    assert_eq!(built.text(), "");
    let code = built.code("main.ts");
    assert_eq!(
        code.lines().next().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).as_deref(),
        Some("import { b, } from './m';")
    );
    assert_eq!(built.files(), ["effect.ts", "m.ts", "main.ts"]);
}

#[test]
fn a_type_that_is_exported_by_name_goes_away() {
    let built = build(&[
        ("main.ts", "interface A {}\ntype B = 1;\nconst c = 1;\nexport { A, B, c };\n"),
        ("package.json", r#"{"type":"module"}"#),
    ]);
    assert!(
        built.code("main.ts").split_whitespace().collect::<Vec<_>>().join(" ").ends_with("export { c };"),
        "{}",
        built.code("main.ts")
    );
}

#[test]
fn enums_are_printed_with_a_map() {
    let built = build(&[("main.ts", "enum A { B = 1, C }\nconsole.log(A.C);"), ("package.json", "{}")]);
    assert!(built.has_source_map("main.ts"));
    assert!(built.code("main.ts").contains("A[A["), "{}", built.code("main.ts"));
    assert_eq!(built.kind("main.ts"), FileKind::CommonJs);
}

#[test]
fn formats() {
    let module = "import './a'; export {}";
    let kind = |main: &str, package: &str, tsconfig: &str| {
        let built = build(&[("main.ts", main), ("package.json", package), ("tsconfig.json", tsconfig), ("a.ts", "")]);
        assert_eq!(built.text(), "");
        built.kind("main.ts")
    };
    let (esm, cjs) = (FileKind::EsModule, FileKind::CommonJs);
    assert_eq!(kind(module, "{}", "{}"), esm);
    assert_eq!(kind(module, r#"{"type":"module"}"#, r#"{"compilerOptions":{"module":"commonjs"}}"#), esm);
    assert_eq!(kind(module, "{}", r#"{"compilerOptions":{"module":"CommonJS"}}"#), cjs);
    assert_eq!(kind(module, r#"{"type":"commonjs"}"#, "{}"), cjs);
    assert_eq!(kind("import './a'; console.log(__dirname)", "{}", "{}"), cjs);
    assert_eq!(kind("import './a'; console.log(__dirname, import.meta.url)", "{}", "{}"), esm);
    assert_eq!(kind("import './a'; await 1;", "{}", r#"{"compilerOptions":{"module":"commonjs"}}"#), esm);
    assert_eq!(kind("const a = require('./a');", "{}", "{}"), cjs);
    assert_eq!(kind("import a = require('./a'); export = a;", "{}", "{}"), cjs);
}

#[test]
fn commonjs_of_imports_asks_by_require() {
    let built = build(&[
        (
            "main.ts",
            "import p, { q } from 'p'; export * from './a'; console.log(p, q); export const r = import('./a');",
        ),
        ("package.json", r#"{"type":"commonjs"}"#),
        ("a.ts", "export const a = 1;"),
        ("node_modules/p/index.js", ""),
    ]);
    assert_eq!(built.text(), "");
    assert_eq!(built.require("main.ts", "p"), "node_modules/p/index.js");
    assert_eq!(built.require("main.ts", "./a"), "a.ts");
    assert_eq!(built.import("main.ts", "./a"), "a.ts");
}

#[test]
fn fields_of_older_targets_are_assigned() {
    let main = "class A { x = 1; y: number; static s = 2; constructor(readonly z: number) { } } class B extends A { w = this.z; }";
    let with = |options: &str| {
        let tsconfig = format!("{{\"compilerOptions\":{{{options}}}}}");
        build(&[("main.ts", main), ("package.json", "{}"), ("tsconfig.json", &tsconfig)]).code("main.ts")
    };
    let assigned = with(r#""target":"es2020""#);
    assert!(
        assigned.contains("this.x = 1") && assigned.contains("this.w = this.z") && assigned.contains("super("),
        "{assigned}"
    );
    assert!(assigned.find("this.z = z") < assigned.find("this.x = 1"), "{assigned}");
    assert!(!assigned.contains("y;"), "{assigned}");
    let defined = with(r#""target":"es2022""#);
    assert!(defined.contains("x = 1;") && !defined.contains("this.x"), "{defined}");
}

#[test]
fn jsx() {
    let jsx = "const e = <a b={1}>c</a>; console.log(e);";
    let with = |options: &str| {
        let tsconfig = format!("{{\"compilerOptions\":{{{options}}}}}");
        build(&[
            ("main.tsx", jsx),
            ("package.json", r#"{"type":"module"}"#),
            ("tsconfig.json", &tsconfig),
            ("node_modules/react/package.json", r#"{"name":"react"}"#),
            ("node_modules/react/jsx-runtime.js", ""),
            ("node_modules/tiny/package.json", r#"{"name":"tiny","exports":{"./jsx-runtime":"./r.js"}}"#),
            ("node_modules/tiny/r.js", ""),
        ])
    };
    assert!(with("").code("main.tsx").contains("React.createElement(\"a\""));
    assert!(with(r#""jsx":"react","jsxFactory":"h""#).code("main.tsx").contains("h(\"a\""));
    let automatic = with(r#""jsx":"react-jsx","jsxImportSource":"tiny""#);
    assert_eq!(automatic.import("main.tsx", "tiny/jsx-runtime"), "node_modules/tiny/r.js");
}

#[test]
fn defines_replace_expressions() {
    let built = Project::new(&[
        (
            "main.js",
            "if (process.env.NODE_ENV === 'production') require('./a'); else require('./b'); f({ VERSION }); function g(VERSION) { return VERSION } process.env.NODE_ENV = 1;",
        ),
        ("package.json", "{}"),
        ("a.js", ""),
        ("b.js", ""),
        ("untouched.js", "if ('a' === 'b') require('./b');"),
    ])
    .with(|o| o.define = vec![("process.env.NODE_ENV".into(), "\"production\"".into()), ("VERSION".into(), "[1, 2]".into())])
    .build();
    let code = built.code("main.js");
    // What the constant decides against is not there.
    assert!(code.contains("require('./a')") && !code.contains("'./b'") && !built.has("b.js"), "{code}");
    assert!(code.contains("return VERSION") && code.contains("process.env.NODE_ENV = 1"), "{code}");
    assert!(code.split_whitespace().collect::<String>().contains("VERSION:[1,2]"), "{code}");
    assert!(built.has_source_map("main.js"));
}

#[test]
fn minified_code_is_smaller_and_keeps_names() {
    let source = "function longName(argument) { const local = argument + 1; return local * 2; }\nclass Klass {}\nmodule.exports = { longName, Klass };\n";
    let built = Project::new(&[("main.js", source), ("package.json", "{}")]).with(|o| o.minify = true).build();
    let code = built.code("main.js");
    assert!(
        code.len() < source.len() && code.contains("longName") && code.contains("Klass") && !code.contains("argument"),
        "{code}"
    );
    assert!(!built.has_source_map("main.js"));
}

#[test]
fn types_of_other_modules_are_not_exported() {
    let built = build(&[
        (
            "main.ts",
            "export { A, make, type C } from './barrel';\nimport { A as B, make as m } from './barrel';\nexport { B, m };\n",
        ),
        ("package.json", r#"{"type":"module"}"#),
        ("barrel.ts", "export * from './deep';\nexport { Other } from './deep';\n"),
        ("deep.ts", "export interface A {}\nexport const make = () => 1;\nexport type Other = A; export type C = 1;\n"),
    ]);
    assert_eq!(built.text(), "");
    let squeeze = |path: &str| built.code(path).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        squeeze("main.ts"),
        "export { make, } from './barrel'; import { make as m } from './barrel'; export { m };"
    );
    assert_eq!(squeeze("barrel.ts"), "export * from './deep'; export { } from './deep';");
}

#[test]
fn a_tsconfig_that_cannot_be_read_is_told() {
    let built = build(&[
        ("main.ts", "import './a'"),
        ("package.json", "{}"),
        ("tsconfig.json", r#"{"extends":"nowhere"}"#),
        ("a.ts", ""),
    ]);
    assert_eq!(built.codes(), ["tsconfig"], "{}", built.text());
    let built = Project::new(&[("main.js", ""), ("package.json", "{}")])
        .with(|o| o.define = vec![("A".into(), "1;2".into())])
        .build();
    assert_eq!(built.codes(), ["define"]);
}
