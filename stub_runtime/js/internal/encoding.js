'use strict';
// TextEncoder and TextDecoder. The conversions and the table of labels are native (binding `encoding`).

const {
  codes: { ERR_ENCODING_NOT_SUPPORTED, ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS }, nativeError,
} = require('internal/errors');
const { customInspectSymbol, kEmptyObject, kEnumerableProperty } = require('internal/util');
const { isAnyArrayBuffer, isUint8Array } = require('internal/util/types');
const { validateObject, validateString, kValidateObjectAllowObjectsAndNull } = require('internal/validators');
const binding = internalBinding('encoding');

const kFlags = Symbol('flags');
const kHandle = Symbol('handle');

// Node's bits in what `inspect` shows as flags.
const FATAL = 2;
const IGNORE_BOM = 4;

const encodings = new Map();

// What encodeInto() writes its counts to; made on first use, it must not be in a snapshot.
let counts;

// (label) => name in lower case, or undefined. What TextDecoder must not know is an error of its own.
function getEncodingFromLabel(label) {
  let name = encodings.get(label);
  if (name === undefined) {
    name = binding.encodingOf(label);
    if (name !== undefined) encodings.set(label, name);
  }
  return name;
}

class TextEncoder {
  #encoding = 'utf-8';

  #check() {}

  get encoding() {
    return this.#encoding;
  }

  encode(input = '') {
    this.#check();
    return binding.encodeUtf8(`${input}`);
  }

  encodeInto(src, dest) {
    this.#check();
    validateString(src, 'src');
    if (!dest || !isUint8Array(dest)) throw new ERR_INVALID_ARG_TYPE('dest', 'Uint8Array', dest);
    counts ??= new Uint32Array(2);
    binding.encodeInto(src, dest, counts);
    return { read: counts[0], written: counts[1] };
  }

  [customInspectSymbol](depth, opts) {
    this.#check();
    if (typeof depth === 'number' && depth < 0) return this;
    return require('internal/util/inspect').inspect({ encoding: this.#encoding });
  }
}

Object.defineProperties(TextEncoder.prototype, {
  encode: kEnumerableProperty,
  encodeInto: kEnumerableProperty,
  encoding: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'TextEncoder' },
});

// Decoders that were left in the middle of a stream end with their TextDecoder.
let registry;

let isTextDecoder;

class TextDecoder {
  #encoding;
  #fatal = false;
  #ignoreBOM = false;
  // The native half's number of the encoding; it is asked at the first use, a snapshot cannot keep it.
  #number = -1;
  // The native decoder while a stream is under way, else 0
  #decoder = 0;

  constructor(encoding = 'utf-8', options = kEmptyObject) {
    encoding = `${encoding}`;
    validateObject(options, 'options', kValidateObjectAllowObjectsAndNull);
    const name = getEncodingFromLabel(encoding);
    if (name === undefined) throw new ERR_ENCODING_NOT_SUPPORTED(encoding);
    if (name === 'replacement') throw new ERR_ENCODING_NOT_SUPPORTED(name);
    this.#encoding = name;
    if (options) {
      this.#fatal = Boolean(options.fatal);
      this.#ignoreBOM = Boolean(options.ignoreBOM);
    }
  }

  decode(input = undefined, options = kEmptyObject) {
    if (!isTextDecoder(this)) throw new ERR_INVALID_THIS('TextDecoder');
    validateObject(options, 'options', kValidateObjectAllowObjectsAndNull);
    const stream = Boolean(options?.stream);
    if (input === undefined) {
      if (this.#decoder === 0) return '';
    } else if (!ArrayBuffer.isView(input) && !isAnyArrayBuffer(input)) {
      throw this.#inputError(input);
    }
    let text;
    if (this.#number === -1) this.#number = binding.numberOf(this.#encoding);
    if (!stream && this.#decoder === 0) {
      text = binding.decode(this.#number, input, this.#ignoreBOM, this.#fatal);
    } else {
      text = this.#decodeChunk(input, stream);
    }
    if (text === undefined) {
      const message = `The encoded data was not valid for encoding ${this.#encoding}`;
      throw nativeError(TypeError, 'ERR_ENCODING_INVALID_ENCODED_DATA', message, this.decode);
    }
    return text;
  }

  #decodeChunk(input, stream) {
    if (this.#decoder === 0) {
      this.#decoder = binding.createDecoder(this.#number, this.#ignoreBOM);
      registry ??= new FinalizationRegistry(binding.freeDecoder);
      registry.register(this, this.#decoder, this);
    }
    const text = binding.decodeChunk(this.#decoder, input, this.#fatal, !stream);
    if (!stream || text === undefined) {
      registry.unregister(this);
      binding.freeDecoder(this.#decoder);
      this.#decoder = 0;
    }
    return text;
  }

  #inputError(input) {
    if (this.#encoding !== 'utf-8') {
      return new ERR_INVALID_ARG_TYPE('input', ['ArrayBuffer', 'ArrayBufferView'], input);
    }
    // Node throws this one from C++.
    return Object.assign(
      new TypeError('The "list" argument must be an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView.'),
      { code: 'ERR_INVALID_ARG_TYPE' });
  }

  get encoding() {
    if (!isTextDecoder(this)) throw new ERR_INVALID_THIS('TextDecoder');
    return this.#encoding;
  }

  get fatal() {
    if (!isTextDecoder(this)) throw new ERR_INVALID_THIS('TextDecoder');
    return this.#fatal;
  }

  get ignoreBOM() {
    if (!isTextDecoder(this)) throw new ERR_INVALID_THIS('TextDecoder');
    return this.#ignoreBOM;
  }

  [customInspectSymbol](depth, opts) {
    if (!isTextDecoder(this)) throw new ERR_INVALID_THIS('TextDecoder');
    if (typeof depth === 'number' && depth < 0) {
      return opts.stylize(`[${this.constructor?.name ?? 'TextDecoder'}]`, 'special');
    }
    const obj = { encoding: this.#encoding, fatal: this.#fatal, ignoreBOM: this.#ignoreBOM };
    if (opts.showHidden) {
      obj[kFlags] = (this.#fatal ? FATAL : 0) | (this.#ignoreBOM ? IGNORE_BOM : 0);
      obj[kHandle] = undefined;
    }
    return `${this.constructor?.name ?? 'TextDecoder'} ${require('internal/util/inspect').inspect(obj)}`;
  }

  static {
    isTextDecoder = (value) => typeof value === 'object' && value !== null && #encoding in value;
  }
}

Object.defineProperties(TextDecoder.prototype, {
  decode: kEnumerableProperty,
  encoding: kEnumerableProperty,
  fatal: kEnumerableProperty,
  ignoreBOM: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'TextDecoder' },
});

module.exports = { TextDecoder, TextEncoder, getEncodingFromLabel };
