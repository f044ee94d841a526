'use strict';
// One connection of a server: its parser, the requests on it in order, the answers in order.

const EventEmitter = require('events');
const net = require('net');
const { Duplex } = require('stream');
const { ConnResetException, codes: { ERR_HTTP_REQUEST_TIMEOUT, ERR_HTTP_SOCKET_ENCODING } } = require('internal/errors');
const { defaultTriggerAsyncIdScope, getOrSetAsyncId } = require('internal/async_hooks');
const { kIncomingMessage, kNeedDrain } = require('internal/http');
const { kUniqueHeaders } = require('internal/http/headers');
const { dumpUnread, isOver, kDetachAbortSignal, kHeadBits } = require('internal/http/incoming');
const {
  HAS_EXPECT,
  HAS_HOST,
  HTTPParser,
  calculateLenientFlags,
  continueExpression,
  freeParser,
  now,
  parsers,
  prepareError,
} = require('internal/http/parser');
const { ServerResponse, emitCloseNT, kConnection } = require('internal/http/response');
const STATUS_CODES = require('internal/http/status_codes');
const { channel } = require('internal/net/channels');
const { kTimeout, setUnrefTimeout } = require('internal/timers');

const kServerResponse = Symbol('ServerResponse');
const kOptimizeEmptyRequests = Symbol('OptimizeEmptyRequests');
const kConnections = Symbol('http.server.connections');
const kUpgradeStream = Symbol('kUpgradeStream');

// Answer to a head: the upgrade is made, and a body may come first.
const UPGRADED_AFTER_BODY = 3;

let debug = require('internal/util/debuglog').debuglog('http', (fn) => {
  debug = fn;
});

const noop = () => {};
const { emit } = EventEmitter.prototype;
// EventEmitter's own mark of `captureRejections`.
const kCapture = Object.getOwnPropertySymbols(EventEmitter.prototype).find((key) => key.description === 'kCapture');

let started;
let finished;

class Connection {
  constructor(server, socket, parser) {
    this.server = server;
    this.socket = socket;
    this.parser = parser;
    // Responses that wait for those before them, and requests that are not answered yet.
    this.outgoing = [];
    this.incoming = [];
    // Bytes of waiting responses.
    this.outgoingData = 0;
    this.requestsCount = 0;
    this.keepAliveTimeoutSet = false;
    // Loop time since which there is nothing to do, 0 while there is; and the timer that looks at it.
    this.idleSince = 0;
    this.idleTimer = null;
    this.onData = (data) => this.execute(data);
    this.onEnd = () => this.ended();
    this.onClose = () => this.closed();
    this.onResponseClose = () => {
      const current = socket._httpMessage;
      if (current?.[kConnection] === this) emitCloseNT(current);
    };
    this.onDrain = () => this.drained();
  }

  listen() {
    const { socket, parser } = this;
    socket.on('data', this.onData);
    socket.on('error', socketOnError);
    socket.on('end', this.onEnd);
    socket.on('close', this.onClose);
    socket.on('close', this.onResponseClose);
    socket.on('drain', this.onDrain);
    socket.on('resume', onSocketResume);
    socket.on('pause', onSocketPause);
    // Whoever wants the bytes gets them; until then they go from the handle to the parser.
    socket.on = listenerWrapper('on');
    socket.addListener = listenerWrapper('addListener');
    socket.prependListener = listenerWrapper('prependListener');
    socket.setEncoding = refuseEncoding;
    // A native stream, with TLS on it or not.
    if (socket._handle?.isTls !== undefined && !socket._handle._consumed) {
      parser._consumed = true;
      socket._handle._consumed = true;
      parser.consume(socket._handle);
    }
    parser.onIncoming = (req, keepAlive) => this.request(req, keepAlive);
    parser[HTTPParser.kOnTimeout] = () => {
      if (!this.server.emit('timeout', socket)) socket.destroy();
    };
    parser.onExecute = (result) => {
      socket._unrefTimer();
      this.executed(result, undefined);
    };
    socket._paused = false;
  }

  execute(data) {
    const result = this.parser.execute(data);
    this.executed(result, data);
  }

  // `result` is the number of bytes that were HTTP, or an error.
  executed(result, data) {
    const { socket, parser } = this;
    if (result instanceof Error) {
      prepareError(result, parser, data);
      socketOnError.call(socket, result);
    } else if (parser.incoming?.upgrade) {
      this.upgrade(parser.incoming, result, data ?? parser.getCurrentBuffer());
    } else if (parser.incoming?.method === 'PRI') {
      socket.destroy();
    }
    // After the last of what was read is parsed.
    if (socket._paused && socket.parser) socket.parser.pause();
  }

  upgrade(req, bytesParsed, data) {
    const { server, socket, parser } = this;
    const event = req.method === 'CONNECT' ? 'connect' : 'upgrade';
    let stream = socket;
    if (req.complete) {
      socket.removeListener('data', this.onData);
      socket.removeListener('end', this.onEnd);
      socket.removeListener('close', this.onClose);
      socket.removeListener('close', this.onResponseClose);
      socket.removeListener('drain', this.onDrain);
      socket.removeListener('error', socketOnError);
      socket.removeListener('timeout', socketOnTimeout);
      unconsume(parser, socket);
      server[kConnections]?.delete(this);
      if (this.idleTimer !== null) clearTimeout(this.idleTimer);
      freeParser(parser, req, socket);
    } else {
      if (socket[kUpgradeStream]) return;
      stream = socket[kUpgradeStream] = new UpgradeStream(socket, req);
    }
    if (server.listenerCount(event) === 0) {
      // Got CONNECT, and nobody to take it.
      socket.destroy();
      return;
    }
    const head = data.slice(bytesParsed, data.length);
    if (req.complete && socket[kUpgradeStream]) {
      socket[kUpgradeStream].requestBodyCompleted(head);
    } else {
      socket.readableFlowing = null;
      server.emit(event, req, stream, head);
    }
  }

  ended() {
    const { server, socket } = this;
    const error = this.parser.finish();
    if (error instanceof Error) {
      socketOnError.call(socket, error);
    } else if (!server.httpAllowHalfOpen) {
      socket.end();
    } else if (this.outgoing.length) {
      this.outgoing.at(-1)._last = true;
    } else if (socket._httpMessage) {
      socket._httpMessage._last = true;
    } else {
      socket.end();
    }
  }

  closed() {
    debug('server socket close');
    const { socket } = this;
    if (this.idleTimer !== null) clearTimeout(this.idleTimer);
    this.server[kConnections]?.delete(this);
    freeParser(socket.parser, null, socket);
    for (const list of [this.incoming, this.outgoing]) {
      while (list.length) list.shift().destroy(new ConnResetException('aborted'));
    }
  }

  pendingData(bytes) {
    this.outgoingData += bytes;
    this.drained();
  }

  drained() {
    const { socket } = this;
    if (socket._paused && this.outgoingData <= socket.writableHighWaterMark) {
      socket._paused = false;
      socket.parser?.resume();
      socket.resume();
    }
    const message = socket._httpMessage;
    if (message && !message.finished && message[kNeedDrain] && message.writableLength === 0) {
      message[kNeedDrain] = false;
      message.emit('drain');
    }
  }

  // A request's head has come. Gives the parser's answer.
  request(req, keepAlive) {
    const { server, socket } = this;
    this.idleSince = 0;
    if (this.keepAliveTimeoutSet) {
      socket.setTimeout(server.timeout || 0);
      this.keepAliveTimeoutSet = false;
    }
    if (req.upgrade) {
      req.upgrade = req.method === 'CONNECT' || !!server.shouldUpgradeCallback(req);
      if (req.upgrade) return UPGRADED_AFTER_BODY;
    }
    this.incoming.push(req);
    // Requests come faster than answers go: stop reading.
    if (!socket._paused && (socket._writableState.needDrain || this.outgoingData >= socket.writableHighWaterMark)) {
      socket._paused = true;
      socket.pause();
    }

    const Response = server[kServerResponse];
    const res = new Response(req, {
      highWaterMark: socket.writableHighWaterMark,
      rejectNonStandardBodyWrites: server.rejectNonStandardBodyWrites,
    });
    res[kConnection] = this;
    res._keepAliveTimeout = server.keepAliveTimeout;
    res._maxRequestsPerSocket = server.maxRequestsPerSocket;
    res.shouldKeepAlive = keepAlive;
    if (server[kUniqueHeaders] !== null) res[kUniqueHeaders] = server[kUniqueHeaders];

    started ??= channel('http.server.request.start');
    if (started.hasSubscribers) started.publish({ request: req, response: res, socket, server });

    if (server[kOptimizeEmptyRequests] && !('content-length' in req.headers || 'transfer-encoding' in req.headers)) {
      req._dumpAndCloseReadable();
      req._read();
    }
    if (socket._httpMessage) this.outgoing.push(res);
    else res.assignSocket(socket);

    if (req.httpVersionMajor === 1 && req.httpVersionMinor === 1 && this.answered(req, res)) return 0;
    emitRequest(server, req, res);
    return 0;
  }

  // True where HTTP/1.1 has an answer of its own to this request.
  answered(req, res) {
    const { server, socket } = this;
    const bits = req[kHeadBits];
    // RFC 7230 5.4: a request without Host is bad.
    if (server.requireHostHeader && (bits & HAS_HOST) === 0) {
      res.writeHead(400, ['Connection', 'close']);
      res.end();
      return true;
    }
    const max = server.maxRequestsPerSocket;
    if (typeof max === 'number' && max > 0) {
      this.requestsCount++;
      res.maxRequestsOnConnectionReached = max <= this.requestsCount;
      if (max < this.requestsCount) {
        server.emit('dropRequest', req, socket);
        res.writeHead(503);
        res.end();
        return true;
      }
    }
    if ((bits & HAS_EXPECT) === 0) return false;
    if (continueExpression.test(req.headers.expect)) {
      res._expect_continue = true;
      if (server.listenerCount('checkContinue') > 0) {
        server.emit('checkContinue', req, res);
      } else {
        res.writeContinue();
        server.emit('request', req, res);
      }
    } else if (server.listenerCount('checkExpectation') > 0) {
      server.emit('checkExpectation', req, res);
    } else {
      res.writeHead(417);
      res.end();
    }
    return true;
  }

  responseFinished(req, res) {
    const { server, socket } = this;
    finished ??= channel('http.server.response.finish');
    if (finished.hasSubscribers) finished.publish({ request: req, response: res, socket, server });

    req[kDetachAbortSignal]();
    if (this.incoming.length === 1) this.incoming.pop();
    else this.incoming.shift();
    dumpUnread(req);
    res.detachSocket(socket);
    clearIncoming(req);
    if (res._events === undefined) emitCloseNT(res);
    else process.nextTick(emitCloseNT, res);

    if (res._last) {
      if (typeof socket.destroySoon === 'function') socket.destroySoon();
      else socket.end();
    } else if (this.outgoing.length === 0) {
      this.idle();
    } else {
      this.outgoing.shift().assignSocket(socket);
    }
  }

  // Answered everything: waits for the next request, but not for ever.
  idle() {
    const { server, socket } = this;
    const time = Number.isFinite(server.keepAliveTimeout) && server.keepAliveTimeout >= 0 ? server.keepAliveTimeout : 0;
    const extra = Number.isFinite(server.keepAliveTimeoutBuffer) && server.keepAliveTimeoutBuffer >= 0 ?
      server.keepAliveTimeoutBuffer : 1000;
    if (!time || typeof socket.setTimeout !== 'function') return;
    if (socket[kTimeout] || server.timeout) {
      // Somebody has set a time of their own, which this one takes the place of.
      socket.setTimeout(time + extra);
      this.keepAliveTimeoutSet = true;
      return;
    }
    // A timer for each pause would be stopped and started with every request: one stays, and when it comes it looks how
    // long the pause is so far.
    this.idleSince = now();
    this.idleTimer ??= setUnrefTimeout(() => this.idleCheck(), time + extra);
  }

  idleCheck() {
    this.idleTimer = null;
    if (this.idleSince === 0 || this.socket.destroyed) return;
    const { keepAliveTimeout, keepAliveTimeoutBuffer } = this.server;
    const left = keepAliveTimeout + keepAliveTimeoutBuffer - (now() - this.idleSince);
    if (left > 0) this.idleTimer = setUnrefTimeout(() => this.idleCheck(), left);
    else this.socket._onTimeout();
  }
}

// server.emit('request', req, res), short where there is one listener and nothing in between.
function emitRequest(server, req, res) {
  const listener = server._events.request;
  if (typeof listener === 'function' && server.emit === emit && !server[kCapture]) listener.call(server, req, res);
  else server.emit('request', req, res);
}

function refuseEncoding() {
  throw new ERR_HTTP_SOCKET_ENCODING();
}

function onSocketResume() {
  // Paused by us: only we resume it.
  if (this._paused) {
    this.pause();
    return;
  }
  if (this._handle && !this._handle.reading) {
    this._handle.reading = true;
    this._handle.readStart();
  }
}

function onSocketPause() {
  if (this._handle?.reading) {
    this._handle.reading = false;
    this._handle.readStop();
  }
}

function unconsume(parser, socket) {
  if (!socket._handle) return;
  if (parser._consumed) parser.unconsume();
  parser._consumed = false;
  socket.removeListener('pause', onSocketPause);
  socket.removeListener('resume', onSocketResume);
}

const wrappers = new Map();

function listenerWrapper(name) {
  let wrapper = wrappers.get(name);
  if (wrapper === undefined) {
    wrapper = function socketListenerWrap(event, listener) {
      const result = net.Socket.prototype[name].call(this, event, listener);
      if (!this.parser) {
        this.on = net.Socket.prototype.on;
        this.addListener = net.Socket.prototype.addListener;
        this.prependListener = net.Socket.prototype.prependListener;
      } else if (event === 'data' || event === 'readable') {
        unconsume(this.parser, this);
      }
      return result;
    };
    wrappers.set(name, wrapper);
  }
  return wrapper;
}

function socketOnTimeout() {
  const req = this.parser?.incoming;
  const reqTimeout = req && !req.complete && req.emit('timeout', this);
  const res = this._httpMessage;
  const resTimeout = res && res.emit('timeout', this);
  const serverTimeout = this.server.emit('timeout', this);
  if (!reqTimeout && !resTimeout && !serverTimeout) this.destroy();
}

function refusal(code) {
  return `HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\nConnection: close\r\n\r\n`;
}

function refusalFor(error) {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW': return refusal(431);
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW': return refusal(413);
    case 'ERR_HTTP_REQUEST_TIMEOUT': return refusal(408);
    default: return refusal(400);
  }
}

// `this` is the socket.
function socketOnError(error) {
  this.removeListener('error', socketOnError);
  // Errors of a socket that is on its way out are nobody's concern.
  if (this.listenerCount('error', noop) === 0) this.on('error', noop);
  if (this.server.emit('clientError', error, this)) return;
  // Not into the middle of an answer.
  if (this.writable && (!this._httpMessage || !this._httpMessage._headerSent)) this.write(refusalFor(error), 'latin1');
  this.destroy(error);
}

function onRequestTimeout(socket) {
  socketOnError.call(socket, new ERR_HTTP_REQUEST_TIMEOUT());
}

function clearIncoming(req) {
  req ||= this;
  const parser = req.socket?.parser;
  if (!parser || parser.incoming !== req) return;
  if (isOver(req)) parser.incoming = null;
  else req.on('end', clearIncoming);
}

// What an upgrade's listener gets while the request's body is still coming: the socket's bytes after the body.
class UpgradeStream extends Duplex {
  #socket;
  #req;

  constructor(socket, req) {
    super({ allowHalfOpen: socket.allowHalfOpen });
    this.#socket = socket;
    this.#req = req;
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    this.on('close', () => socket.destroy());
    socket.on('end', () => {
      this.push(null);
      if (this.readableLength === 0) this.resume();
    });
  }

  requestBodyCompleted(head) {
    this.#req = null;
    if (head?.length > 0 && !this.push(head)) this.#socket.pause();
    this.#socket.on('data', (data) => {
      if (!this.push(data)) this.#socket.pause();
    });
  }

  _read() {
    // The body is in the way.
    this.#req?.resume();
    this.#socket.resume();
  }

  _final(callback) {
    this.#socket.end(callback);
  }

  _write(chunk, encoding, callback) {
    this.#socket.write(chunk, encoding, callback);
  }

  _destroy(error, callback) {
    this.#socket.destroy(error);
    callback(error);
  }
}

class HTTPServerAsyncResource {
  constructor(type, socket) {
    this.type = type;
    this.socket = socket;
  }
}

function connectionListener(socket) {
  defaultTriggerAsyncIdScope(getOrSetAsyncId(socket), accept, this, socket);
}

function accept(server, socket) {
  debug('SERVER new http connection');
  // Sockets from elsewhere may be emitted too.
  socket.server = server;
  if (server.timeout && typeof socket.setTimeout === 'function') socket.setTimeout(server.timeout);
  socket.on('timeout', socketOnTimeout);

  const parser = parsers.alloc();
  parser.initialize(
    HTTPParser.REQUEST,
    new HTTPServerAsyncResource('HTTPINCOMINGMESSAGE', socket),
    server.maxHeaderSize || 0,
    calculateLenientFlags(server.httpValidation, server.insecureHTTPParser),
    server[kConnections] !== undefined);
  parser.socket = socket;
  socket.parser = parser;
  if (typeof server.maxHeadersCount === 'number') parser.limitFields(server.maxHeadersCount);
  const connection = new Connection(server, socket, parser);
  server[kConnections]?.add(connection);
  connection.listen();
}

module.exports = {
  ServerResponse,
  connectionListener,
  kConnections,
  kIncomingMessage,
  kOptimizeEmptyRequests,
  kServerResponse,
  onRequestTimeout,
};
