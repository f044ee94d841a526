//! Computed requests and paths: what is followed, what is embedded for them, what is said where they stay unknown.

use crate::support::{Project, build};

const COMMANDS: [(&str, &str); 4] =
    [("package.json", "{}"), ("cmds/a.js", "require('../used')"), ("cmds/sub/b.json", "{}"), ("used.js", "")];

fn with_main<'a>(main: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut files = vec![("main.js", main)];
    files.extend_from_slice(more);
    files
}

#[test]
fn concatenation_and_templates() {
    for main in [
        "require('./cmds/' + process.argv[2])",
        "require(`./cmds/${process.argv[2]}`)",
        "const dir = './cmds/'; require(dir + process.argv[2])",
        "require(require('path').join(__dirname, 'cmds', process.argv[2]))",
        "const { join: j } = require('node:path'); require(j(__dirname, 'cmds', process.argv[2]))",
        "const p = __importDefault(require('path')); require(p.default.resolve(__dirname, './cmds', process.argv[2]))",
        "const fs = require('fs'), path = require('path'); const dir = path.join(__dirname, 'cmds'); for (const f of fs.readdirSync(dir)) require(path.join(dir, f))",
    ] {
        let built = build(&with_main(main, &COMMANDS));
        assert!(
            built.has("cmds/a.js") && built.has("cmds/sub/b.json") && built.has("used.js"),
            "{main}: {:?}",
            built.files()
        );
        assert_eq!(built.text(), "", "{main}");
    }
}

#[test]
fn spelled_requests_have_edges() {
    let built = build(&with_main("require('./cmds/' + x)", &COMMANDS));
    assert_eq!(built.require("main.js", "./cmds/a"), "cmds/a.js");
    assert_eq!(built.require("main.js", "./cmds/a.js"), "cmds/a.js");
    assert_eq!(built.require("main.js", "./cmds/sub/b"), "cmds/sub/b.json");
}

#[test]
fn typescript_is_found_by_what_it_compiles_to() {
    let built = build(&[
        ("main.ts", "for (const n of ['a']) await import(`./cmds/${n}.js`);"),
        ("package.json", r#"{"type":"module"}"#),
        ("cmds/a.ts", "export default 1"),
        ("cmds/b.txt", ""),
    ]);
    assert_eq!(built.import("main.ts", "./cmds/a.js"), "cmds/a.ts");
    assert_eq!(built.files(), ["cmds/a.ts", "main.ts"]);
}

#[test]
fn alternatives() {
    let main = "require(process.env.X ? './a' : './b'); const t = { c: './c', d: './d' }; require(t[process.argv[2]]);
                for (const n of ['e', 'f']) require('./' + n);";
    let names = ["a", "b", "c", "d", "e", "f"].map(|n| format!("{n}.js"));
    let mut files = vec![("main.js", main), ("package.json", "{}"), ("g.js", "")];
    files.extend(names.iter().map(|n| (n.as_str(), "")));
    let built = build(&files);
    assert!(names.iter().all(|n| built.has(n)), "{:?}", built.files());
    assert!(!built.has("g.js"));
}

#[test]
fn esm_paths() {
    let built = build(&[
        (
            "src/main.mjs",
            "import { fileURLToPath } from 'node:url'; import path, { dirname } from 'node:path'; import fs from 'fs';
             const __dirname = dirname(fileURLToPath(import.meta.url));
             fs.readFileSync(path.join(__dirname, '../data/a.txt'));
             fs.promises.readFile(new URL('../data/b.txt', import.meta.url));
             fs.readFileSync(import.meta.dirname + '/../data/c.txt');
             const late = new URL('./d.txt', import.meta.url);
             export { late };
             fs.existsSync(path.resolve(import.meta.filename, '..', 'nowhere.txt'));",
        ),
        ("package.json", "{}"),
        ("data/a.txt", "a"),
        ("data/b.txt", "b"),
        ("data/c.txt", "c"),
        ("data/unused.txt", "c"),
        ("src/d.txt", "d"),
    ]);
    assert_eq!(built.text(), "");
    assert_eq!(built.files(), ["data/a.txt", "data/b.txt", "data/c.txt", "src/d.txt", "src/main.mjs"]);
}

#[test]
fn folders() {
    let built = build(&[
        (
            "main.js",
            "const path = require('path'), fs = require('fs');
             app.use(express.static(path.join(__dirname, 'public')));
             for (const f of fs.readdirSync(path.join(__dirname, 'commands'))) require('./commands/' + f);",
        ),
        ("package.json", "{}"),
        ("public/index.html", "<p>"),
        ("public/js/app.js", "import x from '/vendor.js'"),
        ("public/.well-known/x", ""),
        ("commands/one.js", "require('dep')"),
        ("commands/readme.txt", ""),
        ("commands/node_modules/no.js", ""),
        ("node_modules/dep/index.js", ""),
        ("other/x.txt", ""),
    ]);
    assert_eq!(built.text(), "");
    assert_eq!(
        built.files(),
        [
            "commands/one.js",
            "commands/readme.txt",
            "main.js",
            "node_modules/dep/index.js",
            "public/.well-known/x",
            "public/index.html",
            "public/js/app.js"
        ]
    );
}

#[test]
fn the_whole_project_is_not_embedded() {
    let built = build(&[
        ("main.js", "require('fs').readdirSync(__dirname)"),
        ("package.json", "{}"),
        ("a.txt", ""),
        ("sub/b.txt", ""),
    ]);
    assert_eq!(built.codes(), ["whole-folder"]);
    assert!(built.has("a.txt") && !built.has("sub/b.txt"));
}

#[test]
fn workers_and_children() {
    let built = build(&[
        (
            "main.mjs",
            "import { Worker } from 'node:worker_threads'; import { fork } from 'node:child_process'; import path from 'path';
             new Worker(new URL('./w1.js', import.meta.url));
             new Worker(path.join(import.meta.dirname, 'w2.js'));
             new Worker('console.log(1)', { eval: true });
             fork(path.join(import.meta.dirname, 'child.js'), []);",
        ),
        ("package.json", "{}"),
        ("w1.js", "require('./dep')"),
        ("w2.js", ""),
        ("child.js", ""),
        ("dep.js", ""),
    ]);
    assert_eq!(built.text(), "");
    assert_eq!(built.files(), ["child.js", "dep.js", "main.mjs", "w1.js", "w2.js"]);
}

#[test]
fn a_worker_in_typescript_is_found_by_its_compiled_name() {
    let built = build(&[
        ("main.ts", "import { Worker } from 'node:worker_threads'; new Worker(new URL('./w.js', import.meta.url));"),
        ("package.json", r#"{"type":"module"}"#),
        ("w.ts", "const x: number = 1;"),
    ]);
    assert_eq!(built.text(), "");
    assert_eq!(built.link("w.js").as_deref(), Some("w.ts"));
}

#[test]
fn require_resolve_leads_to_files() {
    let built = build(&[
        (
            "main.js",
            "const path = require('path'); read(path.join(path.dirname(require.resolve('p/package.json')), 'data.bin'))",
        ),
        ("package.json", "{}"),
        ("node_modules/p/package.json", r#"{"name":"p"}"#),
        ("node_modules/p/data.bin", "x"),
    ]);
    assert!(built.has("node_modules/p/data.bin"));
}

#[test]
fn create_require() {
    let built = build(&[
        (
            "main.mjs",
            "import module, { createRequire as make } from 'module'; const require = make(import.meta.url); require('./a');
             module.createRequire(new URL('./sub/x.js', import.meta.url))('./b'); make('/somewhere/else.js')('./c');",
        ),
        ("package.json", "{}"),
        ("a.js", ""),
        ("sub/b.js", ""),
    ]);
    assert_eq!(built.text(), "");
    assert_eq!(built.files(), ["a.js", "main.mjs", "sub/b.js"]);
}

#[test]
fn an_unknown_request_embeds_the_projects_dependencies() {
    let built = build(&[
        ("main.js", "require('view')(process.argv[2]);"),
        ("package.json", r#"{"dependencies":{"view":"1","ejs":"1","@types/x":"1"},"devDependencies":{"mocha":"1"}}"#),
        ("node_modules/view/index.js", "module.exports = (name) => require(name)"),
        ("node_modules/ejs/package.json", r#"{"name":"ejs","main":"lib.js"}"#),
        ("node_modules/ejs/lib.js", ""),
        ("node_modules/mocha/index.js", ""),
        ("node_modules/@types/x/index.js", ""),
    ]);
    assert_eq!(built.codes(), ["unknown-request-in-dependency"]);
    assert!(built.has("node_modules/ejs/lib.js") && built.has("node_modules/ejs/package.json"));
    assert!(!built.has("node_modules/mocha/index.js"));
}

#[test]
fn packages_by_pattern() {
    let built = build(&[
        ("main.js", "require(`locale-pkg/lang/${x}`); require('plugin-' + x);"),
        ("package.json", r#"{"dependencies":{"plugin-a":"1","other":"1"}}"#),
        ("node_modules/locale-pkg/lang/de.js", ""),
        ("node_modules/locale-pkg/lang/en.js", ""),
        ("node_modules/locale-pkg/src.js", ""),
        ("node_modules/plugin-a/index.js", ""),
        ("node_modules/other/index.js", ""),
    ]);
    assert_eq!(built.require("main.js", "locale-pkg/lang/de"), "node_modules/locale-pkg/lang/de.js");
    assert_eq!(built.require("main.js", "plugin-a"), "node_modules/plugin-a/index.js");
    assert!(!built.has("node_modules/other/index.js") && !built.has("node_modules/locale-pkg/src.js"));
}

#[test]
fn names_in_other_scopes_are_not_mixed_up() {
    let built = build(&[
        (
            "main.js",
            "const name = './a'; require(name); function f(name) { return require('./sub/' + name) } f(1); { const __dirname = '/x'; read(__dirname + '/b.txt') }",
        ),
        ("package.json", "{}"),
        ("a.js", ""),
        ("b.txt", ""),
        ("sub/c.js", ""),
    ]);
    assert_eq!(built.files(), ["a.js", "main.js", "sub/c.js"]);
}

#[test]
fn include() {
    let project = Project::new(&[
        ("main.js", ""),
        ("package.json", "{}"),
        ("views/a.ejs", ""),
        ("views/deep/b.ejs", ""),
        ("views/c.txt", ""),
        ("one.bin", ""),
    ]);
    let built = project.with(|o| o.include = vec!["views/**/*.ejs".into(), "./one.bin".into()]).build();
    assert_eq!(built.files(), ["main.js", "one.bin", "views/a.ejs", "views/deep/b.ejs"]);
    let built = Project::new(&[("main.js", "")]).with(|o| o.include = vec!["nothing/*".into()]).build();
    assert_eq!(built.codes(), ["include"]);
    assert!(built.payload.is_none());
}

#[test]
fn include_keeps_links_and_what_they_lead_to() {
    let project = Project::new(&[
        ("main.js", ""),
        ("package.json", "{}"),
        ("tree/real/a.txt", ""),
        ("tree/also->", "real"),
        ("tree/real/up->", ".."),
        ("tree/name.txt->", "real/a.txt"),
        ("elsewhere/b.txt", ""),
        ("tree/out->", "../elsewhere"),
        ("elsewhere/round->", "."),
    ]);
    let built = project.with(|o| o.include = vec!["tree/**".into()]).build();
    assert_eq!(built.files(), ["main.js", "tree/out/b.txt", "tree/real/a.txt"]);
    let links = ["tree/also", "tree/name.txt", "tree/real/up"].map(|link| built.link(link).unwrap_or_default());
    assert_eq!(links, ["real", "real/a.txt", ".."]);
}

#[test]
fn names_made_of_themselves_end() {
    let lines: String = (0..40).map(|n| format!("a = b + a + c{n}; b = a + b; c{n} = a + b + c{n}; ")).collect();
    let built = build(&[
        ("main.js", &format!("let a = '', b = __dirname; {lines} require(a); f(a, b, b.x.y)")),
        ("package.json", "{}"),
    ]);
    assert_eq!(built.codes(), ["unknown-request"]);
}

#[test]
fn imports_hidden_from_compilers() {
    let built = build(&[
        (
            "main.js",
            "const load = new Function('m', 'return import(m)'); load('./a.mjs'); eval('require')('./b'); import(require('url').pathToFileURL(x).href)",
        ),
        ("package.json", r#"{"dependencies":{"d":"1"}}"#),
        ("a.mjs", ""),
        ("b.js", ""),
        ("node_modules/d/index.js", ""),
    ]);
    assert_eq!(built.import("main.js", "./a.mjs"), "a.mjs");
    assert_eq!(built.require("main.js", "./b"), "b.js");
    // A path that is not known cannot mean a package.
    assert!(!built.has("node_modules/d/index.js"));
}

#[test]
fn data_beside_a_module_that_hands_out_its_folder() {
    let built = build(&[
        ("main.js", "require('p'); require('q')"),
        ("package.json", "{}"),
        ("node_modules/p/package.json", r#"{"name":"p","main":"lib/i.js"}"#),
        ("node_modules/p/lib/i.js", "function where() { return __filename } module.exports = where;"),
        ("node_modules/p/lib/x.dat", ""),
        ("node_modules/p/lib/de/y.json", ""),
        ("node_modules/p/lib/other.js", ""),
        ("node_modules/p/lib/i.d.ts", ""),
        ("node_modules/p/lib/README.md", ""),
        ("node_modules/p/top.dat", ""),
        ("node_modules/q/index.js", "const here = __dirname;"),
        ("node_modules/q/x.dat", ""),
    ]);
    assert_eq!(
        built.files(),
        [
            "main.js",
            "node_modules/p/lib/de/y.json",
            "node_modules/p/lib/i.js",
            "node_modules/p/lib/x.dat",
            "node_modules/q/index.js"
        ]
    );
}

#[test]
fn pain_04_folders_that_another_module_exports() {
    let built = build(&[
        (
            "main.js",
            "import { STATIC } from './lib/derived.js';
             import { readFileSync, readdirSync } from 'node:fs';
             import * as places from './lib/places.js';
             import config from './lib/config.js';
             import { join } from 'path';
             readFileSync(join(STATIC, process.argv[2]));
             readdirSync(places.VIEWS);
             readFileSync(`${config.paths.sql}/${process.argv[3]}.sql`);
             import('./lib/' + places.NAME + '.js');",
        ),
        (
            "lib/places.js",
            "import { join } from 'node:path'; export const ROOT = join(import.meta.dirname, '..'); export const VIEWS = join(ROOT, 'views'); export const NAME = 'named';",
        ),
        (
            "lib/derived.js",
            "import { join } from 'node:path'; import { ROOT } from './again.js'; export const STATIC = join(ROOT, 'static');",
        ),
        // A cycle, through a star.
        ("lib/again.js", "export * from './places.js'; export * from './derived.js';"),
        (
            "lib/config.js",
            "import { ROOT } from './places.js'; const sql = ROOT + '/sql'; export default { paths: { sql } };",
        ),
        ("package.json", r#"{"name": "app", "type": "module"}"#),
        ("lib/named.js", ""),
        ("lib/other.js", ""),
        ("static/a/style.css", ""),
        ("views/index.html", ""),
        ("sql/users.sql", ""),
        ("secret/key", ""),
    ]);
    for file in ["static/a/style.css", "views/index.html", "sql/users.sql", "lib/named.js"] {
        assert!(built.has(file), "{file} is missing: {}", built.text());
    }
    assert!(!built.has("secret/key") && !built.has("lib/other.js"), "{}", built.text());
}

#[test]
fn pain_04_folders_that_commonjs_exports() {
    let built = build(&[
        (
            "main.js",
            "const { ROOT, dirs: { views } } = require('./lib/places');
             const compiled = require('./lib/compiled');
             const again = require('./lib/again.js');
             const fs = require('fs'), path = require('path');
             fs.createReadStream(path.resolve(ROOT, 'static', name));
             fs.readdirSync(views);
             fs.readFileSync(path.join((0, compiled.LANG), code + '.json'));
             fs.readFileSync(path.join(again.ASSETS, name));
             require('./plugins/' + again.PLUGIN);",
        ),
        (
            "lib/places.js",
            "const path = require('path'); const ROOT = path.dirname(__dirname); module.exports = { ROOT, dirs: { views: path.join(ROOT, 'views') } };",
        ),
        (
            "lib/compiled.js",
            "Object.defineProperty(exports, 'LANG', { enumerable: true, get: function () { return LANG; } }); const LANG = __dirname + '/../lang';",
        ),
        ("lib/again.js", "module.exports = require('./last');"),
        (
            "lib/last.js",
            "exports.ASSETS = exports.OTHER = require('path').join(require('./places').ROOT, 'assets'); exports.PLUGIN = 'one';",
        ),
        ("package.json", r#"{"name": "app"}"#),
        ("plugins/one.js", ""),
        ("plugins/two.js", ""),
        ("static/a.css", ""),
        ("views/index.html", ""),
        ("lang/de.json", "{}"),
        ("assets/logo.svg", ""),
    ]);
    for file in ["static/a.css", "views/index.html", "lang/de.json", "assets/logo.svg", "plugins/one.js"] {
        assert!(built.has(file), "{file} is missing: {}", built.text());
    }
    assert!(!built.has("plugins/two.js"));
}

/// Folders that are named beside another folder, by a configuration in package.json, or from the module that calls.
#[test]
fn pain_04_folders_by_configuration() {
    let built = build(&[
        (
            "main.js",
            "require('@oclif/core').execute({ dir: __dirname });
             server.views({ relativeTo: __dirname, path: 'templates', mode: 'test' });
             yargs.commandDir('verbs');",
        ),
        (
            "package.json",
            r#"{"name": "app", "oclif": {"commands": "./commands", "hooks": {"init": ["./hooks/first"]}}}"#,
        ),
        ("node_modules/@oclif/core/index.js", ""),
        ("node_modules/@oclif/core/package.json", r#"{"name": "@oclif/core"}"#),
        ("commands/hello.js", "require('../used')"),
        ("hooks/first.js", ""),
        ("used.js", ""),
        ("templates/index.html", ""),
        ("test/data.txt", ""),
        ("verbs/add.js", "require('../used-too')"),
        ("used-too.js", ""),
    ]);
    for file in
        ["commands/hello.js", "used.js", "hooks/first.js", "templates/index.html", "verbs/add.js", "used-too.js"]
    {
        assert!(built.has(file), "{file} is missing: {}", built.text());
    }
    assert!(!built.has("test/data.txt"));
}

/// webpack: the program of another package by its package.json, whose name is not known; a worker by a `require` that Babel put off.
#[test]
fn pain_01_programs_of_other_packages() {
    let built = build(&[
        (
            "main.js",
            "function path() { const data = require('path'); path = function () { return data; }; return data; }
             function threads() { const data = _wildcard(require('worker_threads')); threads = () => data; return data; }
             const run = (cli) => { const found = require.resolve(`${cli.package}/package.json`);
               require(path().resolve(path().dirname(found), require(found).bin[cli.name])); };
             new (threads().Worker)(path().resolve(__dirname, './child.js'));",
        ),
        ("package.json", r#"{"name": "app", "dependencies": {"app-cli": "1"}}"#),
        ("node_modules/app-cli/package.json", r#"{"name": "app-cli", "bin": {"app-cli": "./bin/cli.js"}, "main": "./lib.js"}"#),
        ("node_modules/app-cli/bin/cli.js", "require('../inner')"),
        ("node_modules/app-cli/inner.js", ""),
        ("node_modules/app-cli/lib.js", ""),
        ("child.js", ""),
    ]);
    for file in [
        "node_modules/app-cli/bin/cli.js",
        "node_modules/app-cli/inner.js",
        "node_modules/app-cli/package.json",
        "child.js",
    ] {
        assert!(built.has(file), "{file} is missing: {}", built.text());
    }
}

/// swagger-ui-dist: a folder with a page and its style is handed out to be served, scripts and all.
#[test]
fn pain_04_folders_that_are_served() {
    let built = build(&[
        ("main.js", "serve(require('ui')())"),
        ("node_modules/ui/package.json", r#"{"name": "ui"}"#),
        ("node_modules/ui/index.js", "module.exports = () => __dirname;"),
        ("node_modules/ui/index.html", ""),
        ("node_modules/ui/style.css", ""),
        ("node_modules/ui/bundle.js", "window.x = 1"),
        ("node_modules/ui/bundle.js.map", "{}"),
    ]);
    assert!(built.has("node_modules/ui/bundle.js") && built.has("node_modules/ui/style.css"), "{:?}", built.files());
    assert!(!built.has("node_modules/ui/bundle.js.map"));
}
