//! Payloads that tests take apart.
#![allow(dead_code)]

use payload::{Builder, Caches, Content, EdgeKind, EdgeTarget, File, FileKind, Manifest, SnapshotMode};

pub fn manifest() -> Manifest {
    Manifest {
        name: "demo".into(),
        version: "1.2.3".into(),
        pack_version: "0.1.0".into(),
        target: "x86_64-unknown-linux-gnu".into(),
        entry: "src/main.ts".into(),
        entry_kind: FileKind::EsModule,
        exec_argv: vec!["--max-old-space-size=64".into(), "--no-warnings".into()],
        externals: vec!["sharp".into()],
        allow_env: true,
        snapshot: SnapshotMode::Heap,
        extra: [("built".into(), "never".into()), ("é".into(), String::new())].into(),
    }
}

pub fn file(kind: FileKind, text: &str) -> File<'_> {
    File { kind, mode: 0o644, content: Content::text(text), ..File::default() }
}

/// One of everything, under 4 KiB of index.
pub fn small() -> Builder<'static> {
    let mut b = Builder::new(manifest());
    let main = File {
        source: Some(Content::bytes(&b"const x: number = 1"[..])),
        source_map: Some(Content::bytes(&b"{\"mappings\":\"AAAA\"}"[..]).with_zstd(b"not really zstd".to_vec())),
        code_cache: Some(Content::bytes(vec![0xc0; 33])),
        ..file(FileKind::EsModule, "const x = 1")
    };
    b.file("src/main.ts", main).unwrap();
    b.file("src/latin.js", file(FileKind::CommonJs, "'caf\u{e9}'")).unwrap();
    b.file("src/wide.js", file(FileKind::CommonJs, "'\u{2192}\u{1f600}'")).unwrap();
    b.file("src.txt", file(FileKind::Asset, "between src and src/")).unwrap();
    b.file("package.json", file(FileKind::PackageJson, "{\"type\":\"module\"}")).unwrap();
    b.file("empty", file(FileKind::Asset, "")).unwrap();
    b.file("same", file(FileKind::Asset, "const x = 1")).unwrap();
    b.directory("views/empty").unwrap();
    b.symlink("node_modules/dep", ".pnpm/dep@1/node_modules/dep").unwrap();
    b.file("node_modules/.pnpm/dep@1/node_modules/dep/index.js", file(FileKind::CommonJs, "exports.a = 1")).unwrap();
    b.symlink("loop", "loop").unwrap();
    b.symlink("out", "../../etc/passwd").unwrap();
    b.symlink("absolute", "/etc/passwd").unwrap();
    let dep = "node_modules/.pnpm/dep@1/node_modules/dep/index.js";
    b.edge("src/main.ts", EdgeKind::Import, "dep", EdgeTarget::File(dep.into())).unwrap();
    b.edge("src/main.ts", EdgeKind::Require, "dep", EdgeTarget::File("src/latin.js".into())).unwrap();
    b.edge("src/main.ts", EdgeKind::Import, "node:fs", EdgeTarget::Builtin("fs".into())).unwrap();
    b.edge("src/main.ts", EdgeKind::Import, "sharp", EdgeTarget::External("sharp".into())).unwrap();
    b.edge(dep, EdgeKind::Require, "optional", EdgeTarget::Missing).unwrap();
    b.image(vec![0x11; 700]);
    let caches =
        std::collections::BTreeMap::from([("fs".to_owned(), vec![0x33; 50]), ("zlib".to_owned(), vec![0x44; 7])]);
    b.caches(Caches::write(&caches));
    b.icu(vec![0x22; 100]);
    b.certificates(&b"-----BEGIN CERTIFICATE-----"[..]);
    b
}
