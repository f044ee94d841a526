'use strict';
// The domain NodeTracing: trace events for a session. What was traced is sent when the session stops it.
// Owns: who traces what. Does not own: the events (`trace_log.rs` collects them), the messages' way (as of NodeWorker).

const binding = internalBinding('inspector');
const log = internalBinding('trace_events');

const kMethodNotFound = -32601;
const kInvalidParameters = -32602;
const kServerError = -32000;

const CATEGORIES = [
  'node', 'node.async_hooks', 'node.bootstrap', 'node.console', 'node.dns.native', 'node.environment', 'node.fs.async', 'node.fs.sync',
  'node.fs_dir.async', 'node.fs_dir.sync', 'node.http', 'node.net.native', 'node.perf', 'node.perf.timerify', 'node.perf.usertiming',
  'node.promises.rejections', 'node.threadpoolwork.async', 'node.threadpoolwork.sync', 'node.vm.script', 'v8',
];

// What a session collects, by its number.
const collecting = new Map();

function event(session, method, params) {
  binding.reply(session, JSON.stringify({ method: `NodeTracing.${method}`, params }));
}

function take(session) {
  const text = log.collected(collecting.get(session));
  collecting.delete(session);
  require('internal/trace_events').changed();
  return text;
}

function failure(message, code = kServerError) {
  return Object.assign(new Error(message), { code });
}

const methods = {
  __proto__: null,
  getCategories: () => ({ categories: CATEGORIES }),
  start(session, { traceConfig }) {
    if (!Array.isArray(traceConfig?.includedCategories)) throw failure('Invalid parameters', kInvalidParameters);
    if (internalBinding('worker').threadId() !== 0) {
      throw failure('Tracing properties can only be changed through main thread sessions');
    }
    if (collecting.has(session)) throw failure('Call NodeTracing::end to stop tracing before updating the config');
    if (traceConfig.includedCategories.length === 0) throw failure('At least one category should be enabled');
    collecting.set(session, log.collect(traceConfig.includedCategories));
    require('internal/trace_events').changed();
    return {};
  },
  stop(session) {
    if (collecting.has(session)) {
      const value = JSON.parse(take(session));
      const metadata = JSON.parse(log.metadata());
      event(session, 'dataCollected', { value: [...value, ...metadata] });
      event(session, 'dataCollected', { value: metadata });
    }
    event(session, 'tracingComplete', {});
    return {};
  },
};

// The session ends.
function disable(session) {
  if (collecting.has(session)) take(session);
}

// Called by Rust with a message of the domain.
function dispatch(session, text) {
  const { id, method, params = {} } = JSON.parse(text);
  const fn = methods[method.slice('NodeTracing.'.length)];
  let answer;
  if (fn === undefined) {
    answer = { id, error: { code: kMethodNotFound, message: `'${method}' wasn't found` } };
  } else {
    try {
      answer = { id, result: fn(session, params) };
    } catch ({ code, message }) {
      answer = { id, error: { code, message } };
    }
  }
  binding.reply(session, JSON.stringify(answer));
}

module.exports = { disable, dispatch };
