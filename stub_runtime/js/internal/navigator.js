'use strict';
// The global `navigator`.

const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS } } = require('internal/errors');

const kMake = Symbol('make');

class Navigator {
  #parallelism;

  constructor(token = undefined) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  static #check(navigator) {
    if (typeof navigator !== 'object' || navigator === null || !(#parallelism in navigator)) throw new ERR_INVALID_THIS('Navigator');
  }

  get hardwareConcurrency() {
    Navigator.#check(this);
    return this.#parallelism ??= require('os').availableParallelism();
  }

  get locks() {
    Navigator.#check(this);
    return require('internal/locks').locks;
  }

  get language() {
    // Without ICU's data there is no locale to ask for.
    return Intl.Collator().resolvedOptions().locale || 'en-US';
  }

  get languages() {
    return Object.freeze([this.language]);
  }

  get userAgent() {
    return `Node.js/${/\d+/.exec(process.versions.node)[0]}`;
  }

  get platform() {
    return `Linux ${process.arch === 'x64' ? 'x86_64' : process.arch}`;
  }
}
for (const name of ['hardwareConcurrency', 'locks', 'language', 'languages', 'userAgent', 'platform']) {
  Object.defineProperty(Navigator.prototype, name, { __proto__: null, enumerable: true });
}

module.exports = { Navigator, navigator: new Navigator(kMake) };
