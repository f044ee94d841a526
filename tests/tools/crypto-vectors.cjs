'use strict';
// Checks node:crypto against published vectors (NIST's, those of RFCs) and says how many it knows.
//
//   pip download --no-deps cryptography_vectors && unzip -q cryptography_vectors-*.whl
//   STUB tests/tools/crypto-vectors.cjs cryptography_vectors

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(process.argv[2]);
const hex = (text = '') => Buffer.from(text.trim(), 'hex');

// Records of a file: `NAME = value` lines up to the next COUNT, over what stands before the first and in [brackets].
function* records(file) {
  let common = {};
  let record = {};
  let open = false;
  for (const line of fs.readFileSync(file, 'latin1').split(/\r?\n/)) {
    const section = /^\[(.*)\]$/.exec(line.trim());
    const pair = /^([A-Za-z0-9_ ]+?)\s*=\s*(.*)$/.exec(section ? section[1] : line.trim());
    const starts = pair !== null && /^(count|len)$/i.test(pair[1]);
    if (section || starts) {
      if (open) yield { ...common, ...record };
      record = {};
      open = starts;
    }
    if (section) common = pair ? { ...common, [pair[1].toLowerCase()]: pair[2] } : { ...common, mode: section[1] };
    if (!section && pair) (open ? record : common)[pair[1].toLowerCase()] = pair[2];
  }
  if (open) yield { ...common, ...record };
}

function cipher(name, r, { tag, aad = [] } = {}) {
  const key = hex(r.key ?? (r.keys ? r.keys.repeat(3) : r.key1 + r.key2 + r.key3));
  const iv = /ecb|siv$/.test(name) && !name.includes('gcm') ? null : hex(r.iv ?? r.nonce ?? r.i);
  const [plain, encrypted] = [hex(r.plaintext ?? r.pt), hex(r.ciphertext ?? r.ct)];
  const full = name.replace('BITS', key.length * 8 / (/siv$|xts/.test(name) && !name.includes('gcm') ? 2 : 1));
  const options = tag && { authTagLength: tag.length };
  const run = (create, input, before) => {
    const c = crypto[create](full, key, iv, options);
    if (!tag) c.setAutoPadding(false);
    before?.(c);
    for (const part of aad) c.setAAD(part);
    return [Buffer.concat([c.update(input), c.final()]), c];
  };
  const [made, c] = run('createCipheriv', plain);
  const [back] = run('createDecipheriv', encrypted, tag && ((d) => d.setAuthTag(tag)));
  return made.equals(encrypted) && back.equals(plain) && (!tag || c.getAuthTag().equals(tag));
}

const lower = (text) => text.toLowerCase();
const shaName = (file) => lower(path.basename(file)).replace(/(short|long)msg.*|variableout.*/, '')
  .replace('sha3_', 'sha3-').replace('sha512_', 'sha512-');

// [files, what a record must give]; undefined where a record is not for us.
const suites = [
  [/hashes\/(SHA1|SHA2|SHA3|MD5)\/.*Msg\.rsp$/, (r, f) => r.msg && r.md &&
    crypto.createHash(shaName(f)).update(hex(r.msg).subarray(0, r.len / 8)).digest().equals(hex(r.md))],
  [/hashes\/SHAKE\/.*VariableOut\.rsp$/, (r, f) => r.msg &&
    crypto.createHash(shaName(f), { outputLength: r.outputlen / 8 }).update(hex(r.msg)).digest().equals(hex(r.output))],
  [/HMAC\/.*\.txt$/, (r, f) => r.md &&
    crypto.createHmac(/-([a-z0-9]+)\.txt/.exec(f)[1], hex(r.key)).update(hex(r.msg)).digest('hex') === lower(r.md)],
  [/CMAC\/.*aes.*\.txt$/, (r) => r.output !== undefined && crypto.createMac('cmac', hex(r.key),
    { cipher: `aes-${hex(r.key).length * 8}-cbc` }).update(hex(r.message)).final('hex') === lower(r.output)],
  [/poly1305\/.*\.txt$/, (r) => crypto.createMac('poly1305', hex(r.key)).update(hex(r.msg)).final('hex') === lower(r.tag)],
  [/KDF\/.*HKDF.*\.txt$/i, (r) => Buffer.from(crypto.hkdfSync(lower(r.hash).replace('-', ''), hex(r.ikm), hex(r.salt), hex(r.info),
    +r.l)).equals(hex(r.okm))],
  [/KDF\/.*PBKDF2.*\.txt$/, (r) => crypto.pbkdf2Sync(r.password.replace(/\\0/g, '\0'), r.salt.replace(/\\0/g, '\0'), +r.iterations,
    +r.length, 'sha1').equals(hex(r.derived_key))],
  [/KDF\/scrypt\.txt$/, (r) => crypto.scryptSync(r.password, r.salt, +r.length, { N: +r.n, r: +r.r, p: +r.p, maxmem: 2 ** 31 })
    .equals(hex(r.derived_key))],
  [/KDF\/argon2.*\.txt$/, (r, f) => crypto.argon2Sync(path.basename(f, '.txt'), {
    message: hex(r.pass), nonce: hex(r.salt), parallelism: +r.lanes, tagLength: +r.length, memory: +r.memcost, passes: +r.iter,
    secret: hex(r.secret), associatedData: hex(r.ad),
  }).equals(hex(r.output))],
  [/ciphers\/AES\/(CBC|ECB|OFB|CTR)\/.*(?<!MCT\d+)\.(rsp|txt)$/, (r, f) =>
    cipher(`aes-BITS-${lower(f.split('/').at(-2))}`, r)],
  [/ciphers\/AES\/CFB\/CFB(1|8|128)[^M]*\.rsp$/, (r, f) => {
    const bits = /CFB(\d+?)(?=[A-Z])/.exec(path.basename(f))[1];
    return bits === '1' ? undefined : cipher(`aes-BITS-cfb${bits === '8' ? 8 : ''}`, r);
  }],
  [/ciphers\/3DES\/(CBC|ECB|OFB)\/(?!.*monte|T(CBC|OFB)I).*\.rsp$/i, (r, f) => cipher(`des-ede3${lower(f.split('/').at(-2)) === 'ecb' ? '' :
    `-${lower(f.split('/').at(-2))}`}`, r)],
  [/ciphers\/AES\/GCM\/gcmEncrypt.*\.rsp$/, (r) => cipher('aes-BITS-gcm', r, { tag: hex(r.tag), aad: [hex(r.aad)] })],
  [/ciphers\/AES\/GCM-SIV\/.*\.txt$/, (r) => r.plaintext ?
    cipher('aes-BITS-gcm-siv', r, { tag: hex(r.tag), aad: r.aad ? [hex(r.aad)] : [] }) : undefined],
  [/ciphers\/AES\/OCB3\/rfc7253\.txt$/, (r) => {
    const both = hex(r.ciphertext);
    return cipher('aes-BITS-ocb', { ...r, ciphertext: both.subarray(0, -16).toString('hex') },
      { tag: both.subarray(-16), aad: r.aad ? [hex(r.aad)] : [] });
  }],
  [/ciphers\/AES\/XTS\/tweak-128hexstr\/.*\.rsp$/, (r) => +r.dataunitlen % 8 === 0 ? cipher('aes-BITS-xts', r) : undefined],
  [/ciphers\/(Camellia|SM4)\/.*(cbc|ofb).*\.txt$/, (r, f) => r.plaintext && (r.iv || r.i) ?
    cipher(lower(path.basename(f, '.txt')).includes('camellia') ? `camellia-BITS-${/cbc|ofb/.exec(f)[0]}` :
      `${lower(f.split('/').at(-2))}-${/cbc|ofb/.exec(lower(path.basename(f)))[0]}`, r) : undefined],
];

function* walk(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(file);
    else yield file;
  }
}

const files = [...walk(root)].sort();
let failed = 0;
for (const [pattern, check] of suites) {
  let good = 0;
  for (const file of files.filter((name) => pattern.test(name))) {
    for (const record of records(file)) {
      let result;
      try {
        result = check(record, file);
      } catch (error) {
        result = error;
      }
      if (result === true) good++;
      if (result === false || result instanceof Error) {
        failed++;
        if (failed <= 20) console.log('FAIL', path.relative(root, file), record.count ?? record.len, result.message ?? '');
      }
    }
  }
  console.log(String(good).padStart(6), pattern.source);
}
process.exitCode = failed === 0 ? 0 : 1;
