'use strict';
// The native half of a compression stream, with the names and calls of Node's (`stream._handle`), which packages use.
// Owns: errors of making one, async hooks and context of its callbacks. Does not own: what is done with the bytes
// (internal/zlib/base), the codecs (`bindings/zlib.rs`). A codec is a number in Rust; -1 once it is closed.

const binding = internalBinding('zlib');
const hooks = require('internal/async_hooks');
const AsyncContextFrame = require('internal/async_context_frame');
const { codes: { ERR_ZLIB_INITIALIZATION_FAILED } } = require('internal/errors');
const { async_id_symbol, owner_symbol } = hooks.symbols;
const { BROTLI_DECODE, BROTLI_ENCODE, ZSTD_COMPRESS, ZSTD_DECOMPRESS } = require('internal/zlib/constants');

let isSetUp = false;

// Not at load: a module that is in an image has been evaluated in another process.
function setup() {
  isSetUp = true;
  binding.setup((handle, availableOut, availableIn, message, code, errno) => {
    handle.done(availableOut, availableIn, message, code, errno);
  });
}

class Handle {
  #id = -1;
  #state;
  #callback;
  #frame;

  // `state` gets what is left of output and input after each write; `callback` is called as the handle's method.
  constructor({ mode, params, dictionary, pledged }, state, callback) {
    if (!isSetUp) setup();
    const id = binding.create(this, mode, params, dictionary, pledged);
    if (typeof id !== 'number') throw new ERR_ZLIB_INITIALIZATION_FAILED(id[0]);
    this.#id = id;
    this.#state = state;
    this.#callback = callback;
    this.#frame = AsyncContextFrame.current();
    this.onerror = undefined;
    Object.defineProperty(this, async_id_symbol, { __proto__: null, value: hooks.newAsyncId() });
    Object.defineProperty(this, owner_symbol, { __proto__: null, writable: true, value: undefined });
    if (hooks.initHooksExist()) hooks.emitInit(this[async_id_symbol], 'ZLIB', undefined, this);
  }

  write(flush, input, inputOffset, inputLength, output, outputOffset, outputLength) {
    binding.write(this.#id, flush, input, inputOffset, inputLength, output, outputOffset, outputLength, this);
  }

  writeSync(flush, input, inputOffset, inputLength, output, outputOffset, outputLength) {
    const failure = binding.writeSync(
      this.#id, flush, input, inputOffset, inputLength, output, outputOffset, outputLength, this.#state);
    if (failure !== undefined) this.onerror(failure[0], failure[2], failure[1]);
  }

  // Called by Rust when a write is done.
  done(availableOut, availableIn, message, code, errno) {
    const before = AsyncContextFrame.exchange(this.#frame);
    const hooked = hooks.enabledHooksExist();
    if (hooked) hooks.emitBefore(this[async_id_symbol], 0, this);
    try {
      if (message !== undefined) {
        this.onerror(message, errno, code);
      } else {
        this.#state[0] = availableOut;
        this.#state[1] = availableIn;
        this.#callback();
      }
    } finally {
      if (hooked) hooks.emitAfter(this[async_id_symbol]);
      AsyncContextFrame.set(before);
    }
  }

  reset() {
    const failure = binding.reset(this.#id);
    if (failure !== undefined) this.onerror(failure[0], failure[2], failure[1]);
  }

  params(level, strategy) {
    const failure = binding.params(this.#id, level, strategy);
    if (failure !== undefined) this.onerror(failure[0], failure[2], failure[1]);
  }

  close() {
    if (this.#id === -1) return;
    binding.close(this.#id);
    this.#id = -1;
    hooks.emitDestroy(this[async_id_symbol]);
  }

  getAsyncId() {
    return this[async_id_symbol];
  }
}

class Zlib extends Handle {}
class BrotliEncoder extends Handle {}
class BrotliDecoder extends Handle {}
class ZstdCompress extends Handle {}
class ZstdDecompress extends Handle {}

function createHandle(recipe, state, callback) {
  let Class = Zlib;
  switch (recipe.mode) {
    case BROTLI_ENCODE: Class = BrotliEncoder; break;
    case BROTLI_DECODE: Class = BrotliDecoder; break;
    case ZSTD_COMPRESS: Class = ZstdCompress; break;
    case ZSTD_DECOMPRESS: Class = ZstdDecompress; break;
  }
  return new Class(recipe, state, callback);
}

module.exports = { createHandle };
