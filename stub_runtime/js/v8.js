'use strict';
// node:v8. Serializers are in `internal/v8/serdes`, figures in `internal/v8/statistics`, promise hooks
// in `internal/promise_hooks`; the native half is the binding `v8`.

const {
  codes: {
    ERR_FEATURE_UNAVAILABLE_ON_PLATFORM,
    ERR_INVALID_ARG_VALUE,
  },
  UVException,
} = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const {
  validateFunction, validateObject, validateOneOf, validateString,
  validateUint32,
} = require('internal/validators');
const {
  GCProfiler, getHeapCodeStatistics, getHeapSpaceStatistics, getHeapStatistics, validateSnapshotOptions,
} = require('internal/v8/statistics');
const {
  DefaultDeserializer, DefaultSerializer, Deserializer, Serializer, deserialize, serialize,
} = require('internal/v8/serdes');
const { createHook, onAfter, onBefore, onInit, onSettled } = require('internal/promise_hooks');
const binding = internalBinding('v8');

function setFlagsFromString(flags) {
  validateString(flags, 'flags');
  // In a program that runs it does nothing, as in Node: V8 alone would abort without asking the handlers.
  if (/^--abort[-_]on[-_]uncaught[-_]exception$/.test(flags)) return;
  binding.setFlagsFromString(flags);
}

function cachedDataVersionTag() {
  return binding.cachedDataVersionTag();
}

function isStringOneByteRepresentation(content) {
  validateString(content, 'content');
  return binding.isOneByte(content);
}

// ({ exposeInternals, exposeNumericValues }) => Readable of JSON
function getHeapSnapshot(options = kEmptyObject) {
  validateSnapshotOptions(options);
  const { Readable } = require('stream');
  const { Buffer } = require('buffer');
  const chunks = binding.heapSnapshot();
  let next = 0;
  return new Readable({
    read() {
      const chunk = chunks[next];
      if (chunk === undefined) {
        this.push(null);
        return;
      }
      chunks[next++] = undefined;
      this.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    },
  });
}

let sequence = 0;

// `Heap.20260102.030405.PID.THREAD.NUMBER.heapsnapshot`
function snapshotName() {
  const now = new Date();
  const two = (n) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  return `Heap.${date}.${time}.${process.pid}.0.${String(++sequence).padStart(3, '0')}.heapsnapshot`;
}

// (filename, options) => the name of the file
function writeHeapSnapshot(filename, options = kEmptyObject) {
  if (filename !== undefined) filename = require('internal/fs/utils').getValidatedPath(filename);
  validateSnapshotOptions(options);
  const path = filename === undefined ? snapshotName() : String(filename);
  const errno = binding.writeHeapSnapshot(path);
  if (errno < 0) throw new UVException({ errno, syscall: 'open', path });
  return path;
}

// There is no C++ heap: the runtime is not written in C++.
function getCppHeapStatistics(type = 'detailed') {
  validateOneOf(type, 'type', ['brief', 'detailed']);
  return {
    __proto__: null,
    committed_size_bytes: 0,
    resident_size_bytes: 0,
    used_size_bytes: 0,
    space_statistics: [],
    type_names: [],
    detail_level: type,
  };
}

// Both do nothing without NODE_V8_COVERAGE.
function takeCoverage() {
  if (coverageIsOn()) require('internal/inspector/coverage').take();
}

function stopCoverage() {
  if (coverageIsOn()) require('internal/inspector/coverage').stop();
}

function coverageIsOn() {
  return require('internal/bootstrap/realm').isLoaded('internal/inspector/coverage');
}

function unavailable(name) {
  return new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(name);
}

function queryObjects(constructor, options = kEmptyObject) {
  validateFunction(constructor, 'constructor');
  if (options !== undefined) validateObject(options, 'options');
  const { format = 'count' } = options;
  if (format !== 'count' && format !== 'summary') throw new ERR_INVALID_ARG_VALUE('options.format', format);
  require('internal/util').emitExperimentalWarning('v8.queryObjects()');
  const objects = require('internal/v8/query_objects').objectsOf(constructor.prototype);
  if (format === 'count') return objects.length;
  const { inspect } = require('internal/util/inspect');
  return objects.map((object) => inspect(object, { depth: 0 }));
}

function setHeapSnapshotNearHeapLimit(limit) {
  validateUint32(limit, 'limit', true);
  throw unavailable('v8.setHeapSnapshotNearHeapLimit()');
}

function setHeapProfileNearHeapLimit(limit) {
  validateUint32(limit, 'limit', true);
  throw unavailable('v8.setHeapProfileNearHeapLimit()');
}

function startCpuProfile(options) {
  return require('internal/v8/profiles').startCpuProfile(options);
}

function startHeapProfile(options) {
  return require('internal/v8/profiles').startHeapProfile(options);
}

module.exports = {
  cachedDataVersionTag,
  getHeapSnapshot,
  getHeapStatistics,
  getHeapSpaceStatistics,
  getHeapCodeStatistics,
  getCppHeapStatistics,
  setFlagsFromString,
  Serializer,
  Deserializer,
  DefaultSerializer,
  DefaultDeserializer,
  deserialize,
  takeCoverage,
  stopCoverage,
  serialize,
  writeHeapSnapshot,
  promiseHooks: { createHook, onInit, onBefore, onAfter, onSettled },
  queryObjects,
  startupSnapshot: require('internal/heap').startupSnapshot,
  setHeapSnapshotNearHeapLimit,
  setHeapProfileNearHeapLimit,
  GCProfiler,
  isStringOneByteRepresentation,
  startCpuProfile,
  startHeapProfile,
};
