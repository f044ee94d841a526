'use strict';
// The frame of AsyncLocalStorage values that V8 carries along promise reactions and that timers, ticks and
// native callbacks carry by hand: current() when the work is started, exchange() around the callback.
// A frame is never changed once others may hold it: a new value makes a new frame.

const {
  getContinuationPreservedEmbedderData,
  setContinuationPreservedEmbedderData,
} = internalBinding('async_context_frame');

class AsyncContextFrame extends Map {
  #changed = false;

  constructor(store, data) {
    super(AsyncContextFrame.current());
    this.set(store, data);
  }

  static get enabled() {
    return true;
  }

  static current() {
    return getContinuationPreservedEmbedderData();
  }

  static set(frame) {
    setContinuationPreservedEmbedderData(frame);
  }

  // Sets the frame and gives the one before.
  static exchange(frame) {
    const prior = getContinuationPreservedEmbedderData();
    setContinuationPreservedEmbedderData(frame);
    return prior;
  }

  static disable(store) {
    getContinuationPreservedEmbedderData()?.disable(store);
  }

  get changed() {
    return this.#changed;
  }

  // The one change of a frame that others may hold: whoever runs in it must see it.
  disable(store) {
    this.delete(store);
    this.#changed = true;
  }
}

module.exports = AsyncContextFrame;
