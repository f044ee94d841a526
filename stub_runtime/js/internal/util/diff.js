'use strict';
// util.diff(): the edit script from one text or list of lines to another.

const { validateStringArray } = require('internal/validators');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');

function sequence(value, name) {
  if (typeof value === 'string') return value.split('');
  if (!Array.isArray(value)) throw new ERR_INVALID_ARG_TYPE(name, 'string', value);
  validateStringArray(value, name);
  return value;
}

// [operation, text] pairs: 0 in both, 1 in `actual` only, -1 in `expected` only.
function diff(actual, expected) {
  if (actual === expected) return [];
  const left = sequence(actual, 'actual');
  const right = sequence(expected, 'expected');
  return require('internal/assert/myers_diff').myersDiff(left, right).reverse();
}

module.exports = { diff };
