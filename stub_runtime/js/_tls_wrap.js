'use strict';
// The old name of tls's sockets and servers.

const { TLSSocket, Server, createServer, connect } = require('tls');

module.exports = { TLSSocket, Server, createServer, connect };
