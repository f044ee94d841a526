'use strict';
// Errors that come from the operating system: libuv-shaped exceptions (`code`, `errno`, `syscall`,
// `path`, ...) and the SystemError family. Re-exported by internal/errors, which owns the ERR_* classes.

const { kIsNodeError } = require('internal/errors/symbols');

// Read when the first error is made.
const errname = (errno) => require('internal/errnos').errname(errno);
const uvErrmapGet = (errno) => require('internal/errnos').uvErrmapGet(errno);

const kUnmapped = ['UNKNOWN', 'unknown error'];

// Makes an error whose stack starts above `above` even though that frame is one of ours.
function hide(error, above) {
  Error.captureStackTrace(error, above);
  return error;
}

// Error of a failed call: `ENOENT: no such file or directory, open '/x' -> '/y'`.
class UVException extends Error {
  // ctx: { errno, syscall, message?, path?, dest?, code? }; path and dest may be strings or Buffers.
  constructor(ctx) {
    const { 0: code, 1: text } = uvErrmapGet(ctx.errno) || kUnmapped;
    let message = `${code}: ${ctx.message || text}, ${ctx.syscall}`;
    let path;
    let dest;
    if (ctx.path !== undefined && ctx.path !== null) {
      path = ctx.path.toString();
      message += ` '${path}'`;
    }
    if (ctx.dest !== undefined && ctx.dest !== null) {
      dest = ctx.dest.toString();
      message += ` -> '${dest}'`;
    }
    super(message);
    for (const key of Object.keys(ctx)) {
      if (key === 'message' || key === 'path' || key === 'dest') continue;
      this[key] = ctx[key];
    }
    this.code = code;
    if (path !== undefined) this.path = path;
    if (dest !== undefined) this.dest = dest;
  }
  get ['constructor']() { return Error; }
}

// Function form, for throwing from a helper: the stack starts at the helper's caller.
function uvException(ctx) {
  return hide(new UVException(ctx), uvException);
}

// `listen EADDRINUSE: address already in use 1.2.3.4:80`
class UVExceptionWithHostPort extends Error {
  constructor(errno, syscall, address, port) {
    const { 0: code, 1: text } = uvErrmapGet(errno) || kUnmapped;
    let details = '';
    if (port && port > 0) details = ` ${address}:${port}`;
    else if (address) details = ` ${address}`;
    super(`${syscall} ${code}: ${text}${details}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    this.address = address;
    if (port) this.port = port;
  }
  get ['constructor']() { return Error; }
}

// `open ENOENT orig`; for calls whose second half of the message is not libuv's.
class ErrnoException extends Error {
  constructor(errno, syscall, original) {
    const code = errname(errno);
    super(original ? `${syscall} ${code} ${original}` : `${syscall} ${code}`);
    this.errno = errno;
    this.code = code;
    this.syscall = syscall;
  }
  get ['constructor']() { return Error; }
}

// `connect ECONNREFUSED 1.2.3.4:80 - Local (0.0.0.0:0)`
class ExceptionWithHostPort extends Error {
  constructor(errno, syscall, address, port, additional) {
    const isRefused = typeof errno === 'object';
    const code = isRefused ? errno.code : errname(errno);
    let details = '';
    if (isRefused) details = ` ${errno.message}`;
    else if (port && port > 0) details = ` ${address}:${port}`;
    else if (address) details = ` ${address}`;
    if (additional && !isRefused) details += ` - Local (${additional})`;
    super(`${syscall} ${code}${details}`);
    this.errno = errno;
    this.code = code;
    this.syscall = syscall;
    this.address = address;
    if (port) this.port = port;
  }
  get ['constructor']() { return Error; }
}

// A name look-up that failed: code is a c-ares name or a negative errno.
class DNSException extends Error {
  constructor(code, syscall, hostname) {
    let errno;
    if (typeof code === 'number') {
      errno = code;
      // The two codes of getaddrinfo() that mean "no such name" have one public name.
      const name = errname(code);
      code = name === 'EAI_NODATA' || name === 'EAI_NONAME' ? 'ENOTFOUND' : name;
    }
    super(`${syscall} ${code}${hostname ? ` ${hostname}` : ''}`);
    this.errno = errno;
    this.code = code;
    this.syscall = syscall;
    if (hostname) this.hostname = hostname;
  }
  get ['constructor']() { return Error; }
}

class ConnResetException extends Error {
  constructor(message) {
    super(message);
    this.code = 'ECONNRESET';
  }
  get ['constructor']() { return Error; }
}

// Errors of the SystemError family carry the context in `info`, with accessors for its fields.
// context: { code, message, syscall, errno, path?, dest? }
function systemErrorMessage(prefix, context) {
  let message = `${prefix}: ${context.syscall} returned ${context.code} (${context.message})`;
  if (context.path !== undefined) message += ` ${context.path}`;
  if (context.dest !== undefined) message += ` => ${context.dest}`;
  return message;
}

function contextAccessor(error, context, key, decode) {
  Object.defineProperty(error, key, {
    __proto__: null,
    get() {
      const value = context[key];
      return decode && value != null ? value.toString() : value;
    },
    set(value) {
      context[key] = decode && value ? Buffer.from(value.toString()) : value;
    },
    enumerable: true,
    configurable: true,
  });
}

class SystemError extends Error {
  constructor(key, prefix, context) {
    super();
    this.code = key;
    Object.defineProperties(this, {
      [kIsNodeError]: { __proto__: null, value: true, configurable: true },
      name: { __proto__: null, value: 'SystemError', writable: true, configurable: true },
      message: {
        __proto__: null,
        value: systemErrorMessage(prefix, context),
        writable: true,
        configurable: true,
      },
      info: { __proto__: null, value: context, enumerable: true, configurable: true },
    });
    contextAccessor(this, context, 'errno', false);
    contextAccessor(this, context, 'syscall', false);
    if (context.path !== undefined) contextAccessor(this, context, 'path', true);
    if (context.dest !== undefined) contextAccessor(this, context, 'dest', true);
  }
  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    return inspect(this, { ...options, getters: true, customInspect: false });
  }
}

module.exports = {
  ConnResetException,
  DNSException,
  ErrnoException,
  ExceptionWithHostPort,
  SystemError,
  UVException,
  UVExceptionWithHostPort,
  uvException,
};
