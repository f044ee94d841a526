'use strict';
// Servers, sockets and handles that travel over a channel: what is taken out of the object that is sent, and what is made of
// the handle that arrives. Does not own: when they are sent (`ipc.js`), sockets that are counted afterwards (`socket_list.js`).

const noop = () => {};

function netHandles() {
  return require('internal/net/handles');
}

function isLoaded(id) {
  return require('internal/bootstrap/realm').loadedIds().includes(id);
}

const kinds = {
  '__proto__': null,

  // A TCP or Pipe: no object around it on either side.
  'net.Native': {
    is: (object) => object instanceof netHandles().TCP || object instanceof netHandles().Pipe,
    prepare: (target, message, handle) => handle,
    receive(target, message, handle, emit) {
      emit(handle);
    },
  },

  'net.Server': {
    is: (object) => isLoaded('net') && object instanceof require('net').Server,
    prepare: (target, message, server) => server._handle,
    receive(target, message, handle, emit) {
      const { Server } = require('net');
      const server = new Server();
      server.listen(handle, () => emit(server));
    },
  },

  'net.Socket': {
    is: (object) => isLoaded('net') && object instanceof require('net').Socket,
    prepare(target, message, socket, options) {
      if (!socket._handle) return undefined;
      const { server } = socket;
      if (server) {
        const { getSocketList } = require('internal/child_process/socket_list');
        message.key = server._connectionKey;
        const { isNew, list } = getSocketList('send', target, message.key);
        // From now on the server asks the other process how many connections there are.
        if (isNew) server._setupWorker(list);
        if (!options.keepOpen) server._connections--;
      }
      const handle = socket._handle;
      if (!options.keepOpen) {
        // The socket is empty from now on; the handle is closed when the other side has it.
        handle.onread = noop;
        socket._handle = null;
        socket.setTimeout(0);
        if (socket.parser) require('_http_common').freeParser(socket.parser, null, socket);
        socket._httpMessage?.detachSocket(socket);
      }
      return handle;
    },
    sent(message, handle, options, callback, target) {
      if (!handle || options.keepOpen) return;
      if (target) target._pendingMessage ??= { callback, message, handle, options, retransmissions: 0 };
      else handle.close();
    },
    receive(target, message, handle, emit) {
      const { Socket } = require('net');
      const socket = new Socket({ handle, readable: true, writable: true });
      if (message.key) {
        const { getSocketList } = require('internal/child_process/socket_list');
        getSocketList('got', target, message.key).list.add({ socket });
      }
      emit(socket);
    },
  },

  'dgram.Native': {
    is: (object) => isLoaded('internal/dgram') && object instanceof require('internal/dgram').UDP,
    prepare: (target, message, handle) => handle,
    receive(target, message, handle, emit) {
      emit(handle);
    },
  },

  'dgram.Socket': {
    is: (object) => isLoaded('dgram') && object instanceof require('dgram').Socket,
    prepare(target, message, socket) {
      message.dgramType = socket.type;
      return socket[require('internal/dgram').kStateSymbol].handle;
    },
    receive(target, message, handle, emit) {
      const { Socket } = require('dgram');
      const socket = new Socket(message.dgramType);
      socket.bind(handle, () => emit(socket));
    },
  },
};

// The name of the kind of an object that can be sent; undefined for others.
function typeOf(object) {
  return Object.keys(kinds).find((type) => kinds[type].is(object));
}

// The native handle to send, or undefined where the object has none (any more).
function prepare(target, message, object, options) {
  return kinds[message.type].prepare(target, message, object, options ?? {});
}

// `target` is left out where the message could not be sent.
function sent(message, handle, options, callback, target) {
  kinds[message.type].sent?.(message, handle, options ?? {}, callback, target);
}

function receive(target, message, handle, emit) {
  kinds[message.type]?.receive(target, message, handle, emit);
}

module.exports = { prepare, receive, sent, typeOf };
