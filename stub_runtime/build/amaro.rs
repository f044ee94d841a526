//! TypeScript at run time: the npm package amaro, which is what Node has inside too; swc as WebAssembly. It is large and seldom used, so
//! it is packed, and `src/bindings/typescript.rs` unpacks it when the first file asks for it.

use std::path::Path;

/// Writes `out/amaro.js.zst`.
pub fn install(npm: &Path, out: &Path) {
    let package = npm.join("node_modules/amaro");
    let read = |name: &str| {
        let path = package.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let licenses = [read("LICENSE.md"), read("dist/LICENSE")].join("\n").replace("*/", "* /");
    let text = format!("/*\n{}\n*/\n{}", licenses.trim(), read("dist/internal.js"));
    assert!(text.is_ascii(), "amaro is not ASCII");
    let packed = zstd::encode_all(text.as_bytes(), 19).expect("memory is enough");
    std::fs::write(out.join("amaro.js.zst"), packed).expect("OUT_DIR can be written");
}
