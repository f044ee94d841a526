'use strict';
// v8.startCpuProfile() and v8.startHeapProfile(): profiles between two places of a program, as JSON.
// Does not own: profiles of a whole program (internal/inspector/profilers).

const { codes: { ERR_HEAP_PROFILE_HAVE_BEEN_STARTED } } = require('internal/errors');
const { validateBoolean, validateInteger, validateNumber, validateObject } = require('internal/validators');
const { DirectSession } = require('internal/inspector/direct');

class Handle {
  #stop;

  constructor(stop) {
    this.#stop = stop;
  }

  // The profile; undefined where it was stopped before.
  stop() {
    const stop = this.#stop;
    this.#stop = undefined;
    return stop?.();
  }

  [Symbol.dispose]() {
    this.stop();
  }
}

class SyncCPUProfileHandle extends Handle {
  stop() {
    return super.stop();
  }
}

class SyncHeapProfileHandle extends Handle {
  stop() {
    return super.stop();
  }
}

// sampleInterval is in milliseconds.
function startCpuProfile(options = {}) {
  validateObject(options, 'options');
  const { sampleInterval = 0, maxBufferSize } = options;
  validateNumber(sampleInterval, 'options.sampleInterval', 0, 0x7fffffff / 1000);
  if (maxBufferSize !== undefined) validateInteger(maxBufferSize, 'options.maxBufferSize', 1, 0xffffffff);
  const session = new DirectSession();
  session.post('Profiler.enable');
  const interval = Math.floor(sampleInterval * 1000);
  if (interval > 0) session.post('Profiler.setSamplingInterval', { interval });
  session.post('Profiler.start');
  return new SyncCPUProfileHandle(() => {
    const { profile } = session.post('Profiler.stop');
    session.close();
    for (const name of ['samples', 'timeDeltas']) profile[name].length = Math.min(profile[name].length, maxBufferSize ?? Infinity);
    return JSON.stringify(profile);
  });
}

let samplesHeap = false;

// sampleInterval is in bytes.
function startHeapProfile(options = {}) {
  validateObject(options, 'options');
  const {
    // V8's inspector collects before it counts in any case.
    forceGC = false,
    sampleInterval = 512 * 1024, stackDepth = 16,
    includeObjectsCollectedByMajorGC = false, includeObjectsCollectedByMinorGC = false,
  } = options;
  validateInteger(sampleInterval, 'options.sampleInterval', 1);
  validateInteger(stackDepth, 'options.stackDepth', 0, 0x7fffffff);
  validateBoolean(forceGC, 'options.forceGC');
  validateBoolean(includeObjectsCollectedByMajorGC, 'options.includeObjectsCollectedByMajorGC');
  validateBoolean(includeObjectsCollectedByMinorGC, 'options.includeObjectsCollectedByMinorGC');
  if (samplesHeap) throw new ERR_HEAP_PROFILE_HAVE_BEEN_STARTED();
  samplesHeap = true;
  const session = new DirectSession();
  session.post('HeapProfiler.enable');
  session.post('HeapProfiler.startSampling', {
    samplingInterval: sampleInterval, stackDepth, includeObjectsCollectedByMajorGC, includeObjectsCollectedByMinorGC,
  });
  return new SyncHeapProfileHandle(() => {
    const { profile: { samples, head } } = session.post('HeapProfiler.stopSampling');
    session.close();
    samplesHeap = false;
    return JSON.stringify({ samples, head });
  });
}

module.exports = { startCpuProfile, startHeapProfile };
