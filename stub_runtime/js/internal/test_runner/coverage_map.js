'use strict';
// Coverage of generated code as coverage of its sources, by its source map.

const { linesOfRange } = require('internal/test_runner/coverage_file');

// Scripts of the sources. `linesOf(url, source)` gives a source's lines.
function mapScript({ url, functions }, { data, lineLengths }, linesOf) {
  if (data === null) {
    const { codes: { ERR_SOURCE_MAP_CORRUPT } } = require('internal/errors');
    throw new ERR_SOURCE_MAP_CORRUPT(url);
  }
  const { SourceMap } = require('internal/source_map');
  const map = new SourceMap(data, { __proto__: null, lineLengths });
  data.sources.forEach((source, i) => {
    if (data.sourcesContent?.[i] != null) linesOf(source, data.sourcesContent[i]);
  });
  let offset = 0;
  const generated = lineLengths.map((length, i) => {
    const start = offset;
    offset += length + 1;
    return { __proto__: null, line: i + 1, start, end: offset, ignore: false, count: 0 };
  });
  const scripts = new Map();
  for (const { functionName, isBlockCoverage, ranges } of functions) {
    let source;
    const mapped = [];
    for (const range of ranges) {
      const found = mapRange(range, generated, map, linesOf);
      if (found === undefined) continue;
      source ??= found.source;
      mapped.push(found.range);
    }
    if (source === undefined) continue;
    if (!scripts.has(source)) scripts.set(source, { url: source, functions: [] });
    scripts.get(source).functions.push({ functionName, ranges: mapped, isBlockCoverage });
  }
  return [...scripts.values()];
}

// { source, range }; undefined where the ends are not in one source.
function mapRange(range, generated, map, linesOf) {
  const { startOffset, endOffset, count } = range;
  const touched = linesOfRange(range, generated);
  if (touched.length === 0) return undefined;
  const first = touched[0];
  const last = touched.at(-1);
  let from = map.findEntry(first.line - 1, Math.max(0, startOffset - first.start));
  const to = map.findEntry(last.line - 1, endOffset - last.start - 1);
  // Code in front of all that the map knows.
  if (!from.originalSource && to.originalSource && startOffset === 0) from = firstEntry(map, generated);
  if (!from.originalSource || from.originalSource !== to.originalSource) return undefined;
  const lines = linesOf(from.originalSource);
  if (lines === undefined) return undefined;
  const offsetOf = ({ originalLine, originalColumn }) => {
    const line = lines[originalLine];
    return line === undefined ? lines.at(-1).end : Math.min(line.start + originalColumn, line.end);
  };
  for (let i = from.originalLine; i <= to.originalLine && i < lines.length; i++) lines[i].count = count;
  return { source: from.originalSource, range: { startOffset: offsetOf(from), endOffset: offsetOf(to) + 1, count } };
}

// The first place in the generated code that the map knows.
function firstEntry(map, generated) {
  const line = generated.findIndex((_, i) => map.findEntry(i, Infinity).originalSource);
  for (let column = 0; ; column++) {
    const entry = map.findEntry(line, column);
    if (entry.originalSource) return entry;
  }
}

module.exports = { mapScript };
