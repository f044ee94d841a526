'use strict';
// The figures of V8's heap as objects, and GCProfiler.

const { kEmptyObject } = require('internal/util');
const { validateBoolean, validateObject } = require('internal/validators');
const binding = internalBinding('v8');

// The order of the binding's figures.
const heapNames = [
  'total_heap_size', 'total_heap_size_executable', 'total_physical_size', 'total_available_size',
  'used_heap_size', 'heap_size_limit', 'malloced_memory', 'peak_malloced_memory', 'does_zap_garbage',
  'number_of_native_contexts', 'number_of_detached_contexts', 'total_global_handles_size',
  'used_global_handles_size', 'external_memory', 'total_allocated_bytes',
];
const spaceNames = ['space_name', 'space_size', 'space_used_size', 'space_available_size', 'physical_space_size'];
const codeNames = [
  'code_and_metadata_size', 'bytecode_and_metadata_size', 'external_script_source_size',
  'cpu_profiler_metadata_size',
];

function named(names, values, start = 0) {
  const result = {};
  for (let i = 0; i < names.length; i++) result[names[i]] = values[start + i];
  return result;
}

function spaces(values, names) {
  const result = [];
  for (let i = 0; i < values.length; i += names.length) result.push(named(names, values, i));
  return result;
}

// The object of figures in the binding's order.
function heapStatisticsOf(figures) {
  return named(heapNames, figures);
}

function getHeapStatistics() {
  return heapStatisticsOf(binding.heapStatistics());
}

function getHeapSpaceStatistics() {
  return spaces(binding.heapSpaceStatistics(), spaceNames);
}

function getHeapCodeStatistics() {
  return named(codeNames, binding.heapCodeStatistics());
}

// Profiles are written in the other style, and in another order.
const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const profileHeapNames = [
  'total_heap_size', 'total_heap_size_executable', 'total_physical_size', 'total_available_size',
  'total_global_handles_size', 'used_global_handles_size', 'used_heap_size', 'heap_size_limit',
  'malloced_memory', 'external_memory', 'peak_malloced_memory',
];
const gcTypes = {
  __proto__: null,
  1: 'Scavenge', 2: 'MinorMarkSweep', 4: 'MarkSweepCompact', 8: 'IncrementalMarking', 16: 'ProcessWeakCallbacks',
};

function profileState(figures, spaceFigures) {
  const heap = named(heapNames, figures);
  const heapStatistics = {};
  for (const name of profileHeapNames) heapStatistics[camel(name)] = heap[name];
  return { heapStatistics, heapSpaceStatistics: spaces(spaceFigures, spaceNames.map(camel)) };
}

class GCProfiler {
  #number = 0;
  #startTime = 0;

  start() {
    if (this.#number !== 0) return;
    this.#startTime = Date.now();
    this.#number = binding.startGcProfiler();
  }

  // What was collected since start(), or undefined where it does not run.
  stop() {
    if (this.#number === 0) return undefined;
    const data = binding.stopGcProfiler(this.#number);
    this.#number = 0;
    const statistics = [];
    for (let i = 0; i < data.length; i += 6) {
      statistics.push({
        gcType: gcTypes[data[i]] ?? 'Unknown',
        cost: data[i + 1],
        beforeGC: profileState(data[i + 2], data[i + 3]),
        afterGC: profileState(data[i + 4], data[i + 5]),
      });
    }
    return { version: 1, startTime: this.#startTime, statistics, endTime: Date.now() };
  }

  [Symbol.dispose]() {
    this.stop();
  }
}

function validateSnapshotOptions(options = kEmptyObject) {
  validateObject(options, 'options');
  const { exposeInternals = false, exposeNumericValues = false } = options;
  validateBoolean(exposeInternals, 'options.exposeInternals');
  validateBoolean(exposeNumericValues, 'options.exposeNumericValues');
}

module.exports = {
  GCProfiler, getHeapCodeStatistics, getHeapSpaceStatistics, getHeapStatistics, heapStatisticsOf, validateSnapshotOptions,
};
