'use strict';
// A histogram of the latest values only: a ring of chunks, each for a number of values or for a span of time. No timer turns it.

const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_VALUE, ERR_INVALID_THIS } } = require('internal/errors');
const { Histogram, countsOf, kMake, makeHistogram, recordedValue, validateLayout } = require('internal/perf/histogram');
const { markTransferMode } = require('internal/structured_clone');
const { validateInteger, validateObject } = require('internal/validators');

const MAX_DURATION = 18446744073709;

function now() {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

class SlidingWindowHistogram {
  #window;

  constructor(token, window) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#window = window;
    markTransferMode(this, false, false);
  }

  static #of(value) {
    if (value === null || typeof value !== 'object' || !(#window in value)) throw new ERR_INVALID_THIS('SlidingWindowHistogram');
    return value.#window;
  }

  // (number | bigint)
  record(val) {
    const window = SlidingWindowHistogram.#of(this);
    const value = recordedValue(val);
    window.current().record(value);
  }

  reset() {
    SlidingWindowHistogram.#of(this).reset();
  }

  snapshot() {
    const window = SlidingWindowHistogram.#of(this);
    const counts = countsOf(window.layout);
    for (const chunk of window.kept()) counts.merge(chunk);
    return makeHistogram(Histogram, counts);
  }
}

class Window {
  // { generation, counts }, the latest last.
  #chunks = [];
  #recorded = 0;
  #start = now();

  constructor(layout, chunks, records, duration) {
    this.layout = layout;
    this.size = chunks;
    this.records = records;
    this.duration = duration;
  }

  #generation() {
    return this.duration === undefined ? Math.floor(this.#recorded / this.records) : Math.floor((now() - this.#start) / this.duration);
  }

  // The chunk of the next value.
  current() {
    const generation = this.#generation();
    this.#recorded++;
    let last = this.#chunks.at(-1);
    if (last?.generation !== generation) {
      last = { generation, counts: countsOf(this.layout) };
      this.#chunks = this.#chunks.filter((chunk) => chunk.generation > generation - this.size);
      this.#chunks.push(last);
    }
    return last.counts;
  }

  // A chunk that is full stays until a value begins the next one.
  kept() {
    const oldest = this.duration === undefined ? -1 : this.#generation() - this.size + 1;
    return this.#chunks.filter((chunk) => chunk.generation >= oldest).map((chunk) => chunk.counts);
  }

  reset() {
    this.#chunks = [];
    this.#recorded = 0;
    this.#start = now();
  }
}

// ({ chunks, chunkDuration | recordsPerChunk, lowest, highest, figures })
function createSlidingWindowHistogram(options) {
  validateObject(options, 'options');
  const { chunks, chunkDuration, recordsPerChunk } = options;
  validateInteger(chunks, 'options.chunks', 1, 1024);
  if ((chunkDuration === undefined) === (recordsPerChunk === undefined)) {
    throw new ERR_INVALID_ARG_VALUE('options', options, 'must specify exactly one of "chunkDuration" or "recordsPerChunk"');
  }
  if (chunkDuration !== undefined) validateInteger(chunkDuration, 'options.chunkDuration', 1, MAX_DURATION);
  else validateInteger(recordsPerChunk, 'options.recordsPerChunk', 1);
  return new SlidingWindowHistogram(kMake, new Window(validateLayout(options), chunks, recordsPerChunk, chunkDuration));
}

module.exports = { createSlidingWindowHistogram };
