'use strict';
// What the options of zlib's functions and streams mean: a recipe that the native codec is made from.
// Owns: which options there are, their ranges and defaults. Does not own: streams (internal/zlib/base), the codecs
// (`bindings/zlib.rs`).

const constants = require('internal/zlib/constants');
const { kMaxLength } = require('buffer');
const {
  codes: { ERR_BROTLI_INVALID_PARAM, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE, ERR_ZSTD_INVALID_PARAM },
} = require('internal/errors');
const { isAnyArrayBuffer, isArrayBufferView } = require('internal/util/types');
const { checkRangesOrGetDefault, validateBoolean, validateFiniteNumber } = require('internal/validators');

const {
  INFLATE, GUNZIP, GZIP, UNZIP, BROTLI_DECODE, BROTLI_ENCODE, ZSTD_COMPRESS, ZSTD_DECOMPRESS,
  Z_NO_FLUSH, Z_BLOCK, Z_FINISH, Z_FULL_FLUSH, Z_MIN_CHUNK, Z_DEFAULT_CHUNK, Z_MIN_WINDOWBITS, Z_MAX_WINDOWBITS,
  Z_DEFAULT_WINDOWBITS, Z_MIN_LEVEL, Z_MAX_LEVEL, Z_DEFAULT_COMPRESSION, Z_MIN_MEMLEVEL, Z_MAX_MEMLEVEL,
  Z_DEFAULT_MEMLEVEL, Z_DEFAULT_STRATEGY, Z_FIXED,
} = constants;

// A format's flush numbers: the least and the most, and what a write, the end and flush() use.
const zlibFlush = { min: Z_NO_FLUSH, max: Z_BLOCK, flush: Z_NO_FLUSH, finish: Z_FINISH, full: Z_FULL_FLUSH, index: 0 };
const brotliFlush = {
  min: constants.BROTLI_OPERATION_PROCESS,
  max: constants.BROTLI_OPERATION_EMIT_METADATA,
  flush: constants.BROTLI_OPERATION_PROCESS,
  finish: constants.BROTLI_OPERATION_FINISH,
  full: constants.BROTLI_OPERATION_FLUSH,
  index: 1,
};
const zstdFlush = {
  min: constants.ZSTD_e_continue,
  max: constants.ZSTD_e_end,
  flush: constants.ZSTD_e_continue,
  finish: constants.ZSTD_e_end,
  full: constants.ZSTD_e_flush,
  index: 2,
};

function flushOf(mode) {
  if (mode === BROTLI_ENCODE || mode === BROTLI_DECODE) return brotliFlush;
  return mode >= ZSTD_COMPRESS ? zstdFlush : zlibFlush;
}

// A view on what may be an ArrayBuffer; `name` is for the error.
function toView(value, name, types) {
  if (isArrayBufferView(value)) return value;
  if (isAnyArrayBuffer(value)) return new Uint8Array(value);
  throw new ERR_INVALID_ARG_TYPE(name, types, value);
}

const bufferTypes = ['Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'];

function dictionaryOf(opts) {
  const dictionary = opts?.dictionary;
  return dictionary === undefined ? undefined : toView(dictionary, 'options.dictionary', bufferTypes);
}

function zlibRecipe(opts, mode) {
  let windowBits = Z_DEFAULT_WINDOWBITS;
  let level = Z_DEFAULT_COMPRESSION;
  let memLevel = Z_DEFAULT_MEMLEVEL;
  let strategy = Z_DEFAULT_STRATEGY;
  if (opts) {
    if (!opts.windowBits && opts.windowBits !== false && opts.windowBits !== '' && !Number.isNaN(opts.windowBits) &&
        (mode === INFLATE || mode === GUNZIP || mode === UNZIP)) {
      // As the header says.
      windowBits = 0;
    } else {
      // Gzip's least is deflate's most and one: 8 is not possible there.
      const min = mode === GZIP ? Z_MIN_WINDOWBITS + 1 : Z_MIN_WINDOWBITS;
      windowBits = checkRangesOrGetDefault(
        opts.windowBits, 'options.windowBits', min, Z_MAX_WINDOWBITS, Z_DEFAULT_WINDOWBITS);
    }
    level = checkRangesOrGetDefault(opts.level, 'options.level', Z_MIN_LEVEL, Z_MAX_LEVEL, level);
    memLevel = checkRangesOrGetDefault(opts.memLevel, 'options.memLevel', Z_MIN_MEMLEVEL, Z_MAX_MEMLEVEL, memLevel);
    strategy = checkRangesOrGetDefault(opts.strategy, 'options.strategy', Z_DEFAULT_STRATEGY, Z_FIXED, strategy);
  }
  return {
    mode,
    params: new Int32Array([windowBits, level, memLevel, strategy, opts?.rejectGarbageAfterEnd === true ? 1 : 0]),
    dictionary: dictionaryOf(opts),
    pledged: undefined,
    level,
    strategy,
  };
}

// `options.params` by number; -1 is "not set".
function paramsOf(opts, max, InvalidParam) {
  if (!opts?.params) return new Int32Array(0);
  const params = new Int32Array(max + 1).fill(-1);
  for (const name of Object.keys(opts.params)) {
    const key = +name;
    if (!(key >= 0 && key <= max) || (params[key] | 0) !== -1) throw new InvalidParam(name);
    const value = opts.params[name];
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      throw new ERR_INVALID_ARG_TYPE('options.params[key]', 'number', value);
    }
    params[key] = value;
  }
  return params;
}

function brotliRecipe(opts, mode) {
  return {
    mode,
    params: paramsOf(opts, constants.BROTLI_PARAM_NDIRECT, ERR_BROTLI_INVALID_PARAM),
    dictionary: dictionaryOf(opts),
    pledged: undefined,
  };
}

function pledgedSize(opts) {
  const size = opts?.pledgedSrcSize;
  if (size === undefined) return undefined;
  // These two come without "[CODE]" in their stack, as from Node's C++.
  let error;
  if (typeof size !== 'number') {
    error = new TypeError('pledgedSrcSize must be a number');
    error.code = 'ERR_INVALID_ARG_TYPE';
  } else if (size < 0) {
    error = new RangeError('pledgedSrcSize must be non-negative');
    error.code = 'ERR_OUT_OF_RANGE';
  } else {
    return size;
  }
  throw error;
}

function zstdRecipe(opts, mode) {
  const compress = mode === ZSTD_COMPRESS;
  return {
    mode,
    params: paramsOf(opts, compress ? constants.ZSTD_c_overlapLog : constants.ZSTD_d_windowLogMax, ERR_ZSTD_INVALID_PARAM),
    dictionary: dictionaryOf(opts),
    pledged: compress ? pledgedSize(opts) : undefined,
  };
}

// The options that all formats have.
function common(opts, mode) {
  const { min, max, flush, finish, full, index } = flushOf(mode);
  const out = {
    chunkSize: Z_DEFAULT_CHUNK, flush, finishFlush: finish, fullFlush: full, min, max, index,
    maxOutputLength: kMaxLength, rejectRest: false,
  };
  if (opts) {
    if (!validateFiniteNumber(opts.chunkSize, 'options.chunkSize')) {
      out.chunkSize = Z_DEFAULT_CHUNK;
    } else if (opts.chunkSize < Z_MIN_CHUNK) {
      throw new ERR_OUT_OF_RANGE('options.chunkSize', `>= ${Z_MIN_CHUNK}`, opts.chunkSize);
    } else {
      out.chunkSize = opts.chunkSize;
    }
    out.flush = checkRangesOrGetDefault(opts.flush, 'options.flush', min, max, flush);
    out.finishFlush = checkRangesOrGetDefault(opts.finishFlush, 'options.finishFlush', min, max, finish);
    out.maxOutputLength = checkRangesOrGetDefault(
      opts.maxOutputLength, 'options.maxOutputLength', 1, kMaxLength, kMaxLength);
    if (opts.rejectGarbageAfterEnd !== undefined) {
      validateBoolean(opts.rejectGarbageAfterEnd, 'options.rejectGarbageAfterEnd');
      out.rejectRest = opts.rejectGarbageAfterEnd;
    }
  }
  return out;
}

function recipeOf(opts, mode) {
  if (mode === BROTLI_ENCODE || mode === BROTLI_DECODE) return brotliRecipe(opts, mode);
  if (mode === ZSTD_COMPRESS || mode === ZSTD_DECOMPRESS) return zstdRecipe(opts, mode);
  return zlibRecipe(opts, mode);
}

module.exports = { common, recipeOf, toView };
