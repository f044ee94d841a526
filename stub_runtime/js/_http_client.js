'use strict';
// Deprecated public door to http's client.

const { ClientRequest } = require('internal/http/client');

module.exports = { ClientRequest };
