'use strict';
// AES in its modes and ChaCha20-Poly1305: keys, encryption, key wrapping.

const { getCryptoKeyAlgorithm, getCryptoKeyHandle } = require('internal/crypto/keys');
const { cryptoKey, exportJwkMembers, keyObject, parseSecret } = require('internal/crypto/webcrypto/keys');
const {
  arrayBufferOf,
  checkJwk,
  checkJwkAlg,
  checkUsages,
  failed,
  invalidData,
  job,
  operationFailed,
  usagesNotEmpty,
} = require('internal/crypto/webcrypto/support');
const { viewBytes } = require('internal/crypto/util');
const native = internalBinding('crypto_cipher');

const cipherUsages = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
const wrapUsages = ['wrapKey', 'unwrapKey'];

const usagesOf = (name) => name === 'AES-KW' ? wrapUsages : cipherUsages;

// (bits of the key) => what JWKs call it
const jwkNames = {
  '__proto__': null,
  'AES-CBC': (length) => `A${length}CBC`,
  'AES-CTR': (length) => `A${length}CTR`,
  'AES-GCM': (length) => `A${length}GCM`,
  'AES-KW': (length) => `A${length}KW`,
  'AES-OCB': (length) => `A${length}OCB`,
  'ChaCha20-Poly1305': () => 'C20P',
};

const isChaCha = (name) => name === 'ChaCha20-Poly1305';
// Names that 'raw' existed before: newer algorithms know 'raw-secret' only.
const knowsRaw = (name) => !isChaCha(name) && name !== 'AES-OCB';

function checkLength(name, length) {
  if (isChaCha(name) ? length === 256 : length === 128 || length === 192 || length === 256) return;
  throw invalidData('Invalid key length');
}

const keyAlgorithm = (name, length) => isChaCha(name) ? { name } : { name, length };

function generateKey({ name, length = 256 }, extractable, usages) {
  const set = usagesNotEmpty(checkUsages(usages, usagesOf(name), name));
  return job((done) => {
    const bytes = new Uint8Array(length / 8);
    internalBinding('crypto_random').fill(bytes, 0, bytes.length, (error) => {
      if (error) done(error);
      else done(null, cryptoKey(parseSecret(bytes), keyAlgorithm(name, length), set, extractable));
    });
  });
}

function importKey(format, data, { name }, extractable, usages) {
  const set = checkUsages(usages, usagesOf(name), name);
  let object;
  switch (format) {
    case 'raw':
      if (!knowsRaw(name)) return undefined;
      // Fall through
    case 'raw-secret':
      checkLength(name, data.byteLength * 8);
      object = parseSecret(data, format);
      break;
    case 'jwk':
      checkJwk(data, 'oct', extractable, set, 'enc');
      object = parseSecret(data, format);
      checkLength(name, object.symmetricKeySize * 8);
      checkJwkAlg(data, jwkNames[name](object.symmetricKeySize * 8));
      break;
    case 'KeyObject':
      object = data;
      checkLength(name, object.symmetricKeySize * 8);
      break;
    default:
      return undefined;
  }
  return cryptoKey(object, keyAlgorithm(name, object.symmetricKeySize * 8), set, extractable);
}

function exportKey(format, key) {
  const { name, length } = getCryptoKeyAlgorithm(key);
  if (format === 'jwk') return [exportJwkMembers(key), jwkNames[name](length)];
  if (format === 'raw-secret' || (format === 'raw' && knowsRaw(name))) return arrayBufferOf(keyObject(key).export());
  return undefined;
}

// One call of the native cipher; a tag is in bytes, -1 without.
function cipher(encrypt, name, key, iv, data, aad = undefined, tag = -1) {
  return job((done) => native.job(encrypt, name, getCryptoKeyHandle(key), iv, data, aad, tag, done));
}

// AES-CTR counts in the last `length` bits of the block only. OpenSSL counts in all of it: where the count comes round in between,
// the data are two messages.
async function counterMode(encrypt, name, key, { counter, length }, data) {
  const blocks = BigInt(Math.ceil(data.byteLength / 16));
  const space = 1n << BigInt(length);
  if (blocks > space) throw failed('Cipher job failed');
  let value = 0n;
  for (const byte of counter) value = (value << 8n) | BigInt(byte);
  const before = space - value % space;
  if (blocks <= before) return cipher(encrypt, name, key, counter, data);
  const bytes = viewBytes(data);
  const split = Number(before) * 16;
  let rest = value - value % space;
  const second = new Uint8Array(16);
  for (let i = 15; i >= 0; i--) {
    second[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  const parts = await Promise.all([
    cipher(encrypt, name, key, counter, bytes.slice(0, split)),
    cipher(encrypt, name, key, second, bytes.slice(split)),
  ]);
  const out = new Uint8Array(data.byteLength);
  out.set(new Uint8Array(parts[0]));
  out.set(new Uint8Array(parts[1]), split);
  return out.buffer;
}

function run(encrypt, algorithm, key, data) {
  const { name } = algorithm;
  const bits = getCryptoKeyAlgorithm(key).length;
  switch (name) {
    case 'AES-CTR':
      return counterMode(encrypt, `aes-${bits}-ctr`, key, algorithm, data);
    case 'AES-CBC':
      return cipher(encrypt, `aes-${bits}-cbc`, key, algorithm.iv, data);
    case 'AES-KW':
      if (data.byteLength === 0) return Promise.reject(operationFailed());
      return cipher(encrypt, `id-aes${bits}-wrap`, key, new Uint8Array(8).fill(0xa6), data);
    case 'ChaCha20-Poly1305':
    case 'AES-GCM':
    case 'AES-OCB': {
      const { iv, additionalData, tagLength = 128 } = algorithm;
      const openssl = isChaCha(name) ? 'chacha20-poly1305' : `aes-${bits}-${name.slice(4).toLowerCase()}`;
      return cipher(encrypt, openssl, key, iv, data, additionalData, tagLength / 8);
    }
  }
}

function keyLength({ name, length }) {
  return isChaCha(name) ? 256 : length;
}

const encrypt = (algorithm, key, data) => run(true, algorithm, key, data);
const decrypt = (algorithm, key, data) => run(false, algorithm, key, data);

module.exports = { decrypt, encrypt, exportKey, generateKey, importKey, keyLength, unwrapKey: decrypt, wrapKey: encrypt };
