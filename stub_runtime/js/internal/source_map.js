'use strict';
// Source maps, version 3. Owns: class SourceMap (decoding, look-ups), as `node:module` documents it. Does not own: which file has
// which map (`source_map/enabled.js` for maps that a program names, `source_map/embedded.js` for those that `pack build` made).

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateObject } = require('internal/validators');

const kDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const kSemicolon = 0x3b;
const kComma = 0x2c;
let digits;

function tableOfDigits() {
  const table = new Int8Array(128).fill(-1);
  for (let i = 0; i < kDigits.length; i++) table[kDigits.charCodeAt(i)] = i;
  return table;
}

// The fields of one segment, at most five, from `at` on; gives the place after it.
function readSegment(text, at, fields) {
  let count = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === kComma || code === kSemicolon) break;
    let value = 0;
    let shift = 0;
    let digit;
    do {
      digit = digits[text.charCodeAt(at++)] ?? -1;
      if (digit < 0) break;
      value |= (digit & 31) << shift;
      shift += 5;
    } while (digit & 32);
    // Zero with a sign is the smallest number there is.
    const magnitude = value >>> 1;
    const signed = (value & 1) === 0 ? magnitude : magnitude === 0 ? -2147483648 : -magnitude;
    if (count < 5) fields[count] = signed;
    count++;
  }
  fields.length = count;
  return at;
}

// Appends what `map` says to `entries`, each [generatedLine, generatedColumn, source, originalLine, originalColumn, name].
function decode(map, line, column, entries) {
  digits ??= tableOfDigits();
  const { mappings, sources, names = [] } = map;
  const fields = [];
  let [source, originalLine, originalColumn, name] = [0, 0, 0, 0];
  let at = 0;
  while (at < mappings.length) {
    const code = mappings.charCodeAt(at);
    if (code === kSemicolon) {
      line++;
      column = 0;
      at++;
      continue;
    }
    if (code === kComma) {
      at++;
      continue;
    }
    at = readSegment(mappings, at, fields);
    column += fields[0];
    if (fields.length < 4) {
      entries.push([line, column]);
      continue;
    }
    source += fields[1];
    originalLine += fields[2];
    originalColumn += fields[3];
    if (fields.length > 4) name += fields[4];
    entries.push([line, column, sources[source], originalLine, originalColumn, fields.length > 4 ? names[name] : undefined]);
  }
}

function clone(payload) {
  const copy = { ...payload };
  for (const key of Object.keys(copy)) {
    if (Array.isArray(copy[key])) copy[key] = copy[key].slice();
  }
  return copy;
}

class SourceMap {
  #payload;
  #lineLengths;
  #entries;

  constructor(payload, { lineLengths } = {}) {
    if (typeof payload !== 'object' || payload === null) throw new ERR_INVALID_ARG_TYPE('payload', 'Object', payload);
    validateObject(payload, 'payload');
    this.#payload = clone(payload);
    this.#lineLengths = Array.isArray(lineLengths) ? lineLengths.slice() : undefined;
    this.#entries = [];
    if (payload.sections) {
      for (const { map, offset } of payload.sections) decode(map, offset.line, offset.column, this.#entries);
    } else {
      decode(payload, 0, 0, this.#entries);
    }
    this.#entries.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  }

  get payload() {
    return clone(this.#payload);
  }

  get lineLengths() {
    return this.#lineLengths?.slice();
  }

  // Both from 0. The entry at this place or, where there is none, the last one before it.
  findEntry(lineOffset, columnOffset) {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const [line, column] = this.#entries[middle];
      if (line < lineOffset || (line === lineOffset && column <= columnOffset)) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return {};
    const [generatedLine, generatedColumn, originalSource, originalLine, originalColumn, name] = this.#entries[low - 1];
    return { generatedLine, generatedColumn, originalSource, originalLine, originalColumn, name };
  }

  // Both from 1, as in a stack trace.
  findOrigin(lineNumber, columnNumber) {
    const entry = this.findEntry(lineNumber - 1, columnNumber - 1);
    if (entry.originalSource === undefined || entry.originalLine === undefined || entry.originalColumn === undefined) return {};
    // What lies behind the start of an entry is as far behind its origin.
    const lines = lineNumber - entry.generatedLine;
    const columns = columnNumber - entry.generatedColumn;
    return {
      name: entry.name,
      fileName: entry.originalSource,
      lineNumber: entry.originalLine + lines,
      columnNumber: entry.originalColumn + columns,
    };
  }
}

module.exports = { SourceMap };
