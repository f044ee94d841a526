'use strict';
// Ids of asynchronous resources and the hooks on them. Owns: the id stack, emitting. Does not own: users' classes
// (`async_hooks.js`). While no hook is enabled, a resource costs an id and a push on the stack.

const symbols = {
  async_id_symbol: Symbol('asyncId'),
  trigger_async_id_symbol: Symbol('triggerAsyncId'),
  init_symbol: Symbol('init'),
  before_symbol: Symbol('before'),
  after_symbol: Symbol('after'),
  destroy_symbol: Symbol('destroy'),
  promise_resolve_symbol: Symbol('promiseResolve'),
  owner_symbol: Symbol('owner_symbol'),
};

let lastId = 1;
// The main script runs in resource 1.
let executionId = 1;
let triggerId = 0;
let defaultTrigger = -1;
let executionResource = {};
const stack = [];

// Enabled hooks; a copy is taken while hooks run, so that enabling in a hook does not change the run.
const active = { list: [], running: 0, pending: null };
const counts = { init: 0, before: 0, after: 0, destroy: 0, promiseResolve: 0 };

function newAsyncId() {
  return ++lastId;
}

function getDefaultTriggerAsyncId() {
  return defaultTrigger >= 0 ? defaultTrigger : executionId;
}

function getOrSetAsyncId(object) {
  return object[symbols.async_id_symbol] ??= newAsyncId();
}

function defaultTriggerAsyncIdScope(id, block, ...args) {
  const before = defaultTrigger;
  defaultTrigger = id;
  try {
    return Reflect.apply(block, null, args);
  } finally {
    defaultTrigger = before;
  }
}

function clearDefaultTriggerAsyncId() {
  defaultTrigger = -1;
}

function pushAsyncContext(asyncId, trigger, resource) {
  stack.push(executionId, triggerId, executionResource);
  executionId = asyncId;
  triggerId = trigger;
  executionResource = resource;
}

function popAsyncContext(asyncId) {
  if (stack.length === 0) return false;
  if (asyncId !== undefined && asyncId !== executionId && asyncId > 0) {
    throw new Error(`async hook stack has become corrupted (actual: ${executionId}, expected: ${asyncId})`);
  }
  executionResource = stack.pop();
  triggerId = stack.pop();
  executionId = stack.pop();
  return stack.length > 0;
}

function clearAsyncIdStack() {
  if (stack.length > 0) {
    [executionId, triggerId, executionResource] = stack;
    stack.length = 0;
  }
  defaultTrigger = -1;
}

function fatal(err) {
  const { inspect } = require('internal/util/inspect');
  let text;
  try {
    text = typeof err?.stack === 'string' ? err.stack : inspect(err);
  } catch {
    text = String(err);
  }
  process._rawDebug(text);
  process.removeAllListeners('uncaughtException');
  process.reallyExit(1);
}

function run(name, args) {
  active.running++;
  try {
    for (const hook of active.list) {
      const fn = hook[name];
      if (typeof fn === 'function') fn(...args);
    }
  } catch (err) {
    fatal(err);
  } finally {
    if (--active.running === 0 && active.pending !== null) {
      active.list = active.pending;
      active.pending = null;
    }
  }
}

function change(edit) {
  if (active.running > 0) {
    active.pending ??= active.list.slice();
    edit(active.pending);
  } else {
    edit(active.list);
  }
}

function enableHook(hook) {
  const list = active.pending ?? active.list;
  if (list.includes(hook)) return;
  change((hooks) => hooks.push(hook));
  for (const name of Object.keys(counts)) if (hook[symbols[symbolNames[name]]]) counts[name]++;
  require('internal/async_hooks_promises').update();
}

function disableHook(hook) {
  const list = active.pending ?? active.list;
  if (!list.includes(hook)) return;
  change((hooks) => hooks.splice(hooks.indexOf(hook), 1));
  for (const name of Object.keys(counts)) if (hook[symbols[symbolNames[name]]]) counts[name]--;
  require('internal/async_hooks_promises').update();
}
const symbolNames = {
  init: 'init_symbol', before: 'before_symbol', after: 'after_symbol', destroy: 'destroy_symbol', promiseResolve: 'promise_resolve_symbol',
};

function emitInit(asyncId, type, trigger, resource) {
  if (counts.init === 0) return;
  if (trigger === null || trigger === undefined) trigger = getDefaultTriggerAsyncId();
  run(symbols.init_symbol, [asyncId, type, trigger, resource]);
}

function emitBefore(asyncId, trigger, resource) {
  pushAsyncContext(asyncId, trigger, resource);
  if (counts.before > 0) run(symbols.before_symbol, [asyncId]);
}

function emitAfter(asyncId) {
  if (counts.after > 0) run(symbols.after_symbol, [asyncId]);
  popAsyncContext(asyncId);
}

// Destroy hooks run later, in the order of the events.
let destroyQueue = null;
function emitDestroy(asyncId) {
  if (counts.destroy === 0 || asyncId <= 0) return;
  if (destroyQueue === null) {
    destroyQueue = [];
    const { setImmediate } = require('timers');
    setImmediate(runDestroyQueue).unref();
  }
  destroyQueue.push(asyncId);
}
function runDestroyQueue() {
  const ids = destroyQueue;
  destroyQueue = null;
  for (const id of ids) run(symbols.destroy_symbol, [id]);
}

module.exports = {
  symbols,
  counts,
  newAsyncId,
  getOrSetAsyncId,
  getDefaultTriggerAsyncId,
  defaultTriggerAsyncIdScope,
  clearDefaultTriggerAsyncId,
  pushAsyncContext,
  popAsyncContext,
  clearAsyncIdStack,
  enableHook,
  disableHook,
  emitInit,
  emitBefore,
  emitAfter,
  emitDestroy,
  emitPromiseResolve(asyncId) {
    if (counts.promiseResolve > 0) run(symbols.promise_resolve_symbol, [asyncId]);
  },
  executionAsyncId: () => executionId,
  triggerAsyncId: () => triggerId,
  executionAsyncResource: () => executionResource,
  hasAsyncIdStack: () => stack.length > 0,
  enabledHooksExist: () => active.list.length > 0,
  initHooksExist: () => counts.init > 0,
  afterHooksExist: () => counts.after > 0,
  destroyHooksExist: () => counts.destroy > 0,
};
