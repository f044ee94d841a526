'use strict';
// Owns: the bit layout shared by ReadableState and WritableState, and the
// helper that exposes single bits as boolean accessors (the names user code
// and other built-ins read, such as `_readableState.ended`).
// Not here: the bits only one side has; see readable.js and writable.js.

const kState = Symbol('kState');
const kErroredValue = Symbol('kErroredValue');
const kOnConstructed = Symbol('kOnConstructed');

const kObjectMode = 1 << 0;
const kErrorEmitted = 1 << 1;
const kAutoDestroy = 1 << 2;
const kEmitClose = 1 << 3;
const kDestroyed = 1 << 4;
const kClosed = 1 << 5;
const kCloseEmitted = 1 << 6;
const kErrored = 1 << 7;
const kConstructed = 1 << 8;
// First bit free for the side-specific flags.
const kFirstOwnBit = 9;

// Defines `name` on a state prototype as a view of one bit.
function defineFlag(proto, name, bit) {
  Object.defineProperty(proto, name, {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() { return (this[kState] & bit) !== 0; },
    set(value) {
      if (value) this[kState] |= bit;
      else this[kState] &= ~bit;
    },
  });
}

// Both states keep their error in a slot that only exists after an error; the
// bit lets hot paths test it together with others.
function defineErrored(proto) {
  Object.defineProperty(proto, 'errored', {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() { return (this[kState] & kErrored) !== 0 ? this[kErroredValue] : null; },
    set(value) {
      if (value) {
        this[kErroredValue] = value;
        this[kState] |= kErrored;
      } else {
        this[kState] &= ~kErrored;
      }
    },
  });
}

const sharedFlags = {
  __proto__: null,
  objectMode: kObjectMode,
  errorEmitted: kErrorEmitted,
  autoDestroy: kAutoDestroy,
  emitClose: kEmitClose,
  destroyed: kDestroyed,
  closed: kClosed,
  closeEmitted: kCloseEmitted,
  constructed: kConstructed,
};

// Installs the shared accessors plus those of `own` ({ name: bit }).
function defineFlags(proto, own) {
  for (const name in sharedFlags) defineFlag(proto, name, sharedFlags[name]);
  for (const name in own) defineFlag(proto, name, own[name]);
  defineErrored(proto);
}

module.exports = {
  kState,
  kErroredValue,
  kOnConstructed,
  kObjectMode,
  kErrorEmitted,
  kAutoDestroy,
  kEmitClose,
  kDestroyed,
  kClosed,
  kCloseEmitted,
  kErrored,
  kConstructed,
  kFirstOwnBit,
  defineFlags,
};
