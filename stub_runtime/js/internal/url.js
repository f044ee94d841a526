'use strict';
// The class URL and what Node's own modules need of URLs. URLSearchParams is in
// `internal/url/search_params`, file URLs are in `internal/url/file`, the legacy API is `url`; the
// parser is native (binding `url`).

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_URL, ERR_MISSING_ARGS }, nativeError } = require('internal/errors');
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const { kValidateObjectAllowObjects, validateObject } = require('internal/validators');
const { URLSearchParams, attach, replace, toUSVString } = require('internal/url/search_params');
const { fileURLToPath, fileURLToPathBuffer, pathToFileURL } = require('internal/url/file');
const { markTransferMode } = require('internal/structured_clone');
const binding = internalBinding('url');

// The numbers the binding knows the parts by.
const PROTOCOL = 0;
const HOST = 1;
const HOSTNAME = 2;
const PORT = 3;
const USERNAME = 4;
const PASSWORD = 5;
const PATHNAME = 6;
const SEARCH = 7;
const HASH = 8;

// An offset of a part that is not there.
const OMITTED = 0xffffffff;
const NOT_SPECIAL = 1;
const FILE = 6;

const contextForInspect = Symbol('context');

// The text of a URL and where its parts are in it.
class URLContext {
  href = '';
  protocol_end = 0;
  username_end = 0;
  host_start = 0;
  host_end = 0;
  pathname_start = 0;
  search_start = 0;
  hash_start = 0;
  port = 0;
  scheme_type = 1;

  get hasPort() {
    return this.port !== OMITTED;
  }

  get hasSearch() {
    return this.search_start !== OMITTED;
  }

  get hasHash() {
    return this.hash_start !== OMITTED;
  }
}

// What the binding writes the offsets to; made on first use, it must not be in a snapshot.
let parts;

function partsArray() {
  return parts ??= new Uint32Array(9);
}

// (input, base) => the URL as text, undefined where it is none; its offsets are in `parts`
function parse(input, base) {
  const target = partsArray();
  return base === undefined && binding.isCanonical(input, target) ? input : binding.parse(input, base, target);
}

function invalidUrl(input, base) {
  const error = nativeError(TypeError, 'ERR_INVALID_URL', 'Invalid URL', invalidUrl);
  error.input = input;
  if (base !== undefined) error.base = base;
  return error;
}

let markModified;

class URL {
  #context = new URLContext();
  #searchParams = undefined;
  // Whether the list was changed since #context was made
  #modified = false;

  static {
    markModified = (url) => {
      url.#modified = true;
    };
  }

  constructor(input, base = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
    input = `${input}`;
    if (base !== undefined) base = `${base}`;
    const href = parse(input, base);
    if (href === undefined) throw invalidUrl(input, base);
    this.#setContext(href);
  }

  static parse(input, base = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
    input = `${input}`;
    if (base !== undefined) base = `${base}`;
    const href = parse(input, base);
    if (href === undefined) return null;
    // `href` is written as the standard says: parsing it again gives the same.
    return new URL(href);
  }

  static canParse(url, base = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
    url = `${url}`;
    if (base === undefined && binding.isCanonical(url, partsArray())) return true;
    return binding.canParse(url, base === undefined ? undefined : `${base}`);
  }

  #setContext(href) {
    const context = this.#context;
    context.href = href;
    context.protocol_end = parts[0];
    context.username_end = parts[1];
    context.host_start = parts[2];
    context.host_end = parts[3];
    context.port = parts[4];
    context.pathname_start = parts[5];
    context.search_start = parts[6];
    context.hash_start = parts[7];
    context.scheme_type = parts[8];
  }

  // Brings #context up to date with the list. The getters of what comes before the query need not.
  #sync() {
    if (!this.#modified) return this.#context;
    this.#modified = false;
    this.#update(SEARCH, this.#searchParams.toString());
    return this.#context;
  }

  // Without the native half where the new text needs no change: then it is what parsing would give.
  #replacePart(part, value) {
    const { href, pathname_start, search_start, hash_start } = this.#context;
    const hashAt = hash_start === OMITTED ? href.length : hash_start;
    const searchAt = search_start === OMITTED ? hashAt : search_start;
    let replaced;
    if (part === PATHNAME) {
      if (value[0] !== '/' || value.includes('?') || value.includes('#')) return false;
      replaced = href.slice(0, pathname_start) + value + href.slice(searchAt);
    } else {
      const mark = part === SEARCH ? '?' : '#';
      if (value.length === 0 || value === mark || (part === SEARCH && value.includes('#'))) return false;
      if (value[0] !== mark) value = mark + value;
      replaced = part === SEARCH ? href.slice(0, searchAt) + value + href.slice(hashAt) : href.slice(0, hashAt) + value;
    }
    if (!binding.isCanonical(replaced, partsArray())) return false;
    this.#setContext(replaced);
    return true;
  }

  #update(part, value) {
    if ((part === PATHNAME || part === SEARCH || part === HASH) && this.#replacePart(part, value)) return;
    const href = binding.update(this.#context.href, part, value, partsArray());
    if (href !== undefined) this.#setContext(href);
  }

  // As #update, for what may change the list.
  #refreshSearchParams() {
    if (this.#searchParams !== undefined) replace(this.#searchParams, this.#searchOf(this.#context).slice(1));
  }

  #searchOf(context) {
    if (context.search_start === OMITTED) return '';
    const end = context.hash_start === OMITTED ? context.href.length : context.hash_start;
    return end - context.search_start <= 1 ? '' : context.href.slice(context.search_start, end);
  }

  #hostStart(context) {
    return context.href[context.host_start] === '@' ? context.host_start + 1 : context.host_start;
  }

  [customInspectSymbol](depth, opts) {
    this.#sync();
    if (typeof depth === 'number' && depth < 0) return this;
    const { name } = this.constructor ?? URL;
    const obj = {
      href: this.href,
      origin: this.origin,
      protocol: this.protocol,
      username: this.username,
      password: this.password,
      host: this.host,
      hostname: this.hostname,
      port: this.port,
      pathname: this.pathname,
      search: this.search,
      searchParams: this.searchParams,
      hash: this.hash,
    };
    if (opts.showHidden) obj[contextForInspect] = this.#context;
    return `${name} ${require('internal/util/inspect').inspect(obj, opts)}`;
  }

  toString() {
    return this.#sync().href;
  }

  get href() {
    return this.#sync().href;
  }

  set href(value) {
    value = `${value}`;
    if (this.#modified) this.#sync();
    const href = binding.parse(value, undefined, partsArray());
    if (href === undefined) throw new ERR_INVALID_URL(value);
    this.#setContext(href);
    this.#refreshSearchParams();
  }

  get origin() {
    const context = this.#context;
    if (context.scheme_type === FILE) return 'null';
    if (context.scheme_type !== NOT_SPECIAL) return `${this.protocol}//${this.host}`;
    if (this.protocol === 'blob:') {
      const inner = URL.parse(this.pathname);
      if (inner !== null && (inner.protocol === 'http:' || inner.protocol === 'https:')) {
        return `${inner.protocol}//${inner.host}`;
      }
    }
    return 'null';
  }

  get protocol() {
    const context = this.#context;
    return context.href.slice(0, context.protocol_end);
  }

  set protocol(value) {
    if (this.#modified) this.#sync();
    this.#update(PROTOCOL, `${value}`);
  }

  get username() {
    const context = this.#context;
    return context.href.slice(context.protocol_end + 2, context.username_end);
  }

  set username(value) {
    if (this.#modified) this.#sync();
    this.#update(USERNAME, `${value}`);
  }

  get password() {
    const context = this.#context;
    return context.href.slice(context.username_end + 1, context.host_start);
  }

  set password(value) {
    if (this.#modified) this.#sync();
    this.#update(PASSWORD, `${value}`);
  }

  get host() {
    const context = this.#context;
    const start = this.#hostStart(context);
    // Without a host, `/.` may stand before the path.
    if (context.host_end <= start) return '';
    return context.href.slice(start, context.pathname_start);
  }

  set host(value) {
    if (this.#modified) this.#sync();
    this.#update(HOST, `${value}`);
  }

  get hostname() {
    const context = this.#context;
    return context.href.slice(this.#hostStart(context), context.host_end);
  }

  set hostname(value) {
    if (this.#modified) this.#sync();
    this.#update(HOSTNAME, `${value}`);
  }

  get port() {
    const context = this.#context;
    return context.port === OMITTED ? '' : `${context.port}`;
  }

  set port(value) {
    if (this.#modified) this.#sync();
    this.#update(PORT, `${value}`);
  }

  get pathname() {
    const context = this.#context;
    const { href, search_start: search, hash_start: hash } = context;
    return href.slice(context.pathname_start, search !== OMITTED ? search : hash !== OMITTED ? hash : href.length);
  }

  set pathname(value) {
    if (this.#modified) this.#sync();
    this.#update(PATHNAME, `${value}`);
  }

  get search() {
    return this.#searchOf(this.#sync());
  }

  set search(value) {
    if (this.#modified) this.#sync();
    this.#update(SEARCH, toUSVString(value));
    this.#refreshSearchParams();
  }

  get searchParams() {
    const context = this.#context;
    if (this.#searchParams === undefined) {
      this.#searchParams = new URLSearchParams(this.#searchOf(context));
      attach(this.#searchParams, this, markModified);
    }
    return this.#searchParams;
  }

  get hash() {
    const context = this.#context;
    if (context.hash_start === OMITTED || context.href.length - context.hash_start <= 1) return '';
    return context.href.slice(context.hash_start);
  }

  set hash(value) {
    if (this.#modified) this.#sync();
    this.#update(HASH, toUSVString(value));
  }

  toJSON() {
    return this.#sync().href;
  }
}

Object.defineProperties(URL.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'URL' },
  toString: kEnumerableProperty,
  href: kEnumerableProperty,
  origin: kEnumerableProperty,
  protocol: kEnumerableProperty,
  username: kEnumerableProperty,
  password: kEnumerableProperty,
  host: kEnumerableProperty,
  hostname: kEnumerableProperty,
  port: kEnumerableProperty,
  pathname: kEnumerableProperty,
  search: kEnumerableProperty,
  searchParams: kEnumerableProperty,
  hash: kEnumerableProperty,
  toJSON: kEnumerableProperty,
});

// Cloning one throws a DataCloneError.
markTransferMode(URL.prototype, false, false);
markTransferMode(URLSearchParams.prototype, false, false);

// The store of object URLs is in `internal/blob`.
function createObjectURL(obj) {
  return require('internal/blob').createObjectURL(obj);
}

function revokeObjectURL(url) {
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
  return require('internal/blob').revokeObjectURL(url);
}

Object.defineProperties(URL, {
  canParse: { __proto__: null, configurable: true, writable: true, enumerable: true },
  parse: { __proto__: null, configurable: true, writable: true, enumerable: true },
  createObjectURL: {
    __proto__: null, configurable: true, writable: true, enumerable: true, value: createObjectURL,
  },
  revokeObjectURL: {
    __proto__: null, configurable: true, writable: true, enumerable: true, value: revokeObjectURL,
  },
});

// Whether `self` looks like a URL of any realm and not like the legacy Url.
function isURL(self) {
  return Boolean(self?.href && self.protocol && self.auth === undefined && self.path === undefined);
}

function toPathIfFileURL(fileURLOrPath) {
  return isURL(fileURLOrPath) ? fileURLToPath(fileURLOrPath) : fileURLOrPath;
}

function domainToASCII(domain) {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('domain');
  return binding.domainToASCII(`${domain}`);
}

function domainToUnicode(domain) {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('domain');
  return binding.domainToUnicode(`${domain}`);
}

// (URL) => options of http.request()
function urlToHttpOptions(url) {
  validateObject(url, 'url', kValidateObjectAllowObjects);
  const { hostname, pathname, port, username, password, search } = url;
  const options = {
    __proto__: null,
    ...url, // What the user has put on it
    protocol: url.protocol,
    hostname: hostname && hostname[0] === '[' ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname || ''}${search || ''}`,
    href: url.href,
  };
  if (port !== '') options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

// url.format() of a URL object
function formatWhatwg(url, options) {
  let fragment = true;
  let unicode = false;
  let search = true;
  let auth = true;
  if (options) {
    validateObject(options, 'options');
    if (options.fragment != null) fragment = Boolean(options.fragment);
    if (options.unicode != null) unicode = Boolean(options.unicode);
    if (options.search != null) search = Boolean(options.search);
    if (options.auth != null) auth = Boolean(options.auth);
  }
  let { href } = url;
  if (unicode || !auth) return binding.format(href, fragment, unicode, search, auth);
  // The first `#` and `?` of a URL that is written as the standard says are those.
  const hashAt = href.indexOf('#');
  const hash = hashAt === -1 ? '' : href.slice(hashAt);
  if (hashAt !== -1) href = href.slice(0, hashAt);
  if (!search) {
    const searchAt = href.indexOf('?');
    if (searchAt !== -1) href = href.slice(0, searchAt);
  }
  return fragment ? href + hash : href;
}

module.exports = {
  URL,
  URLSearchParams,
  domainToASCII,
  domainToUnicode,
  fileURLToPath,
  fileURLToPathBuffer,
  formatWhatwg,
  isURL,
  pathToFileURL,
  toPathIfFileURL,
  toUSVString,
  urlToHttpOptions,
};
