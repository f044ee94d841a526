'use strict';
// The API of node:http on streams: what a server's 'request' listeners get.

const { constants: { HTTP_STATUS_EXPECTATION_FAILED, HTTP_STATUS_METHOD_NOT_ALLOWED } } = require('internal/http2/constants');
const { Http2ServerRequest } = require('internal/http2/compat_request');
const { Http2ServerResponse } = require('internal/http2/compat_response');

function answer(response, status) {
  response.statusCode = status;
  response.end();
}

// A server's 'stream' listener; `this` is the server.
function onServerStream(Request, Response, stream, headers, flags, rawHeaders) {
  const request = new Request(stream, headers, undefined, rawHeaders);
  const response = new Response(stream);
  if (headers[':method'] === 'CONNECT') {
    if (!this.emit('connect', request, response)) answer(response, HTTP_STATUS_METHOD_NOT_ALLOWED);
    return;
  }
  if (headers.expect === '100-continue') {
    if (this.listenerCount('checkContinue') > 0) {
      this.emit('checkContinue', request, response);
      return;
    }
    response.writeContinue();
  } else if (headers.expect !== undefined) {
    if (!this.emit('checkExpectation', request, response)) answer(response, HTTP_STATUS_EXPECTATION_FAILED);
    return;
  }
  this.emit('request', request, response);
}

module.exports = { Http2ServerRequest, Http2ServerResponse, onServerStream };
