// crypto: hashes, MACs, ciphers, random values, key derivation, signatures, Web Crypto.
'use strict';
const crypto = require('node:crypto');

module.exports = (op) => {
  const data = { '64 B': Buffer.alloc(64, 'a'), '1 KB': Buffer.alloc(1024, 'a'), '1 MB': Buffer.alloc(1 << 20, 'a') };
  for (const [size, bytes] of Object.entries(data)) {
    for (const name of ['md5', 'sha1', 'sha256', 'sha512']) {
      op(`createHash ${name} ${size}`, () => crypto.createHash(name).update(bytes).digest('hex'));
    }
    op(`hash sha256 ${size}`, () => crypto.hash('sha256', bytes));
    op(`createHmac sha256 ${size}`, () => crypto.createHmac('sha256', 'key').update(bytes).digest('hex'));
  }
  const text = 'hello world, this is a string to be hashed';
  op('createHash sha256 string, Buffer', () => crypto.createHash('sha256').update(text).digest());
  op('hash sha1 string', () => crypto.hash('sha1', text));
  op('hash md5 string base64', () => crypto.hash('md5', text, 'base64'));
  op('hash sha256 string, Buffer', () => crypto.hash('sha256', text, 'buffer'));
  const started = crypto.createHash('sha256').update(text);
  op('Hash copy and digest', () => started.copy().digest('hex'));

  const key = Buffer.alloc(32, 1);
  const ivs = { 'aes-256-gcm': 12, 'aes-256-cbc': 16, 'aes-256-ctr': 16, 'chacha20-poly1305': 12 };
  for (const [name, length] of Object.entries(ivs)) {
    const iv = Buffer.alloc(length, 2);
    const aead = name !== 'aes-256-cbc' && name !== 'aes-256-ctr';
    const options = aead ? { authTagLength: 16 } : undefined;
    for (const [size, bytes] of Object.entries(data)) {
      op(`${name} encrypt ${size}`, () => {
        const cipher = crypto.createCipheriv(name, key, iv, options);
        const out = [cipher.update(bytes), cipher.final()];
        if (aead) out.push(cipher.getAuthTag());
        return out;
      });
      const cipher = crypto.createCipheriv(name, key, iv, options);
      const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
      const tag = aead ? cipher.getAuthTag() : null;
      op(`${name} decrypt ${size}`, () => {
        const decipher = crypto.createDecipheriv(name, key, iv, options);
        if (aead) decipher.setAuthTag(tag);
        return [decipher.update(sealed), decipher.final()];
      });
    }
  }

  op('randomBytes 16', () => crypto.randomBytes(16));
  op('randomBytes 1 KB', () => crypto.randomBytes(1024));
  op('randomUUID', () => crypto.randomUUID());
  op('randomInt', () => crypto.randomInt(1000));
  op('getRandomValues 16', () => crypto.getRandomValues(new Uint8Array(16)));
  op('timingSafeEqual', () => crypto.timingSafeEqual(data['64 B'], data['64 B']));
  op('pbkdf2Sync 1000', () => crypto.pbkdf2Sync('password', 'salt', 1000, 32, 'sha256'));
  op('pbkdf2Sync 1', () => crypto.pbkdf2Sync('password', 'salt', 1, 32, 'sha256'));
  op('scryptSync N=1024', () => crypto.scryptSync('password', 'salt', 32, { N: 1024 }));
  op('hkdfSync', () => crypto.hkdfSync('sha256', key, 'salt', 'info', 32));
  op('createSecretKey', () => crypto.createSecretKey(key));

  const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = crypto.generateKeyPairSync('ed25519');
  for (const [name, pair, digest] of [['RSA-2048', rsa, 'sha256'], ['ECDSA P-256', ec, 'sha256'], ['Ed25519', ed, null]]) {
    const signature = crypto.sign(digest, data['64 B'], pair.privateKey);
    op(`sign ${name}`, () => crypto.sign(digest, data['64 B'], pair.privateKey));
    op(`verify ${name}`, () => crypto.verify(digest, data['64 B'], pair.publicKey, signature));
  }
  const pem = ec.privateKey.export({ type: 'pkcs8', format: 'pem' });
  op('createPrivateKey PEM', () => crypto.createPrivateKey(pem));
  op('createSign sha256 ECDSA', () => crypto.createSign('sha256').update(text).sign(pem));
  op('generateKeyPairSync ed25519', () => crypto.generateKeyPairSync('ed25519'));
  const other = crypto.generateKeyPairSync('x25519');
  const mine = crypto.generateKeyPairSync('x25519');
  op('diffieHellman x25519', () => crypto.diffieHellman({ privateKey: mine.privateKey, publicKey: other.publicKey }));
  op('subtle.digest SHA-256 1 KB', () => crypto.subtle.digest('SHA-256', data['1 KB']));
  op('subtle.digest SHA-256 1 MB', () => crypto.subtle.digest('SHA-256', data['1 MB']));
  let imported;
  op('subtle AES-GCM encrypt 1 KB', async () => {
    imported ??= await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
    return crypto.subtle.encrypt({ name: 'AES-GCM', iv: key.subarray(0, 12) }, imported, data['1 KB']);
  });
  op('subtle.importKey HMAC', () => crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']));
};
