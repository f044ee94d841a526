'use strict';
// console.table(): what the columns of a value are, and how they are drawn.

const { isMap, isMapIterator, isSet, isSetIterator } = require('internal/util/types');
const { getStringWidth } = require('internal/util/inspect');

const kIteration = '(iteration index)';
const kIndex = '(index)';
const kKey = 'Key';
const kValues = 'Values';

function row(cells, widths) {
  let out = '';
  for (let i = 0; i < widths.length; i++) {
    const cell = cells[i];
    out += `${i === 0 ? '\u2502 ' : ' \u2502 '}${cell}${' '.repeat(widths[i] - getStringWidth(cell) - 2)}`;
  }
  return `${out} \u2502`;
}

// head: titles; columns: an array of texts per title, with holes.
function draw(head, columns) {
  const rows = [];
  const widths = head.map((title) => getStringWidth(title) + 2);
  const length = Math.max(...columns.map((column) => column.length));
  for (let i = 0; i < head.length; i++) {
    const column = columns[i];
    for (let j = 0; j < length; j++) {
      rows[j] ??= [];
      const value = rows[j][i] = Object.hasOwn(column, j) ? column[j] : '';
      widths[i] = Math.max(widths[i] || 0, getStringWidth(value) + 2);
    }
  }
  const lines = widths.map((width) => '\u2500'.repeat(width));
  let out = `\u250c${lines.join('\u252c')}\u2510\n${row(head, widths)}\n\u251c${lines.join('\u253c')}\u2524\n`;
  for (const cells of rows) out += `${row(cells, widths)}\n`;
  return `${out}\u2514${lines.join('\u2534')}\u2518`;
}

function indexes(length, inspect) {
  return Array.from({ length }, (_, i) => inspect(i));
}

function mapTable(keys, values, inspect) {
  return draw([kIteration, kKey, kValues], [indexes(keys.length, inspect), keys, values]);
}

// The table of an object; `inspect` formats a cell, `properties` chooses columns.
function table(data, properties, inspect) {
  const mapIterator = isMapIterator(data);
  let isKeyValue = false;
  if (mapIterator) [data, isKeyValue] = internalBinding('util').previewEntries(data, true);

  if (isKeyValue || isMap(data)) {
    const keys = [];
    const values = [];
    if (mapIterator) {
      for (let i = 0; i < data.length; i += 2) {
        keys.push(inspect(data[i]));
        values.push(inspect(data[i + 1]));
      }
    } else {
      for (const { 0: key, 1: value } of data) {
        keys.push(inspect(key));
        values.push(inspect(value));
      }
    }
    return mapTable(keys, values, inspect);
  }

  const setIterator = isSetIterator(data);
  if (setIterator) data = internalBinding('util').previewEntries(data);
  if (setIterator || mapIterator || isSet(data)) {
    const values = [];
    for (const value of data) values.push(inspect(value));
    return draw([kIteration, kValues], [indexes(values.length, inspect), values]);
  }

  const columns = { __proto__: null };
  let hasPrimitives = false;
  const primitives = [];
  const rowKeys = Object.keys(data);
  for (let i = 0; i < rowKeys.length; i++) {
    const item = data[rowKeys[i]];
    const isPrimitive = item === null || (typeof item !== 'function' && typeof item !== 'object');
    if (isPrimitive && properties === undefined) {
      hasPrimitives = true;
      primitives[i] = inspect(item);
      continue;
    }
    for (const key of properties || Object.keys(item)) {
      columns[key] ??= [];
      columns[key][i] = isPrimitive || !Object.hasOwn(item, key) ? '' : inspect(item[key]);
    }
  }
  const head = Object.keys(columns);
  const cells = Object.values(columns);
  if (hasPrimitives) {
    head.push(kValues);
    cells.push(primitives);
  }
  return draw([kIndex, ...head], [rowKeys, ...cells]);
}

module.exports = { table };
