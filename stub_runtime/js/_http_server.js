'use strict';
// Deprecated public door to http's server.

const { ServerResponse, connectionListener } = require('internal/http/connection');
const { Server, kConnectionsCheckingInterval } = require('internal/http/server');
const STATUS_CODES = require('internal/http/status_codes');

module.exports = { STATUS_CODES, Server, ServerResponse, _connectionListener: connectionListener, kConnectionsCheckingInterval };
