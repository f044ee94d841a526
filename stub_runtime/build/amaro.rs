//! TypeScript at run time: the npm package amaro, which is what Node has inside too; swc as WebAssembly. It is large and seldom used, so
//! it is packed, and `src/bindings/typescript.rs` unpacks it when the first file asks for it. The WebAssembly, base64 in the package, is
//! packed as bytes.

use std::path::Path;

/// What stands around the WebAssembly, and instead of it.
const WASM: [&str; 2] = ["Buffer2.from(\"", "\", \"base64\")"];
const BYTES: &str = "module.wasm()";

/// Writes `out/amaro.js.zst` and `out/amaro.wasm.zst`.
pub fn install(npm: &Path, out: &Path) {
    let package = npm.join("node_modules/amaro");
    let read = |name: &str| {
        let path = package.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let licenses = [read("LICENSE.md"), read("dist/LICENSE")].join("\n").replace("*/", "* /");
    let code = read("dist/internal.js");
    let (head, rest) = code.split_once(WASM[0]).expect("amaro has its WebAssembly inside");
    let (wasm, tail) = rest.split_once(WASM[1]).expect("amaro's WebAssembly ends");
    let text = format!("/*\n{}\n*/\n{head}{BYTES}{tail}", licenses.trim());
    assert!(text.is_ascii(), "amaro is not ASCII");
    for (name, bytes) in [("amaro.js.zst", text.as_bytes()), ("amaro.wasm.zst", &decode(wasm))] {
        let packed = zstd::encode_all(bytes, crate::level()).expect("memory is enough");
        std::fs::write(out.join(name), packed).expect("OUT_DIR can be written");
    }
}

/// The bytes of base64.
fn decode(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => panic!("amaro's WebAssembly is not base64"),
    };
    let digits: Vec<u8> = text.trim_end_matches('=').bytes().map(value).collect();
    let bytes = digits.chunks(4).flat_map(|group| {
        let bits = group.iter().enumerate().fold(0u32, |bits, (i, digit)| bits | u32::from(*digit) << (18 - 6 * i));
        bits.to_be_bytes()[1..group.len()].to_vec()
    });
    bytes.collect()
}
