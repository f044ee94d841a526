'use strict';
// Blob, and the store of object URLs. File is in `internal/file`.
//
// A Blob is a list of parts that never change: { bytes, start, length } in memory, or { file, start,
// length, size, mtime } of a file on disk. Slices share them.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_STATE, ERR_INVALID_THIS },
} = require('internal/errors');
const { customInspectSymbol, kEmptyObject, kEnumerableProperty, lazyDOMException } = require('internal/util');
const { isAnyArrayBuffer } = require('internal/util/types');
const { validateDictionary } = require('internal/validators');
const { kClone, kDeserialize, markTransferMode } = require('internal/structured_clone');

// How much of a file is read at once.
const CHUNK = 65536;
const kParts = Symbol('kParts');
const unprintable = /[^\u0020-\u007E]/;

let encoder;

function encode(text) {
  const { TextEncoder } = require('internal/encoding');
  encoder ??= new TextEncoder();
  return encoder.encode(text);
}

// A constructor argument as a list of values, each converted when it comes: objects with bytes, or strings.
function toSequence(value) {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null ||
      typeof value[Symbol.iterator] !== 'function') {
    throw Object.assign(new TypeError('Value cannot be converted to sequence.'), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  return Array.from(value, (part, i) => {
    if (isBlob(part) || isAnyArrayBuffer(part) || ArrayBuffer.isView(part)) return part;
    if (typeof part === 'symbol') {
      throw Object.assign(new TypeError(`Value[${i}] is a Symbol and cannot be converted to a string.`), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    return `${part}`;
  });
}

function toNumber(value, name) {
  if (typeof value === 'symbol' || typeof value === 'bigint') {
    const kind = typeof value === 'symbol' ? 'Symbol' : 'BigInt';
    throw Object.assign(new TypeError(`${name} is a ${kind} and cannot be converted to a number.`), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  return Math.trunc(Number(value)) || 0;
}

// The parts of one source, with a copy of the memory of the user's.
function partsOf(source, endings) {
  if (isBlob(source)) return source[kParts];
  if (isAnyArrayBuffer(source)) return [memoryPart(new Uint8Array(source).slice())];
  if (ArrayBuffer.isView(source)) {
    return [memoryPart(new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice())];
  }
  let text = source;
  if (endings === 'native') text = text.replace(/\r\n|\r|\n/g, '\n');
  return [memoryPart(encode(text))];
}

function memoryPart(bytes) {
  return { bytes, start: 0, length: bytes.byteLength };
}

// Reads pieces of one part; `read(position, size)` => bytes or a promise of them.
function readPart(part, position, size) {
  if (part.bytes !== undefined) {
    const start = part.start + position;
    return part.bytes.subarray(start, start + size);
  }
  return readFilePart(part, part.start + position, size);
}

function notReadable() {
  return lazyDOMException('The blob could not be read', 'NotReadableError');
}

async function readFilePart(part, position, size) {
  const fs = require('fs');
  let handle;
  try {
    handle = await fs.promises.open(part.file);
    const { size: fileSize, mtimeMs } = await handle.stat();
    // A file that was changed is not the one that the Blob was made of.
    if (fileSize !== part.size || mtimeMs !== part.mtime) throw notReadable();
    const bytes = new Uint8Array(size);
    let done = 0;
    while (done < size) {
      const { bytesRead } = await handle.read(bytes, done, size - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done === size ? bytes : bytes.subarray(0, done);
  } catch (err) {
    throw err?.name === 'NotReadableError' ? err : notReadable();
  } finally {
    await handle?.close();
  }
}

// All bytes of a Blob in new memory.
async function readAll(blob) {
  const out = new Uint8Array(blob.size);
  let position = 0;
  for (const part of blob[kParts]) {
    // Even an empty file must still be the one it was.
    if (part.length === 0) await readPart(part, 0, 0);
    for (let done = 0; done < part.length;) {
      const size = part.bytes === undefined ? Math.min(part.length - done, 16 * CHUNK) : part.length;
      const bytes = readPart(part, done, size);
      const piece = bytes instanceof Uint8Array ? bytes : await bytes;
      if (piece.byteLength === 0) throw notReadable();
      out.set(piece, position);
      position += piece.byteLength;
      done += piece.byteLength;
    }
  }
  return out;
}

function normalizeType(type) {
  type = `${type}`;
  return unprintable.test(type) ? '' : type.toLowerCase();
}

let isBlob;
let setParts;

class Blob {
  #parts = [];
  #size = 0;
  #type = '';

  static {
    isBlob = (value) => typeof value === 'object' && value !== null && #parts in value;
    setParts = (blob, parts, type) => {
      blob.#parts = parts;
      blob.#type = type;
      blob.#size = 0;
      for (const part of parts) blob.#size += part.length;
    };
  }

  // (sources, { endings, type })
  constructor(sources = [], options) {
    markTransferMode(this, true, false);
    const list = toSequence(sources);
    validateDictionary(options, 'options');
    const bag = options ?? kEmptyObject;
    const { endings: wanted = 'transparent' } = bag;
    const endings = `${wanted}`;
    const { type = '' } = bag;
    if (endings !== 'transparent' && endings !== 'native') throw new ERR_INVALID_ARG_VALUE('options.endings', endings);
    const parts = [];
    for (const source of list) {
      for (const part of partsOf(source, endings)) if (part.length > 0) parts.push(part);
    }
    setParts(this, parts, normalizeType(type));
  }

  get [kParts]() {
    return this.#parts;
  }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return options.stylize(`[${this.constructor?.name ?? 'Blob'}]`, 'special');
    const opts = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `Blob ${require('internal/util/inspect').inspect({ size: this.size, type: this.type }, opts)}`;
  }

  [kClone]() {
    // Node refuses it: its file is bound to a thread.
    if (this.#parts.some((part) => part.file !== undefined)) {
      throw new ERR_INVALID_STATE('File-backed Blobs are not cloneable');
    }
    return {
      data: { parts: this.#parts, type: this.#type },
      deserializeInfo: 'internal/blob:ClonedBlob',
    };
  }

  [kDeserialize]({ parts, type }) {
    setParts(this, parts, type);
  }

  get type() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    return this.#type;
  }

  get size() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    return this.#size;
  }

  // (start, end, type) => Blob
  slice(start = 0, end = undefined, contentType = '') {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    const size = this.#size;
    const clamp = (value, name) => {
      value = toNumber(value, name);
      return value < 0 ? Math.max(size + value, 0) : Math.min(value, size);
    };
    start = clamp(start, 'start');
    end = end === undefined ? size : clamp(end, 'end');
    const parts = [];
    let position = 0;
    for (const part of this.#parts) {
      const from = Math.max(start - position, 0);
      const to = Math.min(end - position, part.length);
      if (from < to) parts.push({ ...part, start: part.start + from, length: to - from });
      position += part.length;
    }
    const blob = new Blob();
    setParts(blob, parts, normalizeType(contentType));
    return blob;
  }

  async arrayBuffer() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    return (await readAll(this)).buffer;
  }

  async text() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    const { TextDecoder } = require('internal/encoding');
    return new TextDecoder().decode(await readAll(this));
  }

  async bytes() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    return readAll(this);
  }

  // A byte stream of one chunk a part.
  stream() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    const { ReadableStream } = require('internal/webstreams/readablestream');
    const parts = this.#parts;
    let index = 0;
    let done = 0;
    return new ReadableStream({
      type: 'bytes',
      async pull(controller) {
        const part = parts[index];
        if (part === undefined) {
          controller.close();
          // A read into the caller's memory waits for an answer.
          controller.byobRequest?.respond(0);
          return;
        }
        const size = part.bytes === undefined ? Math.min(part.length - done, CHUNK) : part.length;
        const bytes = await readPart(part, done, size);
        if (bytes.byteLength === 0) {
          if (part.length > 0) throw notReadable();
          controller.close();
          controller.byobRequest?.respond(0);
          return;
        }
        done += bytes.byteLength;
        if (done >= part.length) {
          index++;
          done = 0;
        }
        // The stream takes the memory away.
        controller.enqueue(part.bytes === undefined ? bytes : bytes.slice());
      },
    }, { highWaterMark: 0 });
  }

  textStream() {
    if (!isBlob(this)) throw new ERR_INVALID_THIS('Blob');
    const { TextDecoderStream } = require('internal/webstreams/encoding');
    return this.stream().pipeThrough(new TextDecoderStream());
  }
}

// What structured clone makes a Blob of, before it is filled.
function ClonedBlob() {
  return new Blob();
}
ClonedBlob.prototype = Blob.prototype;

Object.defineProperties(Blob.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'Blob' },
  size: kEnumerableProperty,
  type: kEnumerableProperty,
  slice: kEnumerableProperty,
  stream: kEnumerableProperty,
  textStream: kEnumerableProperty,
  text: kEnumerableProperty,
  arrayBuffer: kEnumerableProperty,
  bytes: kEnumerableProperty,
});

// (path, { type }) => a Blob of a file, for fs.openAsBlob(). Fails where the file cannot be read now;
// reading fails once it has changed.
function createBlobFromFilePath(file, { type = '' } = kEmptyObject) {
  const fs = require('fs');
  const stats = fs.statSync(file);
  try {
    fs.accessSync(file, fs.constants.R_OK);
  } catch {
    throw notReadable();
  }
  const blob = new Blob();
  const part = { file, start: 0, length: stats.size, size: stats.size, mtime: stats.mtimeMs };
  setParts(blob, [part], normalizeType(type));
  return blob;
}

const PREFIX = 'blob:nodedata:';
const store = new Map();

// (Blob) => 'blob:nodedata:...'
function createObjectURL(obj) {
  if (!isBlob(obj)) throw new ERR_INVALID_ARG_TYPE('obj', 'Blob', obj);
  const id = internalBinding('url').randomId();
  store.set(id, { parts: obj[kParts], type: obj.type });
  return PREFIX + id;
}

function idOf(url) {
  const { URL } = require('internal/url');
  const href = URL.parse(`${url}`)?.href;
  return href?.startsWith(PREFIX) ? href.slice(PREFIX.length) : undefined;
}

function revokeObjectURL(url) {
  store.delete(idOf(url));
}

// (url) => Blob or undefined
function resolveObjectURL(url) {
  const entry = store.get(idOf(url)?.replace(/#.*/, ''));
  if (entry === undefined) return undefined;
  const blob = new Blob();
  setParts(blob, entry.parts, entry.type);
  return blob;
}

module.exports = {
  Blob,
  ClonedBlob,
  createBlobFromFilePath,
  createObjectURL,
  isBlob,
  resolveObjectURL,
  revokeObjectURL,
  setParts,
};
