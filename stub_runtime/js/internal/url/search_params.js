'use strict';
// URLSearchParams and its iterator. A list that belongs to a URL tells it of every change
// (`attach`); the URL's side is `internal/url`.

const {
  codes: { ERR_ARG_NOT_ITERABLE, ERR_INVALID_THIS, ERR_INVALID_TUPLE, ERR_MISSING_ARGS },
} = require('internal/errors');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const { validateFunction, validateObject } = require('internal/validators');
const { encodeStr, hexTable } = require('internal/querystring');

// What stays as it is in application/x-www-form-urlencoded: letters, digits and * - . _
const keep = new Int8Array(128);
for (let i = 0; i < 128; i++) if (/[A-Za-z0-9*\-._]/.test(String.fromCharCode(i))) keep[i] = 1;
const formHexTable = hexTable.slice();
formHexTable[0x20] = '+';

function toUSVString(value) {
  return `${value}`.toWellFormed();
}

function encode(text) {
  return encodeStr(text, keep, formHexTable);
}

function decode(text) {
  if (text.includes('+')) text = text.replaceAll('+', ' ');
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return decodeBytes(text);
  }
}

// decode() of what holds escapes that are none, or bytes that are no UTF-8.
function decodeBytes(text) {
  const { Buffer } = require('buffer');
  const bytes = Buffer.from(text);
  let size = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x25 && /^[0-9a-f]{2}$/i.test(bytes.latin1Slice(i + 1, Math.min(i + 3, bytes.length)))) {
      bytes[size++] = parseInt(bytes.latin1Slice(i + 1, i + 3), 16);
      i += 2;
    } else {
      bytes[size++] = bytes[i];
    }
  }
  return bytes.utf8Slice(0, size);
}

// (query without '?') => [name, value, name, value, ...]
function parse(query) {
  const list = [];
  let start = 0;
  while (start < query.length) {
    let end = query.indexOf('&', start);
    if (end === -1) end = query.length;
    if (end > start) {
      const part = query.slice(start, end);
      const split = part.indexOf('=');
      if (split === -1) list.push(decode(part), '');
      else list.push(decode(part.slice(0, split)), decode(part.slice(split + 1)));
    }
    start = end + 1;
  }
  return list;
}

function serialize(list) {
  let out = '';
  for (let i = 0; i < list.length; i += 2) {
    if (i > 0) out += '&';
    out += `${encode(list[i])}=${encode(list[i + 1])}`;
  }
  return out;
}

// A sequence of pairs as a list.
function listOfPairs(init) {
  const list = [];
  const fail = () => new ERR_INVALID_TUPLE('Each query pair', '[name, value]');
  for (const pair of init) {
    if (pair == null || (typeof pair !== 'object' && typeof pair !== 'function') ||
        typeof pair[Symbol.iterator] !== 'function') {
      throw fail();
    }
    const values = Array.isArray(pair) ? pair : Array.from(pair);
    if (values.length !== 2) throw fail();
    list.push(toUSVString(values[0]), toUSVString(values[1]));
  }
  return list;
}

// A record as a list: two keys that are equal as USVStrings are one.
function listOfRecord(init) {
  const list = [];
  const seen = new Map();
  for (const key of Reflect.ownKeys(init)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(init, key);
    if (descriptor === undefined || !descriptor.enumerable) continue;
    const name = toUSVString(key);
    const value = toUSVString(init[key]);
    if (seen.has(name)) {
      list[seen.get(name)] = value;
    } else {
      list.push(name, value);
      seen.set(name, list.length - 1);
    }
  }
  return list;
}

let attach;
let replace;
let listOf;

class URLSearchParams {
  // Flat: name, value, name, value
  #searchParams = [];
  // What to call with #url when the list changes
  #onChange = undefined;
  #url = undefined;
  // The text of the list, once it was asked for
  #serialized = undefined;

  static {
    attach = (params, url, onChange) => {
      params.#url = url;
      params.#onChange = onChange;
    };
    replace = (params, query) => {
      params.#searchParams = parse(query);
      params.#serialized = undefined;
    };
    listOf = (params) => params.#searchParams;
  }

  constructor(init = undefined) {
    if (init == null && init !== null) return;
    if (typeof init === 'object' && init !== null || typeof init === 'function') {
      const method = init[Symbol.iterator];
      if (method === this[Symbol.iterator] && #searchParams in init) {
        this.#searchParams = init.#searchParams.slice();
      } else if (method != null) {
        if (typeof method !== 'function') throw new ERR_ARG_NOT_ITERABLE('Query pairs');
        this.#searchParams = listOfPairs(init);
      } else {
        this.#searchParams = listOfRecord(init);
      }
      return;
    }
    const text = toUSVString(init);
    this.#searchParams = parse(text[0] === '?' ? text.slice(1) : text);
  }

  #changed() {
    this.#serialized = undefined;
    if (this.#onChange) this.#onChange(this.#url);
  }

  [customInspectSymbol](recurseTimes, ctx) {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    if (typeof recurseTimes === 'number' && recurseTimes < 0) return ctx.stylize('[Object]', 'special');
    const { inspect, stripVTControlCharacters } = require('internal/util/inspect');
    const options = { ...ctx };
    if (recurseTimes !== null) options.depth = recurseTimes - 1;
    const list = this.#searchParams;
    const output = [];
    let width = -2;
    for (let i = 0; i < list.length; i += 2) {
      const entry = `${inspect(list[i], options)} => ${inspect(list[i + 1], options)}`;
      width += stripVTControlCharacters(entry).length + 2;
      output.push(entry);
    }
    const { name } = this.constructor;
    if (width > ctx.breakLength) return `${name} {\n  ${output.join(',\n  ')} }`;
    return output.length === 0 ? `${name} {}` : `${name} { ${output.join(', ')} }`;
  }

  get size() {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    return this.#searchParams.length / 2;
  }

  append(name, value) {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('name', 'value');
    this.#searchParams.push(toUSVString(name), toUSVString(value));
    this.#changed();
  }

  delete(name, value = undefined) {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    const list = this.#searchParams;
    name = toUSVString(name);
    if (value !== undefined) value = toUSVString(value);
    for (let i = 0; i < list.length;) {
      if (list[i] === name && (value === undefined || list[i + 1] === value)) list.splice(i, 2);
      else i += 2;
    }
    this.#changed();
  }

  get(name) {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    const list = this.#searchParams;
    name = toUSVString(name);
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1];
    return null;
  }

  getAll(name) {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    const list = this.#searchParams;
    const values = [];
    name = toUSVString(name);
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) values.push(list[i + 1]);
    return values;
  }

  has(name, value = undefined) {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    const list = this.#searchParams;
    name = toUSVString(name);
    if (value !== undefined) value = toUSVString(value);
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name && (value === undefined || list[i + 1] === value)) return true;
    }
    return false;
  }

  // Changes the first pair of that name, removes the others.
  set(name, value) {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('name', 'value');
    const list = this.#searchParams;
    name = toUSVString(name);
    value = toUSVString(value);
    let found = false;
    for (let i = 0; i < list.length;) {
      if (list[i] !== name) {
        i += 2;
      } else if (found) {
        list.splice(i, 2);
      } else {
        list[i + 1] = value;
        found = true;
        i += 2;
      }
    }
    if (!found) list.push(name, value);
    this.#changed();
  }

  // By the UTF-16 units of the names; equal names keep their order.
  sort() {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    const list = this.#searchParams;
    const pairs = [];
    for (let i = 0; i < list.length; i += 2) pairs.push([list[i], list[i + 1]]);
    pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    for (let i = 0; i < pairs.length; i++) {
      list[i * 2] = pairs[i][0];
      list[i * 2 + 1] = pairs[i][1];
    }
    this.#changed();
  }

  entries() {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    return new URLSearchParamsIterator(this, 'entries');
  }

  forEach(callback, thisArg = undefined) {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    validateFunction(callback, 'callback');
    // The list may change, or be another one, while it is gone through.
    for (let i = 0; i < this.#searchParams.length; i += 2) {
      callback.call(thisArg, this.#searchParams[i + 1], this.#searchParams[i], this);
    }
  }

  keys() {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    return new URLSearchParamsIterator(this, 'keys');
  }

  values() {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    return new URLSearchParamsIterator(this, 'values');
  }

  toString() {
    if (typeof this !== 'object' || this === null || !(#searchParams in this)) {
      throw new ERR_INVALID_THIS('URLSearchParams');
    }
    return this.#serialized ??= serialize(this.#searchParams);
  }
}

Object.defineProperties(URLSearchParams.prototype, {
  append: kEnumerableProperty,
  delete: kEnumerableProperty,
  get: kEnumerableProperty,
  getAll: kEnumerableProperty,
  has: kEnumerableProperty,
  set: kEnumerableProperty,
  size: kEnumerableProperty,
  sort: kEnumerableProperty,
  entries: kEnumerableProperty,
  forEach: kEnumerableProperty,
  keys: kEnumerableProperty,
  values: kEnumerableProperty,
  toString: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'URLSearchParams' },
  [Symbol.iterator]: {
    __proto__: null, configurable: true, writable: true, value: URLSearchParams.prototype.entries,
  },
});

class URLSearchParamsIterator {
  #target;
  #kind;
  #index = 0;

  constructor(target, kind) {
    this.#target = target;
    this.#kind = kind;
  }

  #item(list, i) {
    if (this.#kind === 'keys') return list[i];
    return this.#kind === 'values' ? list[i + 1] : [list[i], list[i + 1]];
  }

  next() {
    if (typeof this !== 'object' || this === null || !(#target in this)) {
      throw new ERR_INVALID_THIS('URLSearchParamsIterator');
    }
    const list = listOf(this.#target);
    if (this.#index >= list.length) return { done: true, value: undefined };
    const value = this.#item(list, this.#index);
    this.#index += 2;
    return { done: false, value };
  }

  [customInspectSymbol](recurseTimes, ctx) {
    if (!this || typeof this !== 'object' || !(#target in this)) {
      throw new ERR_INVALID_THIS('URLSearchParamsIterator');
    }
    if (typeof recurseTimes === 'number' && recurseTimes < 0) return ctx.stylize('[Object]', 'special');
    validateObject(ctx, 'options');
    const { inspect, stripVTControlCharacters } = require('internal/util/inspect');
    const options = { ...ctx };
    if (recurseTimes !== null) options.depth = recurseTimes - 1;
    const list = listOf(this.#target);
    const output = [];
    for (let i = this.#index; i < list.length; i += 2) output.push(inspect(this.#item(list, i), options));
    const breaks = stripVTControlCharacters(output.join(', ')).length + 27 > ctx.breakLength;
    const body = breaks ? `\n  ${output.join(',\n  ')}` : ` ${output.join(', ')}`;
    return `${this[Symbol.toStringTag]} {${body} }`;
  }
}

// The iterator's prototype has no constructor and inherits from %IteratorPrototype%.
delete URLSearchParamsIterator.prototype.constructor;
Object.setPrototypeOf(URLSearchParamsIterator.prototype,
                      Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())));
Object.defineProperties(URLSearchParamsIterator.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'URLSearchParams Iterator' },
  next: kEnumerableProperty,
});

module.exports = { URLSearchParams, attach, replace, toUSVString };
