'use strict';
// Owns: ReadableStream.prototype.tee for both kinds of stream.

const { kState, nop, upon } = require('internal/webstreams/util');
const streams = require('internal/webstreams/readablestream');
const normal = require('internal/webstreams/readable_controller');
const byte = require('internal/webstreams/byte_controller');

function readableStreamTee(stream, cloneForBranch2) {
  return byte.isByteController(stream[kState].controller) ?
    teeBytes(stream) : teeValues(stream, cloneForBranch2);
}

// What both kinds share: the stream is cancelled when both branches are, with
// both reasons.
class Cancellation {
  constructor(stream) {
    this.stream = stream;
    this.cancelled = [false, false];
    this.reasons = [undefined, undefined];
    this.result = Promise.withResolvers();
  }

  cancel(branch, reason) {
    this.cancelled[branch] = true;
    this.reasons[branch] = reason;
    if (this.cancelled[1 - branch]) {
      this.result.resolve(streams.readableStreamCancel(this.stream, [...this.reasons]));
    }
    return this.result.promise;
  }
}

function teeValues(stream, cloneForBranch2) {
  const reader = new streams.ReadableStreamDefaultReader(stream);
  const cancellation = new Cancellation(stream);
  const { cancelled } = cancellation;
  const branches = [];
  let reading = false;
  let readAgain = false;

  function pull() {
    if (reading) {
      readAgain = true;
      return Promise.resolve();
    }
    reading = true;
    streams.readableStreamDefaultReaderRead(reader, {
      // A microtask later: an error of the source in the same turn wins.
      chunk(value) {
        upon(undefined, () => {
          readAgain = false;
          const value1 = value;
          let value2 = value;
          if (!cancelled[1] && cloneForBranch2) {
            try {
              value2 = structuredClone(value2);
            } catch (error) {
              for (const branch of branches) normal.fail(branch[kState].controller, error);
              cancellation.result.resolve(streams.readableStreamCancel(stream, error));
              return;
            }
          }
          if (!cancelled[0]) normal.enqueue(branches[0][kState].controller, value1);
          if (!cancelled[1]) normal.enqueue(branches[1][kState].controller, value2);
          reading = false;
          if (readAgain) pull();
        });
      },
      close() {
        reading = false;
        for (let i = 0; i < 2; i++) {
          if (!cancelled[i]) normal.close(branches[i][kState].controller);
        }
        if (!cancelled[0] || !cancelled[1]) cancellation.result.resolve();
      },
      error() {
        reading = false;
      },
    });
    return Promise.resolve();
  }

  for (let i = 0; i < 2; i++) {
    branches.push(streams.createReadableStream(nop, pull, (reason) => cancellation.cancel(i, reason)));
  }
  upon(reader[kState].closed.promise, nop, (error) => {
    for (const branch of branches) normal.fail(branch[kState].controller, error);
    if (!cancelled[0] || !cancelled[1]) cancellation.result.resolve();
  });
  return branches;
}

function teeBytes(stream) {
  let reader = new streams.ReadableStreamDefaultReader(stream);
  const cancellation = new Cancellation(stream);
  const { cancelled } = cancellation;
  const branches = [];
  let reading = false;
  const readAgain = [false, false];

  function controllerOf(i) {
    return branches[i][kState].controller;
  }

  function forwardReaderError(thisReader) {
    upon(thisReader[kState].closed.promise, nop, (error) => {
      if (thisReader !== reader) return;
      byte.fail(controllerOf(0), error);
      byte.fail(controllerOf(1), error);
      if (!cancelled[0] || !cancelled[1]) cancellation.result.resolve();
    });
  }

  function clone(chunk) {
    const { buffer, byteOffset, byteLength } = chunk;
    return new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));
  }

  function giveUp(error) {
    byte.fail(controllerOf(0), error);
    byte.fail(controllerOf(1), error);
    cancellation.result.resolve(streams.readableStreamCancel(stream, error));
  }

  function continueReading() {
    reading = false;
    if (readAgain[0]) pull(0);
    else if (readAgain[1]) pull(1);
  }

  function pullWithDefaultReader() {
    if (streams.isBYOBReader(reader)) {
      streams.readableStreamBYOBReaderRelease(reader);
      reader = new streams.ReadableStreamDefaultReader(stream);
      forwardReaderError(reader);
    }
    streams.readableStreamDefaultReaderRead(reader, {
      chunk(chunk) {
        upon(undefined, () => {
          readAgain[0] = readAgain[1] = false;
          const chunk1 = chunk;
          let chunk2 = chunk;
          if (!cancelled[0] && !cancelled[1]) {
            try {
              chunk2 = clone(chunk);
            } catch (error) {
              giveUp(error);
              return;
            }
          }
          if (!cancelled[0]) byte.enqueue(controllerOf(0), chunk1);
          if (!cancelled[1]) byte.enqueue(controllerOf(1), chunk2);
          continueReading();
        });
      },
      close() {
        reading = false;
        for (let i = 0; i < 2; i++) {
          if (!cancelled[i]) byte.close(controllerOf(i));
        }
        for (let i = 0; i < 2; i++) {
          if (controllerOf(i)[kState].pendingPullIntos.length > 0) byte.respond(controllerOf(i), 0);
        }
        if (!cancelled[0] || !cancelled[1]) cancellation.result.resolve();
      },
      error() {
        reading = false;
      },
    });
  }

  // Reads into the memory of the branch that asked; the other gets a copy.
  function pullWithBYOBReader(view, i) {
    if (!streams.isBYOBReader(reader)) {
      streams.readableStreamDefaultReaderRelease(reader);
      reader = new streams.ReadableStreamBYOBReader(stream);
      forwardReaderError(reader);
    }
    const other = 1 - i;
    streams.readableStreamBYOBReaderRead(reader, view, 1, {
      chunk(chunk) {
        upon(undefined, () => {
          readAgain[0] = readAgain[1] = false;
          if (!cancelled[other]) {
            let copy;
            try {
              copy = clone(chunk);
            } catch (error) {
              giveUp(error);
              return;
            }
            if (!cancelled[i]) byte.respondWithNewView(controllerOf(i), chunk);
            byte.enqueue(controllerOf(other), copy);
          } else if (!cancelled[i]) {
            byte.respondWithNewView(controllerOf(i), chunk);
          }
          continueReading();
        });
      },
      close(chunk) {
        reading = false;
        if (!cancelled[i]) byte.close(controllerOf(i));
        if (!cancelled[other]) byte.close(controllerOf(other));
        if (chunk !== undefined) {
          if (!cancelled[i]) byte.respondWithNewView(controllerOf(i), chunk);
          if (!cancelled[other] && controllerOf(other)[kState].pendingPullIntos.length > 0) {
            byte.respond(controllerOf(other), 0);
          }
        }
        if (!cancelled[0] || !cancelled[1]) cancellation.result.resolve();
      },
      error() {
        reading = false;
      },
    });
  }

  function pull(i) {
    if (reading) {
      readAgain[i] = true;
      return Promise.resolve();
    }
    reading = true;
    const request = byte.getBYOBRequest(controllerOf(i));
    if (request === null) pullWithDefaultReader();
    else pullWithBYOBReader(request[kState].view, i);
    return Promise.resolve();
  }

  for (let i = 0; i < 2; i++) {
    branches.push(streams.createReadableByteStream(nop, () => pull(i), (reason) => cancellation.cancel(i, reason)));
  }
  forwardReaderError(reader);
  return branches;
}

module.exports = { readableStreamTee };
