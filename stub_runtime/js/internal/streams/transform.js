'use strict';
// Owns: Transform: a Duplex whose readable half is made from what is written.
// A written chunk is taken (its callback called) only while the readable half
// has room, which is how back-pressure goes through.

const Duplex = require('internal/streams/duplex');
const { getHighWaterMark } = require('internal/streams/state');
const { codes: { ERR_METHOD_NOT_IMPLEMENTED } } = require('internal/errors');

module.exports = Transform;

Object.setPrototypeOf(Transform.prototype, Duplex.prototype);
Object.setPrototypeOf(Transform, Duplex);

// The write callback kept back until somebody reads.
const kCallback = Symbol('kCallback');
// The callback handed to _transform, made once a stream, and the queue's
// length when the current _transform began.
const kTransformed = Symbol('kTransformed');
const kLengthBefore = Symbol('kLengthBefore');

function Transform(options) {
  if (!(this instanceof Transform)) return new Transform(options);

  // With a readable mark of 0 the writable half must not buffer either,
  // unless told so.
  const readableMark = options ? getHighWaterMark(this, options, 'readableHighWaterMark', true) : null;
  if (readableMark === 0) {
    options = {
      ...options,
      highWaterMark: null,
      readableHighWaterMark: readableMark,
      writableHighWaterMark: options.writableHighWaterMark || 0,
    };
  }

  Duplex.call(this, options);

  // Reading may begin before anything was written.
  this._readableState.sync = false;
  this[kCallback] = null;
  this[kTransformed] = null;
  this[kLengthBefore] = 0;

  if (options) {
    if (typeof options.transform === 'function') this._transform = options.transform;
    if (typeof options.flush === 'function') this._flush = options.flush;
  }

  // For subclasses with a _final of their own, flush comes with 'prefinish'.
  this.on('prefinish', onprefinish);
}

function final(cb) {
  if (typeof this._flush !== 'function' || this.destroyed) {
    this.push(null);
    if (cb) cb();
    return;
  }
  this._flush((er, data) => {
    if (er) {
      if (cb) cb(er);
      else this.destroy(er);
      return;
    }
    if (data != null) this.push(data);
    this.push(null);
    if (cb) cb();
  });
}

function onprefinish() {
  if (this._final !== final) final.call(this);
}

Transform.prototype._final = final;

Transform.prototype._transform = function(chunk, encoding, callback) {
  throw new ERR_METHOD_NOT_IMPLEMENTED('_transform()');
};

Transform.prototype._write = function(chunk, encoding, callback) {
  if (callback === this._writableState.onwrite) {
    this[kLengthBefore] = this._readableState.length;
    this._transform(chunk, encoding, this[kTransformed] ??= makeTransformed(this));
  } else {
    // Called by a subclass with a callback of its own.
    const before = this._readableState.length;
    this._transform(chunk, encoding, (err, val) => transformed(this, before, callback, err, val));
  }
};

function makeTransformed(stream) {
  return (err, val) =>
    transformed(stream, stream[kLengthBefore], stream._writableState.onwrite, err, val);
}

function transformed(stream, before, callback, err, val) {
  if (err) {
    callback(err);
    return;
  }
  if (val != null) stream.push(val);

  const r = stream._readableState;
  if (stream._writableState.ended || before === r.length || r.length < r.highWaterMark) {
    callback();
  } else {
    stream[kCallback] = callback;
  }
}

Transform.prototype._read = function() {
  if (this[kCallback]) {
    const callback = this[kCallback];
    this[kCallback] = null;
    callback();
  }
};
