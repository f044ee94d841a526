'use strict';
// Owns: FdStream, a Duplex over a pipe, terminal or socket that the process
// was given as a descriptor: writes end before they return, reads come from
// the loop. Base of tty's streams and of the standard streams that are pipes.
// Not here: connecting, servers (net), regular files (fs). The other half is
// src/bindings/stdio.rs.

const Duplex = require('internal/streams/duplex');
const { Buffer } = require('buffer');

let binding;
function io() {
  return binding ??= internalBinding('stdio');
}

let errors;
function writeError(err) {
  errors ??= require('internal/errors');
  return new errors.ErrnoException(err, 'write');
}

// Writes one chunk wholly: its bytes, or a negative errno.
function writeChunk(fd, chunk, encoding) {
  if (typeof chunk !== 'string') return io().writeBuffer(fd, chunk);
  if (encoding === 'utf8' || encoding === 'utf-8') return io().writeString(fd, chunk);
  return io().writeBuffer(fd, Buffer.from(chunk, encoding));
}

// Several chunks in as few system calls as possible.
function writeChunks(fd, chunks) {
  const { length } = chunks;
  let text = '';
  let i = 0;
  for (; i < length; i++) {
    const { chunk, encoding } = chunks[i];
    if (typeof chunk !== 'string' || (encoding !== 'utf8' && encoding !== 'utf-8')) break;
    text += chunk;
  }
  if (i === length) return io().writeString(fd, text);

  const bytes = [];
  for (const { chunk, encoding } of chunks) {
    bytes.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
  }
  return io().writeBuffer(fd, Buffer.concat(bytes));
}

// What programs know as stream._handle. Nothing native exists before the
// first read.
class FdHandle {
  #reader = 0;
  #refed = true;
  #closed = false;

  constructor(fd) {
    this.fd = fd;
    this.reading = false;
    this.onread = undefined;
  }

  #open() {
    if (this.#reader === 0) {
      const id = io().openReader(this.fd);
      if (id < 0) return id;
      this.#reader = id;
      if (!this.#refed) io().refReader(id, false);
    }
    return 0;
  }

  readStart() {
    if (this.#closed) return -9; // EBADF
    const err = this.#open();
    if (err) return err;
    return io().startReader(this.#reader, (nread, bytes) => this.onread(nread, bytes));
  }

  readStop() {
    if (this.#reader !== 0) io().stopReader(this.#reader);
    return 0;
  }

  ref() {
    this.#refed = true;
    if (this.#reader !== 0) io().refReader(this.#reader, true);
  }

  unref() {
    this.#refed = false;
    if (this.#reader !== 0) io().refReader(this.#reader, false);
  }

  hasRef() {
    return this.#refed && !this.#closed;
  }

  // Writes always wait for their end.
  setBlocking() {
    return 0;
  }

  getAsyncId() {
    return this.asyncId ??= require('internal/async_hooks').newAsyncId();
  }

  get writeQueueSize() {
    return 0;
  }

  // Descriptors 0 to 2 stay open: nothing good comes of closing them.
  close(callback) {
    if (this.#closed) return;
    this.#closed = true;
    io().closeReader(this.#reader, callback === undefined ? undefined : () => callback.call(this));
    this.#reader = 0;
    if (this.fd > 2) {
      try {
        require('fs').closeSync(this.fd);
      } catch {
        // Closed by somebody else already.
      }
    }
  }
}

function FdStream(fd, options, handle) {
  Duplex.call(this, {
    allowHalfOpen: false,
    ...options,
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
  });
  this._handle = handle ?? new FdHandle(fd);
  this.connecting = false;
  this.bytesRead = 0;
  this.bytesWritten = 0;
  this._handle.onread = (nread, bytes) => onread(this, nread, bytes);
}
Object.setPrototypeOf(FdStream.prototype, Duplex.prototype);
Object.setPrototypeOf(FdStream, Duplex);

function onread(stream, nread, bytes) {
  if (nread > 0) {
    stream.bytesRead += nread;
    if (!stream.push(Buffer.from(bytes.buffer, 0, nread))) {
      stream._handle.reading = false;
      stream._handle.readStop();
    }
    return;
  }
  stream._handle.reading = false;
  stream._handle.readStop();
  if (nread === 0) {
    // read(0) makes 'end' come where nobody reads any more.
    stream.push(null);
    stream.read(0);
  } else {
    errors ??= require('internal/errors');
    stream.destroy(new errors.ErrnoException(nread, 'read'));
  }
}

FdStream.prototype._read = function() {
  const handle = this._handle;
  if (!handle || handle.reading) return;
  handle.reading = true;
  const err = handle.readStart();
  if (err) {
    handle.reading = false;
    errors ??= require('internal/errors');
    this.destroy(new errors.ErrnoException(err, 'read'));
  }
};

FdStream.prototype._write = function(chunk, encoding, cb) {
  if (!this._handle) return cb(writeError(-9));
  const n = writeChunk(this._handle.fd, chunk, encoding);
  if (n < 0) return cb(writeError(n));
  this.bytesWritten += n;
  cb();
};

FdStream.prototype._writev = function(chunks, cb) {
  if (!this._handle) return cb(writeError(-9));
  const n = writeChunks(this._handle.fd, chunks);
  if (n < 0) return cb(writeError(n));
  this.bytesWritten += n;
  cb();
};

FdStream.prototype._final = function(cb) {
  cb();
};

FdStream.prototype._destroy = function(err, cb) {
  const handle = this._handle;
  if (handle) {
    this._handle = null;
    handle.close(() => this.emit('close', err != null));
  }
  cb(err);
};

FdStream.prototype.destroySoon = function() {
  if (this.writable) this.end();
  if (this.writableFinished) this.destroy();
  else this.once('finish', this.destroy);
};

FdStream.prototype.ref = function() {
  this._handle?.ref();
  return this;
};

FdStream.prototype.unref = function() {
  this._handle?.unref();
  return this;
};

// As net.Socket answers where the handle knows no such setting.
FdStream.prototype.setNoDelay = function() { return this; };
FdStream.prototype.setKeepAlive = function() { return this; };

Object.defineProperty(FdStream.prototype, 'pending', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() { return !this._handle; },
});
Object.defineProperty(FdStream.prototype, 'readyState', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() {
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  },
});

module.exports = { FdStream, FdHandle, writeChunk, writeError };
