'use strict';
// Text helpers of util.inspect: quoting and escaping strings, numbers with separators, removing escape
// codes.

const { addNumericalSeparator } = require('internal/errors');
const { validateString } = require('internal/validators');
const { textWidth } = require('internal/util/inspect/width');

/* eslint-disable no-control-regex */
const kNeedsEscape = /[\x00-\x1f\x27\x5c\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const kEscape = new RegExp(kNeedsEscape, 'g');
const kNeedsEscapeNoSingle = /[\x00-\x1f\x5c\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const kEscapeNoSingle = new RegExp(kNeedsEscapeNoSingle, 'g');
/* eslint-enable no-control-regex */

const kShort = {
  '__proto__': null,
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '\\': '\\\\',
  "'": "\\'",
};

function escapeOne(char) {
  const short = kShort[char];
  if (short !== undefined) return short;
  const code = char.charCodeAt(0);
  if (code > 0xff) return `\\u${code.toString(16)}`;
  return `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`;
}

// Strings up to this length are looked at by character: a call of a regular expression takes longer.
const kShortLength = 24;

// Whether a string is one that both expressions above pass: printable ASCII without quotes and backslashes.
function isPlain(str) {
  if (str.length > kShortLength) return false;
  for (let i = 0; i < str.length; i++) {
    const code = str.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x27 || code === 0x5c) return false;
  }
  return true;
}

const kIdentifier = /^[a-zA-Z_][a-zA-Z_0-9]*$/;

// Whether a property's name needs no quotes.
function isIdentifier(name) {
  if (name.length > kShortLength) return kIdentifier.test(name);
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a || code === 0x5f;
    if (!letter && (i === 0 || code < 0x30 || code > 0x39)) return false;
  }
  return name.length !== 0;
}

// `str` as a literal: single quotes, or the first of " and ` that needs no escaping.
function quote(str) {
  if (isPlain(str)) return "'" + str + "'";
  let needs = kNeedsEscape;
  let pattern = kEscape;
  let mark = "'";
  if (str.includes("'")) {
    if (!str.includes('"')) mark = '"';
    else if (!str.includes('`') && !str.includes('${')) mark = '`';
    if (mark !== "'") {
      needs = kNeedsEscapeNoSingle;
      pattern = kEscapeNoSingle;
    }
  }
  if (!needs.test(str)) return mark + str + mark;
  return `${mark}${str.replace(pattern, escapeOne)}${mark}`;
}

// The same escapes without quotes, for names in brackets.
function escapeName(str) {
  return str.replace(kEscape, escapeOne);
}

// Control sequences of terminals: commands (ESC ]) to their end, then what begins with ESC or CSI and has numbers and one last
// character.
const kAnsi = new RegExp(
  '\\u001B\\][^]*?(?:\\u0007|\\u001B\\\\|\\u009C)' +
  '|[\\u001B\\u009B][[\\]()#;?]*(?:\\d{1,4}(?:[;:]\\d{0,4})*)?[\\dA-PR-TZcf-nq-uy=><~]', 'g');

function stripVTControlCharacters(str) {
  validateString(str, 'str');
  // Most strings have neither ESC nor CSI.
  if (!str.includes('\u001B') && !str.includes('\u009B')) return str;
  return str.replace(kAnsi, '');
}

// Columns that a terminal gives to `str`.
function getStringWidth(str, removeControlChars = true) {
  return textWidth(removeControlChars ? stripVTControlCharacters(str) : str);
}

// '0001234' -> '000_123_4': separators of the digits after the point.
function separateFraction(text) {
  let result = '';
  let i = 0;
  for (; i + 3 < text.length; i += 3) result += `${text.slice(i, i + 3)}_`;
  return result + text.slice(i);
}

function formatNumber(stylize, number, numericSeparator) {
  if (!numericSeparator) {
    return stylize(Object.is(number, -0) ? '-0' : `${number}`, 'number');
  }
  const text = Object.is(number, -0) ? '-0' : String(number);
  if (!Number.isFinite(number) || text.includes('e')) return stylize(text, 'number');
  const point = text.indexOf('.');
  if (point === -1) return stylize(addNumericalSeparator(text), 'number');
  return stylize(
    `${addNumericalSeparator(text.slice(0, point))}.${separateFraction(text.slice(point + 1))}`, 'number');
}

function formatBigInt(stylize, bigint, numericSeparator) {
  const text = String(bigint);
  return stylize(`${numericSeparator ? addNumericalSeparator(text) : text}n`, 'bigint');
}

module.exports = {
  escapeName,
  formatBigInt,
  formatNumber,
  getStringWidth,
  isIdentifier,
  quote,
  stripVTControlCharacters,
};
