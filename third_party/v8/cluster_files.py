#!/usr/bin/env python3
"""Groups V8's sources into files that include several each, so that headers are read once a group and not once a source.

V8's `gni/cluster_build.gni` calls `tools/cluster_files.py` for this, which crate `v8` does not carry. Groups are of one folder, so that
a part of V8 can still be told by its object file and compiled with a level of its own.

--compute-filenames prints the names of the groups; --generate writes them to --output-dir.
"""

import argparse
import pathlib
import re


def groups(options):
    """Yields the name of a group's file and its sources, in the order of the folders' first source."""
    folders = {}
    for source in options.sources:
        path = pathlib.PurePosixPath(source)
        # What is written for Turboshaft's assembler uses names that mean others in the sources beside it.
        folder = source if path.stem.endswith("-tsa") else str(path.parent)
        folders.setdefault(folder, []).append(source)
    taken = set()
    for folder, sources in folders.items():
        small = any(part in folder for part in options.small_cluster_dirs)
        size = options.small_cluster_size if small else options.cluster_size
        tail = re.sub(r"\W+", "_", folder).strip("_")
        for start in range(0, len(sources), size):
            name = f"{options.prefix}-{tail}-{start // size}.cc"
            assert name not in taken, name
            taken.add(name)
            yield name, sources[start : start + size]


def include(options, source):
    """How a group's file names a source."""
    if options.strip_prefix and source.startswith(options.strip_prefix):
        return source[len(options.strip_prefix) :]
    return (options.include_prefix or "") + source


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compute-filenames", action="store_true")
    parser.add_argument("--generate", action="store_true")
    parser.add_argument("--output-dir", type=pathlib.Path)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--cluster-size", type=int, required=True)
    parser.add_argument("--small-cluster-size", type=int, required=True)
    parser.add_argument("--small-cluster-dirs", action="append", default=[])
    parser.add_argument("--include-prefix")
    parser.add_argument("--strip-prefix")
    parser.add_argument("sources", nargs="+")
    options = parser.parse_args()
    for name, sources in groups(options):
        if options.compute_filenames:
            print(name)
            continue
        text = "".join(f'#include "{include(options, source)}"\n' for source in sources)
        file = options.output_dir / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text() != text:
            file.write_text(text)


main()
