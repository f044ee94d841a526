'use strict';
// The diagnostics channels of node:http2.

const { channel } = require('diagnostics_channel');

const of = (side, names) =>
  Object.fromEntries(names.map((name) => [name, channel(`http2.${side}.stream.${name}`)]));

module.exports = {
  channels: {
    client: of('client', ['created', 'start', 'error', 'bodyChunkSent', 'bodySent', 'finish', 'close']),
    server: of('server', ['created', 'start', 'error', 'finish', 'close']),
  },
  // Publishes `message()` where somebody listens.
  publish(to, message) {
    if (to.hasSubscribers) to.publish(message());
  },
};
