'use strict';
// Owns: compressing and decompressing a whole buffer: deflate(), deflateSync() and their like. No stream is made unless the
// program asks for it with `info`: the codec runs over the buffer in one call, for callbacks in one job of the pool.

const binding = internalBinding('zlib');
const { Buffer } = require('buffer');
const { FastBuffer } = require('internal/buffer');
const {
  codes: { ERR_BUFFER_TOO_LARGE, ERR_INVALID_ARG_TYPE, ERR_TRAILING_JUNK_AFTER_STREAM_END, ERR_ZLIB_INITIALIZATION_FAILED },
} = require('internal/errors');
const { isAnyArrayBuffer, isArrayBufferView, isUint8Array } = require('internal/util/types');
const { validateAbortSignal, validateFunction } = require('internal/validators');
const { makeError, processChunkSync } = require('internal/zlib/base');
const { common, recipeOf, toView } = require('internal/zlib/options');
const { DEFLATE, DEFLATERAW, GZIP, BROTLI_ENCODE, ZSTD_COMPRESS } = require('internal/zlib/constants');

const types = ['string', 'Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'];
const compressing = new Set([DEFLATE, DEFLATERAW, GZIP, BROTLI_ENCODE, ZSTD_COMPRESS]);

// How long the output may become at first; it grows.
function guess(mode, length) {
  return compressing.has(mode) ? (length >> 1) + 256 : length * 4 + 256;
}

function run(mode, opts, makeView, isSync, callback) {
  if (mode === DEFLATERAW && opts?.windowBits === 8) opts.windowBits = 9;
  const { params, dictionary, pledged } = recipeOf(opts, mode);
  const settings = common(opts, mode);
  const view = makeView();
  const { finishFlush, flush, maxOutputLength, rejectRest } = settings;
  // As a stream does it: first the chunk, then the end. It shows in zstd's header, which has a size if that is known.
  const flushes = isSync || finishFlush === flush ? [finishFlush] : [flush, finishFlush];
  const result = binding.run(
    mode, params, dictionary, pledged, view, new Uint8Array(flushes), maxOutputLength, guess(mode, view.byteLength),
    callback === undefined ? undefined : (result) => callback(result, maxOutputLength), rejectRest);
  return callback === undefined ? outcome(result, maxOutputLength) : undefined;
}

// The buffer that `run` of the binding gave; throws its errors.
function outcome(result, limit) {
  if (isAnyArrayBuffer(result)) return new FastBuffer(result);
  if (result === -1) throw new ERR_BUFFER_TOO_LARGE(limit);
  if (typeof result === 'number') throw new ERR_TRAILING_JUNK_AFTER_STREAM_END();
  const { 0: message, 1: code, 2: errno } = result;
  if (code === 'ERR_ZLIB_INITIALIZATION_FAILED') throw new ERR_ZLIB_INITIALIZATION_FAILED(message);
  throw makeError(message, code, errno);
}

function syncView(buffer) {
  return typeof buffer === 'string' ? Buffer.from(buffer) : toView(buffer, 'buffer', types);
}

// What a stream's write() takes, and ArrayBuffers.
function chunkView(buffer) {
  if (typeof buffer === 'string') return Buffer.from(buffer);
  if (isArrayBufferView(buffer)) return buffer;
  if (isAnyArrayBuffer(buffer)) return new Uint8Array(buffer);
  throw new ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], buffer);
}

function makeSync(Class, mode) {
  return function syncBufferWrapper(buffer, opts) {
    if (opts?.info) {
      const engine = new Class(opts);
      return { buffer: processChunkSync(engine, syncView(buffer), engine._finishFlushFlag), engine };
    }
    if (opts?.signal !== undefined) validateAbortSignal(opts.signal, 'signal');
    return run(mode, opts, () => syncView(buffer), true, undefined);
  };
}

function makeAsync(Class, mode) {
  return function asyncBufferWrapper(buffer, opts, callback) {
    if (typeof opts === 'function') {
      callback = opts;
      opts = {};
    }
    if (opts?.info || opts?.signal !== undefined) {
      // What can be aborted goes in steps.
      stream(new Class(opts), buffer, callback, opts.info);
      return;
    }
    const makeView = () => {
      validateFunction(callback, 'callback');
      return chunkView(buffer);
    };
    run(mode, opts, makeView, false, (result, limit) => {
      let value;
      try {
        value = outcome(result, limit);
      } catch (error) {
        callback(error);
        return;
      }
      callback(null, value);
    });
  };
}

// With a stream, which the callback gets where it wants `info`.
function stream(engine, buffer, callback, info) {
  validateFunction(callback, 'callback');
  if (isArrayBufferView(buffer) && !isUint8Array(buffer)) {
    buffer = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  } else if (isAnyArrayBuffer(buffer)) {
    buffer = Buffer.from(buffer);
  }
  const buffers = [];
  let length = 0;
  const onEnd = () => {
    const whole = buffers.length === 1 ? buffers[0] : Buffer.concat(buffers, length);
    engine.close();
    callback(null, info ? { buffer: whole, engine } : whole);
  };
  engine.on('data', (chunk) => {
    buffers.push(chunk);
    length += chunk.length;
    if (length > engine._maxOutputLength) {
      engine.close();
      engine.removeListener('end', onEnd);
      callback(new ERR_BUFFER_TOO_LARGE(engine._maxOutputLength));
    }
  });
  engine.on('error', (error) => {
    engine.removeListener('end', onEnd);
    callback(error);
  });
  engine.on('end', onEnd);
  engine.end(buffer);
}

module.exports = { makeAsync, makeSync };
