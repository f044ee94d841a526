'use strict';
// node:trace_events. Tracing objects can be made; enabling one throws, since nothing is traced.

const {
  codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM, ERR_TRACE_EVENTS_CATEGORY_REQUIRED },
} = require('internal/errors');
const { customInspectSymbol } = require('internal/util');
const { validateObject, validateStringArray } = require('internal/validators');

class Tracing {
  #categories;

  constructor(categories) {
    this.#categories = categories;
  }

  enable() {
    throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('trace_events.Tracing.enable()');
  }

  disable() {}

  get enabled() { return false; }
  get categories() { return this.#categories.join(','); }

  [customInspectSymbol](depth, options) {
    if (typeof depth === 'number' && depth < 0) return this;
    const { inspect } = require('internal/util/inspect');
    return `Tracing ${inspect({ enabled: this.enabled, categories: this.categories }, options)}`;
  }
}

function createTracing(options) {
  validateObject(options, 'options');
  validateStringArray(options.categories, 'options.categories');
  if (options.categories.length <= 0) throw new ERR_TRACE_EVENTS_CATEGORY_REQUIRED();
  return new Tracing(options.categories);
}

// None is.
function getEnabledCategories() {
  return undefined;
}

module.exports = { createTracing, getEnabledCategories };
