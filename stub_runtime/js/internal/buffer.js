'use strict';
// The memory of Buffer: the class behind every Buffer, the pool that small ones are cut from, and the
// marks that keep memory from being transferred. The methods are put together in `buffer`.

const {
  codes: { ERR_INVALID_ARG_VALUE, ERR_MEMORY_ALLOCATION_FAILED },
} = require('internal/errors');
const { isArrayBuffer } = require('internal/util/types');
const { validateInteger } = require('internal/validators');
const { addEncodingMethods, byteLength, write } = require('internal/buffer/encodings');
const { addFloatMethods } = require('internal/buffer/floats');
const { addIntegerMethods } = require('internal/buffer/integers');
const binding = internalBinding('buffer');
const messaging = internalBinding('messaging');

// Buffer.prototype is the prototype of this class; `Buffer` itself is a plain function.
class FastBuffer extends Uint8Array {
  // A class without a constructor would go through the array iterator, which users can change.
  constructor(bufferOrLength, byteOffset, length) {
    super(bufferOrLength, byteOffset, length);
  }
}

function addBufferPrototype(proto) {
  addIntegerMethods(proto);
  addFloatMethods(proto);
  addEncodingMethods(proto);
}

const MAX_ALIGNMENT = 2 ** 30;
// What Node's pool aligns its memory to, for reads of wide registers by native code.
const POOL_ALIGNMENT = 64;
// Below this V8 keeps the bytes of a typed array inside the object; zeroing is cheaper than leaving it.
const ON_HEAP_LIMIT = 64;

// Whether `--zero-fill-buffers` was given; asked for on first use.
let zeroFill;

// An ArrayBuffer of uninitialized memory.
function createUnsafeArrayBuffer(size) {
  zeroFill ??= require('internal/options').getOptionValue('--zero-fill-buffers') === true;
  const buffer = zeroFill ? new ArrayBuffer(size) : binding.createUnsafeArrayBuffer(size);
  if (buffer === undefined) throw new ERR_MEMORY_ALLOCATION_FAILED();
  return buffer;
}

// (size) => FastBuffer of its own, uninitialized memory
function createUnsafeBuffer(size) {
  if (size <= ON_HEAP_LIMIT) return new FastBuffer(size);
  return new FastBuffer(createUnsafeArrayBuffer(size));
}

// (size, alignment) => FastBuffer whose first byte is at a multiple of `alignment`
function createAlignedBuffer(size, alignment) {
  const buffer = createUnsafeArrayBuffer(size + alignment);
  return new FastBuffer(buffer, alignmentPadding(buffer, 0, alignment), size);
}

// How many bytes after `offset` the next multiple of `alignment` is.
function alignmentPadding(buffer, offset, alignment) {
  const rest = (binding.addressModulo(buffer, alignment) + offset) % alignment;
  return rest === 0 ? 0 : alignment - rest;
}

function validateAlignment(size, alignment) {
  validateInteger(alignment, 'alignment', 1, MAX_ALIGNMENT);
  if ((alignment & (alignment - 1)) !== 0) {
    throw new ERR_INVALID_ARG_VALUE('alignment', alignment, 'must be a power of two');
  }
}

// The pool. It is made on first use: a snapshot holds no memory of ours. `owner` is Buffer, whose
// `poolSize` users may change.
const pool = { owner: undefined, buffer: undefined, bytes: undefined, capacity: 0, base: 0, offset: 0 };

function refillPool() {
  pool.capacity = pool.owner.poolSize;
  pool.buffer = createUnsafeArrayBuffer(pool.capacity + POOL_ALIGNMENT);
  pool.bytes = new Uint8Array(pool.buffer);
  pool.base = alignmentPadding(pool.buffer, 0, POOL_ALIGNMENT);
  pool.offset = 0;
  markAsUntransferable(pool.buffer);
}

// What pieces of the old one are cut from stays theirs.
function forgetPool() {
  pool.buffer = pool.bytes = undefined;
  pool.capacity = pool.base = pool.offset = 0;
}

// Cuts `size` bytes off and keeps the next piece at a multiple of eight.
function cut(size) {
  const result = new FastBuffer(pool.buffer, pool.base + pool.offset, size);
  pool.offset = (pool.offset + size + 7) & ~7;
  return result;
}

// (size) => FastBuffer of uninitialized memory, out of the pool where it is small
function allocate(size) {
  if (size <= 0) return new FastBuffer();
  if (size >= pool.owner.poolSize >>> 1) return createUnsafeBuffer(size);
  if (size > pool.capacity - pool.offset) refillPool();
  return cut(size);
}

// allocate() for a multiple of `alignment`.
function allocateAligned(size, alignment) {
  if (alignment === 1 || size <= 0) return allocate(size);
  if (alignment > POOL_ALIGNMENT || size + alignment >= pool.owner.poolSize >>> 1) return createAlignedBuffer(size, alignment);
  if (size + alignment > pool.capacity - pool.offset) refillPool();
  pool.offset += alignmentPadding(pool.buffer, pool.base + pool.offset, alignment);
  return cut(size);
}

// (string, ops) => FastBuffer
function fromStringFast(string, ops) {
  // Three bytes are the most a UTF-16 unit needs: where they fit, nothing has to be measured.
  if (ops.id === 0 && string.length * 3 <= pool.capacity - pool.offset) {
    return cut(write(ops.id, pool.bytes, string, pool.base + pool.offset, string.length * 3));
  }
  const length = byteLength(ops.id, string); // For base64 an upper bound
  if (length >= pool.owner.poolSize >>> 1) {
    const result = createUnsafeBuffer(length);
    const written = write(ops.id, result, string, 0, length);
    return written === length ? result : new FastBuffer(result.buffer, 0, written);
  }
  if (length === 0) return new FastBuffer();
  if (length > pool.capacity - pool.offset) refillPool();
  return cut(write(ops.id, pool.bytes, string, pool.base + pool.offset, length));
}

// `structuredClone` and `postMessage` refuse to transfer what has the mark.
function markAsUntransferable(object) {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) return;
  messaging.markAsUntransferable(object);
  // V8 detaches only for who knows the key: `transfer()` throws.
  if (isArrayBuffer(object)) binding.setDetachKey(object);
}

function isMarkedAsUntransferable(object) {
  return messaging.isMarkedAsUntransferable(object);
}

module.exports = {
  FastBuffer,
  addBufferPrototype,
  allocate,
  allocateAligned,
  createAlignedBuffer,
  createUnsafeArrayBuffer,
  forgetPool,
  createUnsafeBuffer,
  fromStringFast,
  isMarkedAsUntransferable,
  markAsUntransferable,
  pool,
  validateAlignment,
};
