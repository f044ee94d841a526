'use strict';
// Promises as asynchronous resources: V8's promise hooks, on only while a hook asks for them.

const hooks = require('internal/async_hooks');
const { symbols: { async_id_symbol, trigger_async_id_symbol } } = hooks;
const frame = internalBinding('async_context_frame');

let installed = false;

function track(promise, parent) {
  const trigger = parent ? parent[async_id_symbol] ?? track(parent) : hooks.getDefaultTriggerAsyncId();
  promise[async_id_symbol] = hooks.newAsyncId();
  promise[trigger_async_id_symbol] = trigger;
  return promise[async_id_symbol];
}

function init(promise, parent) {
  track(promise, parent);
  hooks.emitInit(promise[async_id_symbol], 'PROMISE', promise[trigger_async_id_symbol], promise);
}

function before(promise) {
  if (promise[async_id_symbol] === undefined) init(promise, undefined);
  hooks.emitBefore(promise[async_id_symbol], promise[trigger_async_id_symbol], promise);
}

function after(promise) {
  if (hooks.executionAsyncId() === promise[async_id_symbol]) hooks.emitAfter(promise[async_id_symbol]);
}

function settled(promise) {
  if (promise[async_id_symbol] === undefined) init(promise, undefined);
  hooks.emitPromiseResolve(promise[async_id_symbol]);
}

function update() {
  const wanted = hooks.enabledHooksExist();
  if (wanted === installed) return;
  installed = wanted;
  if (wanted) frame.setPromiseHooks(init, before, after, settled);
  else frame.setPromiseHooks(undefined, undefined, undefined, undefined);
}

module.exports = { update };
