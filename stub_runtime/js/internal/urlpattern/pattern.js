'use strict';
// Pattern strings of the URL Pattern standard: tokens, parts, the regular expression and the normal
// form that are made of parts.

// What may start a name, and what may follow.
const nameStart = /[\p{ID_Start}$_]/u;
const namePart = /[\p{ID_Continue}$\u200c\u200d]/u;

const FULL_WILDCARD = '.*';

// Node throws this one from C++.
function patternError() {
  return Object.assign(new TypeError('Failed to construct URLPattern'), { code: 'ERR_INVALID_URL_PATTERN' });
}

function escapeRegexp(text) {
  return text.replace(/[.+*?^${}()[\]|/\\]/g, '\\$&');
}

function escapePattern(text) {
  return text.replace(/[+*?:{}()\\]/g, '\\$&');
}

// Where the regular expression that starts at `start` (behind its parenthesis) ends, -1 where it is none.
function regexpEnd(input, start) {
  let depth = 1;
  for (let i = start; i < input.length; i++) {
    const c = input[i];
    if (c > '\x7f' || (i === start && c === '?')) return -1;
    if (c === '\\') {
      if (i === input.length - 1 || input[i + 1] > '\x7f') return -1;
      i++;
    } else if (c === ')') {
      if (--depth === 0) return i;
    } else if (c === '(') {
      depth++;
      // Groups that capture would shift the numbers.
      if (input[i + 1] !== '?') return -1;
    }
  }
  return -1;
}

// (string, lenient) => [{ type, index, value }]. What is wrong throws, or is an `invalid-char` if lenient.
function tokenize(input, lenient) {
  const tokens = [];
  let index = 0;
  const add = (type, end, value) => {
    tokens.push({ type, index, value });
    index = end;
  };
  const fail = (end, value) => {
    if (!lenient) throw patternError();
    add('invalid-char', end, value);
  };
  while (index < input.length) {
    const c = String.fromCodePoint(input.codePointAt(index));
    const next = index + c.length;
    switch (c) {
      case '*': add('asterisk', next, c); break;
      case '+':
      case '?': add('other-modifier', next, c); break;
      case '{': add('open', next, c); break;
      case '}': add('close', next, c); break;
      case '\\': {
        if (next === input.length) {
          fail(next, c);
          break;
        }
        const escaped = String.fromCodePoint(input.codePointAt(next));
        add('escaped-char', next + escaped.length, escaped);
        break;
      }
      case ':': {
        let end = next;
        while (end < input.length) {
          const letter = String.fromCodePoint(input.codePointAt(end));
          if (!(end === next ? nameStart : namePart).test(letter)) break;
          end += letter.length;
        }
        if (end === next) fail(next, c);
        else add('name', end, input.slice(next, end));
        break;
      }
      case '(': {
        const end = regexpEnd(input, next);
        if (end <= next) fail(next, c);
        else add('regexp', end + 1, input.slice(next, end));
        break;
      }
      default: add('char', next, c);
    }
  }
  tokens.push({ type: 'end', index, value: '' });
  return tokens;
}

function segmentWildcard(options) {
  return `[^${escapeRegexp(options.delimiter)}]+?`;
}

// Parts: { type: 'fixed-text' | 'regexp' | 'segment-wildcard' | 'full-wildcard', value, modifier, name,
// prefix, suffix }; modifier is '', '?', '*' or '+'.
class Parser {
  constructor(input, options, encode) {
    this.tokens = tokenize(input, false);
    this.options = options;
    this.encode = encode;
    this.segmentWildcard = segmentWildcard(options);
    this.parts = [];
    this.names = new Set();
    this.pending = '';
    this.index = 0;
    this.nextName = 0;
  }

  take(type) {
    const token = this.tokens[this.index];
    if (token.type !== type) return undefined;
    this.index++;
    return token;
  }

  require(type) {
    const token = this.take(type);
    if (token === undefined) throw patternError();
    return token;
  }

  takeRegexpOrWildcard(name) {
    return this.take('regexp') ?? (name === undefined ? this.take('asterisk') : undefined);
  }

  takeModifier() {
    return (this.take('other-modifier') ?? this.take('asterisk'))?.value ?? '';
  }

  takeText() {
    let text = '';
    for (;;) {
      const token = this.take('char') ?? this.take('escaped-char');
      if (token === undefined) return text;
      text += token.value;
    }
  }

  addFixed(value, modifier) {
    this.parts.push({ type: 'fixed-text', value, modifier, name: '', prefix: '', suffix: '' });
  }

  flush() {
    if (this.pending === '') return;
    this.addFixed(this.encode(this.pending), '');
    this.pending = '';
  }

  addPart(prefix, name, token, suffix, modifier) {
    if (name === undefined && token === undefined) {
      if (modifier === '') {
        this.pending += prefix;
        return;
      }
      this.flush();
      if (prefix !== '') this.addFixed(this.encode(prefix), modifier);
      return;
    }
    this.flush();
    let value = this.segmentWildcard;
    if (token !== undefined) value = token.type === 'asterisk' ? FULL_WILDCARD : token.value;
    let type = 'regexp';
    if (value === this.segmentWildcard) type = 'segment-wildcard';
    else if (value === FULL_WILDCARD) type = 'full-wildcard';
    const partName = name === undefined ? String(this.nextName++) : name.value;
    if (this.names.has(partName)) throw patternError();
    this.names.add(partName);
    this.parts.push({
      type,
      value: type === 'regexp' ? value : '',
      modifier,
      name: partName,
      prefix: this.encode(prefix),
      suffix: this.encode(suffix),
    });
  }

  parse() {
    while (this.index < this.tokens.length) {
      const char = this.take('char');
      const name = this.take('name');
      const token = this.takeRegexpOrWildcard(name);
      if (name !== undefined || token !== undefined) {
        let prefix = char?.value ?? '';
        if (prefix !== '' && prefix !== this.options.prefix) {
          this.pending += prefix;
          prefix = '';
        }
        this.flush();
        this.addPart(prefix, name, token, '', this.takeModifier());
        continue;
      }
      const fixed = char ?? this.take('escaped-char');
      if (fixed !== undefined) {
        this.pending += fixed.value;
        continue;
      }
      if (this.take('open') !== undefined) {
        const prefix = this.takeText();
        const inner = this.take('name');
        const innerToken = this.takeRegexpOrWildcard(inner);
        const suffix = this.takeText();
        this.require('close');
        this.addPart(prefix, inner, innerToken, suffix, this.takeModifier());
        continue;
      }
      this.flush();
      this.require('end');
    }
    return this.parts;
  }
}

// [source of the regular expression, names of its groups]
function generateRegexp(parts, options) {
  let out = '^';
  const names = [];
  for (const { type, value, modifier, name, prefix, suffix } of parts) {
    if (type === 'fixed-text') {
      out += modifier === '' ? escapeRegexp(value) : `(?:${escapeRegexp(value)})${modifier}`;
      continue;
    }
    names.push(name);
    let body = value;
    if (type === 'segment-wildcard') body = segmentWildcard(options);
    else if (type === 'full-wildcard') body = FULL_WILDCARD;
    const before = escapeRegexp(prefix);
    const after = escapeRegexp(suffix);
    const once = modifier === '' || modifier === '?';
    if (prefix === '' && suffix === '') {
      out += once ? `(${body})${modifier}` : `((?:${body})${modifier})`;
    } else if (once) {
      out += `(?:${before}(${body})${after})${modifier}`;
    } else {
      out += `(?:${before}((?:${body})(?:${after}${before}(?:${body}))*)${after})${modifier === '*' ? '?' : ''}`;
    }
  }
  return [`${out}$`, names];
}

function firstCharacter(text) {
  return text === '' ? '' : String.fromCodePoint(text.codePointAt(0));
}

// Whether a part has to stand in braces to be read as itself again.
function needsGrouping(part, previous, next, options) {
  const { type, modifier, name, prefix, suffix } = part;
  if (suffix !== '' || (prefix !== '' && prefix !== options.prefix)) return true;
  const custom = !/^[0-9]/.test(name);
  if (custom && type === 'segment-wildcard' && modifier === '' && next !== undefined &&
      next.prefix === '' && next.suffix === '') {
    const follows = next.type === 'fixed-text' ?
      namePart.test(firstCharacter(next.value)) : /^[0-9]/.test(next.name);
    if (follows) return true;
  }
  return prefix === '' && previous !== undefined && previous.type === 'fixed-text' && options.prefix !== '' &&
    previous.value.endsWith(options.prefix);
}

// The normal form of a pattern.
function generatePatternString(parts, options) {
  let out = '';
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    const previous = parts[i - 1];
    const { type, value, modifier, name, prefix, suffix } = part;
    if (type === 'fixed-text') {
      out += modifier === '' ? escapePattern(value) : `{${escapePattern(value)}}${modifier}`;
      continue;
    }
    const custom = !/^[0-9]/.test(name);
    const grouped = needsGrouping(part, previous, parts[i + 1], options);
    if (grouped) out += '{';
    out += escapePattern(prefix);
    if (custom) out += `:${name}`;
    if (type === 'regexp') {
      out += `(${value})`;
    } else if (type === 'segment-wildcard' && !custom) {
      out += `(${segmentWildcard(options)})`;
    } else if (type === 'full-wildcard') {
      const star = !custom && (previous === undefined || previous.type === 'fixed-text' ||
        previous.modifier !== '' || grouped || prefix !== '');
      out += star ? '*' : `(${FULL_WILDCARD})`;
    }
    if (type === 'segment-wildcard' && custom && suffix !== '' && namePart.test(firstCharacter(suffix))) out += '\\';
    out += escapePattern(suffix);
    if (grouped) out += '}';
    out += modifier;
  }
  return out;
}

// (pattern, canonicalizer of fixed text, options) => { pattern, regexp, names, hasRegexp }
function compile(input, encode, options) {
  const parts = new Parser(input, options, encode).parse();
  const { 0: source, 1: names } = generateRegexp(parts, options);
  let regexp;
  try {
    regexp = new RegExp(source, options.ignoreCase ? 'vi' : 'v');
  } catch {
    throw patternError();
  }
  return {
    pattern: generatePatternString(parts, options),
    regexp,
    names,
    hasRegexp: parts.some((part) => part.type === 'regexp'),
  };
}

module.exports = { compile, escapePattern, patternError, tokenize };
