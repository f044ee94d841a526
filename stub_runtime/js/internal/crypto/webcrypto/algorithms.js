'use strict';
// Which algorithms there are, what each can do, with which parameters, and where that is.

const { emitExperimentalWarning } = require('internal/util');
const { isArrayBuffer } = require('internal/util/types');
const { viewBytes } = require('internal/crypto/util');
const { notSupported } = require('internal/crypto/webcrypto/support');
const { dictionaries } = require('internal/crypto/webcrypto/parameters');

// Names, module, whether it is experimental, and the dictionary of each operation; null is a name alone.
const table = [
  [['AES-CBC'], 'symmetric', false, {
    'generateKey': 'AesKeyGenParams', 'exportKey': null, 'importKey': null, 'encrypt': 'AesCbcParams',
    'decrypt': 'AesCbcParams', 'get key length': 'AesDerivedKeyParams',
  }],
  [['AES-CTR'], 'symmetric', false, {
    'generateKey': 'AesKeyGenParams', 'exportKey': null, 'importKey': null, 'encrypt': 'AesCtrParams',
    'decrypt': 'AesCtrParams', 'get key length': 'AesDerivedKeyParams',
  }],
  [['AES-GCM'], 'symmetric', false, {
    'generateKey': 'AesKeyGenParams', 'exportKey': null, 'importKey': null, 'encrypt': 'AeadParams',
    'decrypt': 'AeadParams', 'get key length': 'AesDerivedKeyParams',
  }],
  [['AES-OCB'], 'symmetric', true, {
    'generateKey': 'AesKeyGenParams', 'exportKey': null, 'importKey': null, 'encrypt': 'AeadParams',
    'decrypt': 'AeadParams', 'get key length': 'AesDerivedKeyParams',
  }],
  [['AES-KW'], 'symmetric', false, {
    'generateKey': 'AesKeyGenParams', 'exportKey': null, 'importKey': null, 'get key length': 'AesDerivedKeyParams',
    'wrapKey': null, 'unwrapKey': null,
  }],
  [['ChaCha20-Poly1305'], 'symmetric', true, {
    'generateKey': null, 'exportKey': null, 'importKey': null, 'encrypt': 'AeadParams', 'decrypt': 'AeadParams',
    'get key length': null,
  }],
  [['HMAC'], 'mac', false, {
    'generateKey': 'HmacKeyGenParams', 'exportKey': null, 'importKey': 'HmacImportParams', 'sign': null, 'verify': null,
    'get key length': 'HmacImportParams',
  }],
  [['KMAC128', 'KMAC256'], 'mac', true, {
    'generateKey': 'KmacKeyGenParams', 'exportKey': null, 'importKey': 'KmacImportParams', 'sign': 'KmacParams',
    'verify': 'KmacParams', 'get key length': 'KmacImportParams',
  }],
  [['HKDF'], 'kdf', false, { 'importKey': null, 'deriveBits': 'HkdfParams', 'get key length': null }],
  [['PBKDF2'], 'kdf', false, { 'importKey': null, 'deriveBits': 'Pbkdf2Params', 'get key length': null }],
  [['Argon2d', 'Argon2i', 'Argon2id'], 'kdf', true, {
    'importKey': null, 'deriveBits': 'Argon2Params', 'get key length': null,
  }],
  [['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'], 'digest', false, { digest: null }],
  [['SHA3-256', 'SHA3-384', 'SHA3-512'], 'digest', true, { digest: null }],
  [['cSHAKE128', 'cSHAKE256'], 'digest', true, { digest: 'CShakeParams' }],
  [['TurboSHAKE128', 'TurboSHAKE256'], 'digest', true, { digest: 'TurboShakeParams' }],
  [['KT128', 'KT256'], 'digest', true, { digest: 'KangarooTwelveParams' }],
  [['RSA-OAEP'], 'rsa', false, {
    generateKey: 'RsaHashedKeyGenParams', exportKey: null, importKey: 'RsaHashedImportParams',
    encrypt: 'RsaOaepParams', decrypt: 'RsaOaepParams',
  }],
  [['RSA-PSS'], 'rsa', false, {
    generateKey: 'RsaHashedKeyGenParams', exportKey: null, importKey: 'RsaHashedImportParams', sign: 'RsaPssParams',
    verify: 'RsaPssParams',
  }],
  [['RSASSA-PKCS1-v1_5'], 'rsa', false, {
    generateKey: 'RsaHashedKeyGenParams', exportKey: null, importKey: 'RsaHashedImportParams', sign: null, verify: null,
  }],
  [['ECDSA'], 'curves', false, {
    generateKey: 'EcKeyGenParams', exportKey: null, importKey: 'EcKeyImportParams', sign: 'EcdsaParams',
    verify: 'EcdsaParams',
  }],
  [['ECDH'], 'curves', false, {
    generateKey: 'EcKeyGenParams', exportKey: null, importKey: 'EcKeyImportParams', deriveBits: 'EcdhKeyDeriveParams',
  }],
  [['Ed25519'], 'curves', false, { generateKey: null, exportKey: null, importKey: null, sign: null, verify: null }],
  [['Ed448'], 'curves', true, {
    generateKey: null, exportKey: null, importKey: null, sign: 'ContextParams', verify: 'ContextParams',
  }],
  [['X25519'], 'curves', false, {
    generateKey: null, exportKey: null, importKey: null, deriveBits: 'EcdhKeyDeriveParams',
  }],
  [['X448'], 'curves', true, {
    generateKey: null, exportKey: null, importKey: null, deriveBits: 'EcdhKeyDeriveParams',
  }],
  [['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'], 'modules', true, {
    generateKey: null, exportKey: null, importKey: null, sign: 'ContextParams', verify: 'ContextParams',
  }],
  [['ML-KEM-512', 'ML-KEM-768', 'ML-KEM-1024'], 'modules', true, {
    'generateKey': null, 'exportKey': null, 'importKey': null, 'encapsulate': null, 'decapsulate': null,
    'get shared key length': null,
  }],
  [['MLKEM768-P256', 'MLKEM768-X25519', 'MLKEM1024-P384'], 'hybrids', true, {
    'generateKey': null, 'exportKey': null, 'importKey': null, 'encapsulate': null, 'decapsulate': null,
    'get shared key length': null,
  }],
];

// Upper-case names => what the table says
const byName = new Map();
for (const [names, module, experimental, operations] of table) {
  for (const name of names) byName.set(name.toUpperCase(), { name, module, experimental, operations });
}

const options = { prefix: 'Failed to normalize algorithm', context: 'passed algorithm' };

// The functions of an algorithm that has a canonical name.
function functionsOf({ name }) {
  return require(`internal/crypto/webcrypto/${byName.get(name.toUpperCase()).module}`);
}

// https://w3c.github.io/webcrypto/#algorithm-normalization-normalize-an-algorithm
function normalizeAlgorithm(algorithm, operation) {
  if (typeof algorithm === 'string') return normalizeAlgorithm({ name: algorithm }, operation);
  const { name: given } = dictionaries.Algorithm(algorithm, options);
  const entry = byName.get(given.toUpperCase());
  if (entry === undefined || entry.operations[operation] === undefined) throw notSupported('Unrecognized algorithm name');
  const { name, experimental } = entry;
  if (experimental) emitExperimentalWarning(`The ${name} Web Crypto API algorithm`);
  const dictionary = entry.operations[operation];
  if (dictionary === null) return { name };
  const normalized = dictionaries[dictionary]({ __proto__: algorithm, name }, options);
  normalized.name = name;
  for (const member of Object.keys(normalized)) {
    const value = normalized[member];
    if (member === 'hash') {
      normalized.hash = normalizeAlgorithm(value, 'digest');
    } else if (ArrayBuffer.isView(value) || isArrayBuffer(value)) {
      // What the caller changes later does not matter.
      normalized[member] = viewBytes(value).slice();
    }
  }
  return normalized;
}

module.exports = { functionsOf, normalizeAlgorithm };
