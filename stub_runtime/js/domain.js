'use strict';
// node:domain, deprecated: errors of emitters, and of everything that was started inside a domain, go to the domain.
// The domain that is active travels in the async context, so whatever a callback was started for finds it again.

const EventEmitter = require('events');
const { AsyncLocalStorage } = require('async_hooks');
const {
  codes: { ERR_DOMAIN_CALLBACK_NOT_AVAILABLE, ERR_UNHANDLED_ERROR },
} = require('internal/errors');
const { hasUncaughtExceptionCaptureCallback, setDomainHandler } = require('internal/process/execution');

if (hasUncaughtExceptionCaptureCallback()) throw new ERR_DOMAIN_CALLBACK_NOT_AVAILABLE();

const current = new AsyncLocalStorage();
// Domains that were entered by what runs now, the innermost last. In a callback that a domain waited for it is empty.
const stack = [];

// What programs see where no domain is active: null until one was entered and left, and after an exception.
let none = null;

function active() {
  return current.getStore() ?? none;
}

function activate(domain) {
  current.enterWith(domain ?? undefined);
}

// After an exception nothing of what ran goes on.
function clear() {
  stack.length = 0;
  none = null;
  activate(undefined);
}

function mark(error, domain, thrown) {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return;
  Object.defineProperty(error, 'domain', {
    __proto__: null, configurable: true, enumerable: false, value: domain, writable: true,
  });
  error.domainThrown = thrown;
}

class Domain extends EventEmitter {
  constructor() {
    super();
    this.members = [];
  }

  // Takes an exception that nobody caught; false where it goes on to the process.
  _errorHandler(error) {
    mark(error, this, true);
    while (active() === this) this.exit();
    let caught = false;
    if (stack.length === 0) {
      // Nobody above: an 'error' without a listener would hide the exception.
      if (this.listenerCount('error') > 0) caught = this.emit('error', error);
    } else {
      try {
        caught = this.emit('error', error);
      } catch (second) {
        if (stack.length === 0) throw second;
        const outer = stack.at(-1);
        activate(outer);
        caught = outer._errorHandler(second);
      }
    }
    clear();
    return caught;
  }

  enter() {
    stack.push(this);
    activate(this);
  }

  exit() {
    const index = stack.lastIndexOf(this);
    if (index === -1) {
      if (active() === this) activate(stack.at(-1));
      return;
    }
    stack.length = index;
    none = undefined;
    activate(stack.at(-1));
  }

  add(emitter) {
    if (emitter.domain === this) return;
    if (emitter.domain) emitter.domain.remove(emitter);
    // A member of itself, by way of others, would never find an end.
    if (this.domain && emitter instanceof Domain) {
      for (let outer = this.domain; outer; outer = outer.domain) {
        if (emitter === outer) return;
      }
    }
    Object.defineProperty(emitter, 'domain', {
      __proto__: null, configurable: true, enumerable: false, value: this, writable: true,
    });
    this.members.push(emitter);
  }

  remove(emitter) {
    emitter.domain = null;
    const index = this.members.indexOf(emitter);
    if (index !== -1) this.members.splice(index, 1);
  }

  run(fn, ...args) {
    this.enter();
    const result = Reflect.apply(fn, this, args);
    this.exit();
    return result;
  }

  // The first argument, if it is an error, goes to the domain.
  intercept(cb) {
    const self = this;
    return function(error, ...args) {
      if (error instanceof Error) {
        mark(error, self, false);
        error.domainBound = cb;
        self.emit('error', error);
        return undefined;
      }
      return runWithThis(self, cb, this, args);
    };
  }

  bind(cb) {
    const self = this;
    const bound = function(...args) {
      return runWithThis(self, cb, this, args);
    };
    Object.defineProperty(bound, 'domain', {
      __proto__: null, configurable: true, enumerable: false, value: this, writable: true,
    });
    return bound;
  }
}

function runWithThis(domain, fn, receiver, args) {
  domain.enter();
  const result = Reflect.apply(fn, receiver, args);
  domain.exit();
  return result;
}

Object.defineProperty(process, 'domain', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get: active,
  set: activate,
});

// An exception whose place has a domain: the domain's, if it or one around it listens.
setDomainHandler((error) => {
  const domain = active();
  if (!domain) return false;
  const around = stack.at(-1) === domain ? stack : [domain];
  if (!around.some((d) => d.listenerCount('error') > 0)) {
    clear();
    return false;
  }
  if (around !== stack) stack.length = 0;
  return domain._errorHandler(error);
});

const { init } = EventEmitter;
const { emit } = EventEmitter.prototype;

EventEmitter.usingDomains = true;
EventEmitter.init = function(opts) {
  Object.defineProperty(this, 'domain', {
    __proto__: null,
    configurable: true,
    enumerable: false,
    value: this instanceof Domain ? null : current.getStore() ?? null,
    writable: true,
  });
  return Reflect.apply(init, this, [opts]);
};

// 'error' that nobody hears goes to the emitter's domain, and what a listener throws too.
EventEmitter.prototype.emit = function(...args) {
  const { domain } = this;
  const [type] = args;
  const isError = type === 'error';
  if (!(domain instanceof Domain) || this === process || (isError && this.listenerCount('error') > 0)) {
    return Reflect.apply(emit, this, args);
  }
  if (!isError) {
    domain.enter();
    const result = Reflect.apply(emit, this, args);
    domain.exit();
    return result;
  }
  const error = args.length > 1 && args[1] ? args[1] : new ERR_UNHANDLED_ERROR(args[1]);
  if (typeof error === 'object') error.domainEmitter = this;
  mark(error, domain, false);
  // What the listener throws is not this domain's any more.
  const before = [...stack];
  const activeBefore = current.getStore();
  while (stack.at(-1) === domain) stack.pop();
  activate(stack.at(-1));
  domain.emit('error', error);
  stack.splice(0, stack.length, ...before);
  activate(activeBefore);
  return false;
};

function create() {
  return new Domain();
}

module.exports = {
  Domain,
  get active() { return active(); },
  set active(value) { activate(value); },
  create,
  createDomain: create,
  get _stack() {
    const domain = current.getStore();
    return domain === undefined || stack.at(-1) === domain ? stack : [domain];
  },
};
