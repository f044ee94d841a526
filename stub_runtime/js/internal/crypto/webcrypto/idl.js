'use strict';
// Arguments of Web Crypto by the rules of Web IDL: plain types, enumerations, sequences, dictionaries.
// The dictionaries of algorithms are in `internal/crypto/webcrypto/parameters`.

const { isCryptoKey } = require('internal/crypto/keys');
const { isArrayBuffer, isSharedArrayBuffer, isUint8Array } = require('internal/util/types');

// options: { prefix, context, code }
function conversionError(message, { prefix, context = 'Value', code = 'ERR_INVALID_ARG_TYPE' }) {
  const error = new TypeError(`${prefix ? `${prefix}: ` : ''}${context === '' ? '' : `${context} `}${message}`);
  error.code = code;
  return error;
}

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function DOMString(value, options) {
  if (typeof value === 'symbol') throw conversionError('is a Symbol and cannot be converted to a string.', options);
  return String(value);
}

// An unsigned integer of so many bits, [EnforceRange].
function integer(bits) {
  const max = 2 ** bits - 1;
  return (value, options) => {
    if (typeof value === 'bigint') throw conversionError('is a BigInt and cannot be converted to a number.', options);
    if (typeof value === 'symbol') throw conversionError('is a Symbol and cannot be converted to a number.', options);
    const number = +value;
    if (!Number.isFinite(number)) throw conversionError('is not a finite number.', options);
    const whole = Math.trunc(number) + 0;
    if (whole < 0 || whole > max) {
      throw conversionError(`is outside the expected range of 0 to ${max}.`, { ...options, code: 'ERR_OUT_OF_RANGE' });
    }
    return whole;
  };
}

function enumeration(name, values) {
  const known = new Set(values);
  return (value, options) => {
    const text = DOMString(value, options);
    if (known.has(text)) return text;
    throw conversionError(`'${text}' is not a valid enum value of type ${name}.`,
                          { ...options, code: 'ERR_INVALID_ARG_VALUE' });
  };
}

function sequence(convert) {
  return (value, options) => {
    const method = isObject(value) ? value[Symbol.iterator] : undefined;
    if (typeof method !== 'function') throw conversionError('cannot be converted to sequence.', options);
    const iterator = Reflect.apply(method, value, []);
    const next = isObject(iterator) ? iterator.next : undefined;
    if (typeof next !== 'function') throw conversionError('cannot be converted to sequence.', options);
    const out = [];
    for (;;) {
      const step = Reflect.apply(next, iterator, []);
      if (!isObject(step)) throw conversionError('cannot be converted to sequence.', options);
      if (step.done) return out;
      out.push(convert(step.value, { ...options, context: `${options.context ?? 'Value'}[${out.length}]` }));
    }
  };
}

function BufferSource(value, options) {
  if (ArrayBuffer.isView(value)) {
    if (isSharedArrayBuffer(value.buffer)) throw conversionError('is a view on a SharedArrayBuffer, which is not allowed.', options);
    return value;
  }
  if (isArrayBuffer(value)) return value;
  throw conversionError('is not instance of ArrayBuffer, Buffer, TypedArray, or DataView.', options);
}

// A number as bytes, of any length.
function BigInteger(value, options) {
  if (isUint8Array(value)) return BufferSource(value, options);
  throw conversionError('is not an Uint8Array object.', options);
}

function CryptoKey(value, options) {
  if (isCryptoKey(value)) return value;
  throw conversionError('is not of type CryptoKey.', options);
}

function AlgorithmIdentifier(value, options) {
  return isObject(value) ? value : DOMString(value, options);
}

// `levels` is one table of members for each dictionary in the line of inheritance, the oldest first:
// { name: { convert, required, check(value, dictionary) } }. Members are read by name within a level.
function dictionary(name, ...levels) {
  const members = levels.flatMap((level) => Object.keys(level).sort().map((key) => [key, level[key]]));
  return (value, options) => {
    if (value !== undefined && value !== null && !isObject(value)) {
      throw conversionError('cannot be converted to a dictionary', options);
    }
    const out = { __proto__: null };
    for (const [key, { convert, required, check }] of members) {
      const member = value === undefined || value === null ? undefined : value[key];
      if (member !== undefined) {
        const context = options.context ? `${key} in ${options.context}` : key;
        const converted = convert(member, { ...options, context });
        check?.(converted, value);
        out[key] = converted;
      } else if (required) {
        throw conversionError(
          `cannot be converted to '${name}' because '${key}' is required in '${name}'.`,
          { ...options, code: 'ERR_MISSING_OPTION' });
      }
    }
    return out;
  };
}

function requiredArguments(count, required, prefix) {
  if (count >= required) return;
  throw conversionError(`${required} argument${required === 1 ? '' : 's'} required, but only ${count} present.`,
                        { prefix, context: '', code: 'ERR_MISSING_ARGS' });
}

const KeyFormat = enumeration('KeyFormat', [
  'raw', 'raw-public', 'raw-seed', 'raw-secret', 'raw-private', 'pkcs8', 'spki', 'jwk',
]);

const KeyUsages = sequence(enumeration('KeyUsage', [
  'encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey',
  'encapsulateBits', 'decapsulateBits', 'encapsulateKey', 'decapsulateKey',
]));

const text = { convert: DOMString };

function texts(names) {
  return Object.fromEntries(names.split(' ').map((name) => [name, text]));
}

const JsonWebKey = dictionary('JsonWebKey', {
  ...texts('kty use alg crv x y d n e p q dp dq qi k pub priv'),
  key_ops: { convert: sequence(DOMString) },
  ext: { convert: (value) => !!value },
  oth: { convert: sequence(dictionary('RsaOtherPrimesInfo', texts('r d t'))) },
});

module.exports = {
  AlgorithmIdentifier,
  BigInteger,
  BufferSource,
  CryptoKey,
  DOMString,
  JsonWebKey,
  KeyFormat,
  KeyUsages,
  boolean: (value) => !!value,
  dictionary,
  octet: integer(8),
  requiredArguments,
  unsignedLong: integer(32),
  unsignedShort: integer(16),
};
