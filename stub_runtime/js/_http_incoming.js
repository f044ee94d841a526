'use strict';
// Deprecated public door to http's incoming messages.

const { IncomingMessage, readStart, readStop } = require('internal/http/incoming');

module.exports = { IncomingMessage, readStart, readStop };
