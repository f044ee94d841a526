'use strict';
// v8.Serializer, v8.Deserializer and the default ones, which also know views of ArrayBuffers.

const { FastBuffer } = require('internal/buffer');
const binding = internalBinding('v8');

// The number of the native half of each object; 0 for a serializer that has none.
const numbers = new WeakMap();
const kViewsAsHostObjects = Symbol('kViewsAsHostObjects');

// Native halves end with their objects, or when a serializer gives its bytes away.
let registry;

function register(object, number, free) {
  registry ??= new FinalizationRegistry((held) => held.free(held.number));
  registry.register(object, { free, number }, object);
  numbers.set(object, number);
}

function numberOf(object) {
  const number = numbers.get(object);
  if (number === undefined) throw new TypeError('Illegal invocation');
  return number;
}

function typeError(message) {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
}

function callRequired(name) {
  return Object.assign(new TypeError(`Class constructor ${name} cannot be invoked without 'new'`),
                       { code: 'ERR_CONSTRUCT_CALL_REQUIRED' });
}

function Serializer() {
  if (!new.target) throw callRequired('Serializer');
  numbers.set(this, 0);
}

// The native serializer, made anew after it gave its bytes away.
function writer(serializer) {
  let number = numberOf(serializer);
  if (number === 0) {
    number = binding.createSerializer();
    register(serializer, number, binding.freeSerializer);
    if (serializer[kViewsAsHostObjects]) binding.viewsAsHostObjects(number, true);
  }
  return number;
}

Object.assign(Serializer.prototype, {
  writeHeader() {
    binding.writeHeader(writer(this));
  },
  writeValue(value) {
    return binding.writeValue(writer(this), this, value);
  },
  releaseBuffer() {
    const number = writer(this);
    const bytes = binding.releaseBuffer(number);
    registry.unregister(this);
    binding.freeSerializer(number);
    numbers.set(this, 0);
    return new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  },
  transferArrayBuffer(id, arrayBuffer) {
    if (!(arrayBuffer instanceof ArrayBuffer) && !(arrayBuffer instanceof SharedArrayBuffer)) {
      throw typeError('arrayBuffer must be an ArrayBuffer');
    }
    binding.writeTransfer(writer(this), id, arrayBuffer);
  },
  writeUint32(value) {
    binding.writeUint32(writer(this), value);
  },
  writeUint64(high, low) {
    binding.writeUint64(writer(this), high, low);
  },
  writeDouble(value) {
    binding.writeDouble(writer(this), value);
  },
  writeRawBytes(source) {
    if (!ArrayBuffer.isView(source)) throw typeError('source must be a TypedArray or a DataView');
    binding.writeRawBytes(writer(this), source);
  },
  _setTreatArrayBufferViewsAsHostObjects(mode) {
    Object.defineProperty(this, kViewsAsHostObjects, { __proto__: null, configurable: true, value: Boolean(mode) });
    binding.viewsAsHostObjects(writer(this), mode);
  },
});
// Users replace it to throw errors of their own.
Serializer.prototype._getDataCloneError = Error;

function Deserializer(buffer) {
  if (!new.target) throw callRequired('Deserializer');
  if (!ArrayBuffer.isView(buffer)) throw typeError('buffer must be a TypedArray or a DataView');
  this.buffer = buffer;
  register(this, binding.createDeserializer(buffer), binding.freeDeserializer);
}

function needed(value, what) {
  if (value === undefined) throw new Error(`${what}() failed`);
  return value;
}

Object.assign(Deserializer.prototype, {
  readHeader() {
    const read = binding.readHeader(numberOf(this));
    if (!read) throw new Error('ReadHeader() failed');
    return read;
  },
  readValue() {
    return binding.readValue(numberOf(this), this);
  },
  getWireFormatVersion() {
    return binding.wireFormatVersion(numberOf(this));
  },
  transferArrayBuffer(id, arrayBuffer) {
    if (!(arrayBuffer instanceof ArrayBuffer) && !(arrayBuffer instanceof SharedArrayBuffer)) {
      throw typeError('arrayBuffer must be an ArrayBuffer or SharedArrayBuffer');
    }
    binding.readTransfer(numberOf(this), id, arrayBuffer);
  },
  readUint32() {
    return needed(binding.readUint32(numberOf(this)), 'ReadUint32');
  },
  readUint64() {
    return needed(binding.readUint64(numberOf(this)), 'ReadUint64');
  },
  readDouble() {
    return needed(binding.readDouble(numberOf(this)), 'ReadDouble');
  },
  _readRawBytes(length) {
    return needed(binding.readRawBytes(numberOf(this), length), 'ReadRawBytes');
  },
  readRawBytes(length) {
    const offset = this._readRawBytes(length);
    return new FastBuffer(this.buffer.buffer, this.buffer.byteOffset + offset, length);
  },
});

// The numbers the format has for the classes of views. Where a heap is made at build time there is no Float16Array yet.
let viewClasses;
const classesOfViews = () => viewClasses ??= [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array,
  Float64Array, DataView, FastBuffer, BigInt64Array, BigUint64Array, Float16Array,
];
const BUFFER = 10;

class DefaultSerializer extends Serializer {
  constructor() {
    super();
    this._setTreatArrayBufferViewsAsHostObjects(true);
  }

  _writeHostObject(view) {
    const { Buffer } = require('buffer');
    let index = BUFFER;
    if (view.constructor !== Buffer) {
      index = classesOfViews().findIndex((Class, i) => i !== BUFFER && Object.prototype.toString.call(view) === `[object ${Class.name}]`);
      if (index === -1) {
        const { inspect } = require('internal/util/inspect');
        throw new this._getDataCloneError(`Unserializable host object: ${inspect(view)}`);
      }
    }
    this.writeUint32(index);
    this.writeUint32(view.byteLength);
    this.writeRawBytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }
}

class DefaultDeserializer extends Deserializer {
  _readHostObject() {
    const Class = classesOfViews()[this.readUint32()];
    const byteLength = this.readUint32();
    const byteOffset = this._readRawBytes(byteLength);
    const size = Class.BYTES_PER_ELEMENT || 1;
    const offset = this.buffer.byteOffset + byteOffset;
    if (offset % size === 0) return new Class(this.buffer.buffer, offset, byteLength / size);
    // Views of wide elements have to be aligned.
    const { Buffer } = require('buffer');
    const copy = Buffer.allocUnsafeSlow(byteLength);
    copy.set(new Uint8Array(this.buffer.buffer, offset, byteLength));
    return new Class(copy.buffer, copy.byteOffset, byteLength / size);
  }
}

// (value) => Buffer
function serialize(value) {
  const serializer = new DefaultSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

// (Buffer | TypedArray | DataView) => value
function deserialize(buffer) {
  if (!ArrayBuffer.isView(buffer)) throw typeError('buffer must be a TypedArray or a DataView');
  const deserializer = new DefaultDeserializer(buffer);
  deserializer.readHeader();
  return deserializer.readValue();
}

module.exports = { DefaultDeserializer, DefaultSerializer, Deserializer, Serializer, deserialize, serialize };
