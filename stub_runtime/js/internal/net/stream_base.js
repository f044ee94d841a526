'use strict';
// What sockets (and later TLS and terminals) share between a handle and a Duplex: writes, arriving bytes, the idle timer.

const { FastBuffer } = require('internal/buffer');
const { ErrnoException } = require('internal/errors');
const { symbols: { owner_symbol } } = require('internal/async_hooks');
const { getTimerDuration, kTimeout, setUnrefTimeout } = require('internal/timers');
const { isUint8Array } = require('internal/util/types');
const { validateFunction } = require('internal/validators');
const { WriteWrap } = require('internal/net/handles');

const UV_EOF = -4095;

const kAfterAsyncWrite = Symbol('kAfterAsyncWrite');
const kBuffer = Symbol('kBuffer');
const kBufferCb = Symbol('kBufferCb');
const kBufferGen = Symbol('kBufferGen');
const kHandle = Symbol('kHandle');
const kMaybeDestroy = Symbol('kMaybeDestroy');
const kSession = Symbol('kSession');
const kUpdateTimer = Symbol('kUpdateTimer');

function onWriteComplete(status) {
  const stream = this.handle[owner_symbol];
  const { callback } = this;
  if (status < 0) {
    const error = new ErrnoException(status, 'write', this.error);
    if (typeof callback === 'function') return callback(error);
    return stream.destroy(error);
  }
  if (!stream.destroyed) {
    stream[kUpdateTimer]();
    stream[kAfterAsyncWrite](this);
  }
  if (typeof callback === 'function') callback(null);
}

function dispatched(req, result, buffer) {
  if (result < 0) {
    req.callback(new ErrnoException(result, 'write', req.error));
  } else if (result === 0) {
    if (typeof req.callback === 'function') req.callback();
  } else {
    req.async = true;
    req.oncomplete = onWriteComplete;
    req.buffer = buffer;
  }
  return req;
}

function writeGeneric(stream, data, encoding, callback) {
  const handle = stream[kHandle];
  const req = new WriteWrap(handle, callback);
  let result;
  let buffer = null;
  switch (encoding) {
    case 'buffer':
      buffer = data;
      result = handle.writeBuffer(req, data);
      break;
    case 'latin1':
    case 'binary':
      result = handle.writeLatin1String(req, data);
      break;
    case 'utf8':
    case 'utf-8':
      result = handle.writeUtf8String(req, data);
      break;
    case 'ascii':
      result = handle.writeAsciiString(req, data);
      break;
    case 'ucs2':
    case 'ucs-2':
    case 'utf16le':
    case 'utf-16le':
      result = handle.writeUcs2String(req, data);
      break;
    default:
      buffer = Buffer.from(data, encoding);
      result = handle.writeBuffer(req, buffer);
  }
  return dispatched(req, result, buffer);
}

function writevGeneric(stream, data, callback) {
  const handle = stream[kHandle];
  const { allBuffers } = data;
  const req = new WriteWrap(handle, callback);
  let chunks;
  if (allBuffers) {
    chunks = data;
    for (let i = 0; i < data.length; i++) data[i] = data[i].chunk;
  } else {
    chunks = new Array(data.length * 2);
    for (let i = 0; i < data.length; i++) {
      chunks[i * 2] = data[i].chunk;
      chunks[i * 2 + 1] = data[i].encoding;
    }
  }
  return dispatched(req, handle.writev(req, chunks, allBuffers), chunks);
}

// Gives bytes to the program's own buffer (the `onread` option); false where it wants no more for now.
function fillUserBuffer(stream, arrayBuffer, nread) {
  const buffer = stream[kBuffer];
  buffer.set(new FastBuffer(arrayBuffer, 0, nread));
  const more = stream[kBufferCb](nread, buffer) !== false;
  const next = stream[kBufferGen] === null ? undefined : stream[kBufferGen]();
  if (isUint8Array(next)) {
    stream[kBuffer] = next;
    stream._handle?.setReadLimit(next.byteLength);
  }
  return more;
}

// `this` is the handle.
function onStreamRead(nread, arrayBuffer) {
  const stream = this[owner_symbol];
  stream[kUpdateTimer]();

  if (nread > 0 && !stream.destroyed) {
    const more = stream[kBuffer] ?
      fillUserBuffer(stream, arrayBuffer, nread) :
      stream.push(new FastBuffer(arrayBuffer, 0, nread));
    if (!more) {
      this.reading = false;
      if (!stream.destroyed) {
        const error = this.readStop();
        if (error) stream.destroy(new ErrnoException(error, 'read'));
      }
    }
    return;
  }
  if (nread === 0) return;
  if (nread !== UV_EOF) {
    stream.destroy(new ErrnoException(nread, 'read'));
    return;
  }
  if (stream._readableState.endEmitted) {
    stream[kMaybeDestroy]?.();
  } else {
    if (stream[kMaybeDestroy]) stream.on('end', stream[kMaybeDestroy]);
    stream.push(null);
    stream.read(0);
  }
}

// `socket.setTimeout`.
function setStreamTimeout(msecs, callback) {
  if (this.destroyed) return this;
  this.timeout = msecs;
  msecs = getTimerDuration(msecs, 'msecs');
  const timer = this[kTimeout];
  if (msecs === 0) {
    if (timer) {
      clearTimeout(timer);
      this[kTimeout] = null;
    }
    if (callback !== undefined) {
      validateFunction(callback, 'callback');
      this.removeListener('timeout', callback);
    }
  } else {
    if (timer && timer._idleTimeout === msecs && !timer._destroyed) {
      timer.refresh();
    } else {
      if (timer) clearTimeout(timer);
      this[kTimeout] = setUnrefTimeout(() => this._onTimeout(), msecs);
    }
    this[kSession]?.[kUpdateTimer]();
    if (callback !== undefined) {
      validateFunction(callback, 'callback');
      this.once('timeout', callback);
    }
  }
  return this;
}

module.exports = {
  UV_EOF,
  kAfterAsyncWrite,
  kBuffer,
  kBufferCb,
  kBufferGen,
  kHandle,
  kMaybeDestroy,
  kSession,
  kTimeout,
  kUpdateTimer,
  onStreamRead,
  setStreamTimeout,
  writeGeneric,
  writevGeneric,
};
