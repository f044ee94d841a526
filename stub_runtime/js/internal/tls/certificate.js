'use strict';
// Certificates of a connection, from their DER. `chain` is a list of DER and, at its end, whether the last one issued itself.

const { certificateOf, legacyObject: fromHandle } = require('internal/crypto/x509');
const { parse } = internalBinding('crypto_x509');

const legacyObject = (der) => fromHandle(parse(der));

// What getPeerCertificate() gives: each object has its issuer's.
function legacyChain(chain) {
  if (chain === undefined) return {};
  const isRoot = chain.pop();
  const objects = chain.map(legacyObject);
  objects.forEach((object, i) => {
    if (i + 1 < objects.length) object.issuerCertificate = objects[i + 1];
    else if (isRoot) object.issuerCertificate = object;
  });
  return objects[0];
}

// The X509Certificate of the first, with those of its issuers.
function x509Chain(chain) {
  if (chain === undefined) return undefined;
  chain.pop();
  return chain.reduceRight((issuer, der) => certificateOf(parse(der), issuer), undefined);
}

function x509(der) {
  return der === undefined ? undefined : certificateOf(parse(der), undefined);
}

module.exports = { legacyChain, legacyObject, x509, x509Chain };
