'use strict';
// A net.Socket over any Duplex, for what wants a socket with a handle: TLS.
// Owns: the handle that stands for the Duplex. Does not own: encryption (`internal/tls/handle.js`).

const { Socket } = require('net');
const { codes: { ERR_STREAM_WRAP } } = require('internal/errors');
const { symbols: { owner_symbol } } = require('internal/async_hooks');
const errnos = require('internal/errnos');
const { UV_EOF } = require('internal/net/stream_base');

const UV_EPIPE = -32;
const UV_ECANCELED = -125;

// Has the calls of a stream handle that a layer above makes, and gives it what the Duplex reads.
class JSStream {
  constructor(socket, stream) {
    this.socket = socket;
    this.stream = stream;
    this.reading = false;
    this.above = null;
    this.onread = undefined;
    this.pendingShutdown = null;
    this.writes = new Set();
    this.isClosed = false;
    this[owner_symbol] = null;
  }

  get isStreamBase() { return true; }
  get fd() { return -1; }
  get bytesRead() { return 0; }
  get bytesWritten() { return 0; }
  get writeQueueSize() { return 0; }

  attach(above) { this.above = above; }

  readStart() {
    this.stream.resume();
    return 0;
  }

  readStop() {
    this.stream.pause();
    return 0;
  }

  // `done` gets 0 or a negative errno, later.
  write(bytes, done) {
    const finish = (status) => {
      if (!this.writes.delete(finish)) return;
      done(status);
      if (this.writes.size === 0 && this.pendingShutdown !== null) this.endStream();
    };
    this.writes.add(finish);
    if (this.isClosed) {
      setImmediate(finish, UV_ECANCELED);
      return;
    }
    this.stream.write(bytes, (error) => {
      setImmediate(finish, error ? errnos[`UV_${error.code}`] ?? UV_EPIPE : 0);
    });
  }

  shutdown(req) {
    this.pendingShutdown = req;
    if (this.writes.size === 0) this.endStream();
    return 0;
  }

  endStream() {
    const req = this.pendingShutdown;
    process.nextTick(() => {
      this.stream.end(() => this.finishShutdown(req, 0));
    });
  }

  finishShutdown(req, status) {
    if (this.pendingShutdown !== req) return;
    this.pendingShutdown = null;
    req.oncomplete?.(status);
  }

  close(callback) {
    if (this.isClosed) return;
    this.isClosed = true;
    // A stream that is destroyed says 'end' or 'close' to whoever wraps it from the other side.
    this.stream.destroy();
    setImmediate(() => {
      for (const finish of [...this.writes]) finish(UV_ECANCELED);
      if (this.pendingShutdown !== null) this.finishShutdown(this.pendingShutdown, UV_ECANCELED);
      callback?.();
    });
  }

  ref() { this.stream.ref?.(); }
  unref() { this.stream.unref?.(); }
}

class JSStreamSocket extends Socket {
  constructor(stream) {
    stream.pause();
    const handle = new JSStream(null, stream);
    super({ handle, manualStart: true });
    handle.socket = this;
    this.stream = stream;
    this.readable = stream.readable;
    this.writable = stream.writable;

    stream.on('error', (error) => this.emit('error', error));
    const ondata = (chunk) => {
      if (typeof chunk === 'string' || stream.readableObjectMode === true) {
        stream.pause();
        stream.removeListener('data', ondata);
        this.emit('error', new ERR_STREAM_WRAP());
        return;
      }
      if (this._handle) handle.above?.receive(chunk);
    };
    stream.on('data', ondata);
    stream.once('end', () => {
      if (this._handle) handle.above?.receiveEnd(UV_EOF);
    });
    // What `stream` emitted as its error was emitted here too.
    stream.once('close', () => this.destroy());
    this.read(0);
  }

  isClosing() {
    return !this.readable || !this.writable;
  }
}

module.exports = JSStreamSocket;
