'use strict';
// Owns: TextEncoderStream and TextDecoderStream.

const { customInspectSymbol: kInspect } = require('internal/util');
const { customInspect, invalidThis, kType } = require('internal/webstreams/util');
const { TransformStream } = require('internal/webstreams/transformstream');

const isEncoderStream = isBrand('TextEncoderStream');
const isDecoderStream = isBrand('TextDecoderStream');

function isBrand(brand) {
  return (value) => value != null && value[kType] === brand;
}

class TextEncoderStream {
  [kType] = 'TextEncoderStream';
  #encoder = new TextEncoder();
  // A surrogate pair may be cut in two by the chunks.
  #pendingHigh = '';
  #transform = new TransformStream({
    transform: (chunk, controller) => {
      let text = this.#pendingHigh + `${chunk}`;
      this.#pendingHigh = '';
      if (text === '') return;
      const last = text.charCodeAt(text.length - 1);
      if (last >= 0xd800 && last <= 0xdbff) {
        this.#pendingHigh = text[text.length - 1];
        text = text.slice(0, -1);
      }
      if (text !== '') controller.enqueue(this.#encoder.encode(text));
    },
    flush: (controller) => {
      if (this.#pendingHigh !== '') controller.enqueue(new Uint8Array([0xef, 0xbf, 0xbd]));
    },
  });

  get encoding() {
    return this.#encoder.encoding;
  }

  get readable() {
    return this.#transform.readable;
  }

  get writable() {
    return this.#transform.writable;
  }

  [kInspect](depth, options) {
    if (!isEncoderStream(this)) throw invalidThis('TextEncoderStream');
    return customInspect.call(this, depth, options, 'TextEncoderStream', {
      encoding: this.encoding,
      readable: this.readable,
      writable: this.writable,
    });
  }
}

class TextDecoderStream {
  [kType] = 'TextDecoderStream';
  #decoder;
  #transform;

  constructor(encoding = 'utf-8', options = undefined) {
    this.#decoder = new TextDecoder(encoding, options);
    this.#transform = new TransformStream({
      transform: (chunk, controller) => {
        if (chunk === undefined) throw new TypeError('The chunk must be an ArrayBuffer or a view on one');
        const text = this.#decoder.decode(chunk, { stream: true });
        if (text) controller.enqueue(text);
      },
      flush: (controller) => {
        const text = this.#decoder.decode();
        if (text) controller.enqueue(text);
      },
    });
  }

  get encoding() {
    return this.#decoder.encoding;
  }

  get fatal() {
    return this.#decoder.fatal;
  }

  get ignoreBOM() {
    return this.#decoder.ignoreBOM;
  }

  get readable() {
    return this.#transform.readable;
  }

  get writable() {
    return this.#transform.writable;
  }

  [kInspect](depth, options) {
    if (!isDecoderStream(this)) throw invalidThis('TextDecoderStream');
    return customInspect.call(this, depth, options, 'TextDecoderStream', {
      encoding: this.encoding,
      fatal: this.fatal,
      ignoreBOM: this.ignoreBOM,
      readable: this.readable,
      writable: this.writable,
    });
  }
}

for (const name of ['encoding', 'readable', 'writable']) {
  Object.defineProperty(TextEncoderStream.prototype, name, { __proto__: null, enumerable: true });
}
for (const name of ['encoding', 'fatal', 'ignoreBOM', 'readable', 'writable']) {
  Object.defineProperty(TextDecoderStream.prototype, name, { __proto__: null, enumerable: true });
}
for (const Class of [TextEncoderStream, TextDecoderStream]) {
  Object.defineProperty(Class.prototype, Symbol.toStringTag, {
    __proto__: null,
    configurable: true,
    value: Class.name,
  });
}

module.exports = { TextEncoderStream, TextDecoderStream };
