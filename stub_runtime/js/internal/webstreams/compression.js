'use strict';
// Owns: CompressionStream and DecompressionStream, over the streams of zlib.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { customInspectSymbol: kInspect } = require('internal/util');
const { isArrayBuffer, isSharedArrayBuffer } = require('internal/util/types');
const { customInspect, defineInterface } = require('internal/webstreams/util');

const FORMATS = ['deflate', 'deflate-raw', 'gzip', 'brotli'];

function toFormat(value, name) {
  const format = typeof value === 'symbol' ? '' : `${value}`;
  if (FORMATS.includes(format)) return format;
  const shown = typeof value === 'symbol' ? value.toString() : `${value}`;
  const error = new ERR_INVALID_ARG_VALUE('format', value);
  error.message = `Failed to construct '${name}': 1st argument '${shown}' is not a valid enum value ` +
    'of type CompressionFormat.';
  throw error;
}

// zlib takes views; a shared buffer could change while it is read.
function toBytes(chunk) {
  if (isArrayBuffer(chunk)) return new Uint8Array(chunk);
  if (isSharedArrayBuffer(chunk) || isSharedArrayBuffer(chunk?.buffer)) {
    throw new ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk);
  }
  return chunk;
}

function makePair(duplex) {
  const { newReadableWritablePairFromDuplex } = require('internal/webstreams/adapters');
  return newReadableWritablePairFromDuplex(duplex, { convertChunk: toBytes, failBothSides: true });
}

function compressor(format) {
  const zlib = require('zlib');
  switch (format) {
    case 'deflate': return zlib.createDeflate();
    case 'deflate-raw': return zlib.createDeflateRaw();
    case 'gzip': return zlib.createGzip();
    default: return zlib.createBrotliCompress();
  }
}

function decompressor(format) {
  const zlib = require('zlib');
  // Bytes behind the end of the data are an error here, unlike in zlib.
  const options = { rejectGarbageAfterEnd: true };
  switch (format) {
    case 'deflate': return zlib.createInflate(options);
    case 'deflate-raw': return zlib.createInflateRaw(options);
    case 'gzip': return zlib.createGunzip(options);
    default: return zlib.createBrotliDecompress(options);
  }
}

class CompressionStream {
  #pair;

  constructor(format) {
    this.#pair = makePair(compressor(toFormat(format, 'CompressionStream')));
  }

  get readable() {
    return this.#pair.readable;
  }

  get writable() {
    return this.#pair.writable;
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, 'CompressionStream', {
      readable: this.#pair.readable,
      writable: this.#pair.writable,
    });
  }
}

class DecompressionStream {
  #pair;

  constructor(format) {
    this.#pair = makePair(decompressor(toFormat(format, 'DecompressionStream')));
  }

  get readable() {
    return this.#pair.readable;
  }

  get writable() {
    return this.#pair.writable;
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, 'DecompressionStream', {
      readable: this.#pair.readable,
      writable: this.#pair.writable,
    });
  }
}

for (const Class of [CompressionStream, DecompressionStream]) {
  defineInterface(Class, ['readable', 'writable']);
}

module.exports = { CompressionStream, DecompressionStream };
