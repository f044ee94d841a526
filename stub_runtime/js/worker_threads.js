'use strict';
// node:worker_threads. Does not own: class Worker (`internal/worker.js`), ports (`internal/messaging.js`).

const messaging = require('internal/messaging');
const worker = require('internal/worker');

const { threadId } = internalBinding('worker');

module.exports = {
  BroadcastChannel: messaging.BroadcastChannel,
  MessageChannel: messaging.MessageChannel,
  MessagePort: messaging.MessagePort,
  SHARE_ENV: worker.SHARE_ENV,
  Worker: worker.Worker,
  getEnvironmentData: worker.getEnvironmentData,
  isInternalThread: false,
  isMainThread: worker.isMainThread(),
  isMarkedAsUntransferable: messaging.isMarkedAsUntransferable,
  get locks() { return require('internal/locks').locks; },
  markAsUncloneable: messaging.markAsUncloneable,
  markAsUntransferable: messaging.markAsUntransferable,
  moveMessagePortToContext: messaging.moveMessagePortToContext,
  parentPort: null,
  get postMessageToThread() { return require('internal/worker/threads').postMessageToThread; },
  receiveMessageOnPort: messaging.receiveMessageOnPort,
  resourceLimits: worker.isMainThread() ? {} : worker.ownResourceLimits(),
  setEnvironmentData: worker.setEnvironmentData,
  threadId: threadId(),
  threadName: worker.ownName(),
  workerData: null,
};
