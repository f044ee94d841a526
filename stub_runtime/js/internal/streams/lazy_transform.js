'use strict';
// Owns: LazyTransform: a Transform whose stream state is made on first use.
// crypto's Hash, Cipher... are used without their stream side most of the time.

const stream = require('stream');

module.exports = LazyTransform;

function LazyTransform(options) {
  this._options = options;
}
Object.setPrototypeOf(LazyTransform.prototype, stream.Transform.prototype);
Object.setPrototypeOf(LazyTransform, stream.Transform);

function makeState(self) {
  stream.Transform.call(self, self._options);
  self._writableState.decodeStrings = false;
}

for (const name of ['_readableState', '_writableState']) {
  Object.defineProperty(LazyTransform.prototype, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      makeState(this);
      return this[name];
    },
    set(value) {
      Object.defineProperty(this, name, {
        __proto__: null,
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    },
  });
}
