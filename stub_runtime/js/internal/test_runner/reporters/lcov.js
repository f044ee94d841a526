'use strict';
// The lcov reporter: coverage in the format of lcov's tracefiles, and nothing else.

const { relative } = require('path');
const { Transform } = require('stream');

function record({ branches, functions, lines, path, ...counts }, folder) {
  const out = [`SF:${relative(folder, path)}`];
  const nameOf = ({ name }, i) => name || `anonymous_${i}`;
  functions.forEach((fn, i) => out.push(`FN:${fn.line},${nameOf(fn, i)}`));
  functions.forEach((fn, i) => out.push(`FNDA:${fn.count},${nameOf(fn, i)}`));
  out.push(`FNF:${counts.totalFunctionCount}`, `FNH:${counts.coveredFunctionCount}`);
  branches.forEach(({ line, count }, i) => out.push(`BRDA:${line},${i},0,${count}`));
  out.push(`BRF:${counts.totalBranchCount}`, `BRH:${counts.coveredBranchCount}`);
  for (const { line, count } of lines.toSorted((a, b) => a.line - b.line)) out.push(`DA:${line},${count}`);
  out.push(`LH:${counts.coveredLineCount}`, `LF:${counts.totalLineCount}`, 'end_of_record', '');
  return out.join('\n');
}

class LcovReporter extends Transform {
  constructor(options) {
    super({ ...options, writableObjectMode: true, __proto__: null });
  }

  _transform({ type, data }, encoding, callback) {
    if (type !== 'test:coverage') return callback(null);
    const { files, workingDirectory } = data.summary;
    return callback(null, `TN:\n${files.map((file) => record(file, workingDirectory)).join('')}`);
  }
}

module.exports = LcovReporter;
