'use strict';
// The coverage of one file: V8's ranges of characters become lines, branches and functions.

const kIgnoreNext = /\/\* node:coverage ignore next (?<count>\d+ )?\*\//;
const kSwitch = /\/\* node:coverage (?<state>enable|disable) \*\//;

// [{ line, start, end, ignore, count }]: numbers from 1, offsets without the line's end; an empty line counts as run.
function linesOf(source) {
  let offset = 0;
  let ignored = 0;
  let enabled = true;
  return source.split(/(?<=\r?\n)/).map((text, i) => {
    const start = offset;
    offset += text.length;
    const end = start + text.replace(/\r?\n$/, '').length;
    const line = { __proto__: null, line: i + 1, start, end, ignore: ignored > 0 || !enabled, count: start === end ? 1 : 0 };
    if (ignored > 0) ignored--;
    if (!line.ignore) {
      const next = kIgnoreNext.exec(text);
      if (next !== null) ignored = Number.parseInt(next.groups.count ?? '1', 10);
    }
    const change = kSwitch.exec(text);
    if (change !== null) {
      ignored = 0;
      enabled = change.groups.state === 'enable';
    }
    return line;
  });
}

// The lines that a range touches; those that it holds whole get its count.
function linesOfRange({ startOffset, endOffset, count }, lines) {
  let low = 0;
  let high = lines.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { start, end } = lines[middle];
    if (startOffset < start) {
      high = middle - 1;
    } else if (startOffset > end) {
      low = middle + 1;
    } else {
      const touched = [];
      for (let i = middle; i < lines.length && endOffset > lines[i].start; i++) {
        if (startOffset <= lines[i].start && endOffset >= lines[i].end) lines[i].count = count;
        touched.push(lines[i]);
      }
      return touched;
    }
  }
  return [];
}

function fileReport(path, functions, lines) {
  const { percent } = require('internal/test_runner/coverage');
  const branches = [];
  const reported = [];
  let coveredBranches = 0;
  let coveredFunctions = 0;
  functions.forEach(({ functionName, isBlockCoverage, ranges }, i) => {
    ranges.forEach((range, k) => {
      const touched = linesOfRange(range, lines);
      const covered = range.count !== 0 || touched.every(({ ignore }) => ignore);
      const line = touched[0]?.line;
      if (isBlockCoverage) {
        branches.push({ __proto__: null, line, count: range.count });
        if (covered) coveredBranches++;
      }
      // The first is the module itself.
      if (i > 0 && k === 0) {
        reported.push({ __proto__: null, name: functionName, count: Math.max(...ranges.map(({ count }) => count)), line });
        if (covered) coveredFunctions++;
      }
    });
  });
  const coveredLines = lines.filter(({ count, ignore }) => count > 0 || ignore).length;
  return {
    __proto__: null,
    path,
    totalLineCount: lines.length,
    totalBranchCount: branches.length,
    totalFunctionCount: reported.length,
    coveredLineCount: coveredLines,
    coveredBranchCount: coveredBranches,
    coveredFunctionCount: coveredFunctions,
    coveredLinePercent: percent(coveredLines, lines.length),
    coveredBranchPercent: percent(coveredBranches, branches.length),
    coveredFunctionPercent: percent(coveredFunctions, reported.length),
    functions: reported,
    branches,
    lines: lines.filter(({ ignore }) => !ignore).map(({ line, count }) => ({ __proto__: null, line, count })),
  };
}

module.exports = { fileReport, linesOf, linesOfRange };
