'use strict';
// Percent-encoding that node:querystring and node:url share.

const { codes: { ERR_INVALID_URI } } = require('internal/errors');
const { charCodeAt, slice } = require('internal/string_methods');

// '%00' to '%FF'
const hexTable = Array.from({ length: 256 }, (_, i) => `%${i < 16 ? '0' : ''}${i.toString(16).toUpperCase()}`);

// The characters querystring.escape() leaves: letters, digits and ! ' ( ) * - . _ ~
const isQueryCharacter = new Int8Array(128);
for (let i = 0; i < 128; i++) {
  if (/[A-Za-z0-9!'()*\-._~]/.test(String.fromCharCode(i))) isQueryCharacter[i] = 1;
}

// `string` with each character that `keep` does not list as percent-encoded UTF-8.
function encodeStr(string, keep, hex) {
  const length = string.length;
  let out = '';
  let copied = 0; // What is in `out` already
  for (let i = 0; i < length; i++) {
    let code = charCodeAt(string, i);
    if (code < 128) {
      if (keep[code] === 1) continue;
      if (copied < i) out += slice(string, copied, i);
      copied = i + 1;
      out += hex[code];
      continue;
    }
    if (copied < i) out += slice(string, copied, i);
    if (code < 0x800) {
      out += hex[0xc0 | (code >> 6)] + hex[0x80 | (code & 0x3f)];
    } else if (code < 0xd800 || code >= 0xe000) {
      out += hex[0xe0 | (code >> 12)] + hex[0x80 | ((code >> 6) & 0x3f)] + hex[0x80 | (code & 0x3f)];
    } else {
      // Node pairs any surrogate with what follows, and refuses only the last character.
      if (++i >= length) throw new ERR_INVALID_URI();
      code = 0x10000 + (((code & 0x3ff) << 10) | (charCodeAt(string, i) & 0x3ff));
      out += hex[0xf0 | (code >> 18)] + hex[0x80 | ((code >> 12) & 0x3f)] +
        hex[0x80 | ((code >> 6) & 0x3f)] + hex[0x80 | (code & 0x3f)];
    }
    copied = i + 1;
  }
  if (copied === 0) return string;
  return copied < length ? out + slice(string, copied) : out;
}

module.exports = { encodeStr, hexTable, isQueryCharacter };
