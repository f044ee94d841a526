'use strict';
// What several processes counted of one script, as one.

const isSame = (a, b) => a.startOffset === b.startOffset && a.endOffset === b.endOffset;
const holds = (a, b) => a.startOffset <= b.startOffset && a.endOffset >= b.endOffset;

// Adds `added` to `script`.
function mergeScripts(script, added) {
  for (const fn of added.functions) {
    const known = script.functions.find(({ functionName, ranges }) => functionName === fn.functionName && isSame(ranges[0], fn.ranges[0]));
    if (known === undefined) {
      script.functions.push(fn);
    } else if (fn.isBlockCoverage) {
      known.ranges = known.isBlockCoverage ? mergeRanges(known.ranges, fn.ranges) : fn.ranges;
      known.isBlockCoverage = true;
    }
  }
}

// What ran anywhere ran. Of two parts that never ran, one inside the other, the inner one never ran anywhere.
function mergeRanges(old, added) {
  const merged = new Set(old.filter(({ count }) => count > 0));
  for (const range of added) {
    const same = old.find((other) => isSame(range, other));
    if (same !== undefined) {
      same.count += range.count;
      merged.add(same);
      continue;
    }
    if (range.count > 0) {
      merged.add(range);
      continue;
    }
    for (const other of old) {
      if (other.count > 0) continue;
      if (holds(other, range)) merged.add(range);
      else if (holds(range, other)) merged.add(other);
    }
  }
  return [...merged];
}

module.exports = { mergeScripts };
