'use strict';
// node:http2. The parts lie in internal/http2/: sessions and streams on the handles of `bindings/http2.rs`, servers and
// connect, the API of node:http on top.

const { Http2Session, Http2Stream, ServerHttp2Session, ...http2 } = require('internal/http2/core');

module.exports = http2;
