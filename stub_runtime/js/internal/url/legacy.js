'use strict';
// The class Url of the legacy API: parse() and format(). Resolving is in `internal/url/resolve`, the
// functions that users call are in `url`.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_URL },
} = require('internal/errors');
const { validateString } = require('internal/validators');
const { encodeStr, hexTable } = require('internal/querystring');
const querystring = require('querystring');
const {
  charCodeAt, endsWith, includes, indexOf, slice, startsWith,
} = require('internal/string_methods');
const { toASCII } = internalBinding('url');

const MAX_HOSTNAME = 255;

function names(...list) {
  return new Set(list.flatMap((name) => [name, `${name}:`]));
}

// Whose text is not escaped.
const unsafeProtocol = names('javascript');
// Which have no host.
const hostlessProtocol = names('javascript');
// Which have `//` even where it is not written.
const slashedProtocol = names('http', 'https', 'ftp', 'gopher', 'file', 'ws', 'wss');

// What `auth` keeps in format(): letters, digits and ! ' ( ) * - . : _ ~
const authCharacters = new Int8Array(128);
for (let i = 0; i < 128; i++) {
  if (/[A-Za-z0-9!'()*\-.:_~]/.test(String.fromCharCode(i))) authCharacters[i] = 1;
}

// What is escaped after the host.
const ESCAPED = /[\t\n\r "'<>\\^`{|}]/g;
const NEEDS_ESCAPE = /[\t\n\r "'<>\\^`{|}]/;
// What ends the host, by its code; of it only `/`, `?` and `#` end the authority (2). 3 is left out, 4 ends what may be `auth`.
const hostCharacters = new Int8Array(128);
for (const c of ' "%\';<>\\^`{|}') hostCharacters[c.charCodeAt(0)] = 1;
for (const c of '#/?') hostCharacters[c.charCodeAt(0)] = 2;
for (const c of '\t\n\r') hostCharacters[c.charCodeAt(0)] = 3;
hostCharacters[0x40] = 4;
// Names that are what toASCII() would make of them.
const plainHost = /^[a-z0-9.-]{1,63}$/;
const forbiddenHost = /[\0\t\n\r #%/:<>?@[\\\]^|]/;
const forbiddenIpv6 = /[\0\t\n\r #%/<>?@\\^|]/;
const simplePath = /^(\/\/?(?!\/)[^?\s]*)(\?[^\s]*)?$/;

function Url() {
  this.protocol = null;
  this.slashes = null;
  this.auth = null;
  this.host = null;
  this.port = null;
  this.hostname = null;
  this.hash = null;
  this.search = null;
  this.query = null;
  this.pathname = null;
  this.path = null;
  this.href = null;
}

function isSpace(code) {
  return code < 33 || code === 0xa0 || code === 0xfeff;
}

// `url` without white space around it, and with backslashes before the query as slashes.
function normalizeInput(url) {
  let start = 0;
  let end = url.length;
  while (start < end && isSpace(charCodeAt(url, start))) start++;
  while (end > start && isSpace(charCodeAt(url, end - 1))) end--;
  url = slice(url, start, end);
  if (!includes(url, '\\')) return url;
  const split = url.search(/[?#]/);
  const head = split === -1 ? url : url.slice(0, split);
  return head.replaceAll('\\', '/') + url.slice(head.length);
}

function hasAtBeforeQuery(text) {
  const at = indexOf(text, '@');
  if (at === -1) return false;
  const query = indexOf(text, '?');
  return query === -1 || at < query;
}

function setQuery(self, search, parseQueryString) {
  if (search !== '') {
    self.search = search;
    self.query = parseQueryString ? querystring.parse(search.slice(1)) : search.slice(1);
  } else if (parseQueryString) {
    self.search = null;
    self.query = { __proto__: null };
  }
}

// (url, parseQueryString, slashesDenoteHost) => this
Url.prototype.parse = function parse(url, parseQueryString, slashesDenoteHost) {
  validateString(url, 'url');
  let rest = normalizeInput(url);

  if (!slashesDenoteHost && !includes(rest, '#') && !hasAtBeforeQuery(rest)) {
    const simple = simplePath.exec(rest);
    if (simple) {
      this.path = rest;
      this.href = rest;
      this.pathname = simple[1];
      setQuery(this, simple[2] ?? '', parseQueryString);
      return this;
    }
  }

  let protocol = /^[a-z0-9.+-]+:/i.exec(rest)?.[0];
  let lowerProtocol;
  if (protocol) {
    this.protocol = lowerProtocol = protocol.toLowerCase();
    rest = slice(rest, protocol.length);
  }
  const hostless = lowerProtocol !== undefined && hostlessProtocol.has(lowerProtocol);

  // `//` is a host after a protocol, and without one where `user@host` makes it clear.
  let slashes = false;
  if (slashesDenoteHost || protocol || /^\/\/[^@/]+@[^@/]+/.test(rest)) {
    slashes = startsWith(rest, '//');
    if (slashes && !hostless) {
      rest = slice(rest, 2);
      this.slashes = true;
    }
  }
  if (!hostless && (slashes || (protocol && !slashedProtocol.has(protocol)))) {
    rest = parseAuthority(this, rest, url);
  }

  if (NEEDS_ESCAPE.test(rest) && !unsafeProtocol.has(lowerProtocol)) {
    rest = rest.replace(ESCAPED, (c) => hexTable[c.charCodeAt(0)]);
  }

  const hashAt = indexOf(rest, '#');
  if (hashAt !== -1) {
    this.hash = slice(rest, hashAt);
    rest = slice(rest, 0, hashAt);
  }
  const searchAt = indexOf(rest, '?');
  if (searchAt !== -1) {
    this.search = slice(rest, searchAt);
    this.query = parseQueryString ? querystring.parse(slice(rest, searchAt + 1)) : slice(rest, searchAt + 1);
    rest = slice(rest, 0, searchAt);
  } else if (parseQueryString) {
    this.search = null;
    this.query = { __proto__: null };
  }
  if (rest.length > 0) this.pathname = rest;
  if (slashedProtocol.has(lowerProtocol) && this.hostname && !this.pathname) this.pathname = '/';
  if (this.pathname || this.search) this.path = (this.pathname || '') + (this.search || '');
  this.href = this.format();
  return this;
};

// Takes auth, host and port from the start of `rest`; answers what is left.
function parseAuthority(self, rest, url) {
  let at = -1;
  let nonHost = -1;
  let end = 0;
  for (; end < rest.length; end++) {
    const code = charCodeAt(rest, end);
    const kind = code < 128 ? hostCharacters[code] : 0;
    if (kind === 0) continue;
    if (kind === 3) {
      rest = slice(rest, 0, end) + slice(rest, end + 1);
      end--;
    } else if (kind === 4) {
      // What came before, whatever it was, belongs to auth.
      at = end;
      nonHost = -1;
    } else {
      if (nonHost === -1) nonHost = end;
      if (kind === 2) break;
    }
  }
  if (at !== -1) self.auth = decodeURIComponent(slice(rest, 0, at));
  if (nonHost === -1) {
    self.host = slice(rest, at + 1);
    rest = '';
  } else {
    self.host = slice(rest, at + 1, nonHost);
    rest = slice(rest, nonHost);
  }

  self.parseHost();
  if (typeof self.hostname !== 'string') self.hostname = '';
  const ipv6 = isIpv6(self.hostname);
  if (!ipv6) rest = splitHostname(self, rest, url);
  self.hostname = self.hostname.length > MAX_HOSTNAME ? '' : self.hostname.toLowerCase();
  if (self.hostname !== '') {
    if (ipv6) {
      if (forbiddenIpv6.test(self.hostname)) throw new ERR_INVALID_URL(url);
    } else if (!plainHost.test(self.hostname) || includes(self.hostname, 'xn--')) {
      self.hostname = toASCII(self.hostname);
      if (self.hostname === '' || forbiddenHost.test(self.hostname)) throw new ERR_INVALID_URL(url);
    }
  }
  self.host = self.hostname + (self.port ? `:${self.port}` : '');
  if (ipv6) {
    self.hostname = self.hostname.slice(1, -1);
    if (rest[0] !== '/') rest = `/${rest}`;
  }
  return rest;
}

function isIpv6(hostname) {
  return startsWith(hostname, '[') && endsWith(hostname, ']');
}

// Moves what cannot be in a name from the hostname to the front of `rest`.
function splitHostname(self, rest, url) {
  const { hostname } = self;
  for (let i = 0; i < hostname.length; i++) {
    const code = charCodeAt(hostname, i);
    if (code === 0x3a) throw new ERR_INVALID_ARG_VALUE('url', 'Invalid port in url', url);
    if (code === 0x2f || code === 0x5c || code === 0x23 || code === 0x3f) {
      self.hostname = slice(hostname, 0, i);
      return `/${slice(hostname, i)}${rest}`;
    }
  }
  return rest;
}

function isDigit(code) {
  return code >= 0x30 && code <= 0x39;
}

// Splits `host` into `hostname` and `port`.
Url.prototype.parseHost = function parseHost() {
  let { host } = this;
  let at = host.length;
  while (at > 0 && isDigit(charCodeAt(host, at - 1))) at--;
  if (at > 0 && charCodeAt(host, at - 1) === 0x3a) {
    if (at < host.length) this.port = slice(host, at);
    host = slice(host, 0, at - 1);
  }
  if (host) this.hostname = host;
};

Url.prototype.format = function format() {
  let auth = this.auth || '';
  if (auth) auth = `${encodeStr(auth, authCharacters, hexTable)}@`;
  let protocol = `${this.protocol || ''}`;
  let pathname = `${this.pathname || ''}`;
  let hash = this.hash || '';
  let host = '';
  if (this.host) {
    host = auth + this.host;
  } else if (this.hostname) {
    host = auth + (includes(this.hostname, ':') && !isIpv6(this.hostname) ? `[${this.hostname}]` : this.hostname);
    if (this.port) host += `:${this.port}`;
  }
  let query = '';
  if (this.query !== null && typeof this.query === 'object') query = querystring.stringify(this.query);
  let search = `${this.search || (query && `?${query}`) || ''}`;
  if (protocol && !endsWith(protocol, ':')) protocol += ':';
  if (includes(pathname, '#') || includes(pathname, '?')) pathname = pathname.replaceAll('#', '%23').replaceAll('?', '%3F');
  if (this.slashes || slashedProtocol.has(protocol)) {
    if (this.slashes || host) {
      if (pathname && pathname[0] !== '/') pathname = `/${pathname}`;
      host = `//${host}`;
    } else if (startsWith(protocol, 'file')) {
      host = '//';
    }
  }
  if (includes(search, '#')) search = search.replaceAll('#', '%23');
  if (hash && hash[0] !== '#') hash = `#${hash}`;
  if (search && search[0] !== '?') search = `?${search}`;
  return protocol + host + pathname + search + hash;
};

Url.prototype.resolve = function resolve(relative) {
  return this.resolveObject(urlParse(relative, false, true)).format();
};

Url.prototype.resolveObject = function resolveObject(relative) {
  if (typeof relative === 'string') relative = urlParse(relative, false, true);
  return require('internal/url/resolve').resolveObject(this, relative);
};

// (string | Url, parseQueryString, slashesDenoteHost) => Url
function urlParse(url, parseQueryString, slashesDenoteHost) {
  if (url instanceof Url) return url;
  return new Url().parse(url, parseQueryString, slashesDenoteHost);
}

// (string | object | URL, options) => string
function urlFormat(urlObject, options) {
  const { formatWhatwg, isURL } = require('internal/url');
  if (typeof urlObject === 'string') return urlParse(urlObject).format();
  if (typeof urlObject !== 'object' || urlObject === null) {
    throw new ERR_INVALID_ARG_TYPE('urlObject', ['Object', 'string'], urlObject);
  }
  if (isURL(urlObject)) return formatWhatwg(urlObject, options);
  return Url.prototype.format.call(urlObject);
}

module.exports = { Url, hostlessProtocol, slashedProtocol, urlFormat, urlParse };
