'use strict';
// process.finalization: functions called when an object is collected, or when the process ends while it lives.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');

function createFinalization() {
  let registry;
  // By the event that calls them.
  const refs = { __proto__: null, exit: [], beforeExit: [] };

  const listeners = {
    __proto__: null,
    exit: () => callAll('exit'),
    beforeExit: () => callAll('beforeExit'),
  };

  function callAll(event) {
    for (const ref of refs[event].splice(0)) {
      const object = ref.deref();
      if (object !== undefined) ref.fn(object, event);
    }
  }

  function forget(ref) {
    for (const event of Object.keys(refs)) {
      refs[event] = refs[event].filter((other) => other !== ref && other.deref() !== undefined);
      if (refs[event].length === 0) process.removeListener(event, listeners[event]);
    }
  }

  function add(event, object, fn) {
    const { emitExperimentalWarning } = require('internal/util');
    emitExperimentalWarning(`process.finalization.${event === 'exit' ? 'register' : 'registerBeforeExit'}`);
    if ((typeof object !== 'object' && typeof object !== 'function') || object === null) {
      throw new ERR_INVALID_ARG_TYPE('obj', 'Object', object);
    }
    const ref = new WeakRef(object);
    registry ??= new FinalizationRegistry(forget);
    if (refs[event].length === 0) process.on(event, listeners[event]);
    ref.fn = fn;
    registry.register(object, ref, object);
    refs[event].push(ref);
  }

  return {
    register(object, fn) { add('exit', object, fn); },
    registerBeforeExit(object, fn) { add('beforeExit', object, fn); },
    unregister(object) {
      if (registry === undefined) return;
      registry.unregister(object);
      for (const event of Object.keys(refs)) {
        refs[event] = refs[event].filter((ref) => ref.deref() !== undefined && ref.deref() !== object);
        if (refs[event].length === 0) process.removeListener(event, listeners[event]);
      }
    },
  };
}

module.exports = { createFinalization };
