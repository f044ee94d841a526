'use strict';
// Owns: streams that go to another thread (or through structuredClone). The
// original stays and is piped through a MessagePort: `chunk`, `close` and
// `error` one way, `pull` and `error` the other, as the Streams Standard says.

const { kState, setPromiseHandled } = require('internal/webstreams/util');
const readables = require('internal/webstreams/readablestream');
const writables = require('internal/webstreams/writablestream');
const { TransformStream, kCreate: kCreateTransform } = require('internal/webstreams/transformstream');
const { readableStreamPipeTo } = require('internal/webstreams/pipe');
const { dataCloneError } = require('internal/structured_clone');

// Values that cannot be cloned are an error for both sides.
function post(port, type, value) {
  try {
    port.postMessage({ type, value });
  } catch (error) {
    try {
      port.postMessage({ type: 'error', value: error });
    } catch {
      port.postMessage({ type: 'error', value: dataCloneError('The value could not be cloned') });
    }
    throw error;
  }
}

// The source of a stream whose chunks come from a port.
class PortSource {
  // `keepsAlive`: while somebody waits for a chunk, so does the process.
  constructor(port, keepsAlive) {
    this.port = port;
    this.keepsAlive = keepsAlive;
    this.controller = undefined;
  }

  start(controller) {
    const { port } = this;
    this.controller = controller;
    port.onmessage = ({ data }) => this.receive(data.type, data.value);
    port.onmessageerror = () => {
      const error = dataCloneError('Internal transferred ReadableStream error');
      post(port, 'error', error);
      controller.error(error);
      port.close();
    };
    port.unref();
  }

  receive(type, value) {
    const { port, controller } = this;
    switch (type) {
      case 'chunk':
        port.unref();
        controller.enqueue(value);
        break;
      case 'close':
        controller.close();
        port.close();
        break;
      case 'error':
        controller.error(value);
        port.close();
    }
  }

  pull() {
    if (this.keepsAlive) this.port.ref();
    post(this.port, 'pull', undefined);
  }

  cancel(reason) {
    try {
      post(this.port, 'error', reason);
    } finally {
      this.port.close();
    }
  }
}

// The sink of a stream whose chunks go to a port; it waits for each `pull`.
class PortSink {
  constructor(port) {
    this.port = port;
    this.pulled = Promise.withResolvers();
  }

  start(controller) {
    const { port } = this;
    port.onmessage = ({ data }) => {
      if (data.type === 'pull') {
        this.pulled.resolve();
      } else if (data.type === 'error') {
        controller.error(data.value);
        this.pulled.resolve();
      }
    };
    port.onmessageerror = () => {
      const error = dataCloneError('Internal transferred WritableStream error');
      post(port, 'error', error);
      controller.error(error);
      port.close();
    };
    port.unref();
  }

  async write(chunk) {
    await this.pulled.promise;
    this.pulled = Promise.withResolvers();
    try {
      post(this.port, 'chunk', chunk);
    } catch (error) {
      this.port.close();
      throw error;
    }
  }

  close() {
    post(this.port, 'close', undefined);
    this.port.close();
  }

  abort(reason) {
    try {
      post(this.port, 'error', reason);
    } finally {
      this.port.close();
    }
  }
}

const one = () => 1;

function readableFromPort(port, keepsAlive) {
  return new readables.ReadableStream(new PortSource(port, keepsAlive), { highWaterMark: 0, size: one });
}

function writableToPort(port) {
  return new writables.WritableStream(new PortSink(port), { highWaterMark: 1, size: one });
}

function requireUnlocked(stream, isLocked, name) {
  if (isLocked(stream)) throw dataCloneError(`Cannot transfer a locked ${name}`);
}

// [kTransferList]: the port that goes along; the other stays with the stream.
function openChannel(stream) {
  const { port1, port2 } = new MessageChannel();
  stream[kState].transferPorts = { port1, port2 };
  return port2;
}

// [kTransfer] of each class.

function transferReadable(stream) {
  requireUnlocked(stream, readables.isReadableStreamLocked, 'ReadableStream');
  const { port1, port2 } = stream[kState].transferPorts;
  setPromiseHandled(readableStreamPipeTo(stream, writableToPort(port1), false, false, false));
  return {
    data: { port: port2 },
    deserializeInfo: 'internal/webstreams/transfer:TransferredReadableStream',
  };
}

function transferWritable(stream) {
  requireUnlocked(stream, writables.isWritableStreamLocked, 'WritableStream');
  const { port1, port2 } = stream[kState].transferPorts;
  setPromiseHandled(readableStreamPipeTo(readableFromPort(port1, false), stream, false, false, false));
  return {
    data: { port: port2 },
    deserializeInfo: 'internal/webstreams/transfer:TransferredWritableStream',
  };
}

function transferTransform(stream) {
  const { readable, writable } = stream[kState];
  requireUnlocked(readable, readables.isReadableStreamLocked, 'ReadableStream');
  requireUnlocked(writable, writables.isWritableStreamLocked, 'WritableStream');
  return {
    data: {
      readable: transferReadable(readable).data.port,
      writable: transferWritable(writable).data.port,
    },
    deserializeInfo: 'internal/webstreams/transfer:TransferredTransformStream',
  };
}

// On the other side: a bare object of the class, filled by [kDeserialize].
function TransferredReadableStream() {
  return new readables.ReadableStream(readables.kCreate);
}
TransferredReadableStream.prototype = readables.ReadableStream.prototype;

function TransferredWritableStream() {
  return new writables.WritableStream(writables.kCreate);
}
TransferredWritableStream.prototype = writables.WritableStream.prototype;

function TransferredTransformStream() {
  return new TransformStream(kCreateTransform);
}
TransferredTransformStream.prototype = TransformStream.prototype;

function fillReadable(stream, { port }) {
  require('internal/webstreams/readable_controller')
    .setupFromSource(stream, new PortSource(port, true), 0, one);
}

function fillWritable(stream, { port }) {
  require('internal/webstreams/writable_controller')
    .setupFromSink(stream, new PortSink(port), 1, one);
}

function fillTransform(stream, { readable, writable }) {
  stream[kState] = {
    readable: readableFromPort(readable, true),
    writable: writableToPort(writable),
    controller: undefined,
    backpressure: undefined,
  };
}

module.exports = {
  TransferredReadableStream,
  TransferredTransformStream,
  TransferredWritableStream,
  fillReadable,
  fillTransform,
  fillWritable,
  openChannel,
  transferReadable,
  transferTransform,
  transferWritable,
};
