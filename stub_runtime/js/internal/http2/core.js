'use strict';
// Everything that node:http2 exports, and the classes that it does not.

const { constants } = require('internal/http2/constants');
const { Http2ServerRequest, Http2ServerResponse } = require('internal/http2/compat');
const { connect } = require('internal/http2/client');
const { createSecureServer, createServer, performServerHandshake } = require('internal/http2/server');
const { Http2Session } = require('internal/http2/session');
const { ServerHttp2Session } = require('internal/http2/server_session');
const { getDefaultSettings, getPackedSettings, getUnpackedSettings } = require('internal/http2/settings');
const { Http2Stream } = require('internal/http2/stream');
const { kSensitiveHeaders } = require('internal/http2/util');

module.exports = {
  connect,
  constants,
  createServer,
  createSecureServer,
  getDefaultSettings,
  getPackedSettings,
  getUnpackedSettings,
  performServerHandshake,
  sensitiveHeaders: kSensitiveHeaders,
  Http2Session,
  Http2Stream,
  ServerHttp2Session,
  Http2ServerRequest,
  Http2ServerResponse,
};
