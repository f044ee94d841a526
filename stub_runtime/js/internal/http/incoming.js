'use strict';
// http.IncomingMessage: a request to a server, or a response to a client.
//
// Most requests have no body and most handlers look at few headers, so what costs is made when asked for: the stream's state
// (a Readable only once somebody reads), raw headers (split from the parser's text), the headers object.

const { Readable, finished } = require('stream');
const { ReadableState } = require('internal/streams/readable_state');
const EventEmitter = require('events');

const kAbortController = Symbol('kAbortController');
const kAbortSignalDetached = Symbol('kAbortSignalDetached');
const kAbortSignalListener = Symbol('kAbortSignalListener');
const kAbortSignalSocket = Symbol('kAbortSignalSocket');
const kAttachAbortSignal = Symbol('kAttachAbortSignal');
const kDetachAbortSignal = Symbol('kDetachAbortSignal');
const kEnded = Symbol('kEnded');
const kHeadBits = Symbol('kHeadBits');
const kHeaders = Symbol('kHeaders');
const kHeadersCount = Symbol('kHeadersCount');
const kHeadersDistinct = Symbol('kHeadersDistinct');
const kRawHeaders = Symbol('kRawHeaders');
const kState = Symbol('kReadableState');
const kText = Symbol('kHeaderText');
const kTrailers = Symbol('kTrailers');
const kTrailersCount = Symbol('kTrailersCount');
const kTrailersDistinct = Symbol('kTrailersDistinct');

function readStart(socket) {
  if (socket && !socket._paused && socket.readable) socket.resume();
}

function readStop(socket) {
  socket?.pause();
}

function IncomingMessage(socket) {
  this[kState] = null;
  this[kEnded] = false;
  this._events = undefined;
  this._eventsCount = 0;

  this.socket = socket;
  this.httpVersionMajor = null;
  this.httpVersionMinor = null;
  this.httpVersion = null;
  this.complete = false;
  this[kHeadBits] = 0;
  this[kText] = '';
  this[kRawHeaders] = null;
  this[kHeaders] = null;
  this[kHeadersCount] = 0;
  this[kTrailers] = null;
  this.rawTrailers = noHeaders;
  this.joinDuplicateHeaders = false;
  this.aborted = false;
  this.upgrade = null;
  // Of requests.
  this.url = '';
  this.method = null;
  // Of responses.
  this.statusCode = null;
  this.statusMessage = null;
  this.client = socket;
  this._consuming = false;
  // Nobody will read the body: drop it as it comes.
  this._dumped = false;
  this[kAbortController] = null;
}
Object.setPrototypeOf(IncomingMessage.prototype, Readable.prototype);
Object.setPrototypeOf(IncomingMessage, Readable);

const noHeaders = [];

IncomingMessage.prototype[kTrailersCount] = 0;
IncomingMessage.prototype[kHeadersDistinct] = null;
IncomingMessage.prototype[kTrailersDistinct] = null;
IncomingMessage.prototype[kAbortSignalSocket] = null;
IncomingMessage.prototype[kAbortSignalListener] = null;
IncomingMessage.prototype[kAbortSignalDetached] = false;

function makeState(message) {
  const { socket } = message;
  const state = new ReadableState(socket ? { highWaterMark: socket.readableHighWaterMark } : undefined, message, false);
  message[kState] = state;
  // No read ahead before the program reads.
  state.readingMore = true;
  if (message[kEnded]) {
    message[kEnded] = false;
    message.push(null);
    if (message._dumped) message.read(0);
  }
  return state;
}

Object.defineProperty(IncomingMessage.prototype, '_readableState', {
  __proto__: null,
  configurable: true,
  get() { return this[kState] ?? makeState(this); },
  set(state) { this[kState] = state; },
});

// Only listeners for data need the stream.
function on(type, listener) {
  const add = type === 'data' || type === 'readable' ? Readable.prototype.on : EventEmitter.prototype.on;
  return add.call(this, type, listener);
}
IncomingMessage.prototype.on = on;
IncomingMessage.prototype.addListener = on;

// The parser's end of the message: no more bytes come.
function endMessage(message) {
  message.complete = true;
  if (message[kState] === null) message[kEnded] = true;
  else message.push(null);
}

// The program has answered without reading: what is left of the body is dropped.
function dumpUnread(message) {
  if (message._consuming) return;
  const state = message[kState];
  if (state === null && message[kEnded] && message._eventsCount === 0) {
    message._dumped = true;
  } else if (!message._readableState.resumeScheduled) {
    message._dump();
  }
}

// Whether nobody will hear of this message any more.
function isOver(message) {
  return message[kState] === null ? message._dumped : message.readableEnded;
}

Object.defineProperty(IncomingMessage.prototype, 'connection', {
  __proto__: null,
  get() { return this.socket; },
  set(value) { this.socket = value; },
});

// Names and values that Node's parser gives at once; `maxEntries` only cuts off what comes after them.
const AT_ONCE = 64;

// `text` is `name NUL value NUL ...` as the parser makes it.
function splitHeaders(text, maxEntries) {
  const list = text.split('\0');
  list.pop();
  if (maxEntries > 0 && list.length > AT_ONCE && list.length > maxEntries) list.length = maxEntries;
  return list;
}

// Of a head's bits: the parser gives this text again and again, always the same string.
const REPEATED = 1 << 13;

// What was made of such texts: names and values, and the headers if they are a plain object of strings.
const heads = new Map();
const MAX_HEADS = 64;

function headOf(text) {
  let head = heads.get(text);
  if (head === undefined) {
    if (heads.size === MAX_HEADS) heads.clear();
    heads.set(text, head = { list: splitHeaders(text, 0), headers: undefined });
  }
  return head;
}

function rawHeadersOf(message) {
  if ((message[kHeadBits] & REPEATED) === 0) return splitHeaders(message[kText], message[kHeadersCount]);
  const { list } = headOf(message[kText]);
  const max = message[kHeadersCount];
  return list.length > AT_ONCE && max > 0 && list.length > max ? list.slice(0, max) : list.slice();
}

// The headers object; of a text that is known, a copy.
function headersOf(message) {
  if ((message[kHeadBits] & REPEATED) === 0 || message[kRawHeaders] !== null || message.joinDuplicateHeaders ||
      message._addHeaderLine !== addHeaderLine) {
    return collect(message, message.rawHeaders, headersCount(message), {});
  }
  const head = headOf(message[kText]);
  const max = message[kHeadersCount];
  if (max > 0 && head.list.length > max) return collect(message, head.list, max, {});
  if (head.headers === undefined) {
    const headers = collect(message, head.list, head.list.length, {});
    // A list in it would be shared.
    head.headers = Object.values(headers).every((value) => typeof value === 'string') ? headers : null;
  }
  return head.headers === null ? collect(message, head.list, head.list.length, {}) : { ...head.headers };
}

// What the parser read; at most `maxEntries` names and values count.
function setHead(message, text, maxEntries, bits) {
  message[kText] = text;
  message[kHeadersCount] = maxEntries;
  message[kHeadBits] = bits;
}

Object.defineProperty(IncomingMessage.prototype, 'rawHeaders', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() { return this[kRawHeaders] ??= rawHeadersOf(this); },
  set(value) { this[kRawHeaders] = value; },
});

function headersCount(message) {
  const max = message[kHeadersCount];
  const { length } = message.rawHeaders;
  return max > 0 ? Math.min(max, length) : length;
}

function collect(message, list, count, dest) {
  for (let i = 0; i < count; i += 2) message._addHeaderLine(list[i], list[i + 1], dest);
  return dest;
}

function collectDistinct(message, list, count) {
  const dest = { __proto__: null };
  for (let i = 0; i < count; i += 2) message._addHeaderLineDistinct(list[i], list[i + 1], dest);
  return dest;
}

function define(name, get, key) {
  Object.defineProperty(IncomingMessage.prototype, name, {
    __proto__: null,
    get() { return this[key] ??= get(this); },
    set(value) { this[key] = value; },
  });
}

define('headers', headersOf, kHeaders);
define('headersDistinct', (m) => collectDistinct(m, m.rawHeaders, headersCount(m)), kHeadersDistinct);
define('trailers', (m) => collect(m, m.rawTrailers, m[kTrailersCount], {}), kTrailers);
define('trailersDistinct', (m) => collectDistinct(m, m.rawTrailers, m[kTrailersCount]), kTrailersDistinct);

IncomingMessage.prototype._addHeaderLines = function(headers, count) {
  if (!headers?.length) return;
  let dest;
  if (this.complete) {
    this.rawTrailers = headers;
    this[kTrailersCount] = count;
    dest = this[kTrailers];
  } else {
    this[kRawHeaders] = headers;
    this[kHeadersCount] = count;
    dest = this[kHeaders];
  }
  if (dest) collect(this, headers, count, dest);
};

// How a repeated header is treated: the first counts, or they are joined, or listed.
const FIRST = 0;
const JOIN = 1;
const COOKIE = 2;
const LIST = 3;
const kinds = new Map();
for (const name of [
  'age', 'host', 'from', 'etag', 'server', 'referer', 'expires', 'location', 'user-agent', 'retry-after', 'content-type',
  'max-forwards', 'authorization', 'last-modified', 'content-length', 'if-modified-since', 'proxy-authorization',
  'if-unmodified-since',
]) kinds.set(name, FIRST);
kinds.set('cookie', COOKIE);
kinds.set('set-cookie', LIST);

function addHeaderLine(field, value, dest) {
  field = field.toLowerCase();
  const old = dest[field];
  const kind = kinds.get(field) ?? JOIN;
  if (kind === LIST) {
    if (old !== undefined) old.push(value);
    else dest[field] = [value];
  } else if (kind === FIRST) {
    if (old === undefined) dest[field] = value;
    else if (this.joinDuplicateHeaders) dest[field] = `${old}, ${value}`;
  } else if (typeof old === 'string') {
    dest[field] = kind === COOKIE ? `${old}; ${value}` : `${old}, ${value}`;
  } else {
    dest[field] = value;
  }
}
IncomingMessage.prototype._addHeaderLine = addHeaderLine;

IncomingMessage.prototype._addHeaderLineDistinct = function(field, value, dest) {
  field = field.toLowerCase();
  if (dest[field]) dest[field].push(value);
  else dest[field] = [value];
};

Object.defineProperty(IncomingMessage.prototype, 'signal', {
  __proto__: null,
  configurable: true,
  get() {
    if (this[kAbortController] === null) {
      this[kAbortController] = new AbortController();
      if (this.destroyed && (!this.readableEnded || !this.complete)) this[kAbortController].abort();
      else this[kAttachAbortSignal]();
    }
    return this[kAbortController].signal;
  },
});

IncomingMessage.prototype[kAttachAbortSignal] = function() {
  if (this[kAbortController].signal.aborted || this[kAbortSignalDetached] || this[kAbortSignalListener] !== null) return;
  const { socket } = this;
  if (!socket) return;
  if (socket.destroyed) {
    abortSignal(this);
    return;
  }
  this[kAbortSignalSocket] = socket;
  this[kAbortSignalListener] = () => abortSignal(this);
  socket.once('close', this[kAbortSignalListener]);
};

IncomingMessage.prototype[kDetachAbortSignal] = function() {
  const socket = this[kAbortSignalSocket];
  const listener = this[kAbortSignalListener];
  this[kAbortSignalDetached] = true;
  if (socket !== null && listener !== null) {
    this[kAbortSignalSocket] = null;
    this[kAbortSignalListener] = null;
    socket.removeListener('close', listener);
  }
};

function abortSignal(message) {
  message[kDetachAbortSignal]();
  message[kAbortController]?.abort();
}

IncomingMessage.prototype.setTimeout = function(msecs, callback) {
  if (callback) this.on('timeout', callback);
  this.socket.setTimeout(msecs);
  return this;
};

IncomingMessage.prototype._read = function() {
  if (!this._consuming) {
    this._readableState.readingMore = false;
    this._consuming = true;
  }
  // The socket may be gone: the connection is somebody else's now.
  if (this.socket.readable) readStart(this.socket);
};

function onError(message, error, callback) {
  // Nobody asked to be told.
  if (message.listenerCount('error') === 0) callback();
  else callback(error);
}

IncomingMessage.prototype._destroy = function(error, callback) {
  if (!this.readableEnded || !this.complete) {
    this.aborted = true;
    this.emit('aborted');
    abortSignal(this);
  }
  // With a premature end the socket goes too, and this waits for it.
  if (this.socket && !this.socket.destroyed && this.aborted) {
    this.socket.destroy(error);
    const cleanup = finished(this.socket, (e) => {
      if (e?.code === 'ERR_STREAM_PREMATURE_CLOSE') e = null;
      cleanup();
      process.nextTick(onError, this, e || error, callback);
    });
  } else if (error == null && !this.aborted) {
    callback();
  } else {
    process.nextTick(onError, this, error, callback);
  }
};

IncomingMessage.prototype._dumpAndCloseReadable = function() {
  this._dumped = true;
  const state = this._readableState;
  state.ended = true;
  state.endEmitted = true;
  state.destroyed = true;
  state.closed = true;
  state.closeEmitted = true;
};

IncomingMessage.prototype._dump = function() {
  if (this._dumped) return;
  this._dumped = true;
  // A listener that was added and not used (a multipart parser, say) must not get the rest.
  this.removeAllListeners('data');
  if (this.complete && !this.destroyed && this.readableLength === 0) this.read(0);
  else this.resume();
};

module.exports = {
  IncomingMessage,
  dumpUnread,
  endMessage,
  isOver,
  kDetachAbortSignal,
  kHeadBits,
  readStart,
  readStop,
  setHead,
  splitHeaders,
};
