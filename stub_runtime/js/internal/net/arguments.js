'use strict';
// The many ways to say what to connect to or to listen on, and handles for descriptors.

const { codes: { ERR_INVALID_FD_TYPE } } = require('internal/errors');
const { normalizedArgsSymbol } = require('internal/net');
const { Pipe, SERVER, SOCKET, TCP } = require('internal/net/handles');
const { guessHandleType } = require('internal/util');
const { validateInt32 } = require('internal/validators');

// A number >= 0, or false.
function toNumber(x) {
  x = Number(x);
  return x >= 0 ? x : false;
}

function isPipeName(text) {
  return typeof text === 'string' && toNumber(text) === false;
}

// ([port][, host] | path | options[, ...][, callback]) => [options, callback | null]
function normalizeArgs(args) {
  let options = {};
  const { 0: first, 1: second } = args;
  if (args.length > 0) {
    if (typeof first === 'object' && first !== null) {
      options = first;
    } else if (isPipeName(first)) {
      options.path = first;
    } else {
      options.port = first;
      if (args.length > 1 && typeof second === 'string') options.host = second;
    }
  }
  const callback = args.at(-1);
  const normalized = [options, typeof callback === 'function' ? callback : null];
  normalized[normalizedArgsSymbol] = true;
  return normalized;
}

// A handle of the kind that the descriptor is.
function createHandle(fd, isServer) {
  validateInt32(fd, 'fd', 0);
  const type = guessHandleType(fd);
  if (type === 'PIPE') return new Pipe(isServer ? SERVER : SOCKET);
  if (type === 'TCP') return new TCP(isServer ? SERVER : SOCKET);
  throw new ERR_INVALID_FD_TYPE(type);
}

module.exports = { createHandle, isPipeName, normalizeArgs, toNumber };
