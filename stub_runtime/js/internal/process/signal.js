'use strict';
// process.on('SIGxxx'). Owns: which signals are watched. Does not own: catching them (Rust, `bindings/signal.rs`).

const { signals } = require('internal/signals');
const { ErrnoException } = require('internal/errors');

// Signal name -> listeners that keep it watched.
let watched;

function isSignal(event) {
  return typeof event === 'string' && signals[event] !== undefined;
}

function startListeningIfSignal(type) {
  if (!isSignal(type) || watched?.has(type)) return;
  const number = signals[type];
  const errno = internalBinding('signal').start(number, () => process.emit(type, type, number));
  if (errno < 0) throw new ErrnoException(errno, 'uv_signal_start');
  watched ??= new Set();
  watched.add(type);
}

function stopListeningIfSignal(type) {
  if (watched?.has(type) && process.listenerCount(type) === 0) {
    internalBinding('signal').stop(signals[type]);
    watched.delete(type);
  }
}

module.exports = { startListeningIfSignal, stopListeningIfSignal };
