'use strict';
// Owns: Readable.prototype.pipe and unpipe: moving data to one or several
// destinations at the pace of the slowest.

const { prependListener } = require('internal/streams/legacy');
const { errorOrDestroy } = require('internal/streams/destroy');
const { kState } = require('internal/streams/flags');
const {
  kEndEmitted,
  kFlowing,
  kMultiAwaitDrain,
  kDataListening,
} = require('internal/streams/readable_state');

// stdout and stderr outlive what is piped into them. Looked up without
// creating them.
function isProcessStdio(dest) {
  return require('internal/bootstrap/stdio').isStdio(dest);
}

function pipe(dest, pipeOpts) {
  const src = this;
  const state = src._readableState;

  if (state.pipes.length === 1 && (state[kState] & kMultiAwaitDrain) === 0) {
    state[kState] |= kMultiAwaitDrain;
    state.awaitDrainWriters = new Set(state.awaitDrainWriters ? [state.awaitDrainWriters] : []);
  }
  state.pipes.push(dest);

  const endsDest = (!pipeOpts || pipeOpts.end !== false) && !isProcessStdio(dest);
  const atEnd = endsDest ? onend : detach;
  if ((state[kState] & kEndEmitted) !== 0) process.nextTick(atEnd);
  else src.once('end', atEnd);

  let ondrain;
  let cleanedUp = false;

  dest.on('unpipe', onunpipe);
  src.on('data', ondata);
  // Before the user's own: they may destroy what we still have to detach.
  prependListener(dest, 'error', onerror);
  dest.once('close', onclose);
  dest.once('finish', onfinish);
  dest.emit('pipe', src);

  if (dest.writableNeedDrain === true) pause();
  else if ((state[kState] & kFlowing) === 0) src.resume();

  return dest;

  function onend() {
    dest.end();
  }

  function detach() {
    src.unpipe(dest);
  }

  function ondata(chunk) {
    try {
      if (dest.write(chunk) === false) pause();
    } catch (error) {
      // A chunk of the wrong kind, or a throwing _write.
      dest.destroy(error);
    }
  }

  function pause() {
    // A write may have unpiped us.
    if (!cleanedUp) {
      if (state.pipes.length === 1 && state.pipes[0] === dest) {
        state.awaitDrainWriters = dest;
        state[kState] &= ~kMultiAwaitDrain;
      } else if (state.pipes.length > 1 && state.pipes.includes(dest)) {
        state.awaitDrainWriters.add(dest);
      }
      src.pause();
    }
    if (!ondrain) {
      // Added only now: most destinations never ask to wait.
      ondrain = () => drained(src, dest);
      dest.on('drain', ondrain);
    }
  }

  function onerror(er) {
    detach();
    dest.removeListener('error', onerror);
    if (dest.listenerCount('error') === 0) {
      const s = dest._writableState || dest._readableState;
      if (s && !s.errorEmitted) errorOrDestroy(dest, er);
      else dest.emit('error', er);
    }
  }

  function onclose() {
    dest.removeListener('finish', onfinish);
    detach();
  }

  function onfinish() {
    dest.removeListener('close', onclose);
    detach();
  }

  function onunpipe(readable, info) {
    if (readable === src && info && info.hasUnpiped === false) {
      info.hasUnpiped = true;
      cleanup();
    }
  }

  function cleanup() {
    dest.removeListener('close', onclose);
    dest.removeListener('finish', onfinish);
    if (ondrain) dest.removeListener('drain', ondrain);
    dest.removeListener('error', onerror);
    dest.removeListener('unpipe', onunpipe);
    src.removeListener('end', onend);
    src.removeListener('end', detach);
    src.removeListener('data', ondata);
    cleanedUp = true;

    // The 'drain' somebody else may be waiting for came to the listener just
    // removed: another writer could be stuck on our pause.
    if (ondrain && state.awaitDrainWriters &&
        (!dest._writableState || dest._writableState.needDrain)) {
      ondrain();
    }
  }
}

function drained(src, dest) {
  const state = src._readableState;
  if (state.awaitDrainWriters === dest) state.awaitDrainWriters = null;
  else if ((state[kState] & kMultiAwaitDrain) !== 0) state.awaitDrainWriters.delete(dest);

  if ((!state.awaitDrainWriters || state.awaitDrainWriters.size === 0) &&
      (state[kState] & kDataListening) !== 0) {
    src.resume();
  }
}

function unpipe(dest) {
  const state = this._readableState;
  const info = { hasUnpiped: false };

  if (state.pipes.length === 0) return this;

  if (!dest) {
    const dests = state.pipes;
    state.pipes = [];
    this.pause();
    for (let i = 0; i < dests.length; i++) dests[i].emit('unpipe', this, { hasUnpiped: false });
    return this;
  }

  const index = state.pipes.indexOf(dest);
  if (index === -1) return this;
  state.pipes.splice(index, 1);
  if (state.pipes.length === 0) this.pause();
  dest.emit('unpipe', this, info);
  return this;
}

module.exports = { pipe, unpipe };
