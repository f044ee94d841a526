'use strict';
// Connections that were sent to another process, so that a server's `close` and `getConnections` still know of them: one list
// on each side for each server (by its connection key). They talk over the channel with Node's internal messages.

const EventEmitter = require('events');
const { codes: { ERR_CHILD_CLOSED_BEFORE_REPLY } } = require('internal/errors');

// On the side that sent them.
class SocketListSend extends EventEmitter {
  constructor(child, key) {
    super();
    this.key = key;
    this.child = child;
    child.once('exit', () => this.emit('exit', this));
  }

  // Asks the other side and gives `callback(error, answer)` the message called `reply`.
  #ask(message, reply, callback, swallowErrors = false) {
    const { child } = this;
    if (!child.connected) {
      callback(this);
      return;
    }
    const forget = () => {
      child.removeListener('internalMessage', onReply);
      child.removeListener('disconnect', onGone);
    };
    const onGone = () => {
      forget();
      callback(new ERR_CHILD_CLOSED_BEFORE_REPLY());
    };
    const onReply = (answer) => {
      if (answer.cmd !== reply || answer.key !== this.key) return;
      forget();
      callback(null, answer);
    };
    child.once('disconnect', onGone);
    child.on('internalMessage', onReply);
    child._send(message, undefined, swallowErrors);
  }

  // `callback` when the other side's connections are all closed, or it is gone.
  close(callback) {
    this.#ask({ cmd: 'NODE_SOCKET_NOTIFY_CLOSE', key: this.key }, 'NODE_SOCKET_ALL_CLOSED', () => callback(), true);
  }

  getConnections(callback) {
    this.#ask({ cmd: 'NODE_SOCKET_GET_COUNT', key: this.key }, 'NODE_SOCKET_COUNT', (error, answer) => {
      if (error) callback(error instanceof Error ? error : null, 0);
      else callback(null, answer.count);
    });
  }
}

// On the side that received them.
class SocketListReceive extends EventEmitter {
  constructor(child, key) {
    super();
    this.connections = 0;
    this.key = key;
    this.child = child;
    const isConnected = () => child.connected !== false && child._send;
    const tellEmpty = () => {
      if (isConnected()) child._send({ cmd: 'NODE_SOCKET_ALL_CLOSED', key }, undefined, true);
    };
    child.on('internalMessage', (message) => {
      if (message.key !== key) return;
      if (message.cmd === 'NODE_SOCKET_NOTIFY_CLOSE') {
        if (this.connections === 0) tellEmpty();
        else this.once('empty', tellEmpty);
      } else if (message.cmd === 'NODE_SOCKET_GET_COUNT' && isConnected()) {
        child._send({ cmd: 'NODE_SOCKET_COUNT', key, count: this.connections });
      }
    });
  }

  add({ socket }) {
    this.connections++;
    socket.once('close', () => {
      this.connections--;
      if (this.connections === 0) this.emit('empty', this);
    });
  }
}

// The list of kind 'send' or 'got' for a server's key, on a channel's target.
function getSocketList(kind, target, key) {
  const { kChannelHandle } = require('internal/child_process/ipc');
  const lists = target[kChannelHandle].sockets[kind];
  const isNew = !(key in lists);
  if (isNew) lists[key] = kind === 'send' ? new SocketListSend(target, key) : new SocketListReceive(target, key);
  return { isNew, list: lists[key] };
}

module.exports = { getSocketList };
