'use strict';
// perf_hooks.monitorEventLoopDelay: a timer that measures how late it is.

const { codes: { ERR_INVALID_THIS } } = require('internal/errors');
const { Counts, Histogram, kCounts, kMake } = require('internal/perf/histogram');
const { markTransferMode } = require('internal/structured_clone');
const { validateInteger, validateObject } = require('internal/validators');

const HOUR = 3.6e12;

class ELDHistogram extends Histogram {
  #resolution;
  #timer;

  constructor(token, resolution) {
    super(token);
    this.#resolution = resolution;
  }

  enable() {
    if (!(#timer in this)) throw new ERR_INVALID_THIS('ELDHistogram');
    if (this.#timer !== undefined) return false;
    let previous = process.hrtime.bigint();
    this.#timer = setInterval(() => {
      const now = process.hrtime.bigint();
      this[kCounts].record(Number(now - previous));
      previous = now;
    }, this.#resolution).unref();
    return true;
  }

  disable() {
    if (!(#timer in this)) throw new ERR_INVALID_THIS('ELDHistogram');
    if (this.#timer === undefined) return false;
    clearInterval(this.#timer);
    this.#timer = undefined;
    return true;
  }

  [Symbol.dispose]() {
    this.disable();
  }
}

function monitorEventLoopDelay(options = {}) {
  validateObject(options, 'options');
  const { resolution = 10 } = options;
  validateInteger(resolution, 'options.resolution', 1);
  const histogram = new ELDHistogram(kMake, resolution);
  Object.defineProperty(histogram, kCounts, { __proto__: null, enumerable: false, value: new Counts(1, HOUR, 3) });
  markTransferMode(histogram, true, false);
  return histogram;
}

module.exports = { monitorEventLoopDelay };
