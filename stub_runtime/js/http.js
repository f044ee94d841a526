'use strict';
// node:http. The parts lie in internal/http/: server and connection, client and agent, the messages, the parser.

const agents = require('internal/http/agent');
const { ClientRequest } = require('internal/http/client');
const { connectionListener, ServerResponse } = require('internal/http/connection');
const { validateHeaderName, validateHeaderValue } = require('internal/http/headers');
const { IncomingMessage } = require('internal/http/incoming');
const { OutgoingMessage } = require('internal/http/outgoing');
const { httpMethods, parsers } = require('internal/http/parser');
const { Server } = require('internal/http/server');
const STATUS_CODES = require('internal/http/status_codes');
const { getOptionValue } = require('internal/options');
const { validateInteger, validateObject } = require('internal/validators');

function createServer(options, requestListener) {
  return new Server(options, requestListener);
}

function request(url, options, callback) {
  return new ClientRequest(url, options, callback);
}

function get(url, options, callback) {
  const req = request(url, options, callback);
  req.end();
  return req;
}

// Sends the requests of http and https through the proxies that `env` names; gives a function that undoes it.
function setGlobalProxyFromEnv(env = process.env) {
  validateObject(env, 'proxyEnv');
  return require('internal/http/global_proxy').setGlobalProxy(env, module.exports);
}

module.exports = {
  _connectionListener: connectionListener,
  METHODS: httpMethods.toSorted(),
  STATUS_CODES,
  Agent: agents.Agent,
  ClientRequest,
  IncomingMessage,
  OutgoingMessage,
  Server,
  ServerResponse,
  createServer,
  validateHeaderName,
  validateHeaderValue,
  get,
  request,
  setMaxIdleHTTPParsers(max) {
    validateInteger(max, 'max', 1);
    parsers.max = max;
  },
  setGlobalProxyFromEnv,
};

function define(name, get, set) {
  Object.defineProperty(module.exports, name, { __proto__: null, configurable: true, enumerable: true, get, set });
}

define('maxHeaderSize', () => getOptionValue('--max-http-header-size'));
define('globalAgent', () => agents.globalAgent, (agent) => { agents.globalAgent = agent; });
for (const name of ['WebSocket', 'CloseEvent', 'MessageEvent']) define(name, () => globalThis[name]);
