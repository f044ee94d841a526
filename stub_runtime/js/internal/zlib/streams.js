'use strict';
// Owns: zlib's stream classes. Does not own: how they work (internal/zlib/base).
// All but the zstd ones are functions, called without `new` (deprecated) and with `Class.call(this)` by packages.

const { deprecateInstantiation } = require('internal/util');
const assert = require('internal/assert');
const { checkRangesOrGetDefault } = require('internal/validators');
const { recipeOf } = require('internal/zlib/options');
const { ZlibBase } = require('internal/zlib/base');
const constants = require('internal/zlib/constants');
const { Z_MIN_LEVEL, Z_MAX_LEVEL, Z_DEFAULT_STRATEGY, Z_FIXED, Z_SYNC_FLUSH } = constants;

function inherit(Class, Base) {
  Object.setPrototypeOf(Class.prototype, Base.prototype);
  Object.setPrototypeOf(Class, Base);
}

// The base of the classes with zlib's own parameters.
function Zlib(opts, mode) {
  const recipe = recipeOf(opts, mode);
  ZlibBase.call(this, opts, recipe);
  this._level = recipe.level;
  this._strategy = recipe.strategy;
  this._mode = mode;
}
inherit(Zlib, ZlibBase);

function changeParams(level, strategy, callback) {
  assert(this._handle, 'zlib binding closed');
  this._handle.params(level, strategy);
  if (this.destroyed) return;
  this._level = level;
  this._strategy = strategy;
  if (callback) callback();
}

Zlib.prototype.params = function params(level, strategy, callback) {
  checkRangesOrGetDefault(level, 'level', Z_MIN_LEVEL, Z_MAX_LEVEL);
  checkRangesOrGetDefault(strategy, 'strategy', Z_DEFAULT_STRATEGY, Z_FIXED);
  if (this._level === level && this._strategy === strategy) {
    process.nextTick(callback);
    return;
  }
  // What was written before is compressed as it was to be.
  this.flush(Z_SYNC_FLUSH, changeParams.bind(this, level, strategy, callback));
};

function Brotli(opts, mode) {
  ZlibBase.call(this, opts, recipeOf(opts, mode));
}
inherit(Brotli, Zlib);

// Names of functions and of what they are called with: see the table below.
function makeClass(name, Base, mode) {
  const Class = {
    [name]: function(opts) {
      if (mode === constants.DEFLATERAW && opts && opts.windowBits === 8) opts.windowBits = 9;
      if (!(this instanceof Class)) return deprecateInstantiation(Class, 'DEP0184', opts);
      Base.call(this, opts, mode);
    },
  }[name];
  inherit(Class, Base);
  return Class;
}

class Zstd extends ZlibBase {
  constructor(opts, mode) {
    super(opts, recipeOf(opts, mode));
  }
}

class ZstdCompress extends Zstd {
  constructor(opts) {
    super(opts, constants.ZSTD_COMPRESS);
  }
}

class ZstdDecompress extends Zstd {
  constructor(opts) {
    super(opts, constants.ZSTD_DECOMPRESS);
  }
}

module.exports = {
  Deflate: makeClass('Deflate', Zlib, constants.DEFLATE),
  Inflate: makeClass('Inflate', Zlib, constants.INFLATE),
  Gzip: makeClass('Gzip', Zlib, constants.GZIP),
  Gunzip: makeClass('Gunzip', Zlib, constants.GUNZIP),
  DeflateRaw: makeClass('DeflateRaw', Zlib, constants.DEFLATERAW),
  InflateRaw: makeClass('InflateRaw', Zlib, constants.INFLATERAW),
  Unzip: makeClass('Unzip', Zlib, constants.UNZIP),
  BrotliCompress: makeClass('BrotliCompress', Brotli, constants.BROTLI_ENCODE),
  BrotliDecompress: makeClass('BrotliDecompress', Brotli, constants.BROTLI_DECODE),
  ZstdCompress,
  ZstdDecompress,
};
