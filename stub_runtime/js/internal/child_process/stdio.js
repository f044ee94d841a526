'use strict';
// The `stdio` option: what each descriptor of a child is. Owns: its forms. Does not own: the pipes' descriptors, which are made
// when the process is started (Rust, `process_wrap.rs`).

const {
  codes: {
    ERR_INVALID_ARG_VALUE, ERR_INVALID_SYNC_FORK_INPUT, ERR_IPC_ONE_PIPE, ERR_IPC_SYNC_FORK,
  },
} = require('internal/errors');
const { isArrayBufferView } = require('internal/util/types');

let handles;
function lazyHandles() {
  return handles ??= require('internal/net/handles');
}

// 'pipe' and the like for all three, with an IPC channel as fourth if one is wanted.
function stdioStringToArray(stdio, channel) {
  const all = [];
  switch (stdio) {
    case 'ignore':
    case 'overlapped':
    case 'pipe':
      all.push(stdio, stdio, stdio);
      break;
    case 'inherit':
      all.push(0, 1, 2);
      break;
    default:
      throw new ERR_INVALID_ARG_VALUE('stdio', stdio);
  }
  if (channel) all.push(channel);
  return all;
}

// The handle behind a stream, or `value` if it is one: anything with a descriptor of its own.
function handleOf(value) {
  for (const candidate of [value, value.handle, value._handle]) {
    if (candidate === null || typeof candidate !== 'object') continue;
    const { StreamHandle } = lazyHandles();
    if (candidate instanceof StreamHandle) return candidate;
    // Terminals, datagram sockets.
    if (candidate !== value && typeof candidate.fd === 'number' && typeof candidate.close === 'function') return candidate;
  }
  return undefined;
}

function closeAll(entries) {
  for (const entry of entries) {
    if (entry.type === 'pipe' || entry.type === 'overlapped') entry.handle?.close();
  }
}

// => { stdio: [{ type, ... }], ipc, ipcFd }; type is ignore, pipe, overlapped, inherit, fd or wrap.
function getValidStdio(stdio, sync) {
  let ipc;
  let ipcFd;
  if (typeof stdio === 'string') stdio = stdioStringToArray(stdio);
  else if (!Array.isArray(stdio)) throw new ERR_INVALID_ARG_VALUE('stdio', stdio);
  const wanted = stdio.slice();
  while (wanted.length < 3) wanted.push(undefined);

  const entries = [];
  wanted.forEach((value, i) => {
    value ??= i < 3 ? 'pipe' : 'ignore';
    if (value === 'ignore') {
      entries.push({ type: 'ignore' });
    } else if (value === 'pipe' || value === 'overlapped' || (typeof value === 'number' && value < 0)) {
      const entry = { type: value === 'overlapped' ? 'overlapped' : 'pipe', readable: i === 0, writable: i !== 0 };
      if (!sync) entry.handle = new (lazyHandles().Pipe)(lazyHandles().SOCKET);
      entries.push(entry);
    } else if (value === 'ipc') {
      if (sync || ipc !== undefined) {
        closeAll(entries);
        throw sync ? new ERR_IPC_SYNC_FORK() : new ERR_IPC_ONE_PIPE();
      }
      ipc = new (lazyHandles().Pipe)(lazyHandles().IPC);
      ipcFd = i;
      entries.push({ type: 'pipe', handle: ipc, ipc: true });
    } else if (value === 'inherit') {
      entries.push({ type: 'inherit', fd: i });
    } else if (typeof value === 'number' || typeof value.fd === 'number') {
      entries.push({ type: 'fd', fd: typeof value === 'number' ? value : value.fd });
    } else if (typeof value === 'object' && handleOf(value) !== undefined) {
      entries.push({ type: 'wrap', handle: handleOf(value), _stdio: value });
    } else if (isArrayBufferView(value) || typeof value === 'string') {
      if (!sync) {
        closeAll(entries);
        const { inspect } = require('internal/util/inspect');
        throw new ERR_INVALID_SYNC_FORK_INPUT(inspect(value));
      }
    } else {
      closeAll(entries);
      throw new ERR_INVALID_ARG_VALUE('stdio', value);
    }
  });
  return { stdio: entries, ipc, ipcFd };
}

module.exports = { getValidStdio, stdioStringToArray };
