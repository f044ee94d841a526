'use strict';
// Owns: the default high water marks.

const { validateInteger } = require('internal/validators');
const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');

let bytesMark = 64 * 1024;
let objectsMark = 16;

function getDefaultHighWaterMark(objectMode) {
  return objectMode ? objectsMark : bytesMark;
}

function setDefaultHighWaterMark(objectMode, value) {
  validateInteger(value, 'value', 0);
  if (objectMode) objectsMark = value;
  else bytesMark = value;
}

// `duplexKey` is the option that only a Duplex reads for this side.
function getHighWaterMark(state, options, duplexKey, isDuplex) {
  const value = options.highWaterMark ?? (isDuplex ? options[duplexKey] : null);
  if (value == null) return getDefaultHighWaterMark(state.objectMode);
  if (!Number.isInteger(value) || value < 0) {
    const name = isDuplex ? `options.${duplexKey}` : 'options.highWaterMark';
    throw new ERR_INVALID_ARG_VALUE(name, value);
  }
  return Math.floor(value);
}

module.exports = { getHighWaterMark, getDefaultHighWaterMark, setDefaultHighWaterMark };
