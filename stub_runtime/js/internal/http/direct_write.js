'use strict';
// A message's last write past the Writable of its socket: straight to the handle, where nothing waits before it and nobody
// has put anything in between.

const { Socket } = require('internal/net/socket');
const { kTimeout } = require('internal/timers');
const { LATIN1, UTF8 } = require('internal/net/handles');

const { write } = Socket.prototype;

// Writes `header` and `chunk` (`length` bytes). What the kernel does not take at once goes to the socket with `finish` as its
// callback; if it takes all, `done` is called before this returns. False: nothing was written.
function writeDirectly(socket, header, chunk, length, finish, done) {
  const handle = socket._handle;
  if (handle?.tryWrite === undefined || handle.id < 0 || socket.write !== write || socket.connecting) return false;
  const state = socket._writableState;
  if (state.length !== 0 || state.corked !== 0 || state.ending || state.destroyed || state.writing) return false;

  const timer = socket[kTimeout];
  if (timer) timer.refresh();
  let written;
  let text;
  const isString = typeof chunk === 'string';
  if (isString) {
    text = header + chunk;
    written = handle.tryWrite(text, UTF8);
  } else {
    written = handle.tryWrite(header, LATIN1, chunk);
  }
  const total = header.length + length;
  if (written === total) {
    done();
    return true;
  }
  if (isString) {
    const bytes = Buffer.from(text);
    // A header's characters above 127 are two bytes each.
    if (written === bytes.length) {
      done();
      return true;
    }
    socket.write(written > 0 ? bytes.subarray(written) : bytes, finish);
    return true;
  }
  const head = Buffer.from(header, 'latin1');
  if (written <= 0) {
    socket.cork();
    socket.write(head);
    socket.write(chunk, finish);
    socket.uncork();
  } else if (written < head.length) {
    socket.cork();
    socket.write(head.subarray(written));
    socket.write(chunk, finish);
    socket.uncork();
  } else {
    socket.write(chunk.subarray(written - head.length), finish);
  }
  return true;
}

module.exports = { writeDirectly };
