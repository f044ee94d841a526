'use strict';
// File: a Blob with a name.

const { codes: { ERR_INVALID_THIS, ERR_MISSING_ARGS } } = require('internal/errors');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const { Blob } = require('internal/blob');
const { kClone, kDeserialize } = require('internal/structured_clone');

class File extends Blob {
  #name;
  #lastModified;

  // (sources, name, { endings, type, lastModified })
  constructor(fileBits, fileName, options = undefined) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('fileBits', 'fileName');
    super(fileBits, options);
    const { lastModified } = options ?? {};
    this.#lastModified = lastModified === undefined ? Date.now() : +lastModified || 0;
    this.#name = `${fileName}`.toWellFormed();
  }

  get name() {
    if (!this || !(#name in this)) throw new ERR_INVALID_THIS('File');
    return this.#name;
  }

  get lastModified() {
    if (!this || !(#name in this)) throw new ERR_INVALID_THIS('File');
    return this.#lastModified;
  }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return options.stylize(`[${this.constructor?.name ?? 'File'}]`, 'special');
    const opts = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    const { size, type } = this;
    return `File ${require('internal/util/inspect').inspect(
      { size, type, name: this.#name, lastModified: this.#lastModified }, opts)}`;
  }

  [kClone]() {
    return {
      data: { ...super[kClone]().data, name: this.#name, lastModified: this.#lastModified },
      deserializeInfo: 'internal/file:ClonedFile',
    };
  }

  [kDeserialize](data) {
    super[kDeserialize](data);
    this.#name = data.name;
    this.#lastModified = data.lastModified;
  }
}

// What structured clone makes a File of, before it is filled.
function ClonedFile() {
  return new File([], '');
}
ClonedFile.prototype = File.prototype;

Object.defineProperties(File.prototype, {
  name: kEnumerableProperty,
  lastModified: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'File' },
});

module.exports = { ClonedFile, File };
