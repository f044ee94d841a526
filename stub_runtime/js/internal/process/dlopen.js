'use strict';
// `process.dlopen`: native addons, from disk and from inside the executable. What they call is Rust's (`bindings/napi`).

const { codes: { ERR_DLOPEN_DISABLED, ERR_DLOPEN_FAILED } } = require('internal/errors');

let binding;

function load() {
  const { FastBuffer } = require('internal/buffer');
  binding = internalBinding('napi');
  binding.setup((memory, offset, length) => new FastBuffer(memory, offset, length));
  return binding;
}

function dlopen(module, filename, flags = 1) {
  const { getOptionValue } = require('internal/options');
  if (!getOptionValue('--addons') || (getOptionValue('--permission') && !getOptionValue('--allow-addons'))) throw new ERR_DLOPEN_DISABLED();
  if (process.permission !== undefined) require('internal/process/permission').check('addon');
  if (arguments.length < 2) {
    const { nativeError } = require('internal/errors');
    throw nativeError(TypeError, 'ERR_MISSING_ARGS', 'process.dlopen needs at least 2 arguments');
  }
  if (module?.exports == null) throw new TypeError('Cannot convert undefined or null to object');
  filename = String(filename);
  flags |= 0;
  const { pathToFileURL } = require('internal/url');
  const message = (binding ?? load()).dlopen(module, filename, pathToFileURL(filename).href, flags);
  if (message !== undefined) throw new ERR_DLOPEN_FAILED(message);
}

module.exports = { dlopen };
