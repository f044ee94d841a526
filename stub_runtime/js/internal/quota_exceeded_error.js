'use strict';
// The global QuotaExceededError: a DOMException that says how much was wanted and how much there is.

const { DOMException } = require('internal/dom_exception');

function amount(value, name) {
  const number = Number(value);
  if (!Number.isFinite(number)) {
    throw new TypeError(`Cannot convert options.${name} to a double: the value is ${Number.isNaN(number) ? 'NaN' : 'Infinity'}`);
  }
  if (number < 0) throw new RangeError(`options.${name} must not be negative`);
  return number;
}

class QuotaExceededError extends DOMException {
  #quota = null;
  #requested = null;

  constructor(message = '', options = { __proto__: null }) {
    super(message, 'QuotaExceededError');
    if (options == null) return;
    if ('quota' in options) this.#quota = amount(options.quota, 'quota');
    if ('requested' in options) this.#requested = amount(options.requested, 'requested');
    if (this.#quota !== null && this.#requested !== null && this.#requested < this.#quota) {
      throw new RangeError('options.requested must not be less than options.quota');
    }
  }

  get quota() { return this.#quota; }
  get requested() { return this.#requested; }
}
for (const name of ['quota', 'requested']) Object.defineProperty(QuotaExceededError.prototype, name, { __proto__: null, enumerable: true });
Object.defineProperty(QuotaExceededError.prototype, Symbol.toStringTag, { __proto__: null, configurable: true, value: 'QuotaExceededError' });

module.exports = { QuotaExceededError };
