//! What the runtime's bytes are, from the linker's map: the runtime itself is stripped. Owns: the components and which section is whose.
//! Does not own: what is said about them (`src/verbs/inspect.rs`).
//!
//! A section of a Rust or C library is that library's. V8's library holds ICU and more: an object file of it belongs to where the most of
//! its symbols do.

use std::collections::BTreeMap;
use std::io::BufRead;

/// Sections of the file that are not loaded or take no place in it.
const NOWHERE: [&str; 9] = [
    ".bss",
    ".tbss",
    ".relro_padding",
    ".pack_rest",
    ".comment",
    ".symtab",
    ".strtab",
    ".shstrtab",
    "__libc_freeres_ptrs",
];

const TABLES: &str = "tables of the linker, alignment";
const STRINGS: &str = "texts of C and C++";

/// A line "BYTES NAME" for each component of a runtime of `size` bytes, the largest first. `map` is `-Map`'s output of lld.
pub fn of(map: impl BufRead, size: u64) -> String {
    let mut sections: Vec<Section> = Vec::new();
    let mut loaded = true;
    for line in map.split(b'\n').map_while(Result::ok) {
        let Some((length, depth, name)) = parse(&String::from_utf8_lossy(&line)) else { continue };
        match depth {
            0 => {
                loaded = !(NOWHERE.contains(&name.as_str()) || name.starts_with(".debug") || name.starts_with(".gnu."))
            }
            1 if loaded => sections.push(Section::new(&name, length)),
            2 if loaded => {
                if let Some(section) = sections.last_mut() {
                    section.symbol(&name);
                }
            }
            _ => {}
        }
    }
    // Object files of V8's library by the most of their code.
    let mut members: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for section in sections.iter().filter(|section| section.library == "v8") {
        *members.entry(&section.member).or_default().entry(section.part).or_default() += section.length;
    }
    let part = |member: &str| {
        let parts = members[member].iter().filter(|(part, _)| !part.is_empty());
        parts.max_by_key(|(_, bytes)| **bytes).map_or("V8: the rest", |(part, _)| *part)
    };
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for section in &sections {
        let name = match section.library.as_str() {
            "v8" => part(&section.member),
            "stub_runtime" if !section.part.is_empty() => section.part,
            library => component(library),
        };
        let name = if name.is_empty() { section.part } else { name };
        *sums.entry(name).or_default() += section.length;
    }
    let counted: u64 = sums.values().sum();
    *sums.entry(TABLES).or_default() += size.saturating_sub(counted);
    let mut sums: Vec<_> = sums.into_iter().filter(|(_, bytes)| *bytes > 0).collect();
    sums.sort_by_key(|(name, bytes)| (std::cmp::Reverse(*bytes), *name));
    sums.into_iter().map(|(name, bytes)| format!("{bytes} {name}\n")).collect()
}

/// Length, depth and name of a line of the map: output sections, sections of object files, symbols.
fn parse(line: &str) -> Option<(u64, usize, String)> {
    let mut rest = line;
    let mut fields = [""; 4];
    for field in &mut fields {
        rest = rest.trim_start();
        let end = rest.find(' ')?;
        (*field, rest) = rest.split_at(end);
    }
    let length = u64::from_str_radix(fields[2], 16).ok()?;
    fields[3].parse::<u64>().ok()?;
    let name = rest.trim_start();
    Some((length, (rest.len() - name.len()) / 8, name.to_owned()))
}

struct Section {
    library: String,
    member: String,
    length: u64,
    /// What its first symbol, or its own name, says that it is; empty where they say nothing.
    part: &'static str,
}

impl Section {
    /// From `FILE:(SECTION)` or `ARCHIVE(MEMBER):(SECTION)`.
    fn new(name: &str, length: u64) -> Self {
        let (file, section) = name.rsplit_once(":(").unwrap_or((name, ""));
        let file = file.rsplit('/').next().unwrap_or(file);
        let (archive, member) = file.split_once('(').unwrap_or((file, ""));
        let member = member.trim_end_matches(')');
        let library = archive.strip_prefix("lib").unwrap_or(archive);
        // "-HASH.rlib", ".a"; the last crate's are objects called "NAME-HASH.PART.rcgu.o".
        let library = library.split(['-', '.']).next().unwrap_or(library);
        let part = match (library, member) {
            ("v8", "embedded.o") => "V8: compiled built-in functions",
            ("v8", "snapshot.o") => "V8: empty heap, to make images",
            ("v8", name) if name.starts_with("wasm") || name.starts_with("liftoff") => "V8: WebAssembly",
            ("<internal>", _) if section.starts_with(".rodata") => STRINGS,
            ("<internal>", _) => TABLES,
            _ => "",
        };
        Self { library: library.to_owned(), member: member.to_owned(), length, part }
    }

    fn symbol(&mut self, name: &str) {
        if !self.part.is_empty() {
            return;
        }
        let has = |text: &str| name.contains(text);
        self.part = match self.library.as_str() {
            "stub_runtime" if has("builtins::PLAIN") || has("builtins::PACKED") => "JavaScript of the built-in modules",
            "stub_runtime" if has("typescript::") => "TypeScript stripper (amaro), packed",
            "v8" if has("v8::internal::wasm::") || has("Wasm") => "V8: WebAssembly",
            "v8" if has("v8::internal::maglev::") => "V8: Maglev",
            "v8" if has("v8::internal::compiler::") => "V8: Turbofan",
            "v8" if has("v8_inspector::") || has("v8_crdtp::") => "V8: inspector",
            "v8" if has("v8::") || has("cppgc::") || has("heap::base::") => "V8: the rest",
            "v8" if has("icu_78") || name.ends_with("_78") => "ICU's code",
            "v8" if has("simdutf") => "simdutf",
            "v8" if has("std::__Cr") || has("__cxa") => "C++'s library",
            _ => "",
        };
    }
}

/// What a library is a part of.
fn component(library: &str) -> &'static str {
    match library {
        "stub_runtime" | "payload" => "the runtime's own Rust",
        "openssl_sys" => "OpenSSL",
        "libsqlite3_sys" => "SQLite",
        "zstd_sys" | "zstd" | "zstd_safe" => "zstd",
        "compu_brotli_sys" | "brotli_decompressor" => "brotli",
        "zlib_rs" | "libz_rs_sys" => "zlib",
        "libnghttp2_sys" => "nghttp2",
        "temporal_rs"
        | "temporal_capi"
        | "icu_calendar"
        | "timezone_provider"
        | "zoneinfo64"
        | "resb"
        | "ixdtf"
        | "calendrical_calculations" => "Temporal",
        "idna" | "idna_adapter" | "icu_normalizer" | "icu_properties" => "idna",
        "encoding_rs" => "encoding_rs",
        "webpki_root_certs" => "root certificates",
        "std" | "core" | "alloc" | "std_detect" | "gimli" | "addr2line" | "rustc_demangle" | "miniz_oxide" => {
            "Rust's library"
        }
        "c" | "m" | "gcc" | "gcc_eh" | "crtbeginS" | "crtendS" | "rcrt1" | "crti" | "crtn" => "the C library",
        "<internal>" => "",
        _ => "other crates",
    }
}
