'use strict';
// A worker's standard streams. They are messages on the control port: output goes to the parent, input comes from it.

const { Readable, Writable } = require('stream');

const messageTypes = {
  __proto__: null, UP_AND_RUNNING: 'upAndRunning', ERROR: 'error', LOAD_SCRIPT: 'loadScript', STDIO: 'stdio', STDIO_WANTS_MORE: 'more',
  PROFILE: 'profile',
};

// The readable half: of the parent for a worker's stdout and stderr, of a worker for its stdin.
class ReadableWorkerStdio extends Readable {
  constructor(port, name) {
    super();
    this.port = port;
    this.name = name;
    this.startedReading = false;
  }

  _read() {
    if (!this.startedReading && this.name === 'stdin') {
      this.startedReading = true;
      this.port.ref();
    }
    this.port.postMessage({ type: messageTypes.STDIO_WANTS_MORE, stream: this.name });
  }

  receive(chunks) {
    const { Buffer } = require('buffer');
    for (const { chunk, encoding } of chunks) {
      if (chunk === null) {
        if (this.name === 'stdin' && this.startedReading) this.port.unref();
        this.push(null);
      } else {
        this.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), encoding);
      }
    }
  }
}

// The writable half: chunks go out at once, so that what a worker printed is there when it exits.
class WritableWorkerStdio extends Writable {
  constructor(port, name) {
    super({ decodeStrings: false });
    this.port = port;
    this.name = name;
    this.waiting = [];
  }

  _writev(chunks, callback) {
    this.port.postMessage({
      type: messageTypes.STDIO,
      stream: this.name,
      chunks: chunks.map(({ chunk, encoding }) => ({ chunk, encoding })),
    });
    // At once: what waits for a tick is lost when the worker exits.
    callback();
  }

  _final(callback) {
    this.port.postMessage({ type: messageTypes.STDIO, stream: this.name, chunks: [{ chunk: null, encoding: '' }] });
    callback();
  }

  receiveWantsMore() {}
}

module.exports = { messageTypes, ReadableWorkerStdio, WritableWorkerStdio };
