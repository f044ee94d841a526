//! The same project gives the same bytes, whatever the folder and the number of jobs.

use crate::support::Project;

fn files() -> Vec<(String, String)> {
    let mut files = vec![
        ("main.mjs".to_owned(), (0..60).map(|n| format!("import './m{n}.mjs';\n")).collect::<String>()),
        ("package.json".to_owned(), r#"{"name":"many","dependencies":{"d":"1"}}"#.to_owned()),
        ("node_modules/d/index.js".to_owned(), "require(x)".to_owned()),
        ("data/x.txt".to_owned(), "x".to_owned()),
    ];
    for n in 0..60 {
        let text = format!(
            "import './m{}.mjs'; import 'd'; enum_{n}; import fs from 'fs'; fs.readdirSync(import.meta.dirname + '/data'); await import('./t{n}.ts');",
            (n * 7 + 1) % 60
        );
        files.push((format!("m{n}.mjs"), text));
        files.push((
            format!("t{n}.ts"),
            format!("export enum E {{ A = {n} }} @d class C {{ x = 1 }} export const a = <T,>(b: T) => b;"),
        ));
    }
    files
}

#[test]
fn folders_and_jobs_do_not_show() {
    let files = files();
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let bytes = |jobs| Project::new(&files).with(|o| o.jobs = jobs).build().payload.expect("built");
    let one = bytes(1);
    assert!(one == bytes(2), "one job and two");
    assert!(one == bytes(7), "one job and seven");
    assert!(one == bytes(2), "again");
    let text = String::from_utf8_lossy(&one);
    assert!(!text.contains("/tmp"), "no path of this machine is inside");
}
