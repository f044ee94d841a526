'use strict';
// `buffer.transcode()`: from one text encoding to another, `?` for what the target does not have.

const { codes: { ERR_INVALID_ARG_TYPE }, genericNodeError } = require('internal/errors');
const { isUint8Array } = require('internal/util/types');
const { getEncodingOps } = require('internal/buffer/encodings');

const QUESTION_MARK = 0x3f;
const REPLACEMENT = '\ufffd';

// ICU's numbers of its errors.
const U_ILLEGAL_ARGUMENT_ERROR = 1;
const U_INVALID_CHAR_FOUND = 10;

function failure(code, errno) {
  return genericNodeError(`Unable to transcode Buffer [${code}]`, { code, errno });
}

// The well-formed text of `source`; what is invalid became U+FFFD. With `strict` it throws instead.
function decode(source, from, strict) {
  if (strict) {
    const { isUtf8 } = require('buffer');
    const units = from === 'utf16le' ? source.ucs2Slice() : '';
    const valid = from === 'utf8' ? isUtf8(source) : source.length % 2 === 0 && units.isWellFormed();
    if (!valid) throw failure('U_INVALID_CHAR_FOUND', U_INVALID_CHAR_FOUND);
  }
  switch (from) {
    case 'utf8': return source.utf8Slice();
    case 'latin1': return source.latin1Slice();
    case 'ascii': return source.latin1Slice().replace(/[^\x00-\x7f]/g, REPLACEMENT);
    default: return source.ucs2Slice().toWellFormed();
  }
}

// One byte a code point; `?` for those above `limit`.
function encodeBytes(text, limit) {
  const { Buffer } = require('buffer');
  const out = [];
  for (const character of text) {
    const code = character.codePointAt(0);
    out.push(code > limit ? QUESTION_MARK : code);
  }
  return Buffer.from(out);
}

function supported(encoding) {
  const name = getEncodingOps(encoding)?.encoding;
  if (name === 'ucs2') return 'utf16le';
  return name === 'ascii' || name === 'latin1' || name === 'utf8' || name === 'utf16le' ? name : undefined;
}

// (Uint8Array, encoding, encoding) => Buffer
function transcode(source, fromEncoding, toEncoding) {
  if (!isUint8Array(source)) throw new ERR_INVALID_ARG_TYPE('source', ['Buffer', 'Uint8Array'], source);
  const { Buffer } = require('buffer');
  if (source.length === 0) return Buffer.alloc(0);
  const from = supported(fromEncoding);
  const to = supported(toEncoding);
  if (from === undefined || to === undefined) {
    throw failure('U_ILLEGAL_ARGUMENT_ERROR', U_ILLEGAL_ARGUMENT_ERROR);
  }
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  // Node converts between UTF-8 and UTF-16 without ICU, and that does not replace.
  const strict = (from === 'utf8' && to === 'utf16le') || (from === 'utf16le' && to === 'utf8');
  if (from === 'ascii' && to === 'utf16le') return Buffer.from(bytes.latin1Slice(), 'utf16le');
  let text = decode(bytes, from, strict);
  switch (to) {
    case 'ascii': return encodeBytes(text, 0x7f);
    case 'latin1': return encodeBytes(text, 0xff);
    case 'utf8': return Buffer.from(text, 'utf8');
    default:
      // Half a unit at the end is an invalid one.
      if (from === 'utf16le' && bytes.length % 2 === 1) text += REPLACEMENT;
      return Buffer.from(text, 'utf16le');
  }
}

module.exports = { transcode };
