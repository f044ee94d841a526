'use strict';
// The channel between a parent and its child: `send`, 'message', `disconnect`, on a ChildProcess and on `process`.
// Owns: messages, their order, what keeps a process alive for them. Does not own: the bytes of a message (`codec.js`), what is
// made of a handle that travels (`handles.js`), the socket (`internal/net/handles.js`).
//
// A message with a handle waits for the other side's acknowledgement before anything else is sent, because the kernel gives
// only one descriptor with a read; what is sent meanwhile queues. The messages and their names are Node's: either end may be
// a `node`.

const EventEmitter = require('events');
const {
  ErrnoException,
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_HANDLE_TYPE, ERR_IPC_CHANNEL_CLOSED, ERR_IPC_DISCONNECTED, ERR_MISSING_ARGS,
  },
} = require('internal/errors');
const { validateObject } = require('internal/validators');

const MAX_HANDLE_RETRANSMISSIONS = 3;
// Bytes that wait to be sent, from which on `send` gives false.
const HIGH_WATER = 65536 * 2;

const kChannelHandle = Symbol('kChannelHandle');
const kPendingMessages = Symbol('kPendingMessages');

const noop = () => {};

// `process.channel` and `child.channel`: whether the channel keeps the process alive, by hand or by counting who listens.
class Control extends EventEmitter {
  #channel;
  #refs = 0;
  #byHand = false;

  constructor(channel) {
    super();
    this.#channel = channel;
    this[kPendingMessages] = [];
  }

  refCounted() {
    if (++this.#refs === 1 && !this.#byHand) this.#channel.ref();
  }

  unrefCounted() {
    if (--this.#refs === 0 && !this.#byHand) {
      this.#channel.unref();
      this.emit('unref');
    }
  }

  ref() {
    this.#byHand = true;
    this.#channel.ref();
  }

  unref() {
    this.#byHand = true;
    this.#channel.unref();
  }

  get fd() {
    return this.#channel ? this.#channel.fd : undefined;
  }
}

function isInternal(message) {
  return message !== null && typeof message === 'object' && typeof message.cmd === 'string' &&
    message.cmd.length > 5 && message.cmd.startsWith('NODE_');
}

function isAcknowledgement(message) {
  return message != null && (message.cmd === 'NODE_HANDLE_ACK' || message.cmd === 'NODE_HANDLE_NACK');
}

// The handle of a message that was sent with it, once the other side has it or never will.
function closePendingMessage(target) {
  target._pendingMessage.handle.close();
  target._pendingMessage = null;
}

// Wraps a descriptor that came with a message.
function receivedHandle(fd) {
  const { Pipe, SOCKET, TCP } = require('internal/net/handles');
  let handle;
  switch (internalBinding('util').guessHandleType(fd)) {
    case 'TCP': handle = new TCP(SOCKET); break;
    case 'PIPE': handle = new Pipe(SOCKET); break;
    case 'UDP': {
      const { UDP } = require('internal/dgram');
      handle = new UDP();
      break;
    }
    default: return undefined;
  }
  return handle.open(fd) === 0 ? handle : undefined;
}

// Puts `send` and the rest on `target`, a ChildProcess or `process`; `channel` is a Pipe of kind IPC.
function setupChannel(target, channel, serializationMode) {
  const control = new Control(channel);
  const { createCodec } = require('internal/child_process/codec');
  const codec = createCodec(serializationMode, channel);
  const handles = require('internal/child_process/handles');
  let passed;

  target.channel = control;
  target[kChannelHandle] = channel;
  target._handleQueue = null;
  target._pendingMessage = null;
  // What handles that travelled belong to.
  channel.sockets = { got: {}, send: {} };
  channel.buffering = false;

  function emit(event, message, handle) {
    if (event === 'internalMessage' || target.listenerCount('message') > 0) target.emit(event, message, handle);
    else target.channel?.[kPendingMessages].push([event, message, handle]);
  }

  function handleMessage(message, handle, internal) {
    if (!target.channel) return;
    process.nextTick(emit, internal ? 'internalMessage' : 'message', message, handle);
  }

  // What came before anybody listened.
  target.on('newListener', () => {
    process.nextTick(() => {
      if (!target.channel || target.listenerCount('message') === 0) return;
      const waiting = target.channel[kPendingMessages];
      target.channel[kPendingMessages] = [];
      for (const [event, message, handle] of waiting) target.emit(event, message, handle);
    });
  });

  channel.onread = function(nread, arrayBuffer, fd) {
    if (fd >= 0) passed = receivedHandle(fd);
    if (nread > 0) {
      channel.buffering = false;
      const bytes = Buffer.from(arrayBuffer, 0, nread);
      for (const message of codec.read(bytes)) {
        // The kernel gives a descriptor with the first byte of its message, and never two in one read.
        if (!isInternal(message)) {
          handleMessage(message, undefined, false);
        } else if (message.cmd === 'NODE_HANDLE') {
          const handle = passed;
          passed = undefined;
          handleMessage(message, handle, true);
        } else {
          handleMessage(message, undefined, true);
        }
      }
      channel.buffering = codec.isInMessage();
      return;
    }
    // The other side closed, or ended.
    channel.buffering = false;
    target.disconnect();
    channel.onread = noop;
    channel.close();
    target[kChannelHandle] = null;
    if (typeof target._closesNeeded === 'number') require('internal/child_process').maybeClose(target);
  };

  function onAcknowledged(message) {
    const pending = target._pendingMessage;
    if (pending) {
      if (message.cmd === 'NODE_HANDLE_ACK') {
        closePendingMessage(target);
      } else if (pending.retransmissions++ === MAX_HANDLE_RETRANSMISSIONS) {
        closePendingMessage(target);
        process.emitWarning('Handle did not reach the receiving process correctly', 'SentHandleNotReceivedWarning');
      }
    }
    const queue = target._handleQueue;
    target._handleQueue = null;
    if (target._pendingMessage) {
      target._send(pending.message, pending.handle, pending.options, pending.callback);
    }
    for (const entry of queue ?? []) target._send(entry.message, entry.handle, entry.options, entry.callback);
    // A disconnect that waited for this.
    if (!target.connected && target.channel && !target._handleQueue) target._disconnect();
  }

  target.on('internalMessage', (message, handle) => {
    if (isAcknowledgement(message)) {
      onAcknowledged(message);
      return;
    }
    if (message.cmd !== 'NODE_HANDLE') return;
    // Out of descriptors: the kernel dropped it.
    target._send({ cmd: handle ? 'NODE_HANDLE_ACK' : 'NODE_HANDLE_NACK' }, null, true);
    if (!handle) return;
    handles.receive(target, message, handle, (object) => handleMessage(message.msg, object, isInternal(message.msg)));
  });


  target.send = function(message, handle, options, callback) {
    if (typeof handle === 'function') {
      callback = handle;
      handle = undefined;
      options = undefined;
    } else if (typeof options === 'function') {
      callback = options;
      options = undefined;
    } else if (options !== undefined) {
      validateObject(options, 'options');
    }
    options = { swallowErrors: false, ...options };
    if (this.connected) return this._send(message, handle, options, callback);
    const error = new ERR_IPC_CHANNEL_CLOSED();
    if (typeof callback === 'function') process.nextTick(callback, error);
    else process.nextTick(() => this.emit('error', error));
    return false;
  };

  target._send = function(message, handle, options, callback) {
    if (message === undefined) throw new ERR_MISSING_ARGS('message');
    if (!['string', 'object', 'number', 'boolean'].includes(typeof message)) {
      throw new ERR_INVALID_ARG_TYPE('message', ['string', 'object', 'number', 'boolean'], message);
    }
    // As older callers have it.
    if (typeof options === 'boolean') options = { swallowErrors: options };

    if (handle) {
      const type = handles.typeOf(handle);
      if (type === undefined) throw new ERR_INVALID_HANDLE_TYPE();
      // One that did not arrive is sent again as it is.
      const again = this._pendingMessage !== null && this._pendingMessage.handle === handle;
      if (this._handleQueue) {
        this._handleQueue.push({ callback, handle, options, message });
        return this._handleQueue.length === 1;
      }
      if (!again) {
        message = { cmd: 'NODE_HANDLE', type, msg: message };
        handle = handles.prepare(target, message, handle, options);
      }
      // Sent once already, or closed: the message goes alone.
      if (!handle) message = message.msg;
    } else if (this._handleQueue && !isAcknowledgement(message)) {
      this._handleQueue.push({ callback, handle: null, options, message });
      return this._handleQueue.length === 1;
    }

    const request = { oncomplete: undefined };
    const result = codec.write(request, message, handle);
    if (result >= 0) {
      if (handle) {
        this._handleQueue ??= [];
        handles.sent(message, handle, options, callback, target);
      }
      if (result === 1) {
        control.refCounted();
        request.oncomplete = () => {
          control.unrefCounted();
          if (typeof callback === 'function') callback(null);
        };
      } else if (typeof callback === 'function') {
        process.nextTick(callback, null);
      }
    } else {
      if (handle) handles.sent(message, handle, options, callback);
      if (!options.swallowErrors) {
        const error = new ErrnoException(result, 'write');
        if (typeof callback === 'function') process.nextTick(callback, error);
        else process.nextTick(() => this.emit('error', error));
      }
    }
    // The other side is far behind: better stop for a while.
    return channel.writeQueueSize < HIGH_WATER;
  };

  target.connected = true;

  target.disconnect = function() {
    if (!this.connected) {
      this.emit('error', new ERR_IPC_DISCONNECTED());
      return;
    }
    this.connected = false;
    // What waits for an acknowledgement goes first.
    if (!this._handleQueue) this._disconnect();
  };

  target._disconnect = function() {
    this.channel = null;
    this[kChannelHandle] = null;
    if (this._pendingMessage) closePendingMessage(this);
    let fired = false;
    function finish() {
      if (fired) return;
      fired = true;
      channel.close();
      target.emit('disconnect');
    }
    // In the middle of a message: its end first.
    if (channel.buffering) {
      target.once('message', finish);
      target.once('internalMessage', finish);
      return;
    }
    process.nextTick(finish);
  };

  channel.readStart();
  return control;
}

module.exports = { kChannelHandle, setupChannel };
