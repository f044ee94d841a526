'use strict';
// node:worker_threads. Does not own: class Worker (`internal/worker.js`), ports (`internal/messaging.js`).

const messaging = require('internal/messaging');
const worker = require('internal/worker');

const { threadId } = internalBinding('worker');

module.exports = {
  isInternalThread: false,
  isMainThread: worker.isMainThread(),
  MessagePort: messaging.MessagePort,
  MessageChannel: messaging.MessageChannel,
  markAsUncloneable: messaging.markAsUncloneable,
  markAsUntransferable: messaging.markAsUntransferable,
  isMarkedAsUntransferable: messaging.isMarkedAsUntransferable,
  moveMessagePortToContext: messaging.moveMessagePortToContext,
  receiveMessageOnPort: messaging.receiveMessageOnPort,
  resourceLimits: worker.isMainThread() ? {} : worker.ownResourceLimits(),
  get postMessageToThread() { return require('internal/worker/threads').postMessageToThread; },
  threadId: threadId(),
  threadName: worker.ownName(),
  SHARE_ENV: worker.SHARE_ENV,
  Worker: worker.Worker,
  parentPort: null,
  workerData: null,
  BroadcastChannel: messaging.BroadcastChannel,
  setEnvironmentData: worker.setEnvironmentData,
  getEnvironmentData: worker.getEnvironmentData,
  get locks() { return require('internal/locks').locks; },
};
