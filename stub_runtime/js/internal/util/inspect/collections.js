'use strict';
// How util.inspect formats the entries of arrays, typed arrays, maps, sets, iterators, promises and module
// namespaces. Each function gives an array of finished entries.

const { formatBigInt, formatNumber } = require('internal/util/inspect/strings');
const { joinEntries, kArrayExtrasType, kArrayType, kObjectType } = require('internal/util/inspect/layout');

// formatValue and formatProperty; internal/util/inspect/value needs this module at its own top level.
const core = require('internal/util/inspect/value');

const kPending = 0;
const kRejected = 2;

function remainingText(remaining) {
  return `... ${remaining} more item${remaining > 1 ? 's' : ''}`;
}

function emptyText(ctx, count) {
  return ctx.stylize(`<${count} empty item${count > 1 ? 's' : ''}>`, 'undefined');
}

function limit(ctx, length) {
  return Math.min(Math.max(0, ctx.maxArrayLength), length);
}

function formatArray(ctx, value, recurseTimes) {
  const length = value.length;
  const shown = limit(ctx, length);
  const output = [];
  for (let i = 0; i < shown; i++) {
    if (!Object.hasOwn(value, i)) return formatSparseArray(ctx, value, recurseTimes, shown, output, i);
    output.push(core.formatProperty(ctx, value, recurseTimes, i, kArrayType));
  }
  if (length > shown) output.push(remainingText(length - shown));
  return output;
}

const kIndex = /^(0|[1-9][0-9]*)$/;

// From the first hole on: a run of holes is one entry.
function formatSparseArray(ctx, value, recurseTimes, maxLength, output, i) {
  const keys = Object.keys(value);
  let index = i;
  for (; i < keys.length && output.length < maxLength; i++) {
    const key = keys[i];
    // The greatest array index; what follows are properties.
    if (key > 2 ** 32 - 2) break;
    if (`${index}` !== key) {
      if (!kIndex.test(key)) break;
      output.push(emptyText(ctx, key - index));
      index = Number(key);
      if (output.length === maxLength) break;
    }
    output.push(core.formatProperty(ctx, value, recurseTimes, key, kArrayType));
    index++;
  }
  const remaining = value.length - index;
  if (output.length !== maxLength) {
    if (remaining > 0) output.push(emptyText(ctx, remaining));
  } else if (remaining > 0) {
    output.push(remainingText(remaining));
  }
  return output;
}

const kTypedArrayHidden = ['BYTES_PER_ELEMENT', 'length', 'byteLength', 'byteOffset', 'buffer'];

// `value` may be a copy of `original` whose prototype is gone.
function formatTypedArray(value, length, ctx, original, recurseTimes) {
  const shown = limit(ctx, length);
  const output = new Array(shown);
  const format = length > 0 && typeof value[0] === 'number' ? formatNumber : formatBigInt;
  for (let i = 0; i < shown; i++) output[i] = format(ctx.stylize, value[i], ctx.numericSeparator);
  if (length > shown) output[shown] = remainingText(length - shown);
  if (ctx.showHidden) {
    ctx.indentationLvl += 2;
    for (const key of kTypedArrayHidden) {
      output.push(`${ctx.stylize(`[${key}]`, 'string')}: ${core.formatValue(ctx, original[key], recurseTimes, true)}`);
    }
    ctx.indentationLvl -= 2;
  }
  return output;
}

function formatArrayBuffer(ctx, value) {
  let buffer;
  try {
    buffer = new Uint8Array(value);
  } catch {
    return [ctx.stylize('(detached)', 'special')];
  }
  const shown = limit(ctx, buffer.length);
  let text = '';
  for (let i = 0; i < shown; i++) {
    text += `${i === 0 ? '' : ' '}${buffer[i] < 16 ? '0' : ''}${buffer[i].toString(16)}`;
  }
  const remaining = buffer.length - shown;
  if (remaining > 0) text += ` ... ${remaining} more byte${remaining > 1 ? 's' : ''}`;
  return [`${ctx.stylize('[Uint8Contents]', 'special')}: <${text}>`];
}

function formatSet(ctx, value, recurseTimes) {
  const length = value.size;
  const shown = limit(ctx, length);
  const output = [];
  ctx.indentationLvl += 2;
  for (const item of Set.prototype.values.call(value)) {
    if (output.length >= shown) break;
    output.push(core.formatValue(ctx, item, recurseTimes));
  }
  if (length > shown) output.push(remainingText(length - shown));
  ctx.indentationLvl -= 2;
  return output;
}

function formatMap(ctx, value, recurseTimes) {
  const length = value.size;
  const shown = limit(ctx, length);
  const output = [];
  ctx.indentationLvl += 2;
  for (const { 0: key, 1: item } of Map.prototype.entries.call(value)) {
    if (output.length >= shown) break;
    output.push(core.formatValue(ctx, key, recurseTimes) + ' => ' + core.formatValue(ctx, item, recurseTimes));
  }
  if (length > shown) output.push(remainingText(length - shown));
  ctx.indentationLvl -= 2;
  return output;
}

// Items of a set iterator, or of a weak set, whose order means nothing and is therefore sorted.
function formatItems(ctx, recurseTimes, entries, isWeak) {
  const shown = limit(ctx, entries.length);
  const output = new Array(shown);
  ctx.indentationLvl += 2;
  for (let i = 0; i < shown; i++) output[i] = core.formatValue(ctx, entries[i], recurseTimes);
  ctx.indentationLvl -= 2;
  if (isWeak && !ctx.sorted) output.sort();
  if (entries.length > shown) output.push(remainingText(entries.length - shown));
  return output;
}

// Pairs of a flat [key, value, key, value] list: `k => v` of a weak map, `[ k, v ]` of an iterator.
function formatPairs(ctx, recurseTimes, entries, isWeak) {
  const length = entries.length / 2;
  const shown = limit(ctx, length);
  const output = new Array(shown);
  ctx.indentationLvl += 2;
  for (let i = 0; i < shown; i++) {
    const pair = [
      core.formatValue(ctx, entries[i * 2], recurseTimes),
      core.formatValue(ctx, entries[i * 2 + 1], recurseTimes),
    ];
    output[i] = isWeak ? pair.join(' => ') :
      joinEntries(ctx, pair, '', ['[', ']'], kArrayExtrasType, recurseTimes);
  }
  ctx.indentationLvl -= 2;
  if (isWeak && !ctx.sorted) output.sort();
  if (length > shown) output.push(remainingText(length - shown));
  return output;
}

function formatWeakCollection(ctx) {
  return [ctx.stylize('<items unknown>', 'special')];
}

function formatWeakSet(ctx, value, recurseTimes) {
  return formatItems(ctx, recurseTimes, internalBinding('util').previewEntries(value), true);
}

function formatWeakMap(ctx, value, recurseTimes) {
  return formatPairs(ctx, recurseTimes, internalBinding('util').previewEntries(value), true);
}

function formatIterator(braces, ctx, value, recurseTimes) {
  const { 0: entries, 1: isKeyValue } = internalBinding('util').previewEntries(value, true);
  if (isKeyValue) {
    braces[0] = braces[0].replace(/ Iterator] {$/, ' Entries] {');
    return formatPairs(ctx, recurseTimes, entries, false);
  }
  return formatItems(ctx, recurseTimes, entries, false);
}

function formatPromise(ctx, value, recurseTimes) {
  const { 0: state, 1: result } = internalBinding('util').getPromiseDetails(value);
  if (state === kPending) return [ctx.stylize('<pending>', 'special')];
  ctx.indentationLvl += 2;
  const text = core.formatValue(ctx, result, recurseTimes);
  ctx.indentationLvl -= 2;
  return [state === kRejected ? `${ctx.stylize('<rejected>', 'special')} ${text}` : text];
}

// Exports of a module; one that is not initialised yet throws when read. Empties `keys`.
function formatNamespace(keys, ctx, value, recurseTimes) {
  const output = new Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    try {
      output[i] = core.formatProperty(ctx, value, recurseTimes, keys[i], kObjectType);
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      const text = core.formatProperty(ctx, { [keys[i]]: '' }, recurseTimes, keys[i], kObjectType);
      output[i] = text.slice(0, text.lastIndexOf(' ') + 1) + ctx.stylize('<uninitialized>', 'special');
    }
  }
  keys.length = 0;
  return output;
}

module.exports = {
  formatArray,
  formatArrayBuffer,
  formatIterator,
  formatMap,
  formatNamespace,
  formatPromise,
  formatSet,
  formatTypedArray,
  formatWeakCollection,
  formatWeakMap,
  formatWeakSet,
};
