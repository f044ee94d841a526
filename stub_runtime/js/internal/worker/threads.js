'use strict';
// worker_threads.postMessageToThread: a message for any thread, which is told to its `process` as 'workerMessage'.
// It travels through a channel of its own, whose other end Rust brings to that thread; the answer comes back the same way.

const {
  codes: {
    ERR_WORKER_MESSAGING_ERRORED, ERR_WORKER_MESSAGING_FAILED, ERR_WORKER_MESSAGING_SAME_THREAD, ERR_WORKER_MESSAGING_TIMEOUT,
  },
} = require('internal/errors');
const { MessageChannel, receiveMessageOnPort } = require('internal/messaging');
const { validateNumber } = require('internal/validators');
const binding = internalBinding('worker');

const DELIVERED = 0;
const NO_LISTENERS = 1;
const LISTENER_ERROR = 2;

// (threadId, value[, transferList][, timeout])
async function postMessageToThread(threadId, value, transferList, timeout) {
  if (typeof transferList === 'number' && timeout === undefined) {
    timeout = transferList;
    transferList = undefined;
  }
  if (timeout !== undefined) validateNumber(timeout, 'timeout', 0);
  if (threadId === binding.threadId()) throw new ERR_WORKER_MESSAGING_SAME_THREAD();
  const { port1, port2 } = new MessageChannel();
  let timer;
  try {
    // First the message: what cannot be cloned throws here.
    port1.postMessage(value, transferList ?? []);
    if (!binding.sendPort(threadId, port2)) throw new ERR_WORKER_MESSAGING_FAILED();
    const { promise, resolve, reject } = Promise.withResolvers();
    port1.on('message', resolve);
    port1.on('close', () => reject(new ERR_WORKER_MESSAGING_FAILED()));
    if (timeout !== undefined) timer = setTimeout(() => reject(new ERR_WORKER_MESSAGING_TIMEOUT()), timeout);
    const answer = await promise;
    if (answer === NO_LISTENERS) throw new ERR_WORKER_MESSAGING_FAILED();
    if (answer === LISTENER_ERROR) throw new ERR_WORKER_MESSAGING_ERRORED();
  } finally {
    clearTimeout(timer);
    port1.close();
  }
}

// Called by Rust in the thread that a message is for.
function receive(port, source) {
  const received = receiveMessageOnPort(port);
  let answer = DELIVERED;
  if (received === undefined || process.listenerCount('workerMessage') === 0) {
    answer = NO_LISTENERS;
  } else {
    try {
      process.emit('workerMessage', received.message, source);
    } catch {
      answer = LISTENER_ERROR;
    }
  }
  port.postMessage(answer);
  port.close();
}

module.exports = { postMessageToThread, receive };
