'use strict';
// What the parts of node:http2 share: private names, checks of arguments, nghttp2's errors, the debug log.

const binding = internalBinding('http2');
const { constants } = require('internal/http2/constants');
const { codes: { ERR_HTTP2_INVALID_SETTING_VALUE, ERR_INVALID_ARG_TYPE }, getMessage, hideStackFrames, kIsNodeError } = require('internal/errors');

const assertIsObject = hideStackFrames((value, name, types = 'Object') => {
  if (value !== undefined && (value === null || typeof value !== 'object' || Array.isArray(value))) {
    throw new ERR_INVALID_ARG_TYPE.HideStackFramesError(name, types, value);
  }
});

const assertIsArray = hideStackFrames((value, name, types = 'Array') => {
  if (value !== undefined && !Array.isArray(value)) throw new ERR_INVALID_ARG_TYPE.HideStackFramesError(name, types, value);
});

const assertWithinRange = hideStackFrames((name, value, min = 0, max = Infinity) => {
  if (value !== undefined && (typeof value !== 'number' || value < min || value > max)) {
    throw new ERR_HTTP2_INVALID_SETTING_VALUE.RangeError.HideStackFramesError(name, value, min, max);
  }
});

// An error of nghttp2's, or one that the session named itself.
class NghttpError extends Error {
  constructor(errno, name = undefined) {
    super(name ? getMessage(name, [], null) : binding.errorString(errno));
    this.code = name || 'ERR_HTTP2_ERROR';
    this.errno = errno;
  }

  get [kIsNodeError]() {
    return true;
  }

  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
}

let log = (...args) => {
  log = require('internal/util/debuglog').debuglog('http2', (fn) => {
    log = fn;
  });
  log(...args);
};

function sessionName(type) {
  switch (type) {
    case constants.NGHTTP2_SESSION_CLIENT: return 'client';
    case constants.NGHTTP2_SESSION_SERVER: return 'server';
    default: return '<invalid>';
  }
}

const symbol = (name) => Symbol(name);

module.exports = {
  NghttpError,
  assertIsArray,
  assertIsObject,
  assertWithinRange,
  debug: (...args) => log(...args),
  // `emitter.emit` without a closure.
  emit: (emitter, ...args) => emitter.emit(...args),
  kAuthority: symbol('authority'),
  kBoundSession: symbol('kBoundSession'),
  kCountListener: symbol('countListener'),
  kInit: symbol('init'),
  kMaxOriginSetSize: symbol('max-ORIGIN-set-size'),
  kOptions: symbol('options'),
  kOrigin: symbol('origin'),
  kOriginSet: symbol('originSet'),
  kProtocol: symbol('protocol'),
  kProxySocket: symbol('proxySocket'),
  kRawHeaders: symbol('raw-headers'),
  kRemoteSettings: symbol('remote-settings'),
  kRequest: symbol('request'),
  kRequestResource: symbol('requestAsyncResource'),
  kResponse: symbol('response'),
  kSensitiveHeaders: symbol('sensitiveHeaders'),
  kSentHeaders: symbol('sent-headers'),
  kServer: symbol('server'),
  kSessions: symbol('sessions'),
  kSocket: symbol('socket'),
  kState: symbol('state'),
  kStrictSingleValueFields: symbol('strictSingleValueFields'),
  kType: symbol('type'),
  sessionName,
};
