'use strict';
// structuredClone(), and how classes take part in it and in postMessage(). The serializer is native
// (binding `messaging`); ports are in `internal/messaging`.
//
// A class whose objects can be cloned or transferred calls `markTransferMode` (on `this` in its
// constructor, or once on its prototype) and has these methods:
//   [kClone]() / [kTransfer]()   => { data, deserializeInfo: 'internal/module:Class' }
//   [kTransferList]()            => what is transferred along
//   [kDeserialize](data)         on an object made by `new Class()` of that module
// An object with neither mode throws a DataCloneError.

const { codes: { ERR_MISSING_ARGS } } = require('internal/errors');
const binding = internalBinding('messaging');

const kClone = Symbol('messaging_clone_symbol');
const kDeserialize = Symbol('messaging_deserialize_symbol');
const kTransfer = Symbol('messaging_transfer_symbol');
const kTransferList = Symbol('messaging_transfer_list_symbol');

const TRANSFERABLE = 1;
const CLONEABLE = 2;

function markTransferMode(object, cloneable, transferable) {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) return;
  binding.markTransferMode(object, (cloneable ? CLONEABLE : 0) | (transferable ? TRANSFERABLE : 0));
}

function dataCloneError(message) {
  const { DOMException } = require('internal/dom_exception');
  return new DOMException(message, 'DataCloneError');
}

function write(object, transfer) {
  const method = object[transfer ? kTransfer : kClone];
  if (typeof method !== 'function') throw dataCloneError('Cannot clone object of unsupported type.');
  const { data, deserializeInfo } = Reflect.apply(method, object, []);
  return [deserializeInfo, data];
}

function nestedTransfers(object) {
  const method = object[kTransferList];
  return typeof method === 'function' ? Reflect.apply(method, object, []) : [];
}

// ('internal/module:Class', global of the context that reads) => an object to fill
function create(deserializeInfo, global) {
  if (global !== globalThis) {
    throw Object.assign(new Error('A message object could not be deserialized successfully in the target vm.Context'),
                        { code: 'ERR_MESSAGE_TARGET_CONTEXT_UNAVAILABLE' });
  }
  const split = deserializeInfo.lastIndexOf(':');
  const id = deserializeInfo.slice(0, split);
  // A user's method may name anything: only built-in modules are loaded.
  if (!require('internal/bootstrap/realm').exists(id)) throw new Error(`Missing internal module '${id}'`);
  const Class = require(id)[deserializeInfo.slice(split + 1)];
  if (typeof Class !== 'function' || typeof Class.prototype?.[kDeserialize] !== 'function') {
    throw new Error(`Unknown deserialize spec ${deserializeInfo}`);
  }
  return new Class();
}

function fill(object, data) {
  object[kDeserialize](data);
}

let ready = false;

// Tells the binding of this thread its JavaScript half. Not at load time: this module is in the snapshot.
function prepare() {
  if (ready) return;
  ready = true;
  const { createPort, emit } = require('internal/messaging/port');
  binding.setHooks(dataCloneError, write, nestedTransfers, create, fill, createPort, emit);
}

function invalidOptions(message) {
  return Object.assign(new TypeError(`Failed to execute 'structuredClone': ${message}`),
                       { code: 'ERR_INVALID_ARG_TYPE' });
}

function transferListOf(options) {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== 'object' && typeof options !== 'function') {
    throw invalidOptions('Options cannot be converted to a dictionary');
  }
  const { transfer } = options;
  if (transfer === undefined) return undefined;
  if ((typeof transfer !== 'object' && typeof transfer !== 'function') || transfer === null ||
      typeof transfer[Symbol.iterator] !== 'function') {
    throw invalidOptions('transfer in Options cannot be converted to sequence.');
  }
  const list = Array.from(transfer);
  for (let i = 0; i < list.length; i++) {
    if ((typeof list[i] !== 'object' && typeof list[i] !== 'function') || list[i] === null) {
      throw invalidOptions(`transfer in Options[${i}] is not an object.`);
    }
  }
  return list.length === 0 ? undefined : list;
}

// (value, { transfer }) => a deep copy
function structuredClone(value, options) {
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('The value argument must be specified');
  const transfer = transferListOf(options);
  if (transfer === undefined) {
    switch (typeof value) {
      case 'undefined':
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
        return value;
      default:
        if (value === null) return value;
    }
  }
  prepare();
  // It stands for the real environment, and V8 clones no proxy.
  if (value === process.env) value = { ...value };
  return binding.structuredClone(value, transfer);
}

module.exports = {
  dataCloneError,
  kClone,
  kDeserialize,
  kTransfer,
  kTransferList,
  markTransferMode,
  prepare,
  structuredClone,
};
