'use strict';
// Joins the classes of message passing for the globals and for node:worker_threads.

const {
  MessageChannel, MessagePort, drainMessagePort, moveMessagePortToContext, receiveMessageOnPort, setupPortReferencing,
  stopMessagePort,
} = require('internal/messaging/port');
const { MessageEvent } = require('internal/messaging/event');
const { BroadcastChannel } = require('internal/messaging/broadcast_channel');
const { isMarkedAsUntransferable, markAsUntransferable } = require('internal/buffer');
const { markTransferMode } = require('internal/structured_clone');

// Cloning it throws a DataCloneError; primitives are always cloned.
function markAsUncloneable(object) {
  markTransferMode(object, false, false);
}

module.exports = {
  BroadcastChannel,
  MessageChannel,
  MessageEvent,
  MessagePort,
  drainMessagePort,
  isMarkedAsUntransferable,
  markAsUncloneable,
  markAsUntransferable,
  moveMessagePortToContext,
  receiveMessageOnPort,
  setupPortReferencing,
  stopMessagePort,
};
