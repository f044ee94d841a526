#!/usr/bin/env bash
# Makes startup.order.zst anew: the functions of V8 and of C libraries that a start calls, those of a hello world first.
# usage: order.sh STUB HELLO [OTHER ...]      (executables made of a stub with symbols, that stub; needs valgrind, nm and zstd)
# Names of Rust's functions hold a hash of their crate and are left out.
set -euo pipefail
stub=${1:?usage: order.sh STUB HELLO [OTHER ...]}
shift
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
nm --defined-only "$stub" | awk '$2 ~ /[tTwW]/ { print $3, $1 }' | sort -u -k1,1 >"$work/defined"
: >"$work/order"
for program in "$@"; do
  valgrind --tool=callgrind --demangle=no --callgrind-out-file="$work/calls" "$program" --version >"$work/out" 2>&1
  callgrind_annotate --threshold=100 "$work/calls" |
    sed -n "s/.*???:\([^ ']*\).*/\1/p" | grep -v '^Builtins_\|17h[0-9a-f]\{16\}E\|^_R\|^(' | sort -u |
    join - "$work/defined" | sort -k2,2 | cut -d' ' -f1 | { grep -vxFf "$work/order" || true; } >"$work/more"
  cat "$work/more" >>"$work/order"
done
zstd -19 -q -f "$work/order" -o "$here/startup.order.zst"
wc -l "$work/order"
