'use strict';
// node:buffer. Owns Buffer: its constructors and its methods except for the readers, writers and
// `xxxSlice`/`xxxWrite` (`internal/buffer/*`). Memory and the pool are in `internal/buffer`, Blob and
// File in `internal/blob` and `internal/file`. The native half is the binding `buffer`.

const {
  codes: {
    ERR_BUFFER_OUT_OF_BOUNDS, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_BUFFER_SIZE,
    ERR_MISSING_ARGS, ERR_OUT_OF_RANGE, ERR_UNKNOWN_ENCODING,
  },
} = require('internal/errors');
const {
  validateArray, validateInteger, validateNumber, validateString,
} = require('internal/validators');
const {
  customInspectSymbol, defineLazyProperties, isInsideNodeModules, lazyDOMException,
} = require('internal/util');
const { isAnyArrayBuffer, isTypedArray, isUint8Array } = require('internal/util/types');
const {
  FastBuffer, addBufferPrototype, allocate, allocateAligned, createAlignedBuffer, createUnsafeBuffer,
  fromStringFast, pool, validateAlignment,
} = require('internal/buffer');
const { byteLength: encodedLength, encodings, getEncodingOps, slice: sliceAs, write: writeAs } = require('internal/buffer/encodings');
const binding = internalBinding('buffer');

const { kMaxLength, kStringMaxLength } = binding;
const { utf8Slice, utf8Write } = binding;
const { utf8 } = encodings;
const arrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const lengthOf = Function.prototype.call.bind(Object.getOwnPropertyDescriptor(arrayPrototype, 'length').get);

let inspectMaxBytes = 50;

FastBuffer.prototype.constructor = Buffer;
Buffer.prototype = FastBuffer.prototype;
addBufferPrototype(Buffer.prototype);
pool.owner = Buffer;

const DEP0005 = 'Buffer() is deprecated due to security and usability issues. Please use the ' +
  'Buffer.alloc(), Buffer.allocUnsafe(), or Buffer.from() methods instead.';
let constructorChecks = 0;
let warned = false;

// Warns once, and not about packages: their user cannot change them.
function warnAboutConstructor() {
  if (warned || ++constructorChecks > 10000) return;
  if (!pendingDeprecation() && isInsideNodeModules(100, true)) return;
  warned = true;
  process.emitWarning(DEP0005, 'DeprecationWarning', 'DEP0005');
}

function pendingDeprecation() {
  return require('internal/options').getOptionValue('--pending-deprecation');
}

// The deprecated constructor; works with and without `new`.
function Buffer(arg, encodingOrOffset, length) {
  warnAboutConstructor();
  if (typeof arg === 'number') {
    if (typeof encodingOrOffset === 'string') throw new ERR_INVALID_ARG_TYPE('string', 'string', arg);
    return Buffer.alloc(arg);
  }
  return Buffer.from(arg, encodingOrOffset, length);
}

Object.setPrototypeOf(Buffer, Uint8Array);

// What `map`, `filter` and the like of a Buffer make.
Object.defineProperty(Buffer, Symbol.species, {
  __proto__: null,
  configurable: true,
  enumerable: false,
  get() { return FastBuffer; },
});

Buffer.poolSize = 64 * 1024;

Buffer.from = function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') return fromString(value, encodingOrOffset);
  if (typeof value === 'object' && value !== null) {
    if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const primitive = value.valueOf && value.valueOf();
    if (primitive != null && primitive !== value &&
        (typeof primitive === 'string' || typeof primitive === 'object')) {
      return from(primitive, encodingOrOffset, length);
    }
    const result = fromObject(value);
    if (result !== undefined) return result;
    if (typeof value[Symbol.toPrimitive] === 'function') {
      const string = value[Symbol.toPrimitive]('string');
      if (typeof string === 'string') return fromString(string, encodingOrOffset);
    }
  }
  throw new ERR_INVALID_ARG_TYPE(
    'first argument', ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'], value);
};

function fromString(string, encoding) {
  let ops = utf8;
  if (typeof encoding === 'string' && encoding.length !== 0) {
    ops = getEncodingOps(encoding);
    if (ops === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  }
  return string.length === 0 ? new FastBuffer() : fromStringFast(string, ops);
}

function fromArrayBuffer(buffer, byteOffset, length) {
  byteOffset = byteOffset === undefined ? 0 : +byteOffset || 0;
  const room = buffer.byteLength - byteOffset;
  if (room < 0) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
  // Without a length the Buffer follows a resizable ArrayBuffer.
  if (length !== undefined) {
    length = +length;
    if (!(length > 0)) length = 0;
    else if (length > room) throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
  }
  return new FastBuffer(buffer, byteOffset, length);
}

function fromArrayLike(array) {
  if (array.length <= 0) return new FastBuffer();
  const result = allocate(array.length);
  if (array.length > result.length) array = Array.prototype.slice.call(array, 0, result.length);
  result.set(array);
  return result;
}

function fromObject(value) {
  if (value.length !== undefined || isAnyArrayBuffer(value.buffer)) {
    return typeof value.length === 'number' ? fromArrayLike(value) : new FastBuffer();
  }
  if (value.type === 'Buffer' && Array.isArray(value.data)) return fromArrayLike(value.data);
  return undefined;
}

Buffer.copyBytesFrom = function copyBytesFrom(view, offset, length) {
  if (!isTypedArray(view)) throw new ERR_INVALID_ARG_TYPE('view', ['TypedArray'], view);
  const count = lengthOf(view);
  if (offset === undefined) offset = 0;
  else validateInteger(offset, 'offset', 0);
  let end = count;
  if (length !== undefined) {
    if (count !== 0 && offset < count) validateInteger(length, 'length', 0);
    end = Math.min(offset + length, count);
  }
  if (offset >= end) return Buffer.alloc(0);
  const size = view.BYTES_PER_ELEMENT;
  const result = allocate((end - offset) * size);
  binding.copy(view, result, 0, offset * size, result.length);
  return result;
};

Buffer.of = (...items) => {
  const result = allocate(items.length);
  for (let i = 0; i < items.length; i++) result[i] = items[i];
  return result;
};

Buffer.alloc = function alloc(size, fill, encoding) {
  validateNumber(size, 'size', 0, kMaxLength);
  if (fill === undefined || fill === 0 || !(size > 0)) return new FastBuffer(size);
  const buffer = createUnsafeBuffer(size);
  return fillRange(buffer, fill, 0, buffer.length, encoding);
};

Buffer.allocUnsafe = function allocUnsafe(size, alignment) {
  validateNumber(size, 'size', 0, kMaxLength);
  if (alignment === undefined) return allocate(size);
  validateAlignment(size, alignment);
  return allocateAligned(size, alignment);
};

Buffer.allocUnsafeSlow = function allocUnsafeSlow(size, alignment) {
  validateNumber(size, 'size', 0, kMaxLength);
  if (alignment === undefined) return createUnsafeBuffer(size);
  validateAlignment(size, alignment);
  return createAlignedBuffer(size, alignment);
};

Buffer.isBuffer = function isBuffer(b) {
  return b instanceof Buffer;
};

Buffer.compare = function compare(buf1, buf2) {
  if (!isUint8Array(buf1)) throw new ERR_INVALID_ARG_TYPE('buf1', ['Buffer', 'Uint8Array'], buf1);
  if (!isUint8Array(buf2)) throw new ERR_INVALID_ARG_TYPE('buf2', ['Buffer', 'Uint8Array'], buf2);
  return buf1 === buf2 ? 0 : binding.compare(buf1, buf2);
};

Buffer.isEncoding = function isEncoding(encoding) {
  return typeof encoding === 'string' && encoding.length !== 0 && getEncodingOps(encoding) !== undefined;
};

Buffer.concat = function concat(list, length) {
  validateArray(list, 'list');
  if (list.length === 0) return new FastBuffer();
  let total = 0;
  for (let i = 0; i < list.length; i++) {
    if (!isUint8Array(list[i])) {
      if (length !== undefined) validateInteger(length, 'length', 0);
      throw new ERR_INVALID_ARG_TYPE(`list[${i}]`, ['Buffer', 'Uint8Array'], list[i]);
    }
    total += lengthOf(list[i]);
  }
  if (length === undefined) length = total;
  else validateInteger(length, 'length', 0);
  const result = allocate(length);
  let position = 0;
  for (let i = 0; i < list.length && position < length; i++) {
    let part = list[i];
    if (lengthOf(part) > length - position) part = Uint8Array.prototype.subarray.call(part, 0, length - position);
    arrayPrototype.set.call(result, part, position);
    position += lengthOf(part);
  }
  // What the pool left in the rest must not be seen.
  if (position < length) arrayPrototype.fill.call(result, 0, position, length);
  return result;
};

Buffer.byteLength = function byteLength(string, encoding) {
  if (typeof string !== 'string') {
    if (ArrayBuffer.isView(string) || isAnyArrayBuffer(string)) return string.byteLength;
    throw new ERR_INVALID_ARG_TYPE('string', ['string', 'Buffer', 'ArrayBuffer'], string);
  }
  if (string.length === 0) return 0;
  const ops = encoding ? getEncodingOps(encoding) || utf8 : utf8;
  return encodedLength(ops.id, string);
};

const proto = Buffer.prototype;

// Both exist on Buffers only: on the prototype itself they are undefined.
Object.defineProperty(proto, 'parent', {
  __proto__: null,
  enumerable: true,
  get() { return this instanceof Buffer ? this.buffer : undefined; },
});
Object.defineProperty(proto, 'offset', {
  __proto__: null,
  enumerable: true,
  get() { return this instanceof Buffer ? this.byteOffset : undefined; },
});

// A number rounded down, or 0 for what is none.
function toInteger(value) {
  value = +value;
  return Number.isFinite(value) ? Math.floor(value) : 0;
}

proto.copy = function copy(target, targetStart, sourceStart, sourceEnd) {
  if (!ArrayBuffer.isView(this)) throw new ERR_INVALID_ARG_TYPE('source', ['Buffer', 'Uint8Array'], this);
  if (!ArrayBuffer.isView(target)) throw new ERR_INVALID_ARG_TYPE('target', ['Buffer', 'Uint8Array'], target);
  const size = this.byteLength;
  targetStart = targetStart === undefined ? 0 : toInteger(targetStart);
  if (targetStart < 0) throw new ERR_OUT_OF_RANGE('targetStart', '>= 0', targetStart);
  sourceStart = sourceStart === undefined ? 0 : toInteger(sourceStart);
  if (sourceStart < 0 || sourceStart > size) {
    throw new ERR_OUT_OF_RANGE('sourceStart', `>= 0 && <= ${size}`, sourceStart);
  }
  sourceEnd = sourceEnd === undefined ? size : toInteger(sourceEnd);
  if (sourceEnd < 0) throw new ERR_OUT_OF_RANGE('sourceEnd', '>= 0', sourceEnd);
  const count = Math.min(sourceEnd - sourceStart, target.byteLength - targetStart, size - sourceStart);
  if (count <= 0) return 0;
  binding.copy(this, target, targetStart, sourceStart, count);
  return count;
};

proto.toString = function toString(encoding, start, end) {
  let string;
  if (arguments.length === 0) {
    string = utf8Slice(this, 0, lengthOf(this));
    return string === undefined ? utf8.slice(this, 0, this.length) : string;
  }
  const size = lengthOf(this);
  start = start > 0 ? Math.trunc(start) || 0 : 0;
  end = end === undefined || end > size ? size : Math.trunc(end) || 0;
  if (start >= end) {
    return '';
  }
  if (encoding === undefined) return utf8.slice(this, start, end);
  const ops = getEncodingOps(encoding);
  if (ops === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  return sliceAs(ops.id, this, start, end);
};

proto.equals = function equals(otherBuffer) {
  if (!isUint8Array(otherBuffer)) {
    throw new ERR_INVALID_ARG_TYPE('otherBuffer', ['Buffer', 'Uint8Array'], otherBuffer);
  }
  if (this === otherBuffer) return true;
  const size = this.byteLength;
  return size === otherBuffer.byteLength && (size === 0 || binding.compare(this, otherBuffer) === 0);
};

proto[customInspectSymbol] = function inspect(recurseTimes, ctx) {
  const shown = Math.min(inspectMaxBytes, this.length);
  let string = encodings.hex.slice(this, 0, shown).replace(/(.{2})/g, '$1 ').trim();
  const hidden = this.length - inspectMaxBytes;
  if (hidden > 0) string += ` ... ${hidden} more byte${hidden > 1 ? 's' : ''}`;
  if (ctx) string += inspectExtras(this, ctx);
  let name = 'Buffer';
  try {
    const { constructor } = this;
    if (typeof constructor === 'function' && Object.hasOwn(constructor, 'name')) name = constructor.name;
  } catch {
    // A getter of the user's that throws.
  }
  return `<${name} ${string}>`;
};

// The properties that somebody has put on a Buffer, as `, a: 1`.
function inspectExtras(buffer, ctx) {
  const extras = { __proto__: null };
  let found = false;
  // Filter 2: only those that are enumerable.
  for (const key of internalBinding('util').getOwnNonIndexProperties(buffer, ctx.showHidden ? 0 : 2)) {
    found = true;
    extras[key] = buffer[key];
  }
  if (!found) return '';
  const { inspect } = require('internal/util/inspect');
  const text = inspect(extras, { ...ctx, breakLength: Infinity, compact: true });
  return (buffer.length === 0 ? '' : ', ') + text.slice('[Object: null prototype] { '.length, -2);
}

proto.inspect = proto[customInspectSymbol];

proto.compare = function compare(target, targetStart, targetEnd, sourceStart, sourceEnd) {
  if (!isUint8Array(target)) throw new ERR_INVALID_ARG_TYPE('target', ['Buffer', 'Uint8Array'], target);
  if (arguments.length === 1) return binding.compare(this, target);
  if (targetStart === undefined) targetStart = 0;
  else validateInteger(targetStart, 'targetStart', 0, kMaxLength);
  if (targetEnd === undefined) targetEnd = target.length;
  else validateInteger(targetEnd, 'targetEnd', 0, target.length);
  if (sourceStart === undefined) sourceStart = 0;
  else validateInteger(sourceStart, 'sourceStart', 0, kMaxLength);
  if (sourceEnd === undefined) sourceEnd = this.length;
  else validateInteger(sourceEnd, 'sourceEnd', 0, this.length);
  if (sourceStart >= sourceEnd) return targetStart >= targetEnd ? 0 : -1;
  if (targetStart >= targetEnd) return 1;
  return binding.compareRange(this, sourceStart, sourceEnd, target, targetStart, targetEnd);
};

// Position of `value` at or after `byteOffset` (`forward`), or at or before it.
function search(buffer, value, byteOffset, encoding, forward) {
  if (!ArrayBuffer.isView(buffer)) {
    throw new ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView'], buffer);
  }
  if (typeof byteOffset === 'string') {
    encoding = byteOffset;
    byteOffset = undefined;
  }
  byteOffset = +byteOffset;
  if (Number.isNaN(byteOffset)) byteOffset = forward ? 0 : buffer.byteLength;
  if (typeof value === 'number') return binding.indexOfNumber(buffer, value >>> 0, byteOffset, forward);
  const ops = encoding === undefined ? utf8 : getEncodingOps(encoding);
  if (typeof value === 'string') {
    if (ops === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
    return ops.indexOf(buffer, value, byteOffset, forward);
  }
  if (isUint8Array(value)) {
    return binding.indexOfBuffer(buffer, value, byteOffset, (ops ?? utf8).id, forward);
  }
  throw new ERR_INVALID_ARG_TYPE('value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
}

proto.indexOf = function indexOf(value, byteOffset, encoding) {
  return search(this, value, byteOffset, encoding, true);
};

proto.lastIndexOf = function lastIndexOf(value, byteOffset, encoding) {
  return search(this, value, byteOffset, encoding, false);
};

proto.includes = function includes(value, byteOffset, encoding) {
  return search(this, value, byteOffset, encoding, true) !== -1;
};

// fill(value[, offset[, end]][, encoding])
proto.fill = function fill(value, offset, end, encoding) {
  return fillRange(this, value, offset, end, encoding);
};

function fillRange(buffer, value, offset, end, encoding) {
  if (typeof value === 'string') {
    if (offset === undefined || typeof offset === 'string') {
      encoding = offset;
      offset = undefined;
    } else if (typeof end === 'string') {
      encoding = end;
      end = undefined;
    }
    value = fillPattern(value, encoding);
  } else if (typeof value === 'boolean') {
    value = +value;
  } else if (typeof value !== 'number' && !ArrayBuffer.isView(value)) {
    value = value & 255;
  }
  if (offset === undefined) {
    offset = 0;
    end = undefined;
  } else {
    validateInteger(offset, 'offset', 0);
  }
  if (end === undefined) end = buffer.length;
  else validateInteger(end, 'end', 0, buffer.length);
  if (offset >= end) return buffer;
  if (end > lengthOf(buffer)) throw new ERR_BUFFER_OUT_OF_BOUNDS();
  if (typeof value === 'number') {
    arrayPrototype.fill.call(buffer, value, offset, end);
  } else {
    if (value.byteLength === 0) throw new ERR_INVALID_ARG_VALUE('value', value);
    binding.fill(buffer, value, offset, end);
  }
  return buffer;
}

// The bytes of a string to fill with: a number where it is one byte.
function fillPattern(string, encoding) {
  let ops = utf8;
  if (encoding !== undefined && encoding !== null && encoding !== '') {
    validateString(encoding, 'encoding');
    ops = getEncodingOps(encoding);
    if (ops === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  }
  if (string.length === 0) return 0;
  if (string.length === 1) {
    const code = string.charCodeAt(0);
    if (code < 128 && (ops === utf8 || ops === encodings.latin1)) return code;
  }
  const bytes = fromStringFast(string, ops);
  if (bytes.length === 0) throw new ERR_INVALID_ARG_VALUE('value', string);
  return bytes;
}

proto.write = function write(string, offset, length, encoding) {
  if (offset === undefined && typeof string === 'string') {
    return utf8Write(this, string, 0, this.byteLength);
  }
  const size = this.length;
  if (offset === undefined) return this.utf8Write(string);
  if (length === undefined && typeof offset === 'string') {
    encoding = offset;
    offset = 0;
    length = size;
  } else {
    validateInteger(offset, 'offset', 0, size);
    const room = size - offset;
    if (length === undefined) {
      length = room;
    } else if (typeof length === 'string') {
      encoding = length;
      length = room;
    } else {
      validateInteger(length, 'length', 0, size);
      if (length > room) length = room;
    }
  }
  let ops = utf8;
  if (encoding) {
    ops = getEncodingOps(encoding);
    if (ops === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  }
  if (typeof string !== 'string' || !ArrayBuffer.isView(this)) return this.utf8Write(string);
  return length === 0 ? 0 : writeAs(ops.id, this, string, offset, length);
};

proto.toJSON = function toJSON() {
  const data = new Array(this.length);
  for (let i = 0; i < data.length; i++) data[i] = this[i];
  return { type: 'Buffer', data };
};

// A relative position as an integer from 0 to `length`.
function clamp(position, length) {
  position = Math.trunc(+position) || 0;
  if (position < 0) return position + length > 0 ? position + length : 0;
  return position < length ? position : length;
}

proto.subarray = function subarray(start, end) {
  const size = this.length;
  start = clamp(start, size);
  end = end === undefined ? size : clamp(end, size);
  return new FastBuffer(this.buffer, this.byteOffset + start, end > start ? end - start : 0);
};

// Unlike Uint8Array's, it shares the memory.
proto.slice = function slice(start, end) {
  return this.subarray(start, end);
};

function swap(buffer, size, native) {
  if (buffer.length % size !== 0) throw new ERR_INVALID_BUFFER_SIZE(`${size * 8}-bits`);
  native(buffer);
  return buffer;
}

proto.swap16 = function swap16() {
  return swap(this, 2, binding.swap16);
};

proto.swap32 = function swap32() {
  return swap(this, 4, binding.swap32);
};

proto.swap64 = function swap64() {
  return swap(this, 8, binding.swap64);
};

proto.toLocaleString = proto.toString;

// btoa and atob work on strings whose characters are bytes.

function btoa(input) {
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('input');
  const result = binding.btoa(`${input}`);
  if (result === undefined) throw lazyDOMException('Invalid character', 'InvalidCharacterError');
  return result;
}

function atob(input) {
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('input');
  const result = binding.atob(`${input}`);
  if (typeof result === 'string') return result;
  throw lazyDOMException(
    result === -1 ? 'Invalid character' : 'The string to be decoded is not correctly encoded.',
    'InvalidCharacterError');
}

function isUtf8(input) {
  if (isTypedArray(input) || isAnyArrayBuffer(input)) return binding.isUtf8(input);
  throw new ERR_INVALID_ARG_TYPE('input', ['ArrayBuffer', 'Buffer', 'TypedArray'], input);
}

function isAscii(input) {
  if (isTypedArray(input) || isAnyArrayBuffer(input)) return binding.isAscii(input);
  throw new ERR_INVALID_ARG_TYPE('input', ['ArrayBuffer', 'Buffer', 'TypedArray'], input);
}

function transcode(source, fromEncoding, toEncoding) {
  return require('internal/buffer/transcode').transcode(source, fromEncoding, toEncoding);
}

module.exports = {
  Buffer,
  transcode,
  isUtf8,
  isAscii,

  // Legacy
  kMaxLength,
  kStringMaxLength,
  btoa,
  atob,
};

Object.defineProperties(module.exports, {
  constants: {
    __proto__: null,
    configurable: false,
    enumerable: true,
    value: Object.defineProperties({}, {
      MAX_LENGTH: { __proto__: null, configurable: false, enumerable: true, value: kMaxLength },
      MAX_STRING_LENGTH: { __proto__: null, configurable: false, enumerable: true, value: kStringMaxLength },
    }),
  },
  INSPECT_MAX_BYTES: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() { return inspectMaxBytes; },
    set(value) {
      validateNumber(value, 'INSPECT_MAX_BYTES', 0);
      inspectMaxBytes = value;
    },
  },
});

defineLazyProperties(module.exports, 'internal/blob', ['Blob', 'resolveObjectURL']);
defineLazyProperties(module.exports, 'internal/file', ['File']);
