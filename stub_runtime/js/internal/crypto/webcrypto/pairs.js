'use strict';
// What RSA, elliptic curves and module lattices share: pairs of a public and a private key, made and imported.

const { getCryptoKeyType } = require('internal/crypto/keys');
const { cryptoKey, parseJwk, parsePkcs8, parseSpki } = require('internal/crypto/webcrypto/keys');
const { checkUsages, invalidData, job, pairUsages, refused } = require('internal/crypto/webcrypto/support');

// A CryptoKeyPair of node's key type `type`. `allowed` are the usages of each half.
function generatePair(type, options, algorithm, allowed, extractable, usages) {
  const pair = pairUsages(usages, allowed, algorithm.name);
  const { generateKeyPair } = require('internal/crypto/keygen');
  return job((done) => generateKeyPair(type, options, (error, publicKey, privateKey) => {
    if (error) {
      done(error);
      return;
    }
    done(null, {
      publicKey: cryptoKey(publicKey, algorithm, pair.public, true),
      privateKey: cryptoKey(privateKey, algorithm, pair.private, extractable),
    });
  }));
}

// How one half of a pair is read: { isPublic, parse(usages) }, undefined for a format that not all have.
// `secret` is the member of a JWK that only a private key has.
function halfOf(format, data, secret, checkJwk) {
  switch (format) {
    case 'spki':
      return { isPublic: true, parse: () => parseSpki(data) };
    case 'pkcs8':
      return { isPublic: false, parse: () => parsePkcs8(data) };
    case 'jwk': {
      const isPublic = data[secret] === undefined;
      const parse = (set) => {
        checkJwk(set);
        return parseJwk(data, isPublic);
      };
      return { isPublic, parse };
    }
    case 'KeyObject':
      return { isPublic: data.type === 'public', parse: () => data };
  }
}

// The KeyObject of node's key type `type` that `half` reads, and its usages.
function readHalf({ isPublic, parse }, type, name, allowed, usages) {
  const set = checkUsages(usages, allowed[isPublic ? 'public' : 'private'], name);
  const object = parse(set);
  if (object.asymmetricKeyType !== type) throw invalidData('Invalid key type');
  return { object, set };
}

function requireType(key, type) {
  if (getCryptoKeyType(key) !== type) throw refused(`Key must be a ${type} key`, 'InvalidAccessError');
}

module.exports = { generatePair, halfOf, readHalf, requireType };
