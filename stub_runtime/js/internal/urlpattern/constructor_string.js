'use strict';
// Splits a whole pattern (`https://*.example.com/:id`) into the patterns of its components.

const { compile, tokenize } = require('internal/urlpattern/pattern');
const { DEFAULT_PORTS, protocol: canonicalizeProtocol } = require('internal/urlpattern/canonicalize');

const noOptions = { delimiter: '', prefix: '', ignoreCase: false };
const beforeHostname = ['protocol', 'authority', 'username', 'password'];
const beforePathname = [...beforeHostname, 'hostname', 'port'];
const beforeSearch = [...beforePathname, 'pathname'];

class ConstructorStringParser {
  constructor(input) {
    this.input = input;
    this.tokens = tokenize(input, true);
    this.result = {};
    this.start = 0; // Token where the component starts
    this.index = 0;
    this.step = 1;
    this.depth = 0;
    this.brackets = 0;
    this.special = false;
    this.state = 'init';
  }

  token(i) {
    return this.tokens[Math.min(i, this.tokens.length - 1)];
  }

  // Whether token `i` is this character and nothing more.
  is(value, i = this.index) {
    const token = this.token(i);
    return token.value === value &&
      (token.type === 'char' || token.type === 'escaped-char' || token.type === 'invalid-char');
  }

  // `?` begins the search unless it is a modifier.
  isSearchPrefix() {
    if (this.is('?')) return true;
    if (this.tokens[this.index].value !== '?') return false;
    if (this.index === 0) return true;
    const { type } = this.token(this.index - 1);
    return type !== 'name' && type !== 'regexp' && type !== 'close' && type !== 'asterisk';
  }

  component() {
    return this.input.slice(this.token(this.start).index, this.tokens[this.index].index);
  }

  change(state, skip) {
    const { result } = this;
    const from = this.state;
    if (from !== 'init' && from !== 'authority' && from !== 'done') result[from] = this.component();
    if (from !== 'init' && state !== 'done') {
      // What was jumped over is empty, not a wildcard.
      if (beforeHostname.includes(from) && ['port', 'pathname', 'search', 'hash'].includes(state)) result.hostname ??= '';
      if (beforePathname.includes(from) && (state === 'search' || state === 'hash')) {
        result.pathname ??= this.special ? '/' : '';
      }
      if (beforeSearch.includes(from) && state === 'hash') result.search ??= '';
    }
    this.state = state;
    this.index += skip;
    this.start = this.index;
    this.step = 0;
  }

  rewind(state) {
    this.index = this.start;
    this.step = 0;
    if (state !== undefined) this.state = state;
  }

  atEnd() {
    if (this.state === 'init') {
      this.rewind();
      if (this.is('#')) this.change('hash', 1);
      else if (this.isSearchPrefix()) this.change('search', 1);
      else this.change('pathname', 0);
      return false;
    }
    if (this.state === 'authority') {
      this.rewind('hostname');
      return false;
    }
    this.change('done', 0);
    return true;
  }

  // The states after the host, each of which ends at what begins a later one.
  afterHost(pathname, search) {
    if (pathname && this.is('/')) this.change('pathname', 0);
    else if (search && this.isSearchPrefix()) this.change('search', 1);
    else if (this.is('#')) this.change('hash', 1);
  }

  advance() {
    switch (this.state) {
      case 'init':
        if (this.is(':')) this.rewind('protocol');
        break;
      case 'protocol':
        if (!this.is(':')) break;
        this.special = this.matchesSpecial();
        if (this.is('/', this.index + 1) && this.is('/', this.index + 2)) this.change('authority', 3);
        else this.change(this.special ? 'authority' : 'pathname', 1);
        break;
      case 'authority':
        if (this.is('@')) this.rewind('username');
        else if (this.is('/') || this.isSearchPrefix() || this.is('#')) this.rewind('hostname');
        break;
      case 'username':
        if (this.is(':')) this.change('password', 1);
        else if (this.is('@')) this.change('hostname', 1);
        break;
      case 'password':
        if (this.is('@')) this.change('hostname', 1);
        break;
      case 'hostname':
        if (this.is('[')) this.brackets++;
        else if (this.is(']')) this.brackets--;
        else if (this.is(':') && this.brackets === 0) this.change('port', 1);
        else this.afterHost(true, true);
        break;
      case 'port': this.afterHost(true, true); break;
      case 'pathname': this.afterHost(false, true); break;
      case 'search': this.afterHost(false, false); break;
      default:
    }
  }

  matchesSpecial() {
    const { regexp } = compile(this.component(), canonicalizeProtocol, noOptions);
    return Object.keys(DEFAULT_PORTS).some((scheme) => regexp.test(scheme));
  }

  parse() {
    while (this.index < this.tokens.length) {
      this.step = 1;
      const { type } = this.tokens[this.index];
      if (type === 'end') {
        if (this.atEnd()) break;
      } else if (type === 'open') {
        this.depth++;
      } else if (this.depth > 0 && type !== 'close') {
        // Inside a group nothing ends a component.
      } else {
        if (this.depth > 0) this.depth--;
        this.advance();
      }
      this.index += this.step;
    }
    if (this.result.hostname !== undefined) this.result.port ??= '';
    return this.result;
  }
}

function parseConstructorString(input) {
  return new ConstructorStringParser(input).parse();
}

module.exports = { noOptions, parseConstructorString };
