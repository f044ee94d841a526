'use strict';
// node:trace_events: sets of categories that are switched on and off. The rest is in `internal/trace_events`.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_TRACE_EVENTS_CATEGORY_REQUIRED, ERR_TRACE_EVENTS_UNAVAILABLE },
} = require('internal/errors');
const { customInspectSymbol } = require('internal/util');

// The log is the process's.
if (internalBinding('worker').threadId() !== 0) throw new ERR_TRACE_EVENTS_UNAVAILABLE();

const kMostAtOnce = 10;
// Also keeps them.
const enabledOnes = new Set();

class Tracing {
  #categories;
  #texts;

  constructor(categories) {
    this.#texts = categories.map((category) => `${category}`);
    this.#categories = categories;
  }

  enable() {
    if (this.enabled) return;
    enabledOnes.add(this);
    require('internal/trace_events').change(this.#texts, true);
    if (enabledOnes.size > kMostAtOnce) {
      process.emitWarning('Possible trace_events memory leak detected. There are more than ' +
        `${kMostAtOnce} enabled Tracing objects.`);
    }
  }

  disable() {
    if (!this.enabled) return;
    enabledOnes.delete(this);
    require('internal/trace_events').change(this.#texts, false);
  }

  get enabled() { return enabledOnes.has(this); }
  get categories() { return this.#categories.join(','); }

  [customInspectSymbol](depth, options) {
    const { format } = require('util');
    return `Tracing ${format({ enabled: this.enabled, categories: this.categories })}`;
  }
}

function createTracing(options) {
  if (typeof options !== 'object' || options === null) throw new ERR_INVALID_ARG_TYPE('options', 'object', options);
  const { categories } = options;
  if (!Array.isArray(categories)) throw new ERR_INVALID_ARG_TYPE('options.categories', 'string[]', categories);
  if (categories.length === 0) throw new ERR_TRACE_EVENTS_CATEGORY_REQUIRED();
  return new Tracing(categories);
}

// Comma-separated, undefined where there are none.
function getEnabledCategories() {
  return internalBinding('trace_events').getEnabledCategories();
}

module.exports = { createTracing, getEnabledCategories };
