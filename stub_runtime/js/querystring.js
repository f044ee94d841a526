'use strict';
// node:querystring. Percent-encoding is in `internal/querystring`.

const { encodeStr, hexTable, isQueryCharacter } = require('internal/querystring');
const { charCodeAt, includes, indexOf, slice } = require('internal/string_methods');

const PLUS = 43;

// The value of a hexadecimal digit, or -1.
function hexValue(code) {
  if (code >= 48 && code <= 57) return code - 48;
  code |= 32;
  return code >= 97 && code <= 102 ? code - 87 : -1;
}

// (string, decodeSpaces) => Buffer. A `%` that two hexadecimal digits do not follow stays.
function unescapeBuffer(s, decodeSpaces) {
  const { Buffer } = require('buffer');
  const out = Buffer.allocUnsafe(s.length);
  let size = 0;
  for (let i = 0; i < s.length; i++) {
    let code = charCodeAt(s, i);
    if (code === PLUS && decodeSpaces) {
      code = 32;
    } else if (code === 37 && i + 2 < s.length) {
      const high = hexValue(charCodeAt(s, i + 1));
      const low = hexValue(charCodeAt(s, i + 2));
      if (high >= 0 && low >= 0) {
        code = high * 16 + low;
        i += 2;
      }
    }
    out[size++] = code;
  }
  return size === out.length ? out : out.slice(0, size);
}

function qsUnescape(s, decodeSpaces) {
  try {
    return decodeURIComponent(s);
  } catch {
    return QueryString.unescapeBuffer(s, decodeSpaces).toString();
  }
}

function qsEscape(str) {
  if (typeof str !== 'string') {
    if (typeof str === 'object') str = String(str);
    else str += '';
  }
  return encodeStr(str, isQueryCharacter, hexTable);
}

function stringifyPrimitive(v) {
  switch (typeof v) {
    case 'string': return v;
    case 'number': return Number.isFinite(v) ? `${v}` : '';
    case 'bigint': return `${v}`;
    case 'boolean': return v ? 'true' : 'false';
    default: return '';
  }
}

// What stands for a value.
function encoded(value, encode) {
  if (typeof value === 'string') return encode(value);
  const text = stringifyPrimitive(value);
  // Numbers and the like need no escaping, except for the plus of `1e+21`.
  return encode === qsEscape && !includes(text, '+') ? text : encode(text);
}

// (object, separator = '&', assignment = '=', { encodeURIComponent }) => string
function stringify(obj, sep, eq, options) {
  sep ||= '&';
  eq ||= '=';
  let encode = QueryString.escape;
  if (options && typeof options.encodeURIComponent === 'function') encode = options.encodeURIComponent;
  if (obj === null || typeof obj !== 'object') return '';
  let out = '';
  for (const key of Object.keys(obj)) {
    const value = obj[key];
    const name = encode(key) + eq;
    if (Array.isArray(value)) {
      if (value.length === 0) continue;
      for (let j = 0; j < value.length; j++) {
        if (out !== '') out += sep;
        out += name + encoded(value[j], encode);
      }
    } else {
      if (out !== '') out += sep;
      out += name + encoded(value, encode);
    }
  }
  return out;
}

function addKeyVal(obj, key, value, keyEncoded, valueEncoded, decode) {
  if (key.length > 0 && keyEncoded) key = decodeStr(key, decode);
  if (value.length > 0 && valueEncoded) value = decodeStr(value, decode);
  const current = obj[key];
  if (current === undefined) obj[key] = value;
  else if (Array.isArray(current)) current[current.length] = value;
  else obj[key] = [current, value];
}

function decodeStr(s, decoder) {
  try {
    return decoder(s);
  } catch {
    return QueryString.unescape(s, true);
  }
}

// Whether decoding would change `s`: it holds an escape, or a decoder of the user's wants to see it.
function hasEscape(s) {
  for (let i = indexOf(s, '%'); i !== -1 && i + 2 < s.length; i = indexOf(s, '%', i + 1)) {
    if (hexValue(charCodeAt(s, i + 1)) >= 0 && hexValue(charCodeAt(s, i + 2)) >= 0) return true;
  }
  return false;
}

// (string, separator = '&', assignment = '=', { maxKeys = 1000, decodeURIComponent })
function parse(qs, sep, eq, options) {
  const obj = { __proto__: null };
  if (typeof qs !== 'string' || qs.length === 0) return obj;
  sep = sep ? `${sep}` : '&';
  eq = eq ? `${eq}` : '=';
  let pairs = 1000;
  // 0 and what is not finite mean no limit.
  if (options && typeof options.maxKeys === 'number') pairs = options.maxKeys;
  pairs = pairs > 0 && Number.isFinite(pairs) ? pairs : Infinity;
  let decode = QueryString.unescape;
  if (options && typeof options.decodeURIComponent === 'function') decode = options.decodeURIComponent;
  const custom = decode !== qsUnescape;
  let escape = indexOf(qs, '%'); // The next one
  const spaced = includes(qs, '+');

  let start = 0;
  while (start <= qs.length && pairs > 0) {
    // An empty separator is never found.
    let end = sep === '' ? -1 : indexOf(qs, sep, start);
    if (end === -1) end = qs.length;
    if (end > start) {
      let split = indexOf(qs, eq, start);
      if (split === -1 || split + eq.length > end) split = -1;
      let key = slice(qs, start, split === -1 ? end : split);
      let value = split === -1 ? '' : slice(qs, split + eq.length, end);
      let keyEncoded = custom;
      let valueEncoded = custom;
      if (!custom && escape !== -1 && escape < end) {
        keyEncoded = hasEscape(key);
        valueEncoded = hasEscape(value);
        escape = indexOf(qs, '%', end);
      }
      if (spaced) {
        const space = custom ? '%20' : ' ';
        key = key.replaceAll('+', space);
        value = value.replaceAll('+', space);
      }
      addKeyVal(obj, key, value, keyEncoded, valueEncoded, decode);
    }
    pairs--; // Node counts empty ones too
    start = end + (sep.length || 1);
  }
  return obj;
}

const QueryString = module.exports = {
  unescapeBuffer,
  unescape: qsUnescape,
  escape: qsEscape,
  stringify,
  encode: stringify,
  parse,
  decode: parse,
};
