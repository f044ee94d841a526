'use strict';
// DOMException, QuotaExceededError. An instance is a native error (isNativeError, Error.isError) with the
// prototype changed, as WebIDL wants it.

const { codes: { ERR_INVALID_THIS } } = require('internal/errors');
const { kClone, kDeserialize, markTransferMode } = require('internal/structured_clone');

// Legacy names with their number: [constant, name]; the number is the index plus one.
const kLegacy = [
  ['INDEX_SIZE_ERR', 'IndexSizeError'],
  ['DOMSTRING_SIZE_ERR', null],
  ['HIERARCHY_REQUEST_ERR', 'HierarchyRequestError'],
  ['WRONG_DOCUMENT_ERR', 'WrongDocumentError'],
  ['INVALID_CHARACTER_ERR', 'InvalidCharacterError'],
  ['NO_DATA_ALLOWED_ERR', null],
  ['NO_MODIFICATION_ALLOWED_ERR', 'NoModificationAllowedError'],
  ['NOT_FOUND_ERR', 'NotFoundError'],
  ['NOT_SUPPORTED_ERR', 'NotSupportedError'],
  ['INUSE_ATTRIBUTE_ERR', 'InUseAttributeError'],
  ['INVALID_STATE_ERR', 'InvalidStateError'],
  ['SYNTAX_ERR', 'SyntaxError'],
  ['INVALID_MODIFICATION_ERR', 'InvalidModificationError'],
  ['NAMESPACE_ERR', 'NamespaceError'],
  ['INVALID_ACCESS_ERR', 'InvalidAccessError'],
  ['VALIDATION_ERR', null],
  ['TYPE_MISMATCH_ERR', 'TypeMismatchError'],
  ['SECURITY_ERR', 'SecurityError'],
  ['NETWORK_ERR', 'NetworkError'],
  ['ABORT_ERR', 'AbortError'],
  ['URL_MISMATCH_ERR', 'URLMismatchError'],
  ['QUOTA_EXCEEDED_ERR', 'QuotaExceededError'],
  ['TIMEOUT_ERR', 'TimeoutError'],
  ['INVALID_NODE_TYPE_ERR', 'InvalidNodeTypeError'],
  ['DATA_CLONE_ERR', 'DataCloneError'],
];

class Stamp {
  constructor(object) {
    return object;
  }
}

// Private state put on an object that another constructor made.
class State extends Stamp {
  #name;
  #message;

  static set(object, name, message) {
    if (!State.has(object)) new State(object);
    object.#name = name;
    object.#message = message;
  }

  static has(object) {
    return typeof object === 'object' && object !== null && #name in object;
  }

  static name(object) {
    return object.#name;
  }

  static message(object) {
    return object.#message;
  }
}

function check(object) {
  if (!State.has(object)) {
    const error = new ERR_INVALID_THIS('DOMException');
    // Node's native check has other words than its JavaScript ones.
    error.message = 'Value of "this" must be of DOMException';
    throw error;
  }
  return object;
}

class DOMException {
  // options: a name, or { name, cause }
  constructor(message = '', options = 'Error') {
    // V8 leaves out the frames of `new.target`, and puts the name in front of the stack when somebody reads it.
    const self = Reflect.construct(Error, [], new.target);
    let name = options;
    if (options !== null && typeof options === 'object') {
      ({ name } = options);
      if ('cause' in options) {
        Object.defineProperty(self, 'cause', {
          __proto__: null, value: options.cause, configurable: true, writable: true, enumerable: false,
        });
      }
    }
    State.set(self, `${name}`, `${message}`);
    markTransferMode(self, true, false);
    return self;
  }

  get name() {
    return State.name(check(this));
  }

  get message() {
    return State.message(check(this));
  }

  [kClone]() {
    return {
      data: { name: this.name, message: this.message, stack: this.stack },
      deserializeInfo: 'internal/dom_exception:DOMException',
    };
  }

  [kDeserialize]({ name, message, stack }) {
    State.set(this, name, message);
    Object.defineProperty(this, 'stack', {
      __proto__: null, configurable: true, enumerable: false, writable: true, value: stack,
    });
  }

  get code() {
    const name = State.name(check(this));
    return kLegacy.findIndex((entry) => entry[1] === name) + 1;
  }
}

Object.setPrototypeOf(DOMException.prototype, Error.prototype);
Object.defineProperties(DOMException.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'DOMException' },
  name: { __proto__: null, enumerable: true },
  message: { __proto__: null, enumerable: true },
  code: { __proto__: null, enumerable: true },
});
for (let i = 0; i < kLegacy.length; i++) {
  const descriptor = { __proto__: null, enumerable: true, value: i + 1 };
  Object.defineProperty(DOMException, kLegacy[i][0], descriptor);
  Object.defineProperty(DOMException.prototype, kLegacy[i][0], descriptor);
}

// A storage limit was hit: how much there is, how much was asked for.
class QuotaExceededError extends DOMException {
  #quota;
  #requested;

  constructor(message = '', options = { __proto__: null }) {
    super(message, 'QuotaExceededError');
    this.#quota = options.quota ?? null;
    this.#requested = options.requested ?? null;
  }

  get quota() {
    return this.#quota;
  }

  get requested() {
    return this.#requested;
  }
}
Object.defineProperties(QuotaExceededError.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'QuotaExceededError' },
  quota: { __proto__: null, enumerable: true },
  requested: { __proto__: null, enumerable: true },
});

module.exports = { DOMException, QuotaExceededError };
