#!/usr/bin/env python3
"""Puts the sources that lie beside this file into V8's and calls them: heap-image.cc where a snapshot is read, hash-secrets.cc where
a process gets its seed for hashes.

usage: patch_sources.py V8          (the folder with V8's BUILD.gn; a second run changes nothing)
"""

import pathlib
import sys

EDITS = {
    "BUILD.gn": [
        (
            '    "src/snapshot/context-deserializer.h",\n',
            '    "src/snapshot/context-deserializer.h",\n    "src/snapshot/heap-image.h",\n',
        ),
        (
            '    "src/snapshot/context-deserializer.cc",\n',
            '    "src/snapshot/context-deserializer.cc",\n    "src/snapshot/hash-secrets.cc",\n    "src/snapshot/heap-image.cc",\n',
        ),
    ],
    "src/execution/isolate.cc": [
        ('#include "src/snapshot/embedded/', '#include "src/snapshot/heap-image.h"\n#include "src/snapshot/embedded/'),
        (
            "  if (!create_heap_objects) {\n    // If we are deserializing,",
            "  if (!create_heap_objects && !HeapImage::Load(this)) {\n    // If we are deserializing,",
        ),
    ],
    "src/numbers/hash-seed.cc": [
        ("namespace internal {\n", "namespace internal {\n\nvoid MakeHashSecrets(uint64_t seed, uint64_t* secrets);\n"),
        ("  rapidhash_make_secret(seed, data->secrets);\n", "  MakeHashSecrets(seed, data->secrets);\n"),
    ],
    "src/snapshot/snapshot.cc": [
        (
            '#include "src/snapshot/context-serializer.h"\n',
            '#include "src/snapshot/context-serializer.h"\n#include "src/snapshot/heap-image.h"\n',
        ),
        (
            "  if (!isolate->snapshot_available()) return DirectHandle<Context>();\n",
            "  if (!isolate->snapshot_available()) return DirectHandle<Context>();\n"
            "  if (DirectHandle<Context> context;\n"
            "      HeapImage::TakeContext(isolate, context_index, global_proxy)\n"
            "          .ToHandle(&context)) {\n"
            "    return context;\n"
            "  }\n",
        ),
        (
            "  return ContextDeserializer::DeserializeContext(\n"
            "      isolate, &snapshot_data, context_index, can_rehash, global_proxy,\n"
            "      embedder_fields_deserializer);\n",
            "  MaybeDirectHandle<Context> result = ContextDeserializer::DeserializeContext(\n"
            "      isolate, &snapshot_data, context_index, can_rehash, global_proxy,\n"
            "      embedder_fields_deserializer);\n"
            "  if (DirectHandle<Context> context; result.ToHandle(&context)) {\n"
            "    HeapImage::MaybeMake(isolate, context, context_index, global_proxy);\n"
            "  }\n"
            "  return result;\n",
        ),
    ],
}


def main():
    here = pathlib.Path(__file__).resolve().parent
    v8 = pathlib.Path(sys.argv[1])
    for name in ("hash-secrets.cc", "heap-image.h", "heap-image.cc"):
        write(v8 / "src/snapshot" / name, (here / name).read_text())
    for name, edits in EDITS.items():
        path = v8 / name
        text = path.read_text()
        for old, new in edits:
            if new in text:
                continue
            if old not in text:
                sys.exit(f"{path}: not the source that this was written for: {old!r}")
            text = text.replace(old, new, 1)
        write(path, text)


def write(path, text):
    """Leaves a file as it is, and its time, if it holds `text` already."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


main()
