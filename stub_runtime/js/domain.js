'use strict';
// node:domain, deprecated: emitters and callbacks of a domain report their errors to it. Covers what is bound or
// added explicitly; errors of timers and promises that were started inside run() do not find their domain.

const EventEmitter = require('events');

const stack = [];

class Domain extends EventEmitter {
  constructor() {
    super();
    this.members = [];
  }

  enter() {
    exports.active = process.domain = this;
    stack.push(this);
  }

  exit() {
    const index = stack.lastIndexOf(this);
    if (index === -1) return;
    stack.splice(index);
    exports.active = process.domain = stack[stack.length - 1];
  }

  add(emitter) {
    if (emitter.domain === this) return;
    if (emitter.domain) emitter.domain.remove(emitter);
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
        error.domainBound = cb;
        error.domainThrown = false;
        error.domain = self;
        self.emit('error', error);
        return;
      }
      return self.run(() => Reflect.apply(cb, this, args));
    };
  }

  bind(cb) {
    const self = this;
    return function(...args) {
      return self.run(() => Reflect.apply(cb, this, args));
    };
  }
}

const { emit, init } = { emit: EventEmitter.prototype.emit, init: EventEmitter.init };

EventEmitter.usingDomains = true;
EventEmitter.init = function(opts) {
  if (!(this instanceof Domain) && exports.active) exports.active.add(this);
  return Reflect.apply(init, this, [opts]);
};

// 'error' that nobody hears goes to the emitter's domain.
EventEmitter.prototype.emit = function(type, ...args) {
  const { domain } = this;
  if (type === 'error' && domain instanceof Domain && this.listenerCount('error') === 0) {
    const er = args.length > 0 && args[0] ? args[0] : new Error('Unhandled "error" event');
    if (typeof er === 'object') {
      er.domainEmitter = this;
      er.domain = domain;
      er.domainThrown = false;
    }
    return domain.emit('error', er);
  }
  return Reflect.apply(emit, this, [type, ...args]);
};

function create() {
  return new Domain();
}

Object.assign(exports, { Domain, active: null, create, createDomain: create, _stack: stack });
