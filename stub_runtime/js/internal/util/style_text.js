'use strict';
// util.styleText(): text in the colours and styles of util.inspect.colors.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { validateBoolean, validateObject, validateOneOf, validateString } = require('internal/validators');
const { inspect } = require('internal/util/inspect');

const kHexColor = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
// "Not bold" and "not dim" are one code: where it stands inside a styled text it must be kept.
const kSharedClose = 22;

// SGR parameters [open, close] of a format.
function codesOf(format) {
  if (typeof format === 'string' && format[0] === '#') {
    if (!kHexColor.test(format)) {
      throw new ERR_INVALID_ARG_VALUE('format', format, 'must be a valid hex color (#RGB or #RRGGBB)');
    }
    let digits = format.slice(1);
    if (digits.length === 3) digits = digits.replace(/./g, '$&$&');
    const value = parseInt(digits, 16);
    return [`38;2;${value >> 16};${(value >> 8) & 255};${value & 255}`, 39];
  }
  const codes = inspect.colors[format];
  if (codes === undefined) validateOneOf(format, 'format', Object.getOwnPropertyNames(inspect.colors));
  return codes;
}

function isStream(value) {
  const { isNodeStream, isReadableStream, isWritableStream } = require('internal/streams/utils');
  return isReadableStream(value) || isWritableStream(value) || isNodeStream(value);
}

// `text` so that it can stand in a style: a nested text that ends this style must not end it for the rest.
function reopened(text, start, end, close) {
  if (text.includes(end)) {
    const parts = text.split(end);
    const last = parts.pop();
    const reopen = close === kSharedClose ? `${end}${start}` : start;
    return parts.join(reopen) + (last === '' ? end : `${reopen}${last}`);
  }
  return text;
}

// options: { validateStream, stream }; by default no escapes where process.stdout shows none.
function styleText(format, text, options = undefined) {
  const validateStream = options?.validateStream ?? true;
  if (!validateStream && typeof format === 'string' && typeof text === 'string') {
    if (format === 'none') return text;
    const { 0: open, 1: close } = codesOf(format);
    const start = `\u001b[${open}m`;
    const end = `\u001b[${close}m`;
    return `${start}${reopened(text, start, end, close)}${end}`;
  }
  validateString(text, 'text');
  if (options !== undefined) validateObject(options, 'options');
  validateBoolean(validateStream, 'options.validateStream');

  let plain = false;
  if (validateStream) {
    const stream = options?.stream ?? process.stdout;
    if (!isStream(stream)) {
      throw new ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
    }
    plain = !require('internal/util/colors').shouldColorize(stream);
  }

  let left = '';
  let right = '';
  let inner = text;
  for (const key of Array.isArray(format) ? format : [format]) {
    if (key === 'none') continue;
    const { 0: open, 1: close } = codesOf(key);
    if (plain) continue;
    const start = `\u001b[${open}m`;
    const end = `\u001b[${close}m`;
    inner = reopened(inner, start, end, close);
    left += start;
    right = `${end}${right}`;
  }
  return plain ? text : `${left}${inner}${right}`;
}

module.exports = { styleText };
