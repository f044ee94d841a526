'use strict';
// HMAC and KMAC: keys, signatures.

const { getCryptoKeyAlgorithm, getCryptoKeyHandle } = require('internal/crypto/keys');
const { digestNumber, timingSafeEqual } = require('internal/crypto/util');
const { cryptoKey, exportJwkMembers, keyObject, parseSecret } = require('internal/crypto/webcrypto/keys');
const {
  arrayBufferOf,
  checkJwk,
  checkJwkAlg,
  checkUsages,
  failed,
  hashes,
  invalidData,
  job,
  notSupported,
  numBitsToBytes,
  truncateToBits,
  usagesNotEmpty,
} = require('internal/crypto/webcrypto/support');

const allowed = ['sign', 'verify'];
const isHmac = (name) => name === 'HMAC';

function defaultLength({ name, hash }) {
  if (!isHmac(name)) return name === 'KMAC128' ? 128 : 256;
  if (hash.name.startsWith('SHA3-')) throw notSupported('Explicit algorithm length member is required');
  return hashes[hash.name].block;
}

const jwkName = ({ name, hash }) => isHmac(name) ? hashes[hash.name].hmac : `K${name.slice(4)}`;

const keyAlgorithm = ({ name, hash }, length) => isHmac(name) ? { name, length, hash } : { name, length };

function generateKey(algorithm, extractable, usages) {
  const length = algorithm.length ?? defaultLength(algorithm);
  const set = usagesNotEmpty(checkUsages(usages, allowed, algorithm.name));
  return job((done) => {
    const bytes = new Uint8Array(numBitsToBytes(length));
    internalBinding('crypto_random').fill(bytes, 0, bytes.length, (error) => {
      if (error) {
        done(error);
        return;
      }
      const object = parseSecret(truncateToBits(length, bytes));
      done(null, cryptoKey(object, keyAlgorithm(algorithm, length), set, extractable));
    });
  });
}

function importKey(format, data, algorithm, extractable, usages) {
  const { name } = algorithm;
  const set = checkUsages(usages, allowed, name);
  let object;
  switch (format) {
    case 'raw':
      if (!isHmac(name)) return undefined;
      // Fall through
    case 'raw-secret':
      object = parseSecret(data, format);
      break;
    case 'jwk':
      checkJwk(data, 'oct', extractable, set, 'sig');
      checkJwkAlg(data, jwkName(algorithm));
      object = parseSecret(data, format);
      break;
    case 'KeyObject':
      object = data;
      break;
    default:
      return undefined;
  }
  const size = object.symmetricKeySize;
  if (size === 0 && isHmac(name)) throw invalidData('Zero-length key is not supported');
  let length = size * 8;
  if (algorithm.length !== undefined) {
    length = algorithm.length;
    if (numBitsToBytes(length) !== size) throw invalidData('Invalid key length');
    if (length % 8 !== 0) object = parseSecret(truncateToBits(length, object.export()));
  }
  return cryptoKey(object, keyAlgorithm(algorithm, length), set, extractable);
}

function exportKey(format, key) {
  const algorithm = getCryptoKeyAlgorithm(key);
  if (format === 'jwk') return [exportJwkMembers(key), jwkName(algorithm)];
  if (format === 'raw-secret' || (format === 'raw' && isHmac(algorithm.name))) {
    return arrayBufferOf(keyObject(key).export());
  }
  return undefined;
}

function sign({ name, customization, outputLength }, key, data) {
  const handle = getCryptoKeyHandle(key);
  if (isHmac(name)) {
    const number = digestNumber(hashes[getCryptoKeyAlgorithm(key).hash.name].node);
    return job((done) => internalBinding('crypto_mac').hmacJob(number, handle, data, done));
  }
  const { length } = getCryptoKeyAlgorithm(key);
  return job((done) => internalBinding('crypto_keccak').kmac(
    name === 'KMAC128' ? 128 : 256, handle, length, customization, outputLength, data, done));
}

async function verify(algorithm, key, signature, data) {
  // Compared with what was given when the operation began.
  const given = new Uint8Array(arrayBufferOf(new Uint8Array(signature.buffer ?? signature,
                                                            signature.byteOffset, signature.byteLength)));
  const made = await sign(algorithm, key, data);
  return made.byteLength === given.byteLength && timingSafeEqual(made, given);
}

function keyLength(algorithm) {
  const { name, length } = algorithm;
  if (length === undefined) return defaultLength(algorithm);
  if (isHmac(name) && length === 0) throw failed('Invalid key length');
  return length;
}

module.exports = { exportKey, generateKey, importKey, keyLength, sign, verify };
