'use strict';
// The domain NodeWorker: a session of this thread hears of the thread's workers and talks to their inspectors.
// Owns: who is attached to which worker. Does not own: the messages' way (Rust calls `dispatch` and tells sessions what `reply` is
// given; a worker is reached through its inbox, also while it is paused).

const { fileOf, living, makeInspector } = require('internal/worker');
const binding = internalBinding('inspector');

const kMethodNotFound = -32601;
const kServerError = -32000;

// By the number of the session: { waits, attached: number => { worker, connection } }.
const enabled = new Map();
let numbers = 0;

function event(session, method, params) {
  binding.reply(session, JSON.stringify({ method: `NodeWorker.${method}`, params }));
}

function attach(session, worker) {
  const state = enabled.get(session);
  const sessionId = `${++numbers}`;
  const attachment = { worker, connection: undefined };
  state.attached.set(sessionId, attachment);
  const { threadId, threadName } = worker;
  const file = fileOf(worker);
  const url = file === '' ? '' : require('internal/url').pathToFileURL(file).href;
  event(session, 'attachedToWorker', {
    sessionId,
    workerInfo: { workerId: `${threadId}`, type: 'worker', title: `[worker ${threadId}] ${threadName}`, url },
    waitingForDebugger: false,
  });
  worker.once('exit', () => {
    if (state.attached.delete(sessionId)) event(session, 'detachedFromWorker', { sessionId });
    detach(attachment);
  });
}

function detach({ connection }) {
  connection?.then((number) => binding.disconnect(number), () => {});
}

// The worker's inspector is made when somebody wants to talk to it.
function connect(session, sessionId, attachment) {
  const listener = (message) => event(session, 'receivedMessageFromWorker', { sessionId, message });
  return attachment.connection ??= makeInspector(attachment.worker).then(() =>
    binding.connectToThread(attachment.worker.threadId, listener));
}

function disable(session) {
  for (const attachment of enabled.get(session)?.attached.values() ?? []) detach(attachment);
  enabled.delete(session);
}

const methods = {
  __proto__: null,
  enable(session, { waitForDebuggerOnStart }) {
    if (typeof waitForDebuggerOnStart !== 'boolean') throw new Error('Invalid parameters');
    if (waitForDebuggerOnStart) throw new Error('waitForDebuggerOnStart is not available in this runtime');
    if (enabled.has(session)) return undefined;
    enabled.set(session, { attached: new Map() });
    return () => living.forEach((worker) => attach(session, worker));
  },
  disable(session) {
    disable(session);
  },
  sendMessageToWorker(session, { message, sessionId }) {
    const attachment = find(session, sessionId);
    if (attachment === undefined) return;
    connect(session, sessionId, attachment).then((number) => binding.dispatch(number, message), () => {});
  },
  detach(session, { sessionId }) {
    const attachment = find(session, sessionId);
    if (attachment === undefined) return undefined;
    detach(attachment);
    enabled.get(session).attached.delete(sessionId);
    return () => event(session, 'detachedFromWorker', { sessionId });
  },
};

// Node says nothing of numbers that it does not know.
function find(session, sessionId) {
  return enabled.get(session)?.attached.get(sessionId);
}

// Called by Rust with a message of the domain.
function dispatch(session, text) {
  const { id, method, params = {} } = JSON.parse(text);
  const fn = methods[method.slice('NodeWorker.'.length)];
  let answer;
  let afterwards;
  if (fn === undefined) {
    answer = { id, error: { code: kMethodNotFound, message: `'${method}' wasn't found` } };
  } else {
    try {
      afterwards = fn(session, params);
      answer = { id, result: {} };
    } catch (error) {
      answer = { id, error: { code: kServerError, message: error.message } };
    }
  }
  binding.reply(session, JSON.stringify(answer));
  afterwards?.();
}

// A worker of this thread has begun.
function add(worker) {
  for (const session of enabled.keys()) attach(session, worker);
}

module.exports = { add, disable, dispatch };
