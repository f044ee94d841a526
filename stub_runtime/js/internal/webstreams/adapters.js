'use strict';
// Owns: one kind of stream as the other: Readable/Writable/Duplex.toWeb and
// fromWeb.

const { Buffer } = require('buffer');
const {
  AbortError,
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE },
} = require('internal/errors');
const {
  validateBoolean,
  validateObject,
  validateOneOf,
} = require('internal/validators');
const { isAnyArrayBuffer } = require('internal/util/types');
const {
  isDestroyed,
  isReadable,
  isWritable,
  isWritableEnded,
  isWritableNodeStream,
} = require('internal/streams/utils');
const { destroyer: destroy } = require('internal/streams/destroy');
const finished = require('internal/streams/end-of-stream');
const Readable = require('internal/streams/readable');
const Writable = require('internal/streams/writable');
const Duplex = require('internal/streams/duplex');
const {
  ReadableStream,
  isReadableStream,
  readableStreamDefaultReaderRead,
} = require('internal/webstreams/readablestream');
const { upon } = require('internal/webstreams/util');
const { WritableStream, isWritableStream } = require('internal/webstreams/writablestream');
const {
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
} = require('internal/webstreams/queuingstrategies');

function nop() {}

// zlib's errors about the data, which the web's streams tell as TypeErrors.
const DATA_ERRORS = new Set([
  'Z_NEED_DICT', 'Z_ERRNO', 'Z_STREAM_ERROR', 'Z_DATA_ERROR', 'Z_MEM_ERROR', 'Z_BUF_ERROR', 'Z_VERSION_ERROR',
]);

function translate(cause) {
  switch (true) {
    case cause?.code === 'ERR_STREAM_PREMATURE_CLOSE':
      return new AbortError(undefined, { cause });
    case DATA_ERRORS.has(cause?.code) || `${cause?.code}`.startsWith('ERR__ERROR_'): {
      // eslint-disable-next-line no-restricted-syntax
      const error = new TypeError(undefined, { cause });
      error.code = cause.code;
      return error;
    }
    default:
      return cause;
  }
}

// -- Node streams as web streams ------------------------------------------------

// `convertChunk` turns what is written into what the stream takes (or throws);
// `failBothSides` destroys the stream when a chunk was refused.
function newWritableStreamFromStreamWritable(streamWritable, { convertChunk, failBothSides } = {}) {
  // An OutgoingMessage of http has no state of ours but is a Writable.
  if (typeof streamWritable?._writableState !== 'object' && !isWritableNodeStream(streamWritable)) {
    throw new ERR_INVALID_ARG_TYPE('streamWritable', 'stream.Writable', streamWritable);
  }
  if (isDestroyed(streamWritable) || !isWritable(streamWritable)) {
    const writable = new WritableStream();
    writable.close();
    return writable;
  }

  const highWaterMark = streamWritable.writableHighWaterMark;
  const objectMode = streamWritable.writableObjectMode;
  const strategy = objectMode ?
    new CountQueuingStrategy({ highWaterMark }) : { highWaterMark };

  let controller;
  let drained;
  let closed;

  const cleanup = finished(streamWritable, (error) => {
    error = translate(error);
    cleanup();
    // An error after the end has nobody to go to.
    streamWritable.on('error', nop);
    if (error != null) {
      drained?.reject(error);
      if (closed !== undefined) {
        closed.reject(error);
        closed = undefined;
      }
      controller.error(error);
      controller = undefined;
      return;
    }
    if (closed !== undefined) {
      closed.resolve();
      closed = undefined;
      return;
    }
    controller.error(new AbortError());
    controller = undefined;
  });

  streamWritable.on('drain', () => drained?.resolve());

  // Until the stream takes more.
  async function room() {
    drained = Promise.withResolvers();
    try {
      await drained.promise;
    } finally {
      drained = undefined;
    }
  }

  function write(chunk) {
    try {
      if (convertChunk !== undefined) chunk = convertChunk(chunk);
      else if (!objectMode && isAnyArrayBuffer(chunk)) chunk = new Uint8Array(chunk);
      return streamWritable.write(chunk);
    } catch (error) {
      if (failBothSides) destroy(streamWritable, error);
      throw error;
    }
  }

  return new WritableStream({
    start(c) {
      controller = c;
    },
    write(chunk) {
      if (streamWritable.writableNeedDrain) {
        return room().then(() => (write(chunk) ? undefined : room()));
      }
      if (!write(chunk)) return room();
    },
    abort(reason) {
      destroy(streamWritable, reason);
    },
    close() {
      if (closed === undefined && !isWritableEnded(streamWritable)) closed = Promise.withResolvers();
      streamWritable.end();
      return closed?.promise;
    },
  }, strategy);
}

function newReadableStreamFromStreamReadable(streamReadable, options = {}) {
  if (typeof streamReadable?._readableState !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('streamReadable', 'stream.Readable', streamReadable);
  }
  validateObject(options, 'options');
  if (options.type !== undefined) validateOneOf(options.type, 'options.type', ['bytes', undefined]);
  const bytes = options.type === 'bytes';

  if (isDestroyed(streamReadable) || !isReadable(streamReadable)) {
    const readable = new ReadableStream({ type: options.type });
    readable.cancel();
    return readable;
  }

  const objectMode = streamReadable.readableObjectMode;
  const highWaterMark = streamReadable.readableHighWaterMark;
  let { strategy } = options;
  if (!strategy) {
    if (bytes) strategy = { highWaterMark };
    else if (objectMode) strategy = new CountQueuingStrategy({ highWaterMark });
    else strategy = new ByteLengthQueuingStrategy({ highWaterMark });
  }

  let controller;
  let cancelled = false;

  streamReadable.pause();

  const cleanup = finished(streamReadable, (error) => {
    error = translate(error);
    cleanup();
    streamReadable.on('error', nop);
    if (error) return controller.error(error);
    // Cancelled: the controller is closed already.
    if (cancelled) return;
    controller.close();
    // A reader that waits with its own memory gets it back.
    if (bytes) controller.byobRequest?.respond(0);
  });

  streamReadable.on('data', (chunk) => {
    // Out of the pool: byte streams give memory away.
    if (Buffer.isBuffer(chunk) && !objectMode) chunk = new Uint8Array(chunk);
    controller.enqueue(chunk);
    if (controller.desiredSize <= 0) streamReadable.pause();
  });

  return new ReadableStream({
    type: options.type,
    start(c) {
      controller = c;
    },
    pull() {
      streamReadable.resume();
    },
    cancel(reason) {
      cancelled = true;
      destroy(streamReadable, reason);
    },
  }, strategy);
}

function newReadableWritablePairFromDuplex(duplex, options = {}) {
  if (typeof duplex?._writableState !== 'object' || typeof duplex?._readableState !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('duplex', 'stream.Duplex', duplex);
  }
  validateObject(options, 'options');
  const readableOptions = { __proto__: null, type: options.readableType === undefined ? options.type ?? undefined : options.readableType };

  if (isDestroyed(duplex)) {
    const writable = new WritableStream();
    const readable = new ReadableStream({ type: readableOptions.type });
    writable.close();
    readable.cancel();
    return { readable, writable };
  }

  const writable = isWritable(duplex) ?
    newWritableStreamFromStreamWritable(duplex, options) : new WritableStream();
  if (!isWritable(duplex)) writable.close();

  const readable = isReadable(duplex) ?
    newReadableStreamFromStreamReadable(duplex, readableOptions) : new ReadableStream({ type: readableOptions.type });
  if (!isReadable(duplex)) readable.cancel();

  return { writable, readable };
}

// -- web streams as Node streams ------------------------------------------------

// An error thrown by a stream's own callback has no promise to reject.
function throwLater(error) {
  process.nextTick(() => { throw error; });
}

// The write side's methods over a writer; `self()` is the stream they are of.
function writerMethods(writer, self, { decodeStrings, objectMode }) {
  function answer(callback, error) {
    try {
      callback(error);
    } catch (thrown) {
      // The promise chain would swallow it.
      process.nextTick(() => destroy(self(), thrown));
    }
  }

  function toChunk(chunk, encoding) {
    if (typeof chunk === 'string' && decodeStrings && !objectMode) {
      const bytes = Buffer.from(chunk, encoding);
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return chunk;
  }

  return {
    writev(chunks, callback) {
      const done = (error) => answer(callback, error);
      writer.ready.then(() => Promise.all(
        chunks.map(({ chunk, encoding }) => writer.write(toChunk(chunk, encoding))),
      )).then(() => done(), done);
    },
    write(chunk, encoding, callback) {
      const done = (error) => answer(callback, error);
      writer.ready.then(() => writer.write(toChunk(chunk, encoding))).then(() => done(), done);
    },
    close(callback) {
      const done = (error) => answer(callback, error);
      writer.close().then(() => done(), done);
    },
  };
}

function newStreamWritableFromWritableStream(writableStream, options = {}) {
  if (!isWritableStream(writableStream)) {
    throw new ERR_INVALID_ARG_TYPE('writableStream', 'WritableStream', writableStream);
  }
  validateObject(options, 'options');
  const { highWaterMark, decodeStrings = true, objectMode = false, signal } = options;
  validateBoolean(objectMode, 'options.objectMode');
  validateBoolean(decodeStrings, 'options.decodeStrings');

  const writer = writableStream.getWriter();
  let closed = false;
  const methods = writerMethods(writer, () => writable, { decodeStrings, objectMode });

  const writable = new Writable({
    highWaterMark,
    objectMode,
    decodeStrings,
    signal,
    writev: methods.writev,
    write: methods.write,
    final(callback) {
      if (closed) callback();
      else methods.close(callback);
    },
    destroy(error, callback) {
      const done = () => {
        try {
          callback(error);
        } catch (thrown) {
          throwLater(thrown);
        }
      };
      if (closed) done();
      else if (error != null) writer.abort(error).then(done, done);
      else writer.close().then(done, done);
    },
  });

  writer.closed.then(() => {
    closed = true;
    // Closed by somebody else: no 'finish' would come any more.
    if (!isWritableEnded(writable)) destroy(writable, new AbortError());
  }, (error) => {
    closed = true;
    destroy(writable, error);
  });
  return writable;
}

function newStreamReadableFromReadableStream(readableStream, options = {}) {
  if (!isReadableStream(readableStream)) {
    throw new ERR_INVALID_ARG_TYPE('readableStream', 'ReadableStream', readableStream);
  }
  validateObject(options, 'options');
  const { highWaterMark, encoding, objectMode = false, signal } = options;
  if (encoding !== undefined && !Buffer.isEncoding(encoding)) {
    throw new ERR_INVALID_ARG_VALUE('options.encoding', encoding);
  }
  validateBoolean(objectMode, 'options.objectMode');

  const reader = readableStream.getReader();
  const source = new ReadInto(reader, () => readable);
  let closed = false;

  const readable = new Readable({
    objectMode,
    highWaterMark,
    encoding,
    signal,
    read() {
      source.read();
    },
    destroy(error, callback) {
      const done = () => {
        try {
          callback(error);
        } catch (thrown) {
          throwLater(thrown);
        }
      };
      if (closed) done();
      else reader.cancel(error).then(done, done);
    },
  });

  reader.closed.then(() => {
    closed = true;
  }, (error) => {
    closed = true;
    destroy(readable, error);
  });
  return readable;
}

// Reads for a Readable (or Duplex) until it has enough. A chunk may come from
// within the source's enqueue(): it is handed on a turn later.
class ReadInto {
  constructor(reader, self) {
    this.reader = reader;
    this.self = self;
    this.value = undefined;
    this.push = () => {
      const { value } = this;
      this.value = undefined;
      self().push(value);
    };
    this.end = () => self().push(null);
  }

  read() {
    readableStreamDefaultReaderRead(this.reader, this);
  }

  chunk(value) {
    this.value = value;
    upon(undefined, this.push);
  }

  close() {
    upon(undefined, this.end);
  }

  error(error) {
    upon(undefined, () => destroy(this.self(), error));
  }
}

function newStreamDuplexFromReadableWritablePair(pair = {}, options = {}) {
  validateObject(pair, 'pair');
  const { readable: readableStream, writable: writableStream } = pair;
  if (!isReadableStream(readableStream)) {
    throw new ERR_INVALID_ARG_TYPE('pair.readable', 'ReadableStream', readableStream);
  }
  if (!isWritableStream(writableStream)) {
    throw new ERR_INVALID_ARG_TYPE('pair.writable', 'WritableStream', writableStream);
  }
  validateObject(options, 'options');
  const {
    allowHalfOpen = false,
    objectMode = false,
    encoding,
    decodeStrings = true,
    highWaterMark,
    signal,
  } = options;
  validateBoolean(objectMode, 'options.objectMode');
  if (encoding !== undefined && !Buffer.isEncoding(encoding)) {
    throw new ERR_INVALID_ARG_VALUE('options.encoding', encoding);
  }

  const writer = writableStream.getWriter();
  const reader = readableStream.getReader();
  const source = new ReadInto(reader, () => duplex);
  let writableClosed = false;
  let readableClosed = false;
  const methods = writerMethods(writer, () => duplex, { decodeStrings, objectMode });

  const duplex = new Duplex({
    allowHalfOpen,
    highWaterMark,
    objectMode,
    encoding,
    decodeStrings,
    signal,
    writev: methods.writev,
    write: methods.write,
    final(callback) {
      if (writableClosed) callback();
      else methods.close(callback);
    },
    read() {
      source.read();
    },
    destroy(error, callback) {
      const done = () => {
        try {
          callback(error);
        } catch (thrown) {
          throwLater(thrown);
        }
      };
      if (writableClosed && readableClosed) {
        done();
        return;
      }
      Promise.all([
        writableClosed ? undefined : writer.abort(error),
        readableClosed ? undefined : reader.cancel(error),
      ]).then(done, done);
    },
  });

  const failed = (error) => {
    writableClosed = true;
    readableClosed = true;
    destroy(duplex, error);
  };
  writer.closed.then(() => {
    writableClosed = true;
    if (!isWritableEnded(duplex)) destroy(duplex, new AbortError());
  }, failed);
  reader.closed.then(() => {
    readableClosed = true;
  }, failed);
  return duplex;
}

module.exports = {
  newWritableStreamFromStreamWritable,
  newReadableStreamFromStreamReadable,
  newReadableWritablePairFromDuplex,
  newStreamWritableFromWritableStream,
  newStreamReadableFromReadableStream,
  newStreamDuplexFromReadableWritablePair,
};
