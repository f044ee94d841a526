'use strict';
// Deprecated public door to http's outgoing messages.

const { parseUniqueHeadersOption, validateHeaderName, validateHeaderValue } = require('internal/http/headers');
const { OutgoingMessage } = require('internal/http/outgoing');

module.exports = { OutgoingMessage, parseUniqueHeadersOption, validateHeaderName, validateHeaderValue };
