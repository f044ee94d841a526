'use strict';
// The table of a coverage summary, as the spec and tap reporters print it.

const { basename, dirname, relative } = require('path');

const columns = [['line %', 'coveredLinePercent'], ['branch %', 'coveredBranchPercent'], ['funcs %', 'coveredFunctionPercent']];
const kUncovered = 'uncovered lines';
const separator = ' | ';

// Files and folders as rows of { depth, name, file }: the files of a folder, then what is below it.
function rowsOf({ files, workingDirectory }) {
  const root = { folders: new Map(), files: [] };
  for (const file of files) {
    const path = relative(workingDirectory, file.path);
    let folder = root;
    for (const name of dirname(path).split('/')) {
      if (name === '.') continue;
      if (!folder.folders.has(name)) folder.folders.set(name, { folders: new Map(), files: [] });
      folder = folder.folders.get(name);
    }
    folder.files.push([basename(path), file]);
  }
  const rows = [];
  const walk = (folder, depth) => {
    const entries = [
      ...folder.files.map(([name, file]) => ({ name, file })),
      ...[...folder.folders].map(([name, inner]) => ({ name, inner })),
    ];
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, file, inner } of entries) {
      rows.push({ depth, name, file });
      if (inner !== undefined) walk(inner, depth + 1);
    }
  };
  walk(root, 0);
  return rows;
}

// '1-3 7'
function uncoveredLines({ lines }) {
  const ranges = [];
  for (const { line, count } of lines) {
    if (count > 0) continue;
    const last = ranges.at(-1);
    if (last?.[1] === line - 1) last[1] = line;
    else ranges.push([line, line]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(' ');
}

function truncateStart(text, width) {
  return text.length > width ? `\u2026${text.slice(text.length - width + 1)}` : text;
}

function truncateEnd(text, width) {
  return text.length > width ? `${text.slice(0, width - 1)}\u2026` : text;
}

// `prefix` begins each line; with `colors` figures are coloured by how good they are.
function coverageTable(prefix, summary, { color = '', colors } = {}) {
  const rows = rowsOf(summary);
  const uncovered = new Map(rows.filter(({ file }) => file).map(({ file }) => [file, uncoveredLines(file)]));
  let fileWidth = Math.max('all files'.length, ...rows.map(({ depth, name }) => depth + name.length));
  let lastWidth = Math.max(kUncovered.length, ...[...uncovered.values()].map((text) => text.length));
  const figuresWidth = columns.reduce((width, [title]) => width + title.length + separator.length, 0);
  let width = fileWidth + figuresWidth + separator.length + lastWidth + 1;
  const available = (process.stdout.columns || Infinity) - prefix.length;
  if (width > available) {
    fileWidth = Math.max(fileWidth - Math.floor((width - available) * 0.2), Math.min(8, fileWidth));
    lastWidth = Math.max(available - figuresWidth - fileWidth - separator.length - 1, 1);
    width = available;
  }
  const paint = (text, percent) => {
    if (colors === undefined || percent === undefined) return text;
    return `${percent >= 90 ? colors.green : percent >= 50 ? colors.yellow : colors.red}${text}${color}`;
  };
  const row = (name, cells, last, percents = []) => {
    const figures = cells.map((text, i) => paint(text.padStart(columns[i][0].length), percents[i]));
    const [overall] = percents;
    return `${prefix}${paint(truncateStart(name, fileWidth).padEnd(fileWidth), overall)}${separator}${figures.join(separator)}` +
      `${separator}${paint(truncateEnd(last, lastWidth), last === '' || cells[0] === columns[0][0] ? undefined : overall)}\n`;
  };
  const figuresOf = (counted) => columns.map(([, key]) => counted[key]);
  const line = `${prefix}${'-'.repeat(width)}\n`;
  let text = `${color}${prefix}start of coverage report\n${line}${row('file', columns.map(([title]) => title), kUncovered)}${line}`;
  for (const { depth, name, file } of rows) {
    const indented = `${' '.repeat(depth)}${name}`;
    if (file === undefined) text += row(indented, columns.map(() => ''), '');
    else text += row(indented, figuresOf(file).map((figure) => figure.toFixed(2)), uncovered.get(file), figuresOf(file));
  }
  text += line;
  const totals = figuresOf(summary.totals);
  text += `${row('all files', totals.map((figure) => figure.toFixed(2)), '', totals)}${line}${prefix}end of coverage report\n`;
  return text + (colors === undefined ? '' : colors.white);
}

module.exports = { coverageTable };
