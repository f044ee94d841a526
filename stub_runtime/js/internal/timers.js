'use strict';
// The queues behind setTimeout, setInterval, setImmediate.
// Owns: lists of timers by duration, their order of expiry, immediates. Does not own: waiting (Rust, `event_loop.rs`, which is
// told when the first is due). Timers of one duration are in one list, ordered by start; lists are in a heap by expiry.

const {
  getLibuvNow, scheduleTimer, toggleTimerRef,
} = internalBinding('task_queue');
const frame = internalBinding('async_context_frame');
const {
  newAsyncId, getDefaultTriggerAsyncId, initHooksExist, destroyHooksExist, emitInit, emitBefore, emitAfter, emitDestroy,
  runDestroyHooks,
} = require('internal/async_hooks');
const PriorityQueue = require('internal/priority_queue');
const { inspect } = require('internal/util/inspect');

const TIMEOUT_MAX = 2 ** 31 - 1;
const kRefed = Symbol('refed');
const kHasPrimitive = Symbol('kHasPrimitive');
// Named as Node's are: console.log(setTimeout(...)) shows them.
const async_id_symbol = Symbol('asyncId');
const trigger_async_id_symbol = Symbol('triggerId');
const kFrame = Symbol('kAsyncContextFrame');

// [0] immediates, [1] of them ref'd, [2] a run was cut off by an exception; Rust reads all three.
const immediateInfo = new Uint32Array(3);

let nextExpiry = Infinity;
let timerListId = Number.MIN_SAFE_INTEGER;
let timeoutRefs = 0;

function compareLists(a, b) {
  const expiryDiff = a.expiry - b.expiry;
  if (expiryDiff === 0) return a.id - b.id;
  return expiryDiff;
}
function setPosition(node, position) {
  node.position = position;
}
const lists = new PriorityQueue(compareLists, setPosition);
const listByDuration = Object.create(null);

class TimersList {
  constructor(expiry, msecs) {
    this._idlePrev = this;
    this._idleNext = this;
    this.expiry = expiry;
    this.id = timerListId++;
    this.msecs = msecs;
    this.position = null;
  }

  [inspect.custom](_, options) {
    return inspect(this, { ...options, depth: 0, customInspect: false });
  }
}

function isEmpty(list) {
  return list._idleNext === list;
}
function unlink(item) {
  if (item._idleNext) item._idleNext._idlePrev = item._idlePrev;
  if (item._idlePrev) item._idlePrev._idleNext = item._idleNext;
  item._idleNext = null;
  item._idlePrev = null;
}
function append(list, item) {
  if (item._idleNext || item._idlePrev) unlink(item);
  item._idleNext = list._idleNext;
  item._idlePrev = list;
  list._idleNext._idlePrev = item;
  list._idleNext = item;
}
function peek(list) {
  return list._idlePrev === list ? null : list._idlePrev;
}

function removeList(list) {
  delete listByDuration[list.msecs];
  lists.removeAt(list.position);
}

function incRefCount() {
  if (timeoutRefs++ === 0) toggleTimerRef(true);
}
function decRefCount() {
  if (--timeoutRefs === 0) toggleTimerRef(false);
}

class Timeout {
  constructor(callback, after, args, isRepeat, isRefed) {
    if (after === undefined) after = 1;
    else after *= 1;
    if (!(after >= 1 && after <= TIMEOUT_MAX)) {
      if (after > TIMEOUT_MAX) {
        process.emitWarning(`${after} does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.`,
                            'TimeoutOverflowWarning');
      } else if (after < 0 && !warnedNegative) {
        warnedNegative = true;
        process.emitWarning(`${after} is a negative number.\nTimeout duration was set to 1.`, 'TimeoutNegativeWarning');
      } else if (Number.isNaN(after) && !warnedNaN) {
        warnedNaN = true;
        process.emitWarning(`${after} is not a number.\nTimeout duration was set to 1.`, 'TimeoutNaNWarning');
      }
      after = 1;
    }
    this._idleTimeout = after;
    this._idlePrev = this;
    this._idleNext = this;
    this._idleStart = null;
    this._onTimeout = null;
    this._onTimeout = callback;
    this._timerArgs = args;
    this._repeat = isRepeat ? after : null;
    this._destroyed = false;
    if (isRefed) incRefCount();
    this[kRefed] = isRefed;
    this[kHasPrimitive] = false;
    initAsyncResource(this, 'Timeout');
  }

  [inspect.custom](_, options) {
    return inspect(this, { ...options, depth: 0, customInspect: false });
  }

  refresh() {
    if (this[kRefed]) active(this);
    else unrefActive(this);
    return this;
  }

  unref() {
    if (this[kRefed]) {
      this[kRefed] = false;
      if (!this._destroyed) decRefCount();
    }
    return this;
  }

  ref() {
    if (this[kRefed] === false) {
      this[kRefed] = true;
      if (!this._destroyed) incRefCount();
    }
    return this;
  }

  hasRef() {
    return this[kRefed];
  }

  close() {
    require('timers').clearTimeout(this);
    return this;
  }

  [Symbol.dispose]() {
    require('timers').clearTimeout(this);
  }

  [Symbol.toPrimitive]() {
    const id = this[async_id_symbol];
    if (!this[kHasPrimitive]) {
      this[kHasPrimitive] = true;
      knownTimersById[id] = this;
    }
    return id;
  }
}
let warnedNegative = false;
let warnedNaN = false;
const knownTimersById = Object.create(null);

function initAsyncResource(resource, type) {
  const asyncId = resource[async_id_symbol] = newAsyncId();
  const trigger = resource[trigger_async_id_symbol] = getDefaultTriggerAsyncId();
  resource[kFrame] = frame.getContinuationPreservedEmbedderData();
  if (initHooksExist()) emitInit(asyncId, type, trigger, resource);
}

function active(timer) {
  insertGuarded(timer, true);
}
function unrefActive(timer) {
  insertGuarded(timer, false);
}

function insertGuarded(item, isRefed, start) {
  const msecs = item._idleTimeout;
  if (msecs < 0 || msecs === undefined) return;
  insert(item, msecs, start);
  const isDestroyed = item._destroyed;
  if (isDestroyed || !item[async_id_symbol]) {
    item._destroyed = false;
    initAsyncResource(item, 'Timeout');
  }
  if (isDestroyed) {
    if (isRefed) incRefCount();
  } else if (isRefed === !item[kRefed]) {
    if (isRefed) incRefCount();
    else decRefCount();
  }
  item[kRefed] = isRefed;
}

function insert(item, msecs, start = getLibuvNow()) {
  msecs = Math.trunc(msecs);
  item._idleStart = start;
  let list = listByDuration[msecs];
  if (list === undefined) {
    const expiry = start + msecs;
    listByDuration[msecs] = list = new TimersList(expiry, msecs);
    lists.insert(list);
    if (nextExpiry > expiry) {
      scheduleTimer(msecs);
      nextExpiry = expiry;
    }
  }
  append(list, item);
}

class ImmediateList {
  constructor() {
    this.head = null;
    this.tail = null;
  }

  append(item) {
    if (this.tail !== null) {
      this.tail._idleNext = item;
      item._idlePrev = this.tail;
    } else {
      this.head = item;
    }
    this.tail = item;
  }

  remove(item) {
    if (item._idleNext) item._idleNext._idlePrev = item._idlePrev;
    if (item._idlePrev) item._idlePrev._idleNext = item._idleNext;
    if (item === this.head) this.head = item._idleNext;
    if (item === this.tail) this.tail = item._idlePrev;
    item._idleNext = null;
    item._idlePrev = null;
  }
}
const immediateQueue = new ImmediateList();
const outstandingQueue = new ImmediateList();

class Immediate {
  constructor(callback, args) {
    this._idleNext = null;
    this._idlePrev = null;
    this._onImmediate = callback;
    this._argv = args;
    this._destroyed = false;
    this[kRefed] = false;
    initAsyncResource(this, 'Immediate');
    this.ref();
    immediateInfo[0]++;
    immediateQueue.append(this);
  }

  ref() {
    if (this[kRefed] === false) {
      this[kRefed] = true;
      immediateInfo[1]++;
    }
    return this;
  }

  unref() {
    if (this[kRefed] === true) {
      this[kRefed] = false;
      immediateInfo[1]--;
    }
    return this;
  }

  hasRef() {
    return !!this[kRefed];
  }

  [Symbol.dispose]() {
    require('timers').clearImmediate(this);
  }
}

// Runs what `runNextTicks` gives between every two callbacks.
function createRunners(runNextTicks) {
  function processImmediate() {
    runDestroyHooks();
    const queue = outstandingQueue.head !== null ? outstandingQueue : immediateQueue;
    let immediate = queue.head;
    if (queue !== outstandingQueue) queue.head = queue.tail = null;
    immediateInfo[2] = 0;
    let previous;
    let ranAtLeastOne = false;
    while (immediate !== null) {
      if (immediate._destroyed) {
        immediate = previous._idleNext;
        outstandingQueue.head = immediate;
        continue;
      }
      if (ranAtLeastOne) runNextTicks();
      else ranAtLeastOne = true;
      // A tick may have cleared it.
      if (immediate._destroyed) {
        outstandingQueue.head = immediate = immediate._idleNext;
        continue;
      }
      immediate._destroyed = true;
      immediateInfo[0]--;
      if (immediate[kRefed]) immediateInfo[1]--;
      immediate[kRefed] = null;
      previous = immediate;
      const asyncId = immediate[async_id_symbol];
      const before = frame.getContinuationPreservedEmbedderData();
      frame.setContinuationPreservedEmbedderData(immediate[kFrame]);
      emitBefore(asyncId, immediate[trigger_async_id_symbol], immediate);
      try {
        const args = immediate._argv;
        if (!args) immediate._onImmediate();
        else immediate._onImmediate(...args);
      } finally {
        immediate._onImmediate = undefined;
        if (destroyHooksExist()) emitDestroy(asyncId);
        outstandingQueue.head = immediate = immediate._idleNext;
        // Rust calls again where an exception leaves some.
        immediateInfo[2] = immediate === null ? 0 : 1;
      }
      // Not after an exception: its handlers run in the context of what threw it.
      frame.setContinuationPreservedEmbedderData(before);
      emitAfter(asyncId);
    }
    if (queue === outstandingQueue) outstandingQueue.head = null;
    immediateInfo[2] = 0;
  }

  function processTimers(now) {
    nextExpiry = Infinity;
    let list;
    let ranAtLeastOneList = false;
    while ((list = lists.peek()) != null) {
      if (list.expiry > now) {
        // Not by a clock read anew: what a late callback has started waits for the next turn.
        nextExpiry = list.expiry;
        return timeoutRefs > 0 ? nextExpiry : -nextExpiry;
      }
      if (ranAtLeastOneList) runNextTicks();
      else ranAtLeastOneList = true;
      listOnTimeout(list, now);
    }
    return 0;
  }

  function listOnTimeout(list, now) {
    const { msecs } = list;
    let ranAtLeastOneTimer = false;
    let timer;
    while ((timer = peek(list)) != null) {
      const diff = now - timer._idleStart;
      if (diff < msecs) {
        list.expiry = Math.max(timer._idleStart + msecs, now + 1);
        list.id = timerListId++;
        lists.percolateDown(1);
        return;
      }
      if (ranAtLeastOneTimer) {
        runNextTicks();
        // A tick may have cleared the timer.
        if (peek(list) !== timer) continue;
      } else {
        ranAtLeastOneTimer = true;
      }
      unlink(timer);
      const asyncId = timer[async_id_symbol];
      if (!timer._onTimeout) {
        if (!timer._destroyed) {
          timer._destroyed = true;
          if (timer[kHasPrimitive]) delete knownTimersById[asyncId];
          if (timer[kRefed]) decRefCount();
          if (destroyHooksExist()) emitDestroy(asyncId);
        }
        continue;
      }
      const before = frame.getContinuationPreservedEmbedderData();
      frame.setContinuationPreservedEmbedderData(timer[kFrame]);
      emitBefore(asyncId, timer[trigger_async_id_symbol], timer);
      let start;
      if (timer._repeat) start = updateLoopTime();
      try {
        const args = timer._timerArgs;
        if (args === undefined) timer._onTimeout();
        else timer._onTimeout(...args);
      } finally {
        if (timer._repeat && timer._idleTimeout !== -1) {
          timer._idleTimeout = timer._repeat;
          insert(timer, timer._idleTimeout, start);
        } else if (!timer._idleNext && !timer._idlePrev && !timer._destroyed) {
          if (timer[kHasPrimitive]) delete knownTimersById[asyncId];
          timer._destroyed = true;
          if (timer[kRefed]) decRefCount();
          if (destroyHooksExist()) emitDestroy(asyncId);
        }
      }
      frame.setContinuationPreservedEmbedderData(before);
      emitAfter(asyncId);
    }
    // All of this list ran. A callback may have removed it, and have made a new one of this duration.
    if (list === listByDuration[msecs]) removeList(list);
  }

  return { processImmediate, processTimers };
}

const { updateLoopTime } = internalBinding('task_queue');

// A raw timer of internal users: starts `item` (with _idleTimeout, _onTimeout) without a Timeout around.
function getTimerDuration(msecs, name) {
  const { validateNumber } = require('internal/validators');
  validateNumber(msecs, name);
  if (msecs < 0 || !Number.isFinite(msecs)) {
    const { codes: { ERR_OUT_OF_RANGE } } = require('internal/errors');
    throw new ERR_OUT_OF_RANGE(name, 'a non-negative finite number', msecs);
  }
  if (msecs > TIMEOUT_MAX) {
    process.emitWarning(`${msecs} does not fit into a 32-bit signed integer.\nTimer duration was truncated to ${TIMEOUT_MAX}.`,
                        'TimeoutOverflowWarning');
    return TIMEOUT_MAX;
  }
  return msecs;
}

module.exports = {
  TIMEOUT_MAX,
  kTimeout: Symbol('timeout'),
  async_id_symbol,
  trigger_async_id_symbol,
  Timeout,
  Immediate,
  kRefed,
  kHasPrimitive,
  knownTimersById,
  immediateInfo,
  immediateQueue,
  initAsyncResource,
  setUnrefTimeout(callback, after) {
    const timer = new Timeout(callback, after, undefined, false, false);
    insert(timer, timer._idleTimeout);
    return timer;
  },
  // Timers that keep the loop alive.
  countTimeouts: () => timeoutRefs,
  getTimerDuration,
  active,
  unrefActive,
  insert,
  insertGuarded,
  unlink,
  isEmpty,
  lists,
  listByDuration,
  incRefCount,
  decRefCount,
  createRunners,
  // Async ids of the timers that are not due yet.
  pending() {
    const out = [];
    for (const list of Object.values(listByDuration)) {
      for (let timer = list._idleNext; timer !== list; timer = timer._idleNext) out.push(timer[async_id_symbol]);
    }
    return out;
  },
  // The list of a timer that was taken out of it goes when it was the last.
  clearList(msecs) {
    const list = listByDuration[Math.trunc(msecs)];
    if (list === undefined || !isEmpty(list)) return;
    removeList(list);
    if (lists.peek() === undefined) nextExpiry = Infinity;
  },
};
