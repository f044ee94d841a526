'use strict';
// node:zlib: gzip, deflate, Brotli and Zstandard as streams and for whole buffers, CRC-32.
// Owns: what programs see. Does not own: streams (internal/zlib/base, streams), whole buffers (internal/zlib/whole), options
// (internal/zlib/options), the codecs (`bindings/zlib.rs`). ZIP archives are missing: Node has them as experimental.

const binding = internalBinding('zlib');
const constants = require('internal/zlib/constants');
const streams = require('internal/zlib/streams');
const { makeAsync, makeSync } = require('internal/zlib/whole');
const { unavailable } = require('internal/unavailable');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { assignFunctionName } = require('internal/util');
const { isArrayBufferView } = require('internal/util/types');
const { validateUint32 } = require('internal/validators');

function crc32(data, value = 0) {
  if (typeof data !== 'string' && !isArrayBufferView(data)) {
    throw new ERR_INVALID_ARG_TYPE('data', ['Buffer', 'TypedArray', 'DataView', 'string'], data);
  }
  validateUint32(value, 'value');
  return binding.crc32(data, value);
}

const codes = {};
for (const name of [
  'Z_OK', 'Z_STREAM_END', 'Z_NEED_DICT', 'Z_ERRNO', 'Z_STREAM_ERROR', 'Z_DATA_ERROR', 'Z_MEM_ERROR', 'Z_BUF_ERROR',
  'Z_VERSION_ERROR',
]) {
  codes[name] = constants[name];
}
for (const name of Object.keys(codes)) codes[codes[name]] = name;

const functions = {
  deflate: 'Deflate', gzip: 'Gzip', deflateRaw: 'DeflateRaw', unzip: 'Unzip', inflate: 'Inflate', gunzip: 'Gunzip',
  inflateRaw: 'InflateRaw', brotliCompress: 'BrotliCompress', brotliDecompress: 'BrotliDecompress',
  zstdCompress: 'ZstdCompress', zstdDecompress: 'ZstdDecompress',
};
const modes = {
  Deflate: constants.DEFLATE, Inflate: constants.INFLATE, Gzip: constants.GZIP, Gunzip: constants.GUNZIP,
  DeflateRaw: constants.DEFLATERAW, InflateRaw: constants.INFLATERAW, Unzip: constants.UNZIP,
  BrotliCompress: constants.BROTLI_ENCODE, BrotliDecompress: constants.BROTLI_DECODE,
  ZstdCompress: constants.ZSTD_COMPRESS, ZstdDecompress: constants.ZSTD_DECOMPRESS,
};

module.exports = { crc32, ...streams };
for (const [name, className] of Object.entries(functions)) {
  module.exports[name] = makeAsync(streams[className], modes[className]);
  module.exports[`${name}Sync`] = makeSync(streams[className], modes[className]);
}

function define(name, value, enumerable = true, configurable = true) {
  Object.defineProperty(module.exports, name, { __proto__: null, configurable, enumerable, writable: false, value });
}

for (const name of Object.keys(modes)) {
  define(`create${name}`, assignFunctionName(`create${name}`, function(options) {
    return new streams[name](options);
  }));
}
define('constants', constants, true, false);
define('codes', Object.freeze(codes), true, false);
for (const name of [
  'ZipEntry', 'ZipFile', 'ZipBuffer', 'createZipArchive', 'createZipArchiveSync', 'zipFiles', 'getMaxZipContentSize',
  'setMaxZipContentSize',
]) {
  define(name, unavailable('zlib', name));
}
// Node's deprecated second place of the constants.
for (const [name, value] of Object.entries(constants)) {
  if (!name.startsWith('BROTLI')) define(name, value, false, false);
}
