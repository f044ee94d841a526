//! What is written is what is read, and the same input gives the same bytes.

mod common;

use common::{file, manifest, small};
use payload::*;

#[test]
fn everything_comes_back() {
    let bytes = small().build().unwrap();
    let payload = Payload::open(&bytes).unwrap().unwrap();
    assert_eq!(payload.manifest(), &manifest());
    assert_eq!(payload.image(), [0x11; 700]);
    assert_eq!(payload.icu().unwrap(), [0x22; 100]);
    assert_eq!(payload.certificates().unwrap(), b"-----BEGIN CERTIFICATE-----");
    assert_eq!(payload.bytes(), bytes);
    payload.check_all().unwrap();

    let tree = payload.tree();
    let main = tree.lookup("src/main.ts").unwrap();
    assert_eq!((main.name(), main.mode(), main.kind()), ("main.ts", 0o644, EntryKind::File(FileKind::EsModule)));
    let content = main.content().unwrap();
    assert_eq!((content.bytes().unwrap(), content.encoding()), (&b"const x = 1"[..], Encoding::Ascii));
    assert_eq!(main.file().unwrap().bytes().unwrap(), b"const x: number = 1");
    assert_eq!(main.size(), 19);
    let map = main.source_map().unwrap();
    assert_eq!((map.bytes().unwrap(), map.codec(), map.unpacked_len()), (&b"not really zstd"[..], Codec::Zstd, 19));
    assert_eq!(main.code_cache().unwrap().bytes().unwrap(), [0xc0; 33]);

    let latin = tree.lookup("src/latin.js").unwrap().content().unwrap();
    assert_eq!((latin.bytes().unwrap(), latin.encoding()), (&b"'caf\xe9'"[..], Encoding::Latin1));
    assert_eq!((latin.unpacked_len(), latin.file_len()), (6, 7));
    let wide = tree.lookup("src/wide.js").unwrap().content().unwrap();
    assert_eq!((wide.encoding(), wide.unpacked_len(), wide.file_len()), (Encoding::Utf16, 10, 9));
    assert_eq!(wide.bytes().unwrap()[..4], [b'\'', 0, 0x92, 0x21]);
}

#[test]
fn used_in_place_means_aligned() {
    let bytes = small().build().unwrap();
    let payload = Payload::open(&bytes).unwrap().unwrap();
    let offset = |part: &[u8]| part.as_ptr() as usize - bytes.as_ptr() as usize;
    assert_eq!(offset(payload.image()) % PAGE, 0);
    assert_eq!(offset(payload.icu().unwrap()) % PAGE, 0);
    for entry in payload.tree().entries() {
        for blob in [entry.content(), entry.code_cache()].into_iter().flatten() {
            assert_eq!(offset(blob.bytes().unwrap()) % 16, 0);
        }
    }
}

#[test]
fn paths_are_found_and_directories_listed() {
    let bytes = small().build().unwrap();
    let payload = Payload::open(&bytes).unwrap().unwrap();
    let tree = payload.tree();
    let names = |path| tree.lookup(path).unwrap().children().map(|e| e.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        names(""),
        ["absolute", "empty", "loop", "node_modules", "out", "package.json", "same", "src", "src.txt", "views"]
    );
    assert_eq!(names("src"), ["latin.js", "main.ts", "wide.js"]);
    assert_eq!(names("views"), ["empty"]);
    assert_eq!(names("views/empty"), [""; 0]);
    assert_eq!(names("src/main.ts"), [""; 0]);
    for path in ["src/", "src/mai", "src/main.tsx", "/src", "zzz", "."] {
        assert!(tree.lookup(path).is_none(), "{path}");
    }
    for entry in tree.entries() {
        assert_eq!(tree.lookup(entry.path()).unwrap().index(), entry.index());
    }
    assert_eq!(tree.lookup("same").unwrap().content().unwrap().bytes().unwrap(), b"const x = 1");
}

#[test]
fn symlinks_are_followed_inside_the_tree() {
    let bytes = small().build().unwrap();
    let payload = Payload::open(&bytes).unwrap().unwrap();
    let real = |path, follow| payload.tree().resolve(path, follow).map(|e| e.path().to_owned());
    let dep = "node_modules/.pnpm/dep@1/node_modules/dep";
    assert_eq!(real("node_modules/dep", true).as_deref(), Ok(dep));
    assert_eq!(real("node_modules/dep", false).as_deref(), Ok("node_modules/dep"));
    assert_eq!(real("node_modules/dep/index.js", false), Ok(format!("{dep}/index.js")));
    assert_eq!(real("./src//../src/main.ts", true).as_deref(), Ok("src/main.ts"));
    assert_eq!(real("src/", true).as_deref(), Ok("src"));
    assert_eq!(real("", true).as_deref(), Ok(""));
    assert_eq!(real("src/main.ts/", true), Err(ResolveError::NotDirectory));
    assert_eq!(real("src/main.ts/x", true), Err(ResolveError::NotDirectory));
    assert_eq!(real("src/none/x", true), Err(ResolveError::NotFound));
    assert_eq!(real("loop", true), Err(ResolveError::Loop));
    assert_eq!(real("loop", false).as_deref(), Ok("loop"));
    assert_eq!(real("out", true), Err(ResolveError::Outside));
    assert_eq!(real("absolute", true), Err(ResolveError::Outside));
    assert_eq!(real("..", true), Err(ResolveError::Outside));
}

#[test]
fn requests_lead_where_they_were_resolved_to() {
    let bytes = small().build().unwrap();
    let payload = Payload::open(&bytes).unwrap().unwrap();
    let (tree, edges) = (payload.tree(), payload.edges());
    let index = |path| tree.lookup(path).unwrap().index();
    let (main, dep) = (index("src/main.ts"), index("node_modules/.pnpm/dep@1/node_modules/dep/index.js"));
    assert_eq!(edges.lookup(main, EdgeKind::Import, "dep"), Some(Target::File(dep)));
    assert_eq!(edges.lookup(main, EdgeKind::Require, "dep"), Some(Target::File(index("src/latin.js"))));
    assert_eq!(edges.lookup(main, EdgeKind::Import, "node:fs"), Some(Target::Builtin("fs")));
    assert_eq!(edges.lookup(main, EdgeKind::Import, "sharp"), Some(Target::External("sharp")));
    assert_eq!(edges.lookup(dep, EdgeKind::Require, "optional"), Some(Target::Missing));
    assert_eq!(edges.lookup(dep, EdgeKind::Import, "optional"), None);
    assert_eq!(edges.lookup(main, EdgeKind::Import, "never seen"), None);
    assert_eq!(edges.of(main).count(), 4);
    assert_eq!(edges.of(dep).count(), 1);
    assert_eq!(edges.of(main + 1000).count(), 0);
    assert_eq!((edges.len(), edges.iter().count()), (5, 5));
}

#[test]
fn an_absent_payload_is_not_a_damaged_one() {
    assert!(Payload::open(&PLACEHOLDER).unwrap().is_none());
    assert_eq!(Header::peek(&PLACEHOLDER), Ok(State::Empty));
    let bytes = small().build().unwrap();
    assert_eq!(Header::peek(&bytes[..40]), Ok(State::Filled(bytes.len() as u64)));
    assert_eq!(Payload::open(b"").unwrap_err(), Damaged::Truncated);
    assert_eq!(Payload::open(&[0; 4096]).unwrap_err(), Damaged::Magic);
}

#[test]
fn the_same_input_gives_the_same_bytes_in_any_order() {
    let mut one = Builder::new(manifest());
    let mut two = Builder::new(manifest());
    let paths: Vec<String> = (0..500).map(|i| format!("d{}/f{}.js", i % 17, i)).collect();
    for b in [&mut one, &mut two] {
        b.file("src/main.ts", file(FileKind::EsModule, "1")).unwrap();
    }
    for path in &paths {
        one.file(path, file(FileKind::CommonJs, path)).unwrap();
        one.edge("src/main.ts", EdgeKind::Require, path, EdgeTarget::File(path.clone())).unwrap();
    }
    for path in paths.iter().rev() {
        two.edge("src/main.ts", EdgeKind::Require, path, EdgeTarget::File(path.clone())).unwrap();
        two.file(path, file(FileKind::CommonJs, path)).unwrap();
    }
    assert_eq!(one.build().unwrap(), two.build().unwrap());
    assert_eq!(one.build().unwrap(), one.build().unwrap());
}

#[test]
fn what_cannot_be_is_refused() {
    let mut b = Builder::new(manifest());
    for path in ["", "/a", "a/", "a//b", "./a", "a/../b", "a\0b"] {
        assert_eq!(b.file(path, File::default()), Err(BuildError::Path(path.into())), "{path:?}");
    }
    assert_eq!(b.build().unwrap_err(), BuildError::NoSuchFile("src/main.ts".into()));
    b.file("src/main.ts", File::default()).unwrap();
    assert_eq!(b.file("src/main.ts", File::default()), Err(BuildError::Conflict("src/main.ts".into())));
    assert_eq!(b.file("src", File::default()), Err(BuildError::Conflict("src".into())));
    assert_eq!(b.file("src/main.ts/x", File::default()), Err(BuildError::Conflict("src/main.ts/x".into())));
    b.directory("src").unwrap();
    b.edge("src/main.ts", EdgeKind::Import, "x", EdgeTarget::File("src".into())).unwrap();
    assert_eq!(
        b.edge("src/main.ts", EdgeKind::Import, "x", EdgeTarget::Missing),
        Err(BuildError::TwoTargets("x".into()))
    );
    assert_eq!(b.build().unwrap_err(), BuildError::NoSuchFile("src".into()));
}
