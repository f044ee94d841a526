'use strict';
// --cpu-prof and --heap-prof: from the start of a thread's program to its end, into a file.

const { DirectSession } = require('internal/inspector/direct');
const { atExit } = require('internal/inspector/at_exit');
const { getOptionValue } = require('internal/options');

function start() {
  const session = new DirectSession();
  const seq = { next: 1 };
  if (getOptionValue('--cpu-prof')) {
    session.post('Profiler.enable');
    session.post('Profiler.setSamplingInterval', { interval: getOptionValue('--cpu-prof-interval') });
    session.post('Profiler.start');
    const path = pathOf('cpu', 'CPU', 'cpuprofile', seq);
    atExit(() => write(path, session.post('Profiler.stop').profile));
  }
  if (getOptionValue('--heap-prof')) {
    session.post('HeapProfiler.enable');
    session.post('HeapProfiler.startSampling', { samplingInterval: getOptionValue('--heap-prof-interval') });
    const path = pathOf('heap', 'Heap', 'heapprofile', seq);
    atExit(() => write(path, session.post('HeapProfiler.stopSampling').profile));
  }
}

// `CPU.20260102.030405.PID.THREAD.NUMBER.cpuprofile` where no name was given.
function pathOf(kind, prefix, extension, seq) {
  const { resolve } = require('path');
  const folder = getOptionValue(`--${kind}-prof-dir`) || getOptionValue('--diagnostic-dir') || process.cwd();
  const given = getOptionValue(`--${kind}-prof-name`).replaceAll('${pid}', process.pid);
  return resolve(folder, given || diagnosticName(prefix, extension, seq.next++));
}

function diagnosticName(prefix, extension, number) {
  const now = new Date();
  const two = (n) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const thread = internalBinding('worker').threadId();
  return `${prefix}.${date}.${time}.${process.pid}.${thread}.${String(number).padStart(3, '0')}.${extension}`;
}

function write(path, profile) {
  writeReport(path, JSON.stringify(profile));
}

// A program at its end is told of a failure, and ends as it would.
function writeReport(path, text) {
  const fs = require('fs');
  try {
    fs.mkdirSync(require('path').dirname(path), { recursive: true });
    fs.writeFileSync(path, text);
  } catch (err) {
    internalBinding('errors').writeStderr(`${process.argv0}: Failed to write ${path}: ${err.message}\n`);
  }
}

module.exports = { start, writeReport };
