'use strict';
// addAbortListener for the built-ins; it is `events`'s own.

module.exports = {
  addAbortListener: (signal, listener) => require('events').addAbortListener(signal, listener),
};
