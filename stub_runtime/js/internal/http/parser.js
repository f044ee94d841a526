'use strict';
// Parsers for node:http: the JavaScript object around a parser of `http_parser.rs`, the free list of them, and the checks of
// what is sent.

const { genericNodeError } = require('internal/errors');
const { FastBuffer } = require('internal/buffer');
const { getOptionValue } = require('internal/options');
const { kIncomingMessage, kSkipPendingData } = require('internal/http');
const { IncomingMessage, endMessage, readStart, readStop, setHead, splitHeaders } = require('internal/http/incoming');
const binding = internalBinding('http_parser');

const methods = binding.methods;
// Those of HTTP; PRI is HTTP/2's preface and the others are RTSP's.
const httpMethods = methods.filter((name, number) => number < 34 || number === 46);

const MAX_HEADER_PAIRS = 2000;

// Bits of onHead's `bits`, after four bits each of the version's halves.
const UPGRADE = 1 << 8;
const KEEP_ALIVE = 1 << 9;
const BODILESS = 1 << 10;
const HAS_HOST = 1 << 11;
const HAS_EXPECT = 1 << 12;

// Answers to onHead.
const NO_BODY = 1;
const UPGRADED = 2;

const kLenientNone = 0;
const kLenientAll = Object.keys(binding)
  .filter((name) => name.startsWith('LENIENT_'))
  .reduce((all, name) => all | binding[name], 0);

// A whole head; for a message without a body also its end.
function onHead(parser, method, url, headers, bits, statusCode, statusMessage) {
  if (parser.onIncoming === null) return onForeignHead(parser, method, url, headers, bits, statusCode, statusMessage);
  const { socket } = parser;
  const server = socket?.server;
  const Message = server?.[kIncomingMessage] ?? IncomingMessage;
  const message = parser.incoming = new Message(socket);
  const major = message.httpVersionMajor = bits & 15;
  const minor = message.httpVersionMinor = (bits >> 4) & 15;
  message.httpVersion = major === 1 && minor === 1 ? '1.1' : `${major}.${minor}`;
  message.joinDuplicateHeaders = server?.joinDuplicateHeaders || parser.joinDuplicateHeaders;
  message.upgrade = (bits & UPGRADE) !== 0;
  setHead(message, headers, parser.maxHeaderPairs, bits);
  if (method !== undefined) {
    message.url = url;
    message.method = methods[method];
  } else {
    message.statusCode = statusCode;
    message.statusMessage = statusMessage;
  }
  const answer = parser.onIncoming(message, (bits & KEEP_ALIVE) !== 0);
  if ((bits & BODILESS) !== 0 && answer !== UPGRADED) onComplete(parser, undefined);
  return answer;
}

// A parser that somebody else made and gave callbacks.
function onForeignHead(parser, method, url, headers, bits, statusCode, statusMessage) {
  const answer = parser[HTTPParser.kOnHeadersComplete]?.(
    bits & 15, (bits >> 4) & 15, splitHeaders(headers), method, url, statusCode, statusMessage,
    (bits & UPGRADE) !== 0, (bits & KEEP_ALIVE) !== 0);
  if ((bits & BODILESS) !== 0 && answer !== UPGRADED) parser[HTTPParser.kOnMessageComplete]?.();
  return answer;
}

function onBody(parser, chunk) {
  if (parser.onIncoming === null) {
    parser[HTTPParser.kOnBody]?.(new FastBuffer(chunk));
    return;
  }
  const message = parser.incoming;
  if (message === null || message[kSkipPendingData]) return;
  parser.socket?._unrefTimer?.();
  if (!message._dumped && !message.push(new FastBuffer(chunk))) readStop(parser.socket);
}

function onComplete(parser, trailers) {
  if (parser.onIncoming === null && parser.socket === null) {
    parser[HTTPParser.kOnMessageComplete]?.();
    return;
  }
  const message = parser.incoming;
  if (message !== null && !message[kSkipPendingData]) {
    if (trailers !== undefined) {
      message.complete = true;
      const list = splitHeaders(trailers, parser.maxHeaderPairs);
      message._addHeaderLines(list, list.length);
    }
    endMessage(message);
  }
  // A body may have paused the socket.
  const { socket } = parser;
  if (socket !== null && socket.isPaused?.()) readStart(socket);
  else if (socket !== null && socket._handle?.reading === false) readStart(socket);
}

// A consumed stream's bytes are no HTTP (any more).
function onStop(parser, code, reason, bytesParsed, packet) {
  parser.packet = new FastBuffer(packet);
  parser.onExecute?.(result(code, reason, bytesParsed));
  parser.packet = undefined;
}

function result(code, reason, bytesParsed) {
  if (code === undefined) return bytesParsed;
  return genericNodeError('Parse Error', { bytesParsed, code, reason });
}

let isSetUp = false;

const contextFrame = internalBinding('async_context_frame');
// Of a server's parser: its bytes come in the connection's context.
const kNoFrame = Symbol('kNoFrame');

class HTTPParser {
  constructor() {
    if (!isSetUp) {
      isSetUp = true;
      binding.setup(onHead, onBody, onComplete, onStop);
    }
    this.id = binding.create(this);
    this.packet = undefined;
    cleanParser(this);
  }

  // `timed`: the time until the first request's head counts from now.
  initialize(type, resource, maxHeaderSize = 0, lenientFlags = kLenientNone, timed = false) {
    binding.initialize(this.id, type === RESPONSE, maxHeaderSize || getOptionValue('--max-http-header-size'),
                       lenientFlags, timed);
  }
  // After `initialize`, which sets the default; 0 is no limit.
  limitFields(count) {
    this.maxHeaderPairs = count << 1;
    binding.setMaxFields(this.id, count > 0 ? count : 0);
  }
  // Bytes parsed, or an Error.
  execute(buffer) {
    if (!(this instanceof HTTPParser)) throw new TypeError('Illegal invocation');
    if (this.frame === kNoFrame) return this.#execute(buffer);
    // The socket may be an older request's: what arrives belongs to the context of this one.
    const before = contextFrame.getContinuationPreservedEmbedderData();
    contextFrame.setContinuationPreservedEmbedderData(this.frame);
    const executed = this.#execute(buffer);
    contextFrame.setContinuationPreservedEmbedderData(before);
    return executed;
  }

  #execute(buffer) {
    const done = binding.execute(this.id, buffer);
    return typeof done === 'number' || done === undefined ? done : result(...done);
  }
  finish() {
    const stopped = binding.finish(this.id);
    return stopped === undefined ? undefined : result(...stopped);
  }
  pause() { binding.pause(this.id); }
  resume() { binding.resume(this.id); }
  consume(handle) { binding.consume(this.id, handle.id, handle.isTls); }
  unconsume() { binding.unconsume(this.id); }
  getCurrentBuffer() { return this.packet ?? Buffer.alloc(0); }
  // Loop time at which the current message began; negative once its head is complete; 0 between messages.
  messageStart() { return binding.messageStart(this.id); }
  remove() { binding.reset(this.id); }
  close() {
    if (this.id >= 0) binding.free(this.id);
    this.id = -1;
  }
  // It is idle now.
  free() {}
}

const REQUEST = 1;
const RESPONSE = 2;
HTTPParser.REQUEST = REQUEST;
HTTPParser.RESPONSE = RESPONSE;
// Where users of Node's own parser class put their callbacks; none of ours are there but one that programs look at.
['kOnMessageBegin', 'kOnHeaders', 'kOnHeadersComplete', 'kOnBody', 'kOnMessageComplete', 'kOnExecute', 'kOnTimeout']
  .forEach((name, number) => { HTTPParser[name] = number; });
HTTPParser.kLenientNone = kLenientNone;
HTTPParser.kLenientAll = kLenientAll;
HTTPParser.kLenientHeaderValueRelaxed = binding.LENIENT_HEADER_VALUE_RELAXED;

function cleanParser(parser) {
  parser[HTTPParser.kOnTimeout] = null;
  parser.socket = null;
  parser.incoming = null;
  parser.outgoing = null;
  parser.maxHeaderPairs = MAX_HEADER_PAIRS;
  parser.onExecute = null;
  parser._consumed = false;
  parser.onIncoming = null;
  parser.frame = kNoFrame;
  parser.joinDuplicateHeaders = null;
}

// Idle parsers, at most `max`.
const parsers = {
  max: 1000,
  list: [],
  alloc() {
    return this.list.pop() ?? new HTTPParser();
  },
  free(parser) {
    if (this.list.length >= this.max) return false;
    this.list.push(parser);
    return true;
  },
};

// May be called from the parser's own callbacks.
function freeParser(parser, req, socket) {
  if (parser) {
    parser.remove();
    cleanParser(parser);
    if (parsers.free(parser)) parser.free();
    else setImmediate(() => parser.close());
  }
  if (req) req.parser = null;
  if (socket) socket.parser = null;
}

function prepareError(error, parser, packet) {
  error.rawPacket = packet || parser.getCurrentBuffer();
  if (typeof error.reason === 'string') error.message = `Parse Error: ${error.reason}`;
}

const token = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const strictInvalid = /[^\t\x20-\x7e\x80-\xff]/;
// Fetch's rules.
const lenientInvalid = /[\x00\x0a\x0d]|[^\x00-\xff]/;

function checkIsHttpToken(text) {
  return token.test(text);
}

function checkInvalidHeaderChar(value, lenient = false) {
  return (lenient ? lenientInvalid : strictInvalid).test(value);
}

let warnedLenient = false;
let lenientDefault;

function isLenient() {
  lenientDefault ??= getOptionValue('--insecure-http-parser');
  if (lenientDefault && !warnedLenient) {
    warnedLenient = true;
    process.emitWarning('Using insecure HTTP parsing');
  }
  return lenientDefault;
}

function calculateLenientFlags(httpValidation, insecureHTTPParser) {
  switch (httpValidation) {
    case 'strict': return kLenientNone;
    case 'relaxed': return HTTPParser.kLenientHeaderValueRelaxed;
    case 'insecure': return kLenientAll;
  }
  return insecureHTTPParser ?? isLenient() ? kLenientAll : kLenientNone;
}

module.exports = {
  HAS_EXPECT,
  HAS_HOST,
  HTTPParser,
  NO_BODY,
  UPGRADED,
  calculateLenientFlags,
  checkInvalidHeaderChar,
  checkIsHttpToken,
  chunkExpression: /(?:^|\W)chunked(?:$|\W)/i,
  continueExpression: /(?:^|\W)100-continue(?:$|\W)/i,
  freeParser,
  httpMethods,
  isLenient,
  now: () => binding.now(),
  parsers,
  prepareError,
};
