'use strict';
// AbortController and AbortSignal, and util.aborted(), which waits for a signal without keeping it alive.

const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS } } = require('internal/errors');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const {
  Event,
  EventTarget,
  defineEventHandler,
  kNewListener,
  kRemoveListener,
  kResistStopPropagation,
  kTrustEvent,
  kWeakHandler,
} = require('internal/event_target');
const { kMaxEventTargetListeners } = require('events');
const { kDeserialize, kTransfer, kTransferList, markTransferMode } = require('internal/structured_clone');
const { kValidateObjectAllowObjects, validateObject, validateUint32 } = require('internal/validators');

const kAborted = Symbol('kAborted');
const kReason = Symbol('kReason');
const kTimeout = Symbol('kTimeout');
const kComposite = Symbol('kComposite');
const kTimeouts = Symbol('kTimeouts');
const kTransferPorts = Symbol('kTransferPorts');
const kSourceSignals = Symbol('kSourceSignals');
const kDependantSignals = Symbol('kDependantSignals');
// Argument of the constructor that only this file has.
const kDontThrowSymbol = Symbol('kDontThrowSymbol');

// Signals with listeners that nothing else may hold: those of timers, and composites of them.
const persistentSignals = new Set();

let timeoutRegistry;
let dependantRegistry;

function createAbortError() {
  const { DOMException } = require('internal/dom_exception');
  return new DOMException('This operation was aborted', 'AbortError');
}

// WebIDL conversions fail with a TypeError of these words and this code.
function conversionError(message) {
  const error = new TypeError(message);
  error.code = 'ERR_INVALID_ARG_TYPE';
  return error;
}

function customInspect(self, object, depth, options) {
  if (depth < 0) return self;
  const { inspect } = require('internal/util/inspect');
  return `${self.constructor.name} ${inspect(object, {
    ...options, depth: options.depth === null ? null : options.depth - 1,
  })}`;
}

function checkSignal(object) {
  if (object?.[kAborted] === undefined) throw new ERR_INVALID_THIS('AbortSignal');
}

// Aborts a signal after a time without holding it: collected signals cancel the timer.
function startTimeout(signal, delay) {
  const { clearTimeout, setTimeout } = require('timers');
  timeoutRegistry ??= new FinalizationRegistry(clearTimeout);
  const ref = new WeakRef(signal);
  const timer = setTimeout(() => {
    const target = ref.deref();
    if (target === undefined) return;
    persistentSignals.delete(target);
    const { DOMException } = require('internal/dom_exception');
    abortSignal(target, new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, delay);
  timer.unref();
  timeoutRegistry.register(signal, timer);
}

class AbortSignal extends EventTarget {
  constructor(token = undefined, settings = undefined) {
    if (token !== kDontThrowSymbol) throw new ERR_ILLEGAL_CONSTRUCTOR();
    super();
    // Any number of things may wait for one signal.
    this[kMaxEventTargetListeners] = 0;
    this[kAborted] = settings?.aborted ?? false;
    this[kReason] = settings?.reason;
    this[kComposite] = settings?.composite ?? false;
  }

  get aborted() {
    checkSignal(this);
    return !!this[kAborted];
  }

  get reason() {
    checkSignal(this);
    return this[kReason];
  }

  throwIfAborted() {
    checkSignal(this);
    if (this[kAborted]) throw this[kReason];
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, { aborted: this.aborted }, depth, options);
  }

  // A port tells the copy when this one aborts. This one stays usable.
  [kTransferList]() {
    if (this.aborted) return [];
    const { MessageChannel } = require('internal/messaging');
    const { port1, port2 } = new MessageChannel();
    port1.unref();
    port2.unref();
    this[kTransferPorts] = { port1, port2 };
    return [port2];
  }

  [kTransfer]() {
    const { aborted } = this;
    if (aborted) {
      return {
        data: { aborted, reason: this.reason },
        deserializeInfo: 'internal/abort_controller:ClonedAbortSignal',
      };
    }
    const { port1, port2 } = this[kTransferPorts];
    this[kTransferPorts] = undefined;
    this.addEventListener('abort', () => {
      port1.postMessage(this.reason);
      port1.close();
    }, { once: true });
    return { data: { port: port2 }, deserializeInfo: 'internal/abort_controller:ClonedAbortSignal' };
  }

  [kDeserialize]({ aborted, reason, port }) {
    if (aborted) {
      this[kAborted] = aborted;
      this[kReason] = reason;
      return;
    }
    port.onmessage = ({ data }) => {
      abortSignal(this, data);
      port.close();
      port.onmessage = undefined;
    };
    // It must not keep the loop alive.
    port.unref();
  }

  static abort(reason = createAbortError()) {
    return new AbortSignal(kDontThrowSymbol, { aborted: true, reason });
  }

  static timeout(delay) {
    validateUint32(delay, 'delay', false);
    const signal = new AbortSignal(kDontThrowSymbol);
    signal[kTimeout] = true;
    startTimeout(signal, delay);
    return signal;
  }

  // A signal that aborts as soon as one of `signals` does.
  static any(signals) {
    const list = signalSequence(signals);
    const result = new AbortSignal(kDontThrowSymbol, { composite: true });
    if (list.length === 0) return result;
    for (const signal of list) {
      if (signal.aborted) {
        abortSignal(result, signal.reason);
        return result;
      }
    }
    const resultRef = new WeakRef(result);
    result[kSourceSignals] = new Set();
    for (const signal of list) {
      // Composites are flattened: only sources that no other signal aborts are followed.
      const sources = signal[kComposite] ? signal[kSourceSignals] : [new WeakRef(signal)];
      for (const sourceRef of sources ?? []) {
        const source = sourceRef.deref();
        if (source === undefined) continue;
        let known = false;
        for (const ref of result[kSourceSignals]) known ||= ref.deref() === source;
        if (known) continue;
        result[kSourceSignals].add(sourceRef);
        // Only its timer knows of such a signal, and holds it weakly.
        if (source[kTimeout]) (result[kTimeouts] ??= []).push(source);
        source[kDependantSignals] ??= new Set();
        source[kDependantSignals].add(resultRef);
        dependantRegistry ??= new FinalizationRegistry(({ dependant, from }) => {
          from.deref()?.[kDependantSignals]?.delete(dependant);
        });
        dependantRegistry.register(result, { dependant: resultRef, from: sourceRef });
      }
    }
    return result;
  }

  [kNewListener](size, type, listener, once, capture, passive, weak) {
    super[kNewListener](size, type, listener, once, capture, passive, weak);
    // Someone waits for the timer: the signal must live until then.
    if ((this[kTimeout] || this[kComposite]) && type === 'abort' && !this.aborted && !weak && size === 1) {
      persistentSignals.add(this);
    }
  }

  [kRemoveListener](size, type, listener, capture) {
    super[kRemoveListener](size, type, listener, capture);
    if ((this[kTimeout] || this[kComposite]) && type === 'abort' && size === 0) persistentSignals.delete(this);
  }
}

// sequence<AbortSignal>
function signalSequence(signals) {
  if (typeof signals !== 'object' || signals === null || typeof signals[Symbol.iterator] !== 'function') {
    throw conversionError('signals cannot be converted to sequence.');
  }
  const list = [];
  for (const signal of signals) {
    if (!(signal instanceof AbortSignal) || signal[kAborted] === undefined) {
      throw conversionError(`signals[${list.length}] is not of type AbortSignal.`);
    }
    list.push(signal);
  }
  return list;
}

Object.defineProperties(AbortSignal.prototype, {
  aborted: kEnumerableProperty,
  [Symbol.toStringTag]: {
    __proto__: null, writable: false, enumerable: false, configurable: true, value: 'AbortSignal',
  },
});
defineEventHandler(AbortSignal.prototype, 'abort');

// Every signal that aborts is marked before any listener runs.
function abortSignal(signal, reason) {
  if (signal[kAborted]) return;
  signal[kReason] = reason;
  signal[kAborted] = true;
  const dependants = [];
  if (signal[kDependantSignals]) {
    for (const ref of signal[kDependantSignals]) {
      const dependant = ref.deref();
      if (dependant === undefined || dependant[kAborted]) continue;
      dependant[kReason] = reason;
      dependant[kAborted] = true;
      dependants.push(dependant);
    }
  }
  runAbort(signal);
  for (const dependant of dependants) runAbort(dependant);
}

function runAbort(signal) {
  signal.dispatchEvent(new Event('abort', { [kTrustEvent]: true }));
  persistentSignals.delete(signal);
}

class AbortController {
  #signal;

  get signal() {
    // Made when asked for.
    return this.#signal ??= new AbortSignal(kDontThrowSymbol);
  }

  abort(reason = createAbortError()) {
    abortSignal(this.#signal ??= new AbortSignal(kDontThrowSymbol), reason);
  }

  [customInspectSymbol](depth, options) {
    return customInspect(this, { signal: this.signal }, depth, options);
  }
}

Object.defineProperties(AbortController.prototype, {
  signal: kEnumerableProperty,
  abort: kEnumerableProperty,
  [Symbol.toStringTag]: {
    __proto__: null, writable: false, enumerable: false, configurable: true, value: 'AbortController',
  },
});

// A promise for the abort of `signal`; it is dropped with `resource`.
async function aborted(signal, resource) {
  if (!(signal instanceof AbortSignal)) throw conversionError('signal is not of type AbortSignal.');
  validateObject(resource, 'resource', kValidateObjectAllowObjects);
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers();
  signal.addEventListener('abort', () => resolve(), {
    __proto__: null, [kWeakHandler]: resource, once: true, [kResistStopPropagation]: true,
  });
  return promise;
}

// What structured clone makes an AbortSignal of, before it is filled.
function ClonedAbortSignal() {
  return new AbortSignal(kDontThrowSymbol);
}
ClonedAbortSignal.prototype = AbortSignal.prototype;

// (AbortSignal) => the same signal, which may now be transferred.
function transferableAbortSignal(signal) {
  if (signal?.[kAborted] === undefined) throw new ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  markTransferMode(signal, false, true);
  return signal;
}

function transferableAbortController() {
  const controller = new AbortController();
  transferableAbortSignal(controller.signal);
  return controller;
}

module.exports = {
  ClonedAbortSignal,
  AbortController,
  AbortSignal,
  abortSignal,
  aborted,
  transferableAbortController,
  transferableAbortSignal,
};
