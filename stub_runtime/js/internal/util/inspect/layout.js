'use strict';
// How util.inspect arranges the formatted entries of one object: on one line, one per line, or, for
// arrays, in columns. Entries come in as finished strings.

const { getStringWidth } = require('internal/util/inspect/strings');
const { removeColors } = require('internal/util');

const kObjectType = 0;
const kArrayType = 1;
const kArrayExtrasType = 2;

const kSeparatorSpace = 2; // ", "
const kCharHeight = 2.5; // a character is about 2.5 times as high as wide

// Joins short array entries to rows of aligned columns. `value` is the array, to see whether all its
// items are numbers, which are aligned to the right.
function groupArrayElements(ctx, output, value) {
  let total = 0;
  let longest = 0;
  // The text about further items is a row of its own.
  const hasMore = ctx.maxArrayLength < output.length;
  const count = output.length - (hasMore ? 1 : 0);
  const widths = new Array(count);
  for (let i = 0; i < count; i++) {
    const width = getStringWidth(output[i], ctx.colors);
    widths[i] = width;
    total += width + kSeparatorSpace;
    if (width > longest) longest = width;
  }
  const cell = longest + kSeparatorSpace;
  // Three cells must fit, and the entries must be short or of about one length.
  if (cell * 3 + ctx.indentationLvl >= ctx.breakLength || !(total / cell > 5 || longest <= 6)) return output;

  const bias = Math.sqrt(cell - total / output.length);
  const biased = Math.max(cell - 3 - bias, 1);
  const columns = Math.min(
    // Near to a square.
    Math.round(Math.sqrt(kCharHeight * biased * count) / biased),
    Math.floor((ctx.breakLength - ctx.indentationLvl) / cell),
    ctx.compact * 4,
    15,
  );
  if (columns <= 1) return output;

  const columnWidths = [];
  for (let column = 0; column < columns; column++) {
    let width = 0;
    for (let i = column; i < count; i += columns) {
      if (widths[i] > width) width = widths[i];
    }
    columnWidths.push(width + kSeparatorSpace);
  }
  let right = true;
  if (value !== undefined) {
    for (let i = 0; i < output.length; i++) {
      if (typeof value[i] !== 'number' && typeof value[i] !== 'bigint') {
        right = false;
        break;
      }
    }
  }
  const rows = [];
  for (let start = 0; start < count; start += columns) {
    const last = Math.min(start + columns, count) - 1;
    let row = '';
    for (let i = start; i < last; i++) {
      // Escape codes and wide characters make a string longer or shorter than its width.
      const padding = columnWidths[i - start] + output[i].length - widths[i];
      const text = `${output[i]}, `;
      row += right ? text.padStart(padding) : text.padEnd(padding);
    }
    row += right ?
      output[last].padStart(columnWidths[last - start] + output[last].length - widths[last] - kSeparatorSpace) :
      output[last];
    rows.push(row);
  }
  if (hasMore) rows.push(output[count]);
  return rows;
}

// Whether the entries fit in one line that starts with `start` columns of other text.
function fitsLine(ctx, output, start, base) {
  let length = output.length + start;
  if (length + output.length > ctx.breakLength) return false;
  for (let i = 0; i < output.length; i++) {
    length += ctx.colors ? removeColors(output[i]).length : output[i].length;
    if (length > ctx.breakLength) return false;
  }
  return base === '' || !base.includes('\n');
}

// As `Array.prototype.join`, but the parts are not copied together at each level of nesting: V8 keeps such a sum as a rope.
function join(output, separator) {
  let text = '';
  for (let i = 0; i < output.length; i++) text += i === 0 ? output[i] : separator + output[i];
  return text;
}

// The text of an object from its entries.
function joinEntries(ctx, output, base, braces, type, recurseTimes, value) {
  const { 0: open, 1: close } = braces;
  const lead = base ? base + ' ' : '';
  if (ctx.compact !== true) {
    if (typeof ctx.compact === 'number' && ctx.compact >= 1) {
      const entries = output.length;
      if (type === kArrayExtrasType && entries > 6) output = groupArrayElements(ctx, output, value);
      // Up to `compact` inner levels share a line, unless the array was grouped.
      if (ctx.currentDepth - recurseTimes < ctx.compact && entries === output.length) {
        const start = output.length + ctx.indentationLvl + open.length + base.length + 10;
        if (fitsLine(ctx, output, start, base)) {
          const joined = join(output, ', ');
          if (!joined.includes('\n')) return lead + open + ' ' + joined + ' ' + close;
        }
      }
    }
    const indentation = `\n${' '.repeat(ctx.indentationLvl)}`;
    return `${lead}${open}${indentation}  ${join(output, `,${indentation}  `)}${indentation}${close}`;
  }
  if (fitsLine(ctx, output, 0, base)) {
    return `${open}${base ? ` ${base}` : ''} ${join(output, ', ')} ${close}`;
  }
  const indentation = `\n${' '.repeat(ctx.indentationLvl)}`;
  // A lone brace keeps its first entry beside it.
  const gap = base === '' && open.length === 1 ? ' ' : `${base ? ` ${base}` : ''}\n${indentation.slice(1)}  `;
  return `${open}${gap}${join(output, `,${indentation}  `)} ${close}`;
}

module.exports = { groupArrayElements, joinEntries, kArrayExtrasType, kArrayType, kObjectType };
