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
  watch(type);
  watched ??= new Set();
  watched.add(type);
}

function watch(type) {
  const number = signals[type];
  const errno = internalBinding('signal').start(number, () => process.emit(type, type, number));
  if (errno < 0) throw new ErrnoException(errno, 'uv_signal_start');
}

// In a process that starts from a heap made at build time nobody watches yet.
function watchAgain() {
  watched?.forEach(watch);
}

function stopListeningIfSignal(type) {
  if (watched?.has(type) && process.listenerCount(type) === 0) {
    internalBinding('signal').stop(signals[type]);
    watched.delete(type);
  }
}

module.exports = { startListeningIfSignal, watchAgain, stopListeningIfSignal };
