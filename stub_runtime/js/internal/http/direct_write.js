'use strict';
// A message's last write past the Writable of its socket: straight to the handle, where nothing waits before it and nobody
// has put anything in between.

const { FastBuffer } = require('internal/buffer');
const { Socket } = require('internal/net/socket');
const { kTimeout } = require('internal/timers');

const { write } = Socket.prototype;

// Writes `header` and `chunk`, the latter as chunked encoding's last if there is a `tail` to follow it. Null: all of it went
// out. A buffer: what did not, for `socket.write`. Undefined: nothing was tried.
function writeDirectly(socket, header, chunk, tail) {
  const handle = socket._handle;
  if (handle?.writeMessage === undefined || handle.id < 0 || socket.write !== write || socket.connecting) return undefined;
  const state = socket._writableState;
  if (state.length !== 0 || state.corked !== 0 || state.ending || state.destroyed || state.writing) return undefined;

  const timer = socket[kTimeout];
  if (timer) timer.refresh();
  const rest = handle.writeMessage(header, chunk, tail);
  if (rest === undefined) return null;
  // A number is the errno of a handle that is gone.
  return typeof rest === 'number' ? undefined : new FastBuffer(rest);
}

module.exports = { writeDirectly };
