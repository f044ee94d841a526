'use strict';
// URLPattern. Pattern strings are in `internal/urlpattern/pattern`, the split of a whole pattern in
// `internal/urlpattern/constructor_string`, the rules of each component in `internal/urlpattern/canonicalize`.

const { codes: { ERR_CONSTRUCT_CALL_REQUIRED } } = require('internal/errors');
const { compile, escapePattern, patternError } = require('internal/urlpattern/pattern');
const { noOptions, parseConstructorString } = require('internal/urlpattern/constructor_string');
const canonicalize = require('internal/urlpattern/canonicalize');

const { DEFAULT_PORTS, isSpecialScheme } = canonicalize;

// In the order that a missing one inherits from the base URL: only if all before it are missing too.
const components = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'];

function typeError(message) {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
}

// A dictionary as strings; getters run once.
function readInit(init) {
  const result = {};
  for (const name of ['baseURL', ...components]) {
    const value = init[name];
    if (value !== undefined) result[name] = `${value}`.toWellFormed();
  }
  return result;
}

function isAbsolutePathname(path, isPattern) {
  if (path === '') return false;
  return path[0] === '/' || (isPattern && (path.startsWith('\\/') || path.startsWith('{/')));
}

// What the base URL gives for components that `init` does not name.
function inherit(result, init, base, isPattern) {
  const text = (value) => (isPattern ? escapePattern(value) : value);
  const missing = (...names) => names.every((name) => init[name] === undefined);
  if (missing('protocol')) result.protocol = text(base.protocol.slice(0, -1));
  if (!isPattern && missing('protocol', 'hostname', 'port', 'username')) result.username = base.username;
  if (!isPattern && missing('protocol', 'hostname', 'port', 'username', 'password')) result.password = base.password;
  if (missing('protocol', 'hostname')) result.hostname = text(base.hostname);
  if (missing('protocol', 'hostname', 'port')) result.port = base.port;
  if (missing('protocol', 'hostname', 'port', 'pathname')) result.pathname = text(base.pathname);
  if (missing('protocol', 'hostname', 'port', 'pathname', 'search')) result.search = text(base.search.slice(1));
  if (missing('protocol', 'hostname', 'port', 'pathname', 'search', 'hash')) result.hash = text(base.hash.slice(1));
}

// A dictionary with its base URL applied; canonical where it is not of patterns.
function processInit(init, isPattern, defaults) {
  const result = { ...defaults };
  let base;
  if (init.baseURL !== undefined) {
    const { URL } = require('internal/url');
    base = URL.parse(init.baseURL);
    if (base === null) throw patternError();
    inherit(result, init, base, isPattern);
  }
  const canonical = (name, value, ...args) => (isPattern ? value : canonicalize[name](value, ...args));
  if (init.protocol !== undefined) {
    result.protocol = canonical('protocol', init.protocol.endsWith(':') ? init.protocol.slice(0, -1) : init.protocol);
  }
  for (const name of ['username', 'password']) {
    if (init[name] !== undefined) result[name] = canonical(name, init[name]);
  }
  const special = !result.protocol || isSpecialScheme(result.protocol);
  if (init.hostname !== undefined) result.hostname = canonical(special ? 'hostname' : 'opaqueHostname', init.hostname);
  if (init.port !== undefined) result.port = canonical('port', init.port, result.protocol);
  if (init.pathname !== undefined) {
    let path = init.pathname;
    if (base !== undefined && !isAbsolutePathname(path, isPattern) && isHierarchical(base)) {
      const basePath = isPattern ? escapePattern(base.pathname) : base.pathname;
      const slash = basePath.lastIndexOf('/');
      if (slash !== -1) path = basePath.slice(0, slash + 1) + path;
    }
    result.pathname = canonical(special ? 'pathname' : 'opaquePathname', path);
  }
  if (init.search !== undefined) {
    result.search = canonical('search', init.search[0] === '?' ? init.search.slice(1) : init.search);
  }
  if (init.hash !== undefined) result.hash = canonical('hash', init.hash[0] === '#' ? init.hash.slice(1) : init.hash);
  return result;
}

function isHierarchical(url) {
  return url.pathname === '' || url.pathname[0] === '/';
}

// The compiled components of a processed dictionary.
function compileAll(init, ignoreCase) {
  const options = { ...noOptions, ignoreCase };
  const protocol = compile(init.protocol, canonicalize.protocol, noOptions);
  const special = Object.keys(DEFAULT_PORTS).some((scheme) => protocol.regexp.test(scheme));
  let host = special ? canonicalize.hostname : canonicalize.opaqueHostname;
  if (/^(?:\[|[{\\]\[)./.test(init.hostname)) host = canonicalize.ipv6Hostname;
  return {
    protocol,
    username: compile(init.username, canonicalize.username, noOptions),
    password: compile(init.password, canonicalize.password, noOptions),
    hostname: compile(init.hostname, host, { ...noOptions, delimiter: '.' }),
    port: compile(init.port, (value) => canonicalize.port(value), noOptions),
    pathname: special ?
      compile(init.pathname, canonicalize.pathname, { delimiter: '/', prefix: '/', ignoreCase }) :
      compile(init.pathname, canonicalize.opaquePathname, options),
    search: compile(init.search, canonicalize.search, options),
    hash: compile(init.hash, canonicalize.hash, options),
  };
}

const nothing = Object.fromEntries(components.map((name) => [name, '']));
const everything = Object.fromEntries(components.map((name) => [name, '*']));

// The component strings of what is matched, undefined where it is no URL.
function componentsOf(input, baseURL) {
  if (typeof input !== 'string') {
    if (baseURL !== undefined) throw patternError();
    try {
      return processInit(readInit(input), false, nothing);
    } catch (err) {
      if (err.code === 'ERR_INVALID_URL_PATTERN') return undefined;
      throw err;
    }
  }
  const { URL } = require('internal/url');
  const url = URL.parse(input, baseURL);
  if (url === null) return undefined;
  return {
    protocol: url.protocol.slice(0, -1),
    username: url.username,
    password: url.password,
    hostname: url.hostname,
    port: url.port,
    pathname: url.pathname,
    search: url.search.slice(1),
    hash: url.hash.slice(1),
  };
}

class Pattern {
  #components;

  // (input, baseURL, options), (input, options)
  constructor(...args) {
    const { 0: input = {} } = args;
    let { 1: baseURL, 2: options } = args;
    if (typeof input !== 'string' && (typeof input !== 'object' || input === null)) {
      throw typeError('Input must be an object or a string');
    }
    if (baseURL !== undefined && typeof baseURL !== 'string') {
      options = baseURL;
      baseURL = undefined;
      if (typeof options !== 'object') throw typeError('second argument must be a string or object');
    }
    if (options !== undefined && (typeof options !== 'object' || options === null)) {
      if (options !== null) throw typeError('options must be an object');
    }
    const ignoreCase = Boolean(options?.ignoreCase);
    let init;
    if (typeof input === 'string') {
      init = parseConstructorString(input.toWellFormed());
      if (baseURL === undefined && init.protocol === undefined) throw patternError();
      if (baseURL !== undefined) init.baseURL = baseURL;
    } else {
      if (baseURL !== undefined) throw patternError();
      init = readInit(input);
    }
    const processed = { ...everything, ...processInit(init, true, {}) };
    if (DEFAULT_PORTS[processed.protocol] && DEFAULT_PORTS[processed.protocol] === processed.port) processed.port = '';
    this.#components = compileAll(processed, ignoreCase);
  }

  static has(value) {
    return typeof value === 'object' && value !== null && #components in value;
  }

  static component(value, name) {
    if (!Pattern.has(value)) throw new TypeError('Illegal invocation');
    return value.#components[name];
  }

  static match(self, input = {}, baseURL = undefined) {
    if (!Pattern.has(self)) throw new TypeError('Illegal invocation');
    if (typeof input !== 'string' && (typeof input !== 'object' || input === null)) {
      throw typeError('URLPattern input needs to be a string or an object');
    }
    if (baseURL !== undefined && typeof baseURL !== 'string') throw typeError('baseURL must be a string');
    const values = componentsOf(input, baseURL);
    if (values === undefined) return null;
    const result = {
      __proto__: null,
      hash: undefined, hostname: undefined,
      inputs: baseURL === undefined ? [input] : [input, baseURL],
      password: undefined, pathname: undefined, port: undefined, protocol: undefined, search: undefined,
      username: undefined,
    };
    for (const name of components) {
      const { names, regexp } = self.#components[name];
      const found = regexp.exec(values[name]);
      if (found === null) return null;
      const groups = {};
      for (let i = 0; i < names.length; i++) groups[names[i]] = found[i + 1];
      result[name] = { groups, input: values[name] };
    }
    return result;
  }
}

// Callable, so that the error of a call without `new` is Node's.
function URLPattern(...args) {
  if (!new.target) throw new ERR_CONSTRUCT_CALL_REQUIRED('URLPattern');
  return Reflect.construct(Pattern, args, new.target);
}

for (const name of components) {
  Object.defineProperty(URLPattern.prototype, name, {
    __proto__: null,
    configurable: false,
    enumerable: true,
    get() { return Pattern.component(this, name).pattern; },
  });
}
Object.defineProperty(URLPattern.prototype, 'hasRegExpGroups', {
  __proto__: null,
  configurable: false,
  enumerable: true,
  get() { return components.some((name) => Pattern.component(this, name).hasRegexp); },
});

// (string | dictionary, baseURL) => match or null
URLPattern.prototype.exec = function exec(...args) {
  return Pattern.match(this, args[0], args[1]);
};

URLPattern.prototype.test = function test(...args) {
  return Pattern.match(this, args[0], args[1]) !== null;
};

Object.defineProperty(URLPattern.prototype, Symbol.toStringTag, {
  __proto__: null, configurable: true, value: 'URLPattern',
});

module.exports = { URLPattern };
