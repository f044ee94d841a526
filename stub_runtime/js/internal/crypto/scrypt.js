'use strict';
// scrypt() and scryptSync(). The work is native (`crypto_kdf`).

const { codes: { ERR_INCOMPATIBLE_OPTION_PAIR } } = require('internal/errors');
const { getArrayBufferOrView, keyCallback, outputBuffer } = require('internal/crypto/util');
const { validateFunction, validateInt32, validateInteger, validateUint32 } = require('internal/validators');
const native = internalBinding('crypto_kdf');

const defaults = { N: 16384, r: 8, p: 1, maxmem: 32 << 20 };

// Short and long names of the same parameter.
const names = [['N', 'cost'], ['r', 'blockSize'], ['p', 'parallelization']];

function parameters(options) {
  const out = { ...defaults };
  if (!options) return out;
  for (const [short, long] of names) {
    if (options[short] !== undefined) {
      out[short] = options[short];
      validateUint32(out[short], short);
    }
    if (options[long] !== undefined) {
      if (options[short] !== undefined) throw new ERR_INCOMPATIBLE_OPTION_PAIR(short, long);
      out[short] = options[long];
      validateUint32(out[short], long);
    }
  }
  if (options.maxmem !== undefined) {
    out.maxmem = options.maxmem;
    validateInteger(out.maxmem, 'maxmem', 0);
  }
  for (const name of Object.keys(defaults)) if (out[name] === 0) out[name] = defaults[name];
  return out;
}

// The arguments as native code takes them.
function check(password, salt, keylen, options) {
  password = getArrayBufferOrView(password, 'password');
  salt = getArrayBufferOrView(salt, 'salt');
  validateInt32(keylen, 'keylen', 0);
  const { N, r, p, maxmem } = parameters(options);
  return [password, salt, N, r, p, maxmem, keylen];
}

function scrypt(password, salt, keylen, options, callback = defaults) {
  if (callback === defaults) {
    callback = options;
    options = undefined;
  }
  const args = check(password, salt, keylen, options);
  validateFunction(callback, 'callback');
  native.scrypt(...args, keyCallback('SCRYPTREQUEST', callback));
}

function scryptSync(password, salt, keylen, options = defaults) {
  return outputBuffer(native.scrypt(...check(password, salt, keylen, options)));
}

module.exports = { scrypt, scryptSync };
