'use strict';
// perf_hooks.timerify: how long calls of a function take.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateFunction, validateObject } = require('internal/validators');
const { enqueueNodeEntry, hasObserver } = require('internal/perf/observe');

// (function, { histogram }) => the function, measured: an entry of type 'function' for who observes them
function timerify(fn, options = {}) {
  const { now } = require('internal/perf/performance');
  validateFunction(fn, 'fn');
  validateObject(options, 'options');
  const { histogram } = options;
  if (histogram !== undefined &&
      (!require('internal/perf/histogram').isHistogram(histogram) || typeof histogram.record !== 'function')) {
    throw new ERR_INVALID_ARG_TYPE('options.histogram', 'RecordableHistogram', histogram);
  }
  function done(start, args) {
    const duration = now() - start;
    if (histogram !== undefined) histogram.record(Math.max(Math.ceil(duration * 1e6), 1));
    if (!hasObserver('function')) return;
    enqueueFunction(fn.name, start, duration, args);
  }
  function timerified(...args) {
    const start = now();
    const result = new.target ? Reflect.construct(fn, args, fn) : Reflect.apply(fn, this, args);
    if (!new.target && typeof result?.finally === 'function') return result.finally(() => done(start, args));
    done(start, args);
    return result;
  }
  Object.defineProperties(timerified, {
    length: { __proto__: null, configurable: false, enumerable: true, value: fn.length },
    name: { __proto__: null, configurable: false, enumerable: true, value: `timerified ${fn.name}` },
  });
  return timerified;
}

// The arguments are the entry's detail and its elements.
function enqueueFunction(name, start, duration, args) {
  enqueueNodeEntry(name, 'function', start, duration, args, (entry) => args.forEach((argument, i) => {
    entry[i] = argument;
  }));
}

module.exports = { timerify };
