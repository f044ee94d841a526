'use strict';
// Standard streams of a program that is evaluated at build time: what it takes then leads to the streams of the process that starts
// from its heap. Owns: the stand-ins. Does not own: the real streams (`internal/bootstrap/stdio.js`).

const Readable = require('internal/streams/readable');
const Writable = require('internal/streams/writable');
const EventEmitter = require('events');

const made = [];
let connected = false;

// What programs ask a terminal's stream.
const forwarded = ['isTTY', 'columns', 'rows', 'fd', '_type', '_handle', 'writableHighWaterMark'];
const methods = ['getColorDepth', 'hasColors', 'getWindowSize', 'cursorTo', 'moveCursor', 'clearLine', 'clearScreenDown', 'setRawMode',
  'ref', 'unref'];
// Of these the real stream has the listeners, so that it tells them.
const taken = ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener', 'off', 'removeListener', 'removeAllListeners',
  'listenerCount', 'listeners', 'emit', 'eventNames', 'setMaxListeners'];

function lead(stream, name) {
  for (const property of forwarded) {
    Object.defineProperty(stream, property, {
      __proto__: null, configurable: true, enumerable: true,
      get: () => process[name][property],
      set(value) {
        process[name][property] = value;
      },
    });
  }
  for (const method of methods) {
    Object.defineProperty(stream, method, {
      __proto__: null, configurable: true, get() {
        const found = process[name][method];
        return typeof found === 'function' ? found.bind(process[name]) : found;
      },
    });
  }
}

function remember(stream, name) {
  made.push({ stream, name });
  return stream;
}

function writeNow(fd, chunk, encoding, callback) {
  const { writeChunk, writeError } = require('internal/streams/fd_stream');
  const written = writeChunk(fd, chunk, encoding);
  callback(written < 0 ? writeError(written) : null);
}

function output(name, fd) {
  const stream = new Writable({ decodeStrings: false, write(chunk, encoding, callback) {
    if (connected) process[name].write(chunk, encoding, callback);
    else writeNow(fd, chunk, encoding, callback);
  } });
  stream.fd = fd;
  stream._isStdio = true;
  stream.destroySoon = stream.destroy = () => stream;
  stream.isTTY = undefined;
  return remember(stream, name);
}

function input() {
  // Nothing comes at build time.
  const stream = new Readable({ read() {} });
  stream.fd = 0;
  return remember(stream, 'stdin');
}

// Where nobody has taken a stand-in this finds nothing to do.
function connect() {
  connected = true;
  for (const { stream, name } of made) {
    const listeners = stream.eventNames().flatMap((event) => stream.rawListeners(event).map((listener) => [event, listener]));
    lead(stream, name);
    if (listeners.length > 0) {
      for (const [event, listener] of listeners) process[name].on(event, listener);
      EventEmitter.prototype.removeAllListeners.call(stream);
    }
    const methodsOfTarget = name === 'stdin' ? [...taken, 'read', 'resume', 'pause', 'pipe', 'unpipe', 'setEncoding', 'unshift'] :
      [...taken, 'write', 'end', 'cork', 'uncork'];
    for (const method of methodsOfTarget) {
      Object.defineProperty(stream, method, {
        __proto__: null, configurable: true, writable: true, value(...args) {
          const target = process[name];
          const result = target[method](...args);
          return result === target ? stream : result;
        },
      });
    }
    if (name === 'stdin') stream[Symbol.asyncIterator] = () => process.stdin[Symbol.asyncIterator]();
  }
}

module.exports = { output, input, connect };
