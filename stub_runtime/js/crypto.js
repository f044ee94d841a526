'use strict';
// node:crypto: the list of what it exports and where each thing is. Everything is loaded when it is first read: a program that
// hashes does not pay for keys, certificates or Web Crypto.
// Owns: the list, `constants`, `fips`, `webcrypto`. Does not own: anything that does something (`internal/crypto/`).

const { defineLazy } = internalBinding('builtins');
const { exists } = require('internal/bootstrap/realm');

// Modules of `internal/crypto/` and what comes from each, in the order in which Node lists it; `name:local` where the module
// calls it otherwise.
const lists = [
  ['argon2', 'argon2 argon2Sync'],
  ['random', 'checkPrime checkPrimeSync'],
  ['cipher', 'createCipheriv createDecipheriv'],
  ['diffiehellman', 'createDiffieHellman createDiffieHellmanGroup createECDH'],
  ['hash', 'createHash createHmac'],
  ['provider_mac', 'createMac'],
  ['keys', 'createPrivateKey createPublicKey createSecretKey'],
  ['sig', 'createSign createVerify'],
  ['diffiehellman', 'diffieHellman'],
  ['random', 'generatePrime generatePrimeSync'],
  ['util', 'getCiphers'],
  ['cipher', 'getCipherInfo'],
  ['util', 'getCurves'],
  ['diffiehellman', 'getDiffieHellman:createDiffieHellmanGroup'],
  ['util', 'getHashes getMacs'],
  ['hkdf', 'hkdf hkdfSync'],
  ['keys', 'parsePKCS12'],
  ['pbkdf2', 'pbkdf2 pbkdf2Sync'],
  ['keygen', 'generateKeyPair generateKeyPairSync generateKey generateKeySync'],
  ['public_cipher', 'privateDecrypt privateEncrypt publicDecrypt publicEncrypt'],
  ['random', 'randomBytes randomFill randomFillSync randomInt randomUUID randomUUIDv7'],
  ['scrypt', 'scrypt scryptSync'],
  ['sig', 'sign:signOneShot'],
  ['util', 'setEngine timingSafeEqual getFips setFips'],
  ['sig', 'verify:verifyOneShot'],
  ['hash', 'hash'],
  ['kem', 'encapsulate decapsulate'],
  ['certificate', 'Certificate'],
  ['cipher', 'Cipheriv Decipheriv'],
  ['diffiehellman', 'DiffieHellman DiffieHellmanGroup ECDH'],
  ['hash', 'Hash:DeprecatedHash Hmac:DeprecatedHmac'],
  ['keys', 'KeyObject'],
  ['sig', 'Sign Verify'],
  ['x509', 'X509Certificate'],
  ['util', 'secureHeapUsed'],
];

for (const [id, names] of lists) {
  const from = `internal/crypto/${id}`;
  for (const entry of names.split(' ')) {
    const [name, local = name] = entry.split(':');
    if (exists(from)) {
      defineLazy(exports, name, `${from}:${local}`, true);
    } else {
      exports[name] = require('internal/unavailable').unavailable('crypto', name);
    }
  }
}

const webcrypto = () => require('internal/crypto/webcrypto').crypto;

function getRandomValues(array) {
  return webcrypto().getRandomValues(array);
}

let deprecatedFips;
const fips = () => deprecatedFips ??= require('internal/crypto/util').deprecatedFips();

// Undocumented names of randomBytes().
function alias(name) {
  return {
    __proto__: null,
    enumerable: false,
    configurable: true,
    get() {
      const value = require('internal/crypto/random').alias(name);
      Object.defineProperty(this, name, { __proto__: null, configurable: true, enumerable: false, writable: true, value });
      return value;
    },
    set(value) {
      Object.defineProperty(this, name, { __proto__: null, configurable: true, enumerable: true, writable: true, value });
    },
  };
}

Object.defineProperties(exports, {
  fips: { __proto__: null, get: () => fips().get(), set: (value) => fips().set(value) },
  constants: { __proto__: null, enumerable: true, value: require('internal/crypto/constants') },
  webcrypto: { __proto__: null, enumerable: true, get: () => webcrypto(), set: undefined },
  subtle: { __proto__: null, enumerable: true, get: () => webcrypto().subtle, set: undefined },
  getRandomValues: { __proto__: null, enumerable: true, get: () => getRandomValues, set: undefined },
  prng: alias('prng'),
  pseudoRandomBytes: alias('pseudoRandomBytes'),
  rng: alias('rng'),
});
