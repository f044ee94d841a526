'use strict';
// Owns: Stream, the base of every stream, with the pipe() of the oldest
// generation (data/end/pause/resume events only).

const EE = require('events');
const { Buffer } = require('buffer');
const { isUint8Array } = require('internal/util/types');

function Stream(opts) {
  EE.call(this, opts);
}
Object.setPrototypeOf(Stream.prototype, EE.prototype);
Object.setPrototypeOf(Stream, EE);

// Byte views of other kinds enter a stream as Buffers over the same memory.
Stream._isArrayBufferView = ArrayBuffer.isView;
Stream._isUint8Array = isUint8Array;
Stream._uint8ArrayToBuffer = function _uint8ArrayToBuffer(chunk) {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
};

Stream.prototype.pipe = function(dest, options) {
  const source = this;

  function ondata(chunk) {
    if (dest.writable && dest.write(chunk) === false && source.pause) source.pause();
  }

  function ondrain() {
    if (source.readable && source.resume) source.resume();
  }

  // 'end' and 'close' of the source both end the destination, once.
  let ended = false;
  function onend() {
    if (ended) return;
    ended = true;
    dest.end();
  }
  function onclose() {
    if (ended) return;
    ended = true;
    if (typeof dest.destroy === 'function') dest.destroy();
  }

  // Behaves as if nobody listened: an error nobody else handles is thrown.
  function onerror(er) {
    cleanup();
    if (EE.prototype.listenerCount.call(this, 'error') === 0) this.emit('error', er);
  }

  function cleanup() {
    source.removeListener('data', ondata);
    dest.removeListener('drain', ondrain);
    source.removeListener('end', onend);
    source.removeListener('close', onclose);
    source.removeListener('error', onerror);
    dest.removeListener('error', onerror);
    source.removeListener('end', cleanup);
    source.removeListener('close', cleanup);
    dest.removeListener('close', cleanup);
  }

  source.on('data', ondata);
  dest.on('drain', ondrain);
  if (!dest._isStdio && (!options || options.end !== false)) {
    source.on('end', onend);
    source.on('close', onclose);
  }
  prependListener(source, 'error', onerror);
  prependListener(dest, 'error', onerror);
  source.on('end', cleanup);
  source.on('close', cleanup);
  dest.on('close', cleanup);

  dest.emit('pipe', source);
  return dest;
};

// The streams preset the shape of their listener table; names without a
// listener are not event names.
Stream.prototype.eventNames = function eventNames() {
  const names = [];
  const events = this._events;
  for (const name of Reflect.ownKeys(events)) {
    const listener = events[name];
    if (typeof listener === 'function' || (Array.isArray(listener) && listener.length > 0)) {
      names.push(name);
    }
  }
  return names;
};

function prependListener(emitter, event, fn) {
  if (typeof emitter.prependListener === 'function') return emitter.prependListener(event, fn);

  // An emitter from a package without prependListener: reach into its table.
  if (!emitter._events || !emitter._events[event]) emitter.on(event, fn);
  else if (Array.isArray(emitter._events[event])) emitter._events[event].unshift(fn);
  else emitter._events[event] = [fn, emitter._events[event]];
}

module.exports = { Stream, prependListener };
