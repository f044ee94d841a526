#!/usr/bin/env bash
# Builds librusty_v8_release_x86_64-unknown-linux-gnu.a.gz again from the sources in crate `v8`, as README.md tells.
# usage: build.sh WORKDIR        (about 20 GB and, on two cores, an hour and a half)
# Needs: clang, lld, llvm and libclang-dev of LLVM_VERSION, ninja, pkg-config, python3, gn on PATH, cargo.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mkdir -p "${1:?usage: build.sh WORKDIR}" && cd "$1" && pwd)

LLVM_VERSION=22
V8_CRATE=152.2.0
TEMPORAL_CAPI=0.2.6
ICU_DATA_CRATE=0.78.0
TARGET=x86_64-unknown-linux-gnu
llvm=/usr/lib/llvm-$LLVM_VERSION
out=$work/out

for tool in gn ninja python3 cargo pkg-config "$llvm/bin/clang" "$llvm/bin/ld.lld"; do
  command -v "$tool" >/dev/null || { echo "missing: $tool" >&2; exit 1; }
done

# crate NAME VERSION: its package, unpacked in $work, through cargo's registry.
crate() {
  [ -d "$work/$1-$2" ] && return
  local probe=$work/fetch-$1
  mkdir -p "$probe/src"
  : >"$probe/src/lib.rs"
  printf '[package]\nname = "fetch"\nedition = "2021"\n[dependencies]\n%s = "=%s"\n[workspace]\n' "$1" "$2" >"$probe/Cargo.toml"
  cargo fetch --manifest-path "$probe/Cargo.toml"
  local found
  found=$(find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -maxdepth 2 -type d -name "$1-$2" | head -n 1)
  cp -r "$found" "$work/$1-$2"
  rm -rf "$probe"
}
crate v8 $V8_CRATE
crate temporal_capi $TEMPORAL_CAPI
crate deno_core_icudata $ICU_DATA_CRATE
source=$work/v8-$V8_CRATE
cd "$source"
rm -f rust-toolchain.toml # it would fetch a compiler; only temporal_capi is Rust here, and any will do

# clang's runtime where GN looks for it.
runtime=$llvm/lib/clang/$LLVM_VERSION/lib
if [ ! -e "$runtime/$TARGET/libclang_rt.builtins.a" ]; then
  mkdir -p "$runtime/$TARGET"
  ln -s "../linux/libclang_rt.builtins-x86_64.a" "$runtime/$TARGET/libclang_rt.builtins.a"
fi

# What puts sources together, which the crate's package has not.
cp "$here/cluster_files.py" v8/tools/cluster_files.py

# Heaps that are mapped instead of rebuilt.
python3 "$here/patch_sources.py" v8

# Flags of the compiler that Chromium builds itself; a released clang does not know them.
sed -i '/-fdiagnostics-show-inlining-chain/d; /-fno-lifetime-dse/d' build/config/compiler/BUILD.gn
sed -i '/-fsanitize-ignore-for-ubsan-feature/d' build/config/sanitizers/sanitizers.gni

# A browser's checks, of the C++ library, of indices of C arrays and for functions that do not return: V8 as Node builds it has none.
sed -i 's/^enable_safe_libcxx = true/enable_safe_libcxx = false/' v8/build_overrides/build.gni
sed -i 's/if (_condition && !is_ubsan && is_clang)/if (_condition \&\& !is_ubsan \&\& !is_clang)/' build/config/sanitizers/sanitizers.gni

# ICU's data: for GN, and for mksnapshot, which reads it beside itself.
mkdir -p "$out" third_party/icu/common
icu=$(find "$work/deno_core_icudata-$ICU_DATA_CRATE" -name icudtl.dat | head -n 1)
cp "$icu" third_party/icu/common/icudtl.dat
cp "$icu" "$out/icudtl.dat"

# Temporal. The crate's package has not the Rust sources that GN would build, and Cargo links temporal_capi in any case;
# so mksnapshot, which GN links, gets a static library of the same crate, and V8 its C++ headers.
temporal=$work/temporal
mkdir -p "$temporal/src"
echo 'pub use temporal_capi::*;' >"$temporal/src/lib.rs"
cat >"$temporal/Cargo.toml" <<EOF
[package]
name = "temporal_for_mksnapshot"
edition = "2021"
[lib]
crate-type = ["staticlib"]
[dependencies]
temporal_capi = { version = "=$TEMPORAL_CAPI", features = ["zoneinfo64"] }
[profile.release]
panic = "abort"
[workspace]
EOF
cargo build --release --manifest-path "$temporal/Cargo.toml"
cat >third_party/rust/temporal_capi/BUILD.gn <<EOF
config("headers") {
  include_dirs = [ "$work/temporal_capi-$TEMPORAL_CAPI/bindings/cpp" ]
  defines = [ "TEMPORAL_CAPI_VERSION_0_2" ]
}
config("library") {
  libs = [ "$temporal/target/release/libtemporal_for_mksnapshot.a" ]
}
group("temporal_capi") {
  public_configs = [ ":headers" ]
  all_dependent_configs = [ ":library" ]
}
EOF

cp "$here/args.gn" "$out/args.gn"
gn --script-executable=python3 gen "$out"

# Levels by part: what a program waits for stays -O3; the compilers, which work beside it, and the inspector are small instead of
# fast; what only mksnapshot runs is compiled quickly.
python3 - "$out" <<'EOF'
import pathlib, re, sys
small = re.compile(r"src[/_](compiler|maglev|wasm|inspector)(?!.dispatcher)")
quick = re.compile(r"/(v8_initializers|torque_generated_initializers|torque_base|ls_base|v8_initializers_slow)/")
for file in pathlib.Path(sys.argv[1], "obj").rglob("*.ninja"):
    lines = []
    for line in file.read_text().splitlines():
        lines.append(line)
        if line.startswith("build obj/") and ": cxx " in line:
            target, source = line.split(": cxx ", 1)
            level = "-O1" if quick.search(target) else "-Os" if small.search(source.split(" ", 1)[0]) else None
            if re.search(r"src_snapshot-\d+\.cc$", source.split(" ", 1)[0]):
                level = "-fno-access-control"
            if level:
                lines.append(f"  cflags = ${{cflags}} {level}")
    file.write_text("\n".join(lines) + "\n")
EOF
ninja -C "$out" rusty_v8
name=librusty_v8_release_$TARGET.a.gz
gzip -9 -n -c "$out/obj/librusty_v8.a" >"$work/$name"
sed 's/^\(pub const v8__TYPED_ARRAY_MAX_SIZE_IN_HEAP: usize = \)0;/\164;/' "gen/src_binding_release_$TARGET.rs" >"$work/src_binding_release_$TARGET.rs"
(cd "$work" && sha256sum "$name" "src_binding_release_$TARGET.rs" | tee SHA256SUMS)
echo "built: $work/$name. To use it, copy these files here and put the archive's sum into .cargo/config.toml."
