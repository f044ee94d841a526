'use strict';
// The hooks of promises: those of async_hooks and those of `v8.promiseHooks` share V8's one place.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { isAsyncFunction } = require('internal/util/types');
const { setPromiseHooks: setNative } = internalBinding('async_context_frame');

// init, before, after, settled
const asyncHooks = [undefined, undefined, undefined, undefined];
const users = [[], [], [], []];

// One function for all hooks of a kind. An exception must not get into the promise's code.
function combined(kind) {
  const hooks = asyncHooks[kind] === undefined ? users[kind].slice() : [asyncHooks[kind], ...users[kind]];
  if (hooks.length === 0) return undefined;
  // async_hooks' own do not throw.
  if (users[kind].length === 0) return hooks[0];
  return (promise, parent) => {
    for (const hook of hooks) {
      try {
        hook(promise, parent);
      } catch (err) {
        process.nextTick(() => internalBinding('task_queue').triggerUncaughtException(err, false));
      }
    }
  };
}

function update() {
  setNative(combined(0), combined(1), combined(2), combined(3));
}

// For async_hooks: its four functions, or undefined.
function setPromiseHooks(init, before, after, settled) {
  asyncHooks[0] = init;
  asyncHooks[1] = before;
  asyncHooks[2] = after;
  asyncHooks[3] = settled;
  update();
}

function validateHook(hook, name) {
  if (typeof hook !== 'function' || isAsyncFunction(hook)) throw new ERR_INVALID_ARG_TYPE(name, 'Function', hook);
}

// (function) => function that removes it
function adder(kind, name) {
  return (hook) => {
    validateHook(hook, name);
    users[kind].push(hook);
    update();
    return () => {
      const at = users[kind].indexOf(hook);
      if (at === -1) return;
      users[kind].splice(at, 1);
      update();
    };
  };
}

const onInit = adder(0, 'initHook');
const onBefore = adder(1, 'beforeHook');
const onAfter = adder(2, 'afterHook');
const onSettled = adder(3, 'settledHook');

// ({ init, before, after, settled }) => function that removes them
function createHook({ init, before, after, settled } = {}) {
  const removers = [];
  if (init) removers.push(onInit(init));
  if (before) removers.push(onBefore(before));
  if (after) removers.push(onAfter(after));
  if (settled) removers.push(onSettled(settled));
  return () => {
    for (const remove of removers) remove();
  };
}

module.exports = { createHook, onAfter, onBefore, onInit, onSettled, setPromiseHooks };
