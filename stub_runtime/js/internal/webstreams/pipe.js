'use strict';
// Owns: ReadableStream.prototype.pipeTo: moving chunks at the destination's
// pace, and what happens to one side when the other ends, fails or the
// signal fires.

const { AbortError, codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_STATE } } = require('internal/errors');
const { checkDictionary, kState, nop, upon } = require('internal/webstreams/util');
const readables = require('internal/webstreams/readablestream');
const writables = require('internal/webstreams/writablestream');
const { isNormalController, takeQueued } = require('internal/webstreams/readable_controller');

// In the order the standard's dictionary is read.
function pipeOptions(options) {
  checkDictionary(options, 'options', true);
  const preventAbort = !!options?.preventAbort;
  const preventCancel = !!options?.preventCancel;
  const preventClose = !!options?.preventClose;
  const signal = options?.signal;
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw new ERR_INVALID_ARG_TYPE('options.signal', 'AbortSignal', signal);
  }
  return { preventAbort, preventCancel, preventClose, signal };
}

function isAbortSignal(value) {
  return typeof value === 'object' && value !== null &&
    (value instanceof AbortSignal || ('aborted' in value && typeof value.addEventListener === 'function'));
}

function readableStreamPipeTo(source, dest, preventClose, preventAbort, preventCancel, signal) {
  return new Pipe(source, dest, preventClose, preventAbort, preventCancel, signal).start();
}

class Pipe {
  constructor(source, dest, preventClose, preventAbort, preventCancel, signal) {
    this.source = source;
    this.dest = dest;
    this.preventClose = preventClose;
    this.preventAbort = preventAbort;
    this.preventCancel = preventCancel;
    this.signal = signal;
    this.reader = new readables.ReadableStreamDefaultReader(source);
    this.writer = new writables.WritableStreamDefaultWriter(dest);
    this.shuttingDown = false;
    // Writes that the destination has not ended yet.
    this.writing = 0;
    this.whenWritten = undefined;
    this.result = Promise.withResolvers();
    this.onAbort = undefined;

    this.writer[kState].onReady = () => {
      if (this.waiting) {
        this.waiting = false;
        this.loop();
      }
    };
    this.waiting = false;
    // All writes share one request: only their number matters.
    const written = () => {
      if (--this.writing === 0 && this.whenWritten !== undefined) upon(undefined, this.whenWritten);
    };
    this.writeRequest = { resolve: written, reject: written };
    // A read that has to wait. Its chunk comes from within the source's
    // enqueue(), which must not call the sink: a turn later.
    let chunk;
    const deliver = () => {
      const value = chunk;
      chunk = undefined;
      this.write(value);
      this.loop();
    };
    this.request = {
      chunk(value) {
        chunk = value;
        upon(undefined, deliver);
      },
      close: nop,
      error: nop,
    };
  }

  start() {
    this.source[kState].disturbed = true;
    const { signal } = this;
    if (signal !== undefined) {
      this.onAbort = () => this.abort();
      if (signal.aborted) {
        this.onAbort();
        return this.result.promise;
      }
      signal.addEventListener('abort', this.onAbort);
    }

    const sourceState = this.source[kState];
    const destState = this.dest[kState];

    // Errors go forward, then backward; closing goes forward, then backward.
    this.when(sourceState, this.reader, 'errored', () => {
      const error = sourceState.storedError;
      if (this.preventAbort) this.shutdown(true, error);
      else this.shutdownWithAction(() => writables.writableStreamAbort(this.dest, error), true, error);
    });
    this.when(destState, this.writer, 'errored', () => {
      const error = destState.storedError;
      if (this.preventCancel) this.shutdown(true, error);
      else this.shutdownWithAction(() => readables.readableStreamCancel(this.source, error), true, error);
    });
    this.when(sourceState, this.reader, 'closed', () => {
      if (this.preventClose) {
        this.shutdown();
      } else {
        this.shutdownWithAction(
          () => writables.writableStreamDefaultWriterCloseWithErrorPropagation(this.writer));
      }
    });
    if (writables.writableStreamCloseQueuedOrInFlight(this.dest) || destState.state === 'closed') {
      const error = new ERR_INVALID_STATE.TypeError('Destination WritableStream is closed');
      if (this.preventCancel) this.shutdown(true, error);
      else this.shutdownWithAction(() => readables.readableStreamCancel(this.source, error), true, error);
    }

    this.loop();
    return this.result.promise;
  }

  // `action` when the stream behind `end` (a reader or writer) gets there.
  when(state, end, wanted, action) {
    if (state.state === wanted) {
      action();
      return;
    }
    const { promise } = end[kState].closed;
    if (wanted === 'errored') upon(promise, nop, action);
    else upon(promise, action, nop);
  }

  abort() {
    let { reason } = this.signal;
    // Node's own AbortError is no DOMException, which the standard wants.
    if (reason instanceof AbortError) reason = new DOMException(reason.message, 'AbortError');
    const actions = [];
    if (!this.preventAbort) {
      actions.push(() => (this.dest[kState].state === 'writable' ?
        writables.writableStreamAbort(this.dest, reason) : Promise.resolve()));
    }
    if (!this.preventCancel) {
      actions.push(() => (this.source[kState].state === 'readable' ?
        readables.readableStreamCancel(this.source, reason) : Promise.resolve()));
    }
    this.shutdownWithAction(() => Promise.all(actions.map((action) => action())), true, reason);
  }

  write(chunk) {
    this.writing++;
    const refused =
      writables.writableStreamDefaultWriterWriteRequest(this.writer, chunk, this.writeRequest);
    if (refused !== undefined) this.writing--;
  }

  // Moves what is there while the destination wants it.
  loop() {
    const sourceState = this.source[kState];
    while (!this.shuttingDown) {
      const desired = writables.writableStreamDefaultWriterGetDesiredSize(this.writer);
      if (desired === null) return; // Errored: the reaction on `closed` takes over.
      if (desired <= 0) {
        this.waiting = true;
        return;
      }
      const { controller } = sourceState;
      if (sourceState.state === 'readable' && isNormalController(controller) &&
          controller[kState].queue.length > 0) {
        this.write(takeQueued(controller));
        continue;
      }
      readables.readableStreamDefaultReaderRead(this.reader, this.request);
      return;
    }
  }

  // Chunks already read must be written.
  afterWrites(then) {
    if (this.writing === 0) upon(undefined, then);
    else this.whenWritten = then;
  }

  mustWaitForWrites() {
    return this.dest[kState].state === 'writable' &&
      !writables.writableStreamCloseQueuedOrInFlight(this.dest);
  }

  shutdownWithAction(action, isError, error) {
    if (this.shuttingDown) return;
    this.shuttingDown = true;
    const act = () => {
      upon(action(),
        () => this.finalize(isError, error),
        (newError) => this.finalize(true, newError));
    };
    if (this.mustWaitForWrites()) this.afterWrites(act);
    else act();
  }

  shutdown(isError, error) {
    if (this.shuttingDown) return;
    this.shuttingDown = true;
    if (this.mustWaitForWrites()) this.afterWrites(() => this.finalize(isError, error));
    else this.finalize(isError, error);
  }

  finalize(isError, error) {
    writables.writableStreamDefaultWriterRelease(this.writer);
    readables.readableStreamDefaultReaderRelease(this.reader);
    if (this.onAbort !== undefined) this.signal.removeEventListener('abort', this.onAbort);
    if (isError) this.result.reject(error);
    else this.result.resolve();
  }
}

module.exports = { pipeOptions, readableStreamPipeTo };
