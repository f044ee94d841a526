'use strict';
// process.report: what a process is and does, as an object or a file. Has no native stack and no list of libuv handles.

const { validateBoolean, validateObject, validateString } = require('internal/validators');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');

const settings = {
  __proto__: null,
  directory: '',
  filename: '',
  compact: false,
  excludeNetwork: false,
  excludeEnv: false,
  signal: 'SIGUSR2',
  reportOnFatalError: false,
  reportOnSignal: false,
  reportOnUncaughtException: false,
};

let sequence = 0;

// The options of the command line; called once, where the object is first asked for or an option needs it.
function prepare() {
  const { getOptionValue } = require('internal/options');
  settings.directory = getOptionValue('--report-dir');
  settings.filename = getOptionValue('--report-filename');
  settings.compact = getOptionValue('--report-compact');
  settings.excludeNetwork = getOptionValue('--report-exclude-network');
  settings.excludeEnv = getOptionValue('--report-exclude-env');
  settings.signal = getOptionValue('--report-signal');
  settings.reportOnFatalError = getOptionValue('--report-on-fatalerror');
  settings.reportOnUncaughtException = getOptionValue('--report-uncaught-exception');
  settings.reportOnSignal = getOptionValue('--report-on-signal');
  if (settings.reportOnSignal) updateSignal();
}

function readLines(path) {
  try {
    return require('fs').readFileSync(path, 'latin1').split('\n');
  } catch {
    return [];
  }
}

// Files that are mapped as code: the libraries, and the program itself.
function sharedObjects() {
  const found = new Set();
  for (const line of readLines('/proc/self/maps')) {
    const path = /^\S+ ..x. \S+ \S+ [1-9]\d* +(\/.*)$/.exec(line)?.[1];
    if (path !== undefined) found.add(path);
  }
  return [...found];
}

const limitNames = {
  '__proto__': null,
  'Max core file size': 'core_file_size_blocks',
  'Max data size': 'data_seg_size_bytes',
  'Max file size': 'file_size_blocks',
  'Max locked memory': 'max_locked_memory_bytes',
  'Max resident set': 'max_memory_size_bytes',
  'Max open files': 'open_files',
  'Max stack size': 'stack_size_bytes',
  'Max cpu time': 'cpu_time_seconds',
  'Max processes': 'max_user_processes',
  'Max address space': 'virtual_memory_bytes',
};

function userLimits() {
  const limits = {};
  for (const line of readLines('/proc/self/limits')) {
    const match = /^(.{25})\s(\S+)\s+(\S+)/.exec(line);
    const name = limitNames[match?.[1].trim()];
    if (name === undefined) continue;
    const value = (text) => (text === 'unlimited' ? text : Number(text));
    limits[name] = { soft: value(match[2]), hard: value(match[3]) };
  }
  return limits;
}

function cpus() {
  return require('os').cpus().map(({ model, speed, times }) => ({ model, speed, ...times }));
}

function networkInterfaces() {
  const list = [];
  for (const [name, addresses] of Object.entries(require('os').networkInterfaces())) {
    for (const { address, netmask, family, mac, internal, scopeid } of addresses) {
      list.push({ name, internal, mac, address, netmask, family, ...(family === 'IPv6' ? { scopeid } : undefined) });
    }
  }
  return list;
}

function header(event, trigger, filename) {
  const os = require('os');
  const now = new Date();
  const libc = internalBinding('process').libc();
  return {
    reportVersion: 5,
    event,
    trigger,
    filename,
    dumpEventTime: `${now.toISOString().slice(0, 19)}Z`,
    dumpEventTimeStamp: String(now.getTime()),
    processId: process.pid,
    threadId: internalBinding('worker').threadId(),
    cwd: process.cwd(),
    commandLine: [process.argv0, ...process.execArgv, ...process.argv.slice(1)],
    nodejsVersion: process.version,
    ...(libc === undefined ? undefined : { glibcVersionRuntime: libc, glibcVersionCompiler: libc }),
    wordSize: 64,
    arch: process.arch,
    platform: process.platform,
    componentVersions: { ...process.versions },
    release: { ...process.release },
    osName: os.type(),
    osRelease: os.release(),
    osVersion: os.version(),
    osMachine: os.machine(),
    cpus: cpus(),
    ...(settings.excludeNetwork ? undefined : { networkInterfaces: networkInterfaces() }),
    host: os.hostname(),
  };
}

function errorStack(error) {
  const [message, ...frames] = String(error?.stack ?? error).split('\n');
  const own = {};
  if (error !== null && typeof error === 'object') {
    for (const key of Object.keys(error)) own[key] = String(error[key]);
  }
  return { message, stack: frames.map((line) => line.trim()), errorProperties: own };
}

function heap() {
  const v8 = require('v8');
  const total = v8.getHeapStatistics();
  const spaces = {};
  for (const space of v8.getHeapSpaceStatistics()) {
    spaces[space.space_name] = {
      memorySize: space.space_size,
      committedMemory: space.space_size,
      capacity: space.space_used_size + space.space_available_size,
      used: space.space_used_size,
      available: space.space_available_size,
    };
  }
  return {
    totalMemory: total.total_heap_size,
    executableMemory: total.total_heap_size_executable,
    totalCommittedMemory: total.total_heap_size,
    availableMemory: total.total_available_size,
    totalGlobalHandlesMemory: total.total_global_handles_size,
    usedGlobalHandlesMemory: total.used_global_handles_size,
    usedMemory: total.used_heap_size,
    memoryLimit: total.heap_size_limit,
    mallocedMemory: total.malloced_memory,
    externalMemory: total.external_memory,
    peakMallocedMemory: total.peak_malloced_memory,
    nativeContextCount: total.number_of_native_contexts,
    detachedContextCount: total.number_of_detached_contexts,
    doesZapGarbage: total.does_zap_garbage,
    heapSpaces: spaces,
  };
}

function resources() {
  const usage = process.resourceUsage();
  const memory = process.memoryUsage.rss();
  const userCpuSeconds = usage.userCPUTime / 1e6;
  const kernelCpuSeconds = usage.systemCPUTime / 1e6;
  const percent = ((userCpuSeconds + kernelCpuSeconds) / Math.max(process.uptime(), 1e-6)) * 100;
  return {
    free_memory: String(require('os').freemem()),
    total_memory: String(require('os').totalmem()),
    rss: String(memory),
    constrained_memory: String(process.constrainedMemory()),
    available_memory: String(process.availableMemory()),
    userCpuSeconds,
    kernelCpuSeconds,
    cpuConsumptionPercent: percent,
    userCpuConsumptionPercent: percent * (userCpuSeconds / Math.max(userCpuSeconds + kernelCpuSeconds, 1e-9)),
    kernelCpuConsumptionPercent: percent * (kernelCpuSeconds / Math.max(userCpuSeconds + kernelCpuSeconds, 1e-9)),
    maxRss: String(usage.maxRSS * 1024),
    pageFaults: { IORequired: usage.majorPageFault, IONotRequired: usage.minorPageFault },
    fsActivity: { reads: usage.fsRead, writes: usage.fsWrite },
  };
}

function create(error, event, trigger, filename) {
  const usage = resources();
  const { userCpuSeconds, kernelCpuSeconds, cpuConsumptionPercent, userCpuConsumptionPercent, kernelCpuConsumptionPercent,
          fsActivity } = usage;
  return {
    header: header(event, trigger, filename),
    javascriptStack: errorStack(error),
    javascriptHeap: heap(),
    nativeStack: [],
    resourceUsage: usage,
    uvthreadResourceUsage: {
      userCpuSeconds, kernelCpuSeconds, cpuConsumptionPercent, userCpuConsumptionPercent, kernelCpuConsumptionPercent, fsActivity,
    },
    libuv: [],
    workers: [],
    ...(settings.excludeEnv ? undefined : { environmentVariables: { ...process.env } }),
    userLimits: userLimits(),
    sharedObjects: sharedObjects(),
  };
}

// Without an error: where it was asked for.
function caller(message) {
  const error = new Error(message);
  Error.captureStackTrace(error, report.getReport);
  return error;
}

function two(number) {
  return String(number).padStart(2, '0');
}

function defaultName() {
  const now = new Date();
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const thread = internalBinding('worker').threadId();
  return `report.${date}.${time}.${process.pid}.${thread}.${String(++sequence).padStart(3, '0')}.json`;
}

function write(file, error, event, trigger) {
  const name = file || settings.filename || defaultName();
  const value = create(error, event, trigger, name);
  const text = `${JSON.stringify(value, null, settings.compact ? undefined : 2)}\n`;
  if (name === 'stdout' || name === 'stderr') {
    require('fs').writeSync(name === 'stdout' ? 1 : 2, text);
    return name;
  }
  const path = require('path');
  const target = settings.directory ? path.join(settings.directory, name) : name;
  if (process.permission !== undefined) {
    const refused = require('internal/process/permission').denial('fs.write', target, target, write, false);
    if (refused !== undefined) throw refused;
  }
  internalBinding('errors').writeStderr(`\nWriting Node.js report to file: ${name}`);
  try {
    require('fs').writeFileSync(target, text);
  } catch (failure) {
    internalBinding('errors').writeStderr(
      `\nFailed to open Node.js report file: ${target} directory: ${settings.directory} (errno: ${failure.errno})`);
    return '';
  }
  internalBinding('errors').writeStderr('\nNode.js report completed\n');
  return name;
}

function onSignal(name) {
  write(undefined, caller('JavaScript Callstack'), 'Signal', name);
}

function updateSignal() {
  process.removeListener(settings.signal, onSignal);
  if (settings.reportOnSignal) process.on(settings.signal, onSignal);
}

const report = {
  writeReport(file, error) {
    if (typeof file === 'object' && file !== null) {
      error = file;
      file = undefined;
    } else if (file !== undefined && typeof file !== 'string') {
      throw new ERR_INVALID_ARG_TYPE('file', 'string', file);
    }
    if (error !== undefined) validateObject(error, 'err');
    return write(file, error ?? caller('JavaScript Callstack'), 'JavaScript API', 'API');
  },
  getReport(error) {
    if (error !== undefined) validateObject(error, 'err');
    return create(error ?? caller('JavaScript Callstack'), 'JavaScript API', 'GetReport', null);
  },
};

function accessor(name, validate, changed) {
  Object.defineProperty(report, name, {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get: () => settings[name],
    set(value) {
      validate(value, name);
      changed?.(() => { settings[name] = value; }) ?? (settings[name] = value);
    },
  });
}

function validateSignal(value) {
  validateString(value, 'signal');
  const { signals } = require('internal/signals');
  if (signals[value] !== undefined) return;
  const { codes: { ERR_UNKNOWN_SIGNAL } } = require('internal/errors');
  if (signals[value.toUpperCase()] !== undefined) {
    throw new ERR_UNKNOWN_SIGNAL(`${value} (signals must use all capital letters)`);
  }
  throw new ERR_UNKNOWN_SIGNAL(value);
}

function changeSignal(apply) {
  process.removeListener(settings.signal, onSignal);
  apply();
  updateSignal();
  return true;
}

accessor('directory', validateString);
accessor('filename', validateString);
accessor('compact', validateBoolean);
accessor('excludeNetwork', validateBoolean);
accessor('signal', validateSignal, changeSignal);
const trigger = (value) => {
  if (typeof value !== 'boolean') throw new ERR_INVALID_ARG_TYPE('trigger', 'boolean', value);
};
accessor('reportOnFatalError', trigger);
accessor('reportOnSignal', trigger, changeSignal);
accessor('reportOnUncaughtException', trigger);
accessor('excludeEnv', validateBoolean);

// Called where an exception ends the process.
function onFatalException(error) {
  if (settings.reportOnUncaughtException) write(undefined, error, 'Exception', 'Exception');
}

prepare();

module.exports = { onFatalException, report };
