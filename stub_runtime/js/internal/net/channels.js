'use strict';
// Diagnostics channels of the network modules, by name, made when first used.

const { exists } = require('internal/bootstrap/realm');

const silent = { hasSubscribers: false, publish() {} };
const channels = new Map();
const tracing = new Map();

function channel(name) {
  let found = channels.get(name);
  if (found === undefined) {
    found = exists('diagnostics_channel') ? require('diagnostics_channel').channel(name) : silent;
    channels.set(name, found);
  }
  return found;
}

function tracingChannel(name) {
  let found = tracing.get(name);
  if (found === undefined) {
    found = exists('diagnostics_channel') ? require('diagnostics_channel').tracingChannel(name) : silent;
    tracing.set(name, found);
  }
  return found;
}

module.exports = { channel, tracingChannel };
