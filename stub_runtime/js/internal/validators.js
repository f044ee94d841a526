'use strict';
// Argument checks of the built-in modules, one throw each, with Node's ERR_* codes.
// A validator's stack starts at the function that called it (hideStackFrames).

const { codes, hideStackFrames } = require('internal/errors');
const {
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_ARG_VALUE,
  ERR_INVALID_THIS,
  ERR_OUT_OF_RANGE,
  ERR_SOCKET_BAD_PORT,
  ERR_UNKNOWN_SIGNAL,
} = codes;

// Variants that do not capture a stack of their own, for use below hideStackFrames().
const ArgType = ERR_INVALID_ARG_TYPE.HideStackFramesError;
const ArgValue = ERR_INVALID_ARG_VALUE.HideStackFramesError;
const OutOfRange = ERR_OUT_OF_RANGE.HideStackFramesError;

function isInt32(value) {
  return value === (value | 0);
}

function isUint32(value) {
  return value === (value >>> 0);
}

const octal = /^[0-7]+$/;

// A file mode: a number, or a string of octal digits.
function parseFileMode(value, name, def) {
  value ??= def;
  if (typeof value === 'string') {
    if (!octal.test(value)) {
      throw new ERR_INVALID_ARG_VALUE(
        name, value, 'must be a 32-bit unsigned integer or an octal string');
    }
    value = parseInt(value, 8);
  }
  validateUint32(value, name);
  return value;
}

const validateInteger = hideStackFrames(
  (value, name, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) => {
    if (typeof value !== 'number') throw new ArgType(name, 'number', value);
    if (!Number.isInteger(value)) throw new OutOfRange(name, 'an integer', value);
    if (value < min || value > max) throw new OutOfRange(name, `>= ${min} && <= ${max}`, value);
  });

const validateInt32 = hideStackFrames((value, name, min = -2147483648, max = 2147483647) => {
  if (typeof value !== 'number') throw new ArgType(name, 'number', value);
  if (!Number.isInteger(value)) throw new OutOfRange(name, 'an integer', value);
  if (value < min || value > max) throw new OutOfRange(name, `>= ${min} && <= ${max}`, value);
});

const validateUint32 = hideStackFrames((value, name, positive = false) => {
  if (typeof value !== 'number') throw new ArgType(name, 'number', value);
  if (!Number.isInteger(value)) throw new OutOfRange(name, 'an integer', value);
  const min = positive ? 1 : 0;
  const max = 4294967295;
  if (value < min || value > max) throw new OutOfRange(name, `>= ${min} && <= ${max}`, value);
});

const validateString = hideStackFrames((value, name) => {
  if (typeof value !== 'string') throw new ArgType(name, 'string', value);
});

const validateStringWithoutNullBytes = hideStackFrames((value, name) => {
  if (typeof value !== 'string') throw new ArgType(name, 'string', value);
  if (value.includes('\u0000')) throw new ArgValue(name, value, 'must be a string without null bytes');
});

const validateNumber = hideStackFrames((value, name, min = undefined, max) => {
  if (typeof value !== 'number') throw new ArgType(name, 'number', value);
  if ((min != null && value < min) || (max != null && value > max) ||
      ((min != null || max != null) && Number.isNaN(value))) {
    const range = `${min != null ? `>= ${min}` : ''}${min != null && max != null ? ' && ' : ''}` +
      `${max != null ? `<= ${max}` : ''}`;
    throw new OutOfRange(name, range, value);
  }
});

const validateOneOf = hideStackFrames((value, name, oneOf) => {
  if (oneOf.includes(value)) return;
  const allowed = oneOf.map((v) => (typeof v === 'string' ? `'${v}'` : String(v))).join(', ');
  throw new ArgValue(name, value, `must be one of: ${allowed}`);
});

const validateBoolean = hideStackFrames((value, name) => {
  if (typeof value !== 'boolean') throw new ArgType(name, 'boolean', value);
});

const kValidateObjectNone = 0;
const kValidateObjectAllowNullable = 1 << 0;
const kValidateObjectAllowArray = 1 << 1;
const kValidateObjectAllowFunction = 1 << 2;
const kValidateObjectAllowObjects = kValidateObjectAllowArray | kValidateObjectAllowFunction;
const kValidateObjectAllowObjectsAndNull =
  kValidateObjectAllowNullable | kValidateObjectAllowArray | kValidateObjectAllowFunction;

const validateObject = hideStackFrames((value, name, options = kValidateObjectNone) => {
  if (value === null) {
    if ((options & kValidateObjectAllowNullable) !== 0) return;
  } else if (typeof value === 'object') {
    if ((options & kValidateObjectAllowArray) !== 0 || !Array.isArray(value)) return;
  } else if (typeof value === 'function' && (options & kValidateObjectAllowFunction) !== 0) {
    return;
  }
  throw new ArgType(name, 'Object', value);
});

// A WebIDL dictionary: nullish, or any object or function.
const validateDictionary = hideStackFrames((value, name) => {
  if (value != null && typeof value !== 'object' && typeof value !== 'function') {
    throw new ArgType(name, 'a dictionary', value);
  }
});

const validateArray = hideStackFrames((value, name, minLength = 0) => {
  if (!Array.isArray(value)) throw new ArgType(name, 'Array', value);
  if (value.length < minLength) throw new ArgValue(name, value, `must be longer than ${minLength}`);
});

// An array whose items pass `validate`; a failing one is named name[i].
function arrayOf(validate) {
  return hideStackFrames((value, name) => {
    validateArray.withoutStackTrace(value, name);
    for (let i = 0; i < value.length; ++i) validate.withoutStackTrace(value[i], `${name}[${i}]`);
  });
}

const validateAbortSignal = hideStackFrames((signal, name) => {
  if (signal !== undefined && (signal === null || typeof signal !== 'object' || !('aborted' in signal))) {
    throw new ArgType(name, 'AbortSignal', signal);
  }
});

const validateAbortSignalArray = hideStackFrames((value, name) => {
  validateArray.withoutStackTrace(value, name);
  for (let i = 0; i < value.length; i++) {
    const itemName = `${name}[${i}]`;
    if (value[i] == null) throw new ArgType(itemName, 'AbortSignal', value[i]);
    validateAbortSignal.withoutStackTrace(value[i], itemName);
  }
});

const validateStringArray = arrayOf(validateString);
const validateBooleanArray = arrayOf(validateBoolean);

const validateSignalName = hideStackFrames((signal, name = 'signal') => {
  validateString.withoutStackTrace(signal, name);
  const { signals } = require('internal/signals');
  if (signals[signal] !== undefined) return;
  if (signals[signal.toUpperCase()] !== undefined) {
    throw new ERR_UNKNOWN_SIGNAL.HideStackFramesError(`${signal} (signals must use all capital letters)`);
  }
  throw new ERR_UNKNOWN_SIGNAL.HideStackFramesError(signal);
});

const validateBuffer = hideStackFrames((buffer, name = 'buffer') => {
  if (!ArrayBuffer.isView(buffer)) throw new ArgType(name, ['Buffer', 'TypedArray', 'DataView'], buffer);
});

// An encoding name that fits the data: hex needs an even number of digits.
function validateEncoding(data, encoding) {
  const { normalizeEncoding } = require('internal/util');
  const { length } = data;
  if (normalizeEncoding(encoding) === 'hex' && length % 2 !== 0) {
    throw new ERR_INVALID_ARG_VALUE('encoding', encoding, `is invalid for data of length ${length}`);
  }
}

// A port number, from a number or a numeric string; gives it back as a number.
const validatePort = hideStackFrames((port, name = 'Port', allowZero = true) => {
  if ((typeof port !== 'number' && typeof port !== 'string') ||
      (typeof port === 'string' && port.trim().length === 0) ||
      +port !== (+port >>> 0) || port > 0xFFFF || (port === 0 && !allowZero)) {
    throw new ERR_SOCKET_BAD_PORT.HideStackFramesError(name, port, allowZero);
  }
  return port | 0;
});

const validateFunction = hideStackFrames((value, name) => {
  if (typeof value !== 'function') throw new ArgType(name, 'Function', value);
});

// A function that is not async: its result would be dropped.
const validatePlainFunction = hideStackFrames((value, name) => {
  if (typeof value !== 'function' || internalBinding('types').isAsyncFunction(value)) {
    throw new ArgType(name, 'Function', value);
  }
});

const validateUndefined = hideStackFrames((value, name) => {
  if (value !== undefined) throw new ArgType(name, 'undefined', value);
});

const validateUnion = hideStackFrames((value, name, union) => {
  if (!union.includes(value)) throw new ArgType(name, `('${union.join('|')}')`, value);
});

// `ignore` of fs.watch(): a glob, a RegExp, a predicate, or an array of these.
const validateIgnoreOption = hideStackFrames((value, name) => {
  if (value == null) return;
  const one = (item, itemName, types) => {
    if (typeof item === 'string') {
      if (item.length === 0) throw new ArgValue(itemName, item, 'must be a non-empty string');
    } else if (!internalBinding('types').isRegExp(item) && typeof item !== 'function') {
      throw new ArgType(itemName, types, item);
    }
  };
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) one(value[i], `${name}[${i}]`, ['string', 'RegExp', 'Function']);
  } else {
    one(value, name, ['string', 'RegExp', 'Function']);
  }
});

const linkValue = /^(?:<[^>\r\n]*>)(?:\s*;\s*[^;"\s]+(?:=(")?[^;"\s]*\1)?)*$/;

function linkHeaderFormat(value, name) {
  if (value === undefined || !linkValue.test(value)) {
    throw new ERR_INVALID_ARG_VALUE(name, value,
      'must be an array or string of format "</styles.css>; rel=preload; as=style"');
  }
}

// The Link header of 103 Early Hints, from one string or an array of them.
function validateLinkHeaderValue(hints) {
  if (typeof hints === 'string') {
    linkHeaderFormat(hints, 'hints');
    return hints;
  }
  if (Array.isArray(hints)) {
    for (const link of hints) linkHeaderFormat(link, 'hints');
    return hints.join(', ');
  }
  throw new ERR_INVALID_ARG_VALUE('hints', hints,
    'must be an array or string of format "</styles.css>; rel=preload; as=style"');
}

const validateThisInternalField = hideStackFrames((object, fieldKey, className) => {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, fieldKey)) {
    throw new ERR_INVALID_THIS.HideStackFramesError(className);
  }
});

// False for "not given" (undefined, NaN), true for a finite number; anything else throws.
const validateFiniteNumber = hideStackFrames((number, name) => {
  if (number === undefined) return false;
  if (Number.isFinite(number)) return true;
  if (Number.isNaN(number)) return false;
  if (typeof number !== 'number') throw new ArgType(name, 'number', number);
  throw new OutOfRange(name, 'a finite number', number);
});

const checkRangesOrGetDefault = hideStackFrames((number, name, lower, upper, def) => {
  if (!validateFiniteNumber.withoutStackTrace(number, name)) return def;
  if (number < lower || number > upper) throw new OutOfRange(name, `>= ${lower} and <= ${upper}`, number);
  return number;
});

module.exports = {
  checkRangesOrGetDefault,
  isInt32,
  isUint32,
  kValidateObjectAllowArray,
  kValidateObjectAllowFunction,
  kValidateObjectAllowNullable,
  kValidateObjectAllowObjects,
  kValidateObjectAllowObjectsAndNull,
  kValidateObjectNone,
  parseFileMode,
  validateAbortSignal,
  validateAbortSignalArray,
  validateArray,
  validateBoolean,
  validateBooleanArray,
  validateBuffer,
  validateDictionary,
  validateEncoding,
  validateFiniteNumber,
  validateFunction,
  validateIgnoreOption,
  validateInt32,
  validateInteger,
  validateLinkHeaderValue,
  validateNumber,
  validateObject,
  validateOneOf,
  validatePlainFunction,
  validatePort,
  validateSignalName,
  validateString,
  validateStringArray,
  validateStringWithoutNullBytes,
  validateThisInternalField,
  validateUint32,
  validateUndefined,
  validateUnion,
};
