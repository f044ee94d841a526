'use strict';
// Certificates of a connection as getPeerCertificate() gives them.

// The object of a certificate, with its infoAccess as lists.
function legacyObject(der) {
  const { X509Certificate } = require('crypto');
  return new X509Certificate(der).toLegacyObject();
}

// `chain` is a list of DER and, at its end, whether the last certificate issued itself.
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

// The X509Certificate of the first, whose issuers are linked to it.
function x509Chain(chain) {
  if (chain === undefined) return undefined;
  const { X509Certificate } = require('crypto');
  return new X509Certificate(chain[0]);
}

module.exports = { legacyChain, legacyObject, x509Chain };
