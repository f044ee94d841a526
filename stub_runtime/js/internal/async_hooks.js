'use strict';
// Async ids and the events of async_hooks: who is executing, what started it, and the hooks that are told.
// Everything that starts asynchronous work takes an id here (newAsyncId), tells it (emitInit) and runs its
// callback between emitBefore and emitAfter. The public module is async_hooks; what follows AsyncLocalStorage
// is internal/async_context_frame's.

const { setPromiseHooks } = require('internal/promise_hooks');

// Counters of hooks by kind, then flags.
const kInit = 0;
const kBefore = 1;
const kAfter = 2;
const kDestroy = 3;
const kPromiseResolve = 4;
const kTotals = 5;
const kCheck = 6;
const kStackLength = 7;
const kUsesExecutionAsyncResource = 8;

const kExecutionAsyncId = 0;
const kTriggerAsyncId = 1;
const kAsyncIdCounter = 2;
const kDefaultTriggerAsyncId = 3;

const async_hook_fields = new Uint32Array(9);
async_hook_fields[kCheck] = 1;

// Ids outgrow 32 bits in a long life. The program's start is execution 1, started by 0.
const async_id_fields = new Float64Array(4);
async_id_fields[kExecutionAsyncId] = 1;
async_id_fields[kAsyncIdCounter] = 1;
async_id_fields[kDefaultTriggerAsyncId] = -1;

// [execution id, trigger id] pairs that are interrupted by the current execution, and its resources.
let async_ids_stack = new Float64Array(32);
const execution_async_resources = [];

const async_id_symbol = Symbol('async_id_symbol');
const trigger_async_id_symbol = Symbol('trigger_async_id_symbol');
const owner_symbol = Symbol('owner_symbol');
const resource_symbol = Symbol('resource_symbol');
const init_symbol = Symbol('init');
const before_symbol = Symbol('before');
const after_symbol = Symbol('after');
const destroy_symbol = Symbol('destroy');
const promise_resolve_symbol = Symbol('promiseResolve');
const kNoPromiseHook = Symbol('kNoPromiseHook');

// Enabled hooks. While hooks run, changes go to a copy that replaces the list afterwards.
const active_hooks = {
  array: [],
  call_depth: 0,
  tmp_array: null,
  tmp_fields: null,
};

const kCounts = [kInit, kBefore, kAfter, kDestroy, kPromiseResolve];

function executionAsyncId() {
  return async_id_fields[kExecutionAsyncId];
}

function triggerAsyncId() {
  return async_id_fields[kTriggerAsyncId];
}

const topLevelResource = {};

function executionAsyncResource() {
  async_hook_fields[kUsesExecutionAsyncResource] = 1;
  const index = async_hook_fields[kStackLength] - 1;
  if (index === -1) return topLevelResource;
  return lookupPublicResource(execution_async_resources[index]);
}

// Handles that are reused (HTTP parsers) carry the resource of the moment.
function lookupPublicResource(resource) {
  if (typeof resource !== 'object' || resource === null) return resource;
  const publicResource = resource[resource_symbol];
  return publicResource !== undefined ? publicResource : resource;
}

// An exception in a hook: nothing can be trusted after it.
function fatalError(error) {
  if (typeof error?.stack === 'string') {
    process._rawDebug(error.stack);
  } else {
    const holder = { message: error };
    Error.captureStackTrace(holder, fatalError);
    process._rawDebug(holder.stack);
  }
  if (process.execArgv.includes('--abort-on-uncaught-exception')) process.abort();
  process.exit(1);
}

// --- calling the hooks -------------------------------------------------------------------------------

function callHooks(symbol, call) {
  active_hooks.call_depth += 1;
  try {
    // Not for..of: a hook may be added while it runs.
    for (let i = 0; i < active_hooks.array.length; i++) {
      if (typeof active_hooks.array[i][symbol] === 'function') call(active_hooks.array[i]);
    }
  } catch (error) {
    fatalError(error);
  } finally {
    active_hooks.call_depth -= 1;
    // Changes made by a hook count from the outermost call's end.
    if (active_hooks.call_depth === 0 && active_hooks.tmp_array !== null) restoreActiveHooks();
  }
}

function emitInitNative(asyncId, type, trigger, resource) {
  resource = lookupPublicResource(resource);
  callHooks(init_symbol, (hook) => hook[init_symbol](asyncId, type, trigger, resource));
}

function emitHook(symbol, asyncId) {
  callHooks(symbol, (hook) => hook[symbol](asyncId));
}

function getHookArrays() {
  if (active_hooks.call_depth === 0) return [active_hooks.array, async_hook_fields];
  if (active_hooks.tmp_array === null) storeActiveHooks();
  return [active_hooks.tmp_array, active_hooks.tmp_fields];
}

function storeActiveHooks() {
  active_hooks.tmp_array = active_hooks.array.slice();
  active_hooks.tmp_fields = [];
  copyHooks(active_hooks.tmp_fields, async_hook_fields);
}

function restoreActiveHooks() {
  active_hooks.array = active_hooks.tmp_array;
  copyHooks(async_hook_fields, active_hooks.tmp_fields);
  active_hooks.tmp_array = null;
  active_hooks.tmp_fields = null;
}

function copyHooks(destination, source) {
  for (const field of kCounts) destination[field] = source[field];
}

// --- promises ----------------------------------------------------------------------------------------

function trackPromise(promise, parent) {
  if (promise[async_id_symbol]) return;
  // The parent of a chained promise may be older than the hooks.
  const trigger = parent ? getOrSetAsyncId(parent) : getDefaultTriggerAsyncId();
  promise[async_id_symbol] = newAsyncId();
  promise[trigger_async_id_symbol] = trigger;
}

function promiseInitHook(promise, parent) {
  trackPromise(promise, parent);
  emitInitScript(promise[async_id_symbol], 'PROMISE', promise[trigger_async_id_symbol], promise);
}

function promiseInitHookWithDestroyTracking(promise, parent) {
  promiseInitHook(promise, parent);
  registerDestroyHook(promise, promise[async_id_symbol]);
}

function promiseBeforeHook(promise) {
  trackPromise(promise);
  emitBeforeScript(promise[async_id_symbol], promise[trigger_async_id_symbol], promise);
}

function promiseAfterHook(promise) {
  trackPromise(promise);
  const asyncId = promise[async_id_symbol];
  if (async_hook_fields[kAfter] > 0) emitHook(after_symbol, asyncId);
  // Hooks may have been enabled in the middle of a reaction, whose "before" was not seen.
  if (asyncId === executionAsyncId()) popAsyncContext(asyncId);
}

function promiseResolveHook(promise) {
  trackPromise(promise);
  emitHook(promise_resolve_symbol, promise[async_id_symbol]);
}

let wantPromiseHook = false;

function enableHooks() {
  async_hook_fields[kCheck] += 1;
}

function disableHooks() {
  async_hook_fields[kCheck] -= 1;
  wantPromiseHook = false;
  // Promises that settle in this tick still report.
  internalBinding('task_queue').enqueueMicrotask(disablePromiseHookIfNecessary);
}

function disablePromiseHookIfNecessary() {
  if (!wantPromiseHook) setPromiseHooks(undefined, undefined, undefined, undefined);
}

// Asks V8 for as many promise events as the enabled hooks need.
function updatePromiseHookMode() {
  wantPromiseHook = true;
  let init;
  if (initHooksExist()) {
    init = destroyHooksExist() ? promiseInitHookWithDestroyTracking : promiseInitHook;
  } else if (destroyHooksExist()) {
    init = promiseInitHookWithDestroyTracking;
  }
  if (active_hooks.array.some((hook) => !hook[kNoPromiseHook])) {
    setPromiseHooks(init, promiseBeforeHook, promiseAfterHook,
      promiseResolveHooksExist() ? promiseResolveHook : undefined);
  }
}

// --- destroy -----------------------------------------------------------------------------------------

let destroyRegistry;

// Emits destroy for `asyncId` once `object` is collected; not if `destroyed.destroyed` is set by then.
function registerDestroyHook(object, asyncId, destroyed) {
  destroyRegistry ??= new FinalizationRegistry((held) => {
    if (held.destroyed?.destroyed || !hasHooks(kDestroy)) return;
    emitHook(destroy_symbol, held.asyncId);
  });
  destroyRegistry.register(object, { asyncId, destroyed });
}

let destroyQueue;

// Destroy hooks run later, out of whatever is executing: before the immediates of the next turn.
function queueDestroyAsyncId(asyncId) {
  if (destroyQueue === undefined) {
    destroyQueue = [];
    // Asks for the check phase as an unref'd immediate would, which hooks do not see.
    require('internal/timers').immediateInfo[0]++;
  }
  destroyQueue.push(asyncId);
}

function runDestroyHooks() {
  while (destroyQueue !== undefined) {
    const ids = destroyQueue;
    destroyQueue = undefined;
    require('internal/timers').immediateInfo[0]--;
    for (const id of ids) emitHook(destroy_symbol, id);
  }
}

// --- ids ---------------------------------------------------------------------------------------------

function newAsyncId() {
  return ++async_id_fields[kAsyncIdCounter];
}

function getOrSetAsyncId(object) {
  if (Object.hasOwn(object, async_id_symbol)) return object[async_id_symbol];
  return object[async_id_symbol] = newAsyncId();
}

// The trigger of what is started now: what a scope has set, else the current execution.
function getDefaultTriggerAsyncId() {
  const id = async_id_fields[kDefaultTriggerAsyncId];
  return id < 0 ? async_id_fields[kExecutionAsyncId] : id;
}

function clearDefaultTriggerAsyncId() {
  async_id_fields[kDefaultTriggerAsyncId] = -1;
}

// Runs block(...args) with `trigger` as the default trigger.
function defaultTriggerAsyncIdScope(trigger, block, ...args) {
  if (trigger === undefined) return Reflect.apply(block, null, args);
  const old = async_id_fields[kDefaultTriggerAsyncId];
  async_id_fields[kDefaultTriggerAsyncId] = trigger;
  try {
    return Reflect.apply(block, null, args);
  } finally {
    async_id_fields[kDefaultTriggerAsyncId] = old;
  }
}

function hasHooks(key) {
  return async_hook_fields[key] > 0;
}

const enabledHooksExist = () => hasHooks(kCheck);
const initHooksExist = () => hasHooks(kInit);
const afterHooksExist = () => hasHooks(kAfter);
const destroyHooksExist = () => hasHooks(kDestroy);
const promiseResolveHooksExist = () => hasHooks(kPromiseResolve);

// --- events ------------------------------------------------------------------------------------------

function emitInitScript(asyncId, type, trigger, resource) {
  if (!hasHooks(kInit)) return;
  if (trigger === null) trigger = getDefaultTriggerAsyncId();
  emitInitNative(asyncId, type, trigger, resource);
}

function emitBeforeScript(asyncId, trigger, resource) {
  pushAsyncContext(asyncId, trigger, resource);
  if (hasHooks(kBefore)) emitHook(before_symbol, asyncId);
}

function emitAfterScript(asyncId) {
  if (hasHooks(kAfter)) emitHook(after_symbol, asyncId);
  popAsyncContext(asyncId);
}

function emitDestroyScript(asyncId) {
  // Not for ids that were never told.
  if (!hasHooks(kDestroy) || asyncId <= 0) return;
  queueDestroyAsyncId(asyncId);
}

function hasAsyncIdStack() {
  return hasHooks(kStackLength);
}

function pushAsyncContext(asyncId, trigger, resource) {
  const offset = async_hook_fields[kStackLength];
  if (offset * 2 === async_ids_stack.length) {
    const longer = new Float64Array(offset * 4);
    longer.set(async_ids_stack);
    async_ids_stack = longer;
  }
  execution_async_resources[offset] = resource;
  async_ids_stack[offset * 2] = async_id_fields[kExecutionAsyncId];
  async_ids_stack[offset * 2 + 1] = async_id_fields[kTriggerAsyncId];
  async_hook_fields[kStackLength] += 1;
  async_id_fields[kExecutionAsyncId] = asyncId;
  async_id_fields[kTriggerAsyncId] = trigger;
}

// Back to the interrupted execution; gives whether there is one.
function popAsyncContext(asyncId) {
  const length = async_hook_fields[kStackLength];
  if (length === 0) return false;
  if (enabledHooksExist() && async_id_fields[kExecutionAsyncId] !== asyncId) {
    // The stack is of no use any more.
    return popAsyncContextMismatch(asyncId);
  }
  const offset = length - 1;
  async_id_fields[kExecutionAsyncId] = async_ids_stack[2 * offset];
  async_id_fields[kTriggerAsyncId] = async_ids_stack[2 * offset + 1];
  // Setting the length costs much more.
  execution_async_resources.pop();
  async_hook_fields[kStackLength] = offset;
  return offset > 0;
}

function popAsyncContextMismatch(asyncId) {
  process._rawDebug('Error: async hook stack has become corrupted ' +
    `(actual: ${async_id_fields[kExecutionAsyncId]}, expected: ${asyncId})`);
  const holder = {};
  Error.captureStackTrace(holder, popAsyncContext);
  process._rawDebug(holder.stack);
  process.exit(1);
}

// After an exception, or the end of the main script: nothing is executing.
function clearAsyncIdStack() {
  async_id_fields[kExecutionAsyncId] = 0;
  async_id_fields[kTriggerAsyncId] = 0;
  async_hook_fields[kStackLength] = 0;
  execution_async_resources.length = 0;
}

// A callback for native work that began now: tells init, and runs `callback` as that resource's execution.
// `resource` is an object that represents the work to hooks.
function wrapCallback(type, callback, resource = { __proto__: null }) {
  const asyncId = newAsyncId();
  const trigger = getDefaultTriggerAsyncId();
  emitInitScript(asyncId, type, trigger, resource);
  return function(...args) {
    emitBeforeScript(asyncId, trigger, resource);
    let isDone = false;
    try {
      const result = Reflect.apply(callback, this, args);
      isDone = true;
      return result;
    } finally {
      // An exception's handlers still belong to this execution: what takes it ends it. An uncaught one has cleared the stack.
      if (isDone && hasAsyncIdStack()) emitAfterScript(asyncId);
      emitDestroyScript(asyncId);
    }
  };
}

module.exports = {
  afterHooksExist,
  clearAsyncIdStack,
  clearDefaultTriggerAsyncId,
  constants: {
    kAfter,
    kAsyncIdCounter,
    kBefore,
    kCheck,
    kDefaultTriggerAsyncId,
    kDestroy,
    kExecutionAsyncId,
    kInit,
    kPromiseResolve,
    kStackLength,
    kTotals,
    kTriggerAsyncId,
    kUsesExecutionAsyncResource,
  },
  defaultTriggerAsyncIdScope,
  destroyHooksExist,
  disableHooks,
  emitAfter: emitAfterScript,
  emitBefore: emitBeforeScript,
  emitDestroy: emitDestroyScript,
  emitInit: emitInitScript,
  enableHooks,
  enabledHooksExist,
  executionAsyncId,
  executionAsyncResource,
  getDefaultTriggerAsyncId,
  getHookArrays,
  getOrSetAsyncId,
  hasAsyncIdStack,
  initHooksExist,
  kNoPromiseHook,
  newAsyncId,
  popAsyncContext,
  promiseResolveHooksExist,
  pushAsyncContext,
  registerDestroyHook,
  runDestroyHooks,
  symbols: {
    after_symbol,
    async_id_symbol,
    before_symbol,
    destroy_symbol,
    init_symbol,
    owner_symbol,
    promise_resolve_symbol,
    resource_symbol,
    trigger_async_id_symbol,
  },
  triggerAsyncId,
  updatePromiseHookMode,
  wrapCallback,
};
