'use strict';
// `process.dlopen`: native addons, from disk and from inside the executable. What they call is Rust's (`bindings/napi`).

const { codes: { ERR_DLOPEN_DISABLED, ERR_DLOPEN_FAILED, ERR_MISSING_ARGS } } = require('internal/errors');
const { validateInt32, validateObject, validateString } = require('internal/validators');

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
  if (arguments.length < 2) throw new ERR_MISSING_ARGS('module', 'filename');
  validateObject(module, 'module');
  validateString(filename, 'filename');
  validateInt32(flags, 'flags');
  const { pathToFileURL } = require('internal/url');
  const message = (binding ?? load()).dlopen(module, filename, pathToFileURL(filename).href, flags);
  if (message !== undefined) throw new ERR_DLOPEN_FAILED(message);
}

module.exports = { dlopen };
