'use strict';
// Owns: duplexPair(): two Duplexes, what is written to one is read from the other.

const Duplex = require('internal/streams/duplex');

const kCallback = Symbol('kCallback');
const kOther = Symbol('kOther');

class Side extends Duplex {
  constructor(options) {
    super(options);
    this[kCallback] = null;
    this[kOther] = null;
  }

  _read() {
    const callback = this[kCallback];
    if (callback) {
      this[kCallback] = null;
      callback();
    }
  }

  // Done when the other side reads, which is its back-pressure.
  _write(chunk, encoding, callback) {
    const other = this[kOther];
    if (chunk.length === 0) {
      process.nextTick(callback);
    } else {
      other.push(chunk);
      other[kCallback] = callback;
    }
  }

  _final(callback) {
    this[kOther].on('end', callback);
    this[kOther].push(null);
  }

  // One side destroyed: the other ends, or fails in its turn.
  _destroy(err, callback) {
    const other = this[kOther];
    if (other !== null && !other.destroyed) {
      process.nextTick(() => {
        if (other.destroyed) return;
        if (err) other.destroy();
        else other.push(null);
      });
    }
    callback(err);
  }
}

function duplexPair(options) {
  const side0 = new Side(options);
  const side1 = new Side(options);
  side0[kOther] = side1;
  side1[kOther] = side0;
  return [side0, side1];
}

module.exports = duplexPair;
