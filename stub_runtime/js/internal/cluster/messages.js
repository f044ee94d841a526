'use strict';
// Messages between a primary and its workers: each may ask for an answer. Their form is Node's, so that either end may be a
// `node`: { cmd: 'NODE_CLUSTER', act, seq, ack, ... }.

const callbacks = new Map();
let sequence = 0;

// Sends to `target` (a ChildProcess or `process`); `callback(answer, handle)` gets what is sent with `ack: message.seq`.
function send(target, message, handle, callback) {
  if (!target.connected) return false;
  const full = { cmd: 'NODE_CLUSTER', ...message, seq: sequence };
  if (typeof callback === 'function') callbacks.set(sequence, callback);
  sequence++;
  return target.send(full, handle);
}

// A listener for 'internalMessage': answers go to who asked, everything else to `onMessage`.
function receiver(worker, onMessage) {
  return function(message, handle) {
    if (message.cmd !== 'NODE_CLUSTER') return;
    const callback = message.ack === undefined ? undefined : callbacks.get(message.ack);
    if (callback !== undefined) callbacks.delete(message.ack);
    Reflect.apply(callback ?? onMessage, worker, [message, handle]);
  };
}

module.exports = { receiver, send };
