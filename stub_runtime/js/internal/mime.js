'use strict';
// MIMEType and MIMEParams: the MIME Sniffing standard's parser and serializer.

const { codes: { ERR_INVALID_MIME_SYNTAX } } = require('internal/errors');

const kNotToken = /[^!#$%&'*+\-.^_`|~A-Za-z0-9]/;
const kNotQuotedString = /[^\t\u0020-~\u0080-\u00ff]/;
const kStartWhitespace = /[^\r\n\t ]|$/;
const kEndWhitespace = /[\r\n\t ]*$/;
const kEscapes = /["\\]/g;

function toAsciiLower(text) {
  return text.replace(/[A-Z]/g, (char) => char.toLowerCase());
}

function parseTypeAndSubtype(text) {
  let position = text.search(kStartWhitespace);
  const slash = text.indexOf('/', position);
  const type = slash === -1 ? text.slice(position) : text.slice(position, slash);
  const badType = type.search(kNotToken);
  if (type === '' || badType !== -1 || slash === -1) {
    throw new ERR_INVALID_MIME_SYNTAX('type', text, badType);
  }
  position = slash + 1;
  const semicolon = text.indexOf(';', position);
  const raw = semicolon === -1 ? text.slice(position) : text.slice(position, semicolon);
  position += raw.length;
  if (semicolon !== -1) position += 1;
  const subtype = raw.slice(0, raw.search(kEndWhitespace));
  const badSubtype = subtype.search(kNotToken);
  if (subtype === '' || badSubtype !== -1) throw new ERR_INVALID_MIME_SYNTAX('subtype', text, badSubtype);
  return { type: toAsciiLower(type), subtype: toAsciiLower(subtype), position };
}

// A value as it is written: a token, or a quoted string.
function encode(value) {
  if (value.length === 0) return '""';
  return kNotToken.test(value) ? `"${value.replace(kEscapes, '\\$&')}"` : value;
}

// The quoted string whose text starts at `position`: its value and the place after it.
function quotedString(text, position) {
  let value = '';
  while (position < text.length) {
    const char = text[position++];
    if (char === '"') break;
    if (char === '\\' && position < text.length) value += text[position++];
    else value += char;
  }
  return { value, position };
}

class MIMEParams {
  #data = new Map();
  // Text not yet parsed, of a type that only wants to be printed.
  #source;

  delete(name) {
    this.#parse();
    this.#data.delete(toAsciiLower(`${name}`));
  }

  get(name) {
    this.#parse();
    return this.#data.get(toAsciiLower(`${name}`)) ?? null;
  }

  has(name) {
    this.#parse();
    return this.#data.has(toAsciiLower(`${name}`));
  }

  set(name, value) {
    this.#parse();
    name = `${name}`;
    value = `${value}`;
    const badName = name.search(kNotToken);
    if (name.length === 0 || badName !== -1) {
      throw new ERR_INVALID_MIME_SYNTAX('parameter name', name, badName);
    }
    const badValue = value.search(kNotQuotedString);
    if (badValue !== -1) throw new ERR_INVALID_MIME_SYNTAX('parameter value', value, badValue);
    this.#data.set(toAsciiLower(name), value);
  }

  *entries() {
    this.#parse();
    yield* this.#data.entries();
  }

  *keys() {
    this.#parse();
    yield* this.#data.keys();
  }

  *values() {
    this.#parse();
    yield* this.#data.values();
  }

  toString() {
    this.#parse();
    let text = '';
    for (const { 0: key, 1: value } of this.#data) {
      text += `${text.length === 0 ? '' : ';'}${key}=${encode(value)}`;
    }
    return text;
  }

  // Parameters in `text`, parsed when first asked for.
  static instantiate(text) {
    const params = new MIMEParams();
    params.#source = text;
    return params;
  }

  #parse() {
    const text = this.#source;
    if (text === undefined) return;
    this.#source = undefined;
    const params = this.#data;
    let position = 0;
    const end = text.slice(position).search(kEndWhitespace) + position;
    while (position < end) {
      position += text.slice(position).search(kStartWhitespace);
      const rest = text.slice(position, end);
      const stop = rest.search(/[;=]/);
      const name = toAsciiLower(stop === -1 ? rest : rest.slice(0, stop));
      position += stop === -1 ? rest.length : stop;
      if (position >= end) break;
      // A name without a value.
      if (text[position++] === ';') continue;
      if (position >= end) break;

      let value;
      if (text[position] === '"') {
        ({ value, position } = quotedString(text.slice(0, end), position + 1));
        // What follows the closing quote does not count.
        const semicolon = text.indexOf(';', position);
        position = semicolon === -1 || semicolon >= end ? end : semicolon;
      } else {
        const semicolon = text.slice(position, end).indexOf(';');
        const raw = semicolon === -1 ? text.slice(position, end) : text.slice(position, position + semicolon);
        position += raw.length;
        value = raw.slice(0, raw.search(kEndWhitespace));
        if (value.length === 0) {
          position++;
          continue;
        }
      }
      if (name !== '' && !kNotToken.test(name) && !kNotQuotedString.test(value) && !params.has(name)) {
        params.set(name, value);
      }
      position++;
    }
  }
}
const { instantiate } = MIMEParams;
delete MIMEParams.instantiate;
Object.defineProperty(MIMEParams.prototype, Symbol.iterator, {
  __proto__: null, configurable: true, value: MIMEParams.prototype.entries, writable: true,
});
Object.defineProperty(MIMEParams.prototype, 'toJSON', {
  __proto__: null, configurable: true, value: MIMEParams.prototype.toString, writable: true,
});

class MIMEType {
  #type;
  #subtype;
  #parameters;

  constructor(text) {
    text = `${text}`;
    const { position, subtype, type } = parseTypeAndSubtype(text);
    this.#type = type;
    this.#subtype = subtype;
    this.#parameters = instantiate(text.slice(position));
  }

  // Like the constructor, but null for what is no MIME type.
  static parse(text) {
    try {
      return new MIMEType(text);
    } catch {
      return null;
    }
  }

  get type() {
    return this.#type;
  }

  set type(value) {
    value = `${value}`;
    const bad = value.search(kNotToken);
    if (value.length === 0 || bad !== -1) throw new ERR_INVALID_MIME_SYNTAX('type', value, bad);
    this.#type = toAsciiLower(value);
  }

  get subtype() {
    return this.#subtype;
  }

  set subtype(value) {
    value = `${value}`;
    const bad = value.search(kNotToken);
    if (value.length === 0 || bad !== -1) throw new ERR_INVALID_MIME_SYNTAX('subtype', value, bad);
    this.#subtype = toAsciiLower(value);
  }

  get essence() {
    return `${this.#type}/${this.#subtype}`;
  }

  get params() {
    return this.#parameters;
  }

  toString() {
    const parameters = this.#parameters.toString();
    return `${this.#type}/${this.#subtype}${parameters.length > 0 ? `;${parameters}` : ''}`;
  }
}
Object.defineProperty(MIMEType.prototype, 'toJSON', {
  __proto__: null, configurable: true, value: MIMEType.prototype.toString, writable: true,
});

module.exports = { MIMEParams, MIMEType };
