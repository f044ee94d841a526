'use strict';
// Owns: process.stdin, process.stdout and process.stderr, made on first use
// from what the descriptors are: terminal, file, pipe or socket.
// Not here: a worker's standard streams (internal/worker/io).

const streams = { __proto__: null, stdin: undefined, stdout: undefined, stderr: undefined };
const getters = { __proto__: null };

function typeOf(fd) {
  return internalBinding('util').guessHandleType(fd);
}

// While a program's heap is made its streams are stand-ins (internal/heap_streams).
let standIns;

function makeOutput(fd) {
  let stream;

  switch (typeOf(fd)) {
    case 'TTY': {
      const tty = require('tty');
      stream = new tty.WriteStream(fd);
      stream._type = 'tty';
      break;
    }
    case 'FILE': {
      const SyncWriteStream = require('internal/streams/sync_write_stream');
      stream = new SyncWriteStream(fd, { autoClose: false });
      stream._type = 'fs';
      break;
    }
    case 'PIPE':
    case 'TCP': {
      const { FdStream } = require('internal/streams/fd_stream');
      stream = new FdStream(fd, { readable: false });
      stream._type = 'pipe';
      break;
    }
    default: {
      // Nobody is there to read it.
      const Writable = require('internal/streams/writable');
      stream = new Writable({
        write(chunk, encoding, cb) {
          cb();
        },
      });
    }
  }

  stream.fd = fd;
  stream._isStdio = true;
  return stream;
}

// The descriptor stays open, and a destroyed stdout can be written to again.
function keepOpen(err, cb) {
  cb(err);
  this._undestroy();
  // Those that emit 'close' themselves do it when their handle is gone.
  if (!this._writableState.emitClose) process.nextTick(() => this.emit('close'));
}

function output(name, fd) {
  if (streams[name] !== undefined) return streams[name];
  if (standIns !== undefined) return streams[name] = standIns.output(name, fd);
  const stream = streams[name] = makeOutput(fd);
  stream.destroySoon = stream.destroy;
  stream._destroy = keepOpen;
  if (stream.isTTY) process.on('SIGWINCH', () => stream._refreshSize());
  return stream;
}

function getStdout() {
  return output('stdout', 1);
}

function getStderr() {
  return output('stderr', 2);
}

function getStdin() {
  if (streams.stdin !== undefined) return streams.stdin;
  if (standIns !== undefined) return streams.stdin = standIns.input();
  const fd = 0;
  let stdin;

  switch (typeOf(fd)) {
    case 'TTY': {
      const tty = require('tty');
      stdin = new tty.ReadStream(fd);
      break;
    }
    case 'FILE': {
      const fs = require('fs');
      stdin = new fs.ReadStream(null, { fd, autoClose: false });
      break;
    }
    case 'PIPE':
    case 'TCP': {
      const { FdStream } = require('internal/streams/fd_stream');
      stdin = new FdStream(fd, { writable: false });
      break;
    }
    default: {
      const Readable = require('internal/streams/readable');
      stdin = new Readable({ read() {} });
      stdin.push(null);
    }
  }

  stdin.fd = fd;
  streams.stdin = stdin;

  // Without a reader waiting, a paused stdin must not keep the loop alive.
  stdin.on('pause', () => process.nextTick(stopReading, stdin));
  return stdin;
}

function stopReading(stdin) {
  const handle = stdin._handle;
  if (!handle || !handle.reading || stdin.readableFlowing) return;
  stdin._readableState.reading = false;
  handle.reading = false;
  handle.readStop();
}

// Names of the handles that Node has for those that were used, in the order of their descriptors.
function activeHandles() {
  const names = { __proto__: null, PIPE: 'PipeWrap', TCP: 'TCPSocketWrap', TTY: 'TTYWrap' };
  const open = Object.keys(streams).filter((name) => streams[name] !== undefined && !streams[name].destroyed);
  return open.map((name) => names[typeOf(['stdin', 'stdout', 'stderr'].indexOf(name))]).filter((name) => name !== undefined);
}

getters.stdin = getStdin;
getters.stdout = getStdout;
getters.stderr = getStderr;

// Defines the three on `target` (process).
function install(target) {
  for (const name of Object.keys(getters)) {
    Object.defineProperty(target, name, {
      __proto__: null,
      configurable: true,
      enumerable: true,
      get: getters[name],
    });
  }
}

// stdout or stderr as it is now, without making it.
function peek(name) {
  const descriptor = Object.getOwnPropertyDescriptor(process, name);
  return descriptor?.get === getters[name] ? streams[name] : process[name];
}

// Whether `dest` is stdout or stderr.
function isStdio(dest) {
  return dest === peek('stdout') || dest === peek('stderr');
}

function standIn() {
  standIns = require('internal/heap_streams');
}

// In a process that starts from a heap: process.stdout and its like are made anew, what the program has taken leads to them.
function forget() {
  const used = standIns;
  standIns = streams.stdin = streams.stdout = streams.stderr = undefined;
  used?.connect();
  const { isLoaded } = require('internal/bootstrap/realm');
  if (isLoaded('internal/console/global')) {
    const console = require('internal/console/global');
    console._stdout = console._stderr = undefined;
  }
}

module.exports = { activeHandles, install, getStdin, getStdout, getStderr, isStdio, standIn, forget };
