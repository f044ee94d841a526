'use strict';
// Sets up `process` and the globals. Everything here runs while the image is made, so it reads nothing of the outside world;
// `prepare.js` fills that in at every start.

const realm = require('internal/bootstrap/realm');
const EventEmitter = require('events');

// `process` is an EventEmitter of class `process`.
const proto = Object.create(EventEmitter.prototype, {
  constructor: {
    __proto__: null, configurable: true, writable: true, enumerable: false, value: { process() {
      if (new.target !== undefined) throw new TypeError('process is not a constructor');
    } }.process,
  },
});
function process_() {}
Object.defineProperty(process_, 'name', { __proto__: null, value: 'process' });
proto.constructor = process_;
process_.prototype = proto;
Object.setPrototypeOf(process, proto);
Object.defineProperty(process, Symbol.toStringTag, {
  __proto__: null, configurable: false, enumerable: false, writable: true, value: 'process',
});
EventEmitter.call(process);

process.title = '';
const version = 'v26.10.0';
const archive = `https://nodejs.org/download/release/${version}/node-${version}`;
const facts = {
  version, arch: 'x64', platform: 'linux', moduleLoadList: [],
  release: { name: 'node', sourceUrl: `${archive}.tar.gz`, headersUrl: `${archive}-headers.tar.gz` },
};
for (const name of Object.keys(facts)) {
  Object.defineProperty(process, name, { __proto__: null, configurable: true, enumerable: true, writable: false, value: facts[name] });
}
process._exiting = false;
process.domain = null;

require('internal/process/per_thread').install(process);
const execution = require('internal/process/execution');
process.setUncaughtExceptionCaptureCallback = execution.setUncaughtExceptionCaptureCallback;
process.hasUncaughtExceptionCaptureCallback = execution.hasUncaughtExceptionCaptureCallback;
process.addUncaughtExceptionCaptureCallback = execution.addUncaughtExceptionCaptureCallback;
const { emitWarning } = require('internal/process/warning');
process.emitWarning = emitWarning;
const { nextTick, queueMicrotask } = require('internal/process/task_queues');
process.nextTick = nextTick;
process._tickCallback = require('internal/process/task_queues').runNextTicks;
process.binding = function binding(name) {
  const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`process.binding('${name}')`);
};
process.getBuiltinModule = function getBuiltinModule(id) {
  require('internal/validators').validateString(id, 'id');
  const found = realm.normalize(id);
  return found === undefined ? undefined : require(found);
};
process.setSourceMapsEnabled = function setSourceMapsEnabled(on) {
  require('internal/validators').validateBoolean(on, 'enabled');
  sourceMaps.setSupport(on, { nodeModules: on, generatedCode: on });
};
const sourceMaps = require('internal/source_map/support');
Object.defineProperty(process, 'sourceMapsEnabled', {
  __proto__: null, configurable: true, enumerable: true, get: () => sourceMaps.support.enabled,
});

Object.defineProperty(process, 'features', {
  __proto__: null,
  enumerable: true,
  writable: false,
  configurable: false,
  value: {
    inspector: true, debug: false, uv: true, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true,
    openssl_is_boringssl: false,
    get cached_builtins() { return true; },
    get require_module() { return require('internal/options').getOptionValue('--experimental-require-module'); },
    get dtls() { return false; },
    get quic() { return false; },
    get typescript() { return require('internal/options').getOptionValue('--strip-types') ? 'strip' : false; },
  },
});
const config = Object.freeze({
  variables: Object.freeze({
    asan: 0, coverage: false, host_arch: 'x64', napi_build_version: '10', node_builtin_shareable_builtins: [],
    node_module_version: 147, node_no_browser_globals: false, node_prefix: '/', node_release_urlbase: '',
    node_shared: false, node_use_amaro: true, node_use_openssl: true, node_use_v8_platform: true, target_arch: 'x64', v8_enable_i18n_support: 1,
    v8_enable_sandbox: 0, openssl_fips: '', openssl_quic: false, shlib_suffix: 'so', want_separate_host_toolset: 0,
    node_builtin_modules_path: undefined, is_debug: 0, single_executable_application: true, icu_small: false, error_on_warn: false,
  }),
  target_defaults: Object.freeze({ cflags: [], default_configuration: 'Release', defines: [], include_dirs: [], libraries: [] }),
});
Object.defineProperty(process, 'config', { __proto__: null, configurable: true, enumerable: true, writable: false, value: config });
process.report = undefined;
delete process.report;

// Globals. Names that a module gives are loaded when they are first read.
function define(name, value, enumerable = false) {
  Object.defineProperty(globalThis, name, { __proto__: null, configurable: true, enumerable, writable: true, value });
}

// Data properties, as in Node.
function lazy(id, names, enumerable = false) {
  for (const name of names) internalBinding('builtins').defineLazy(globalThis, name, id, enumerable);
}

// Accessors, as in Node; `replaceable`: what is assigned becomes a data property.
function accessor(id, name, { enumerable = true, replaceable = false } = {}) {
  const { get, set } = Object.getOwnPropertyDescriptor({
    get [name]() {
      return require(id)[name];
    },
    set [name](value) {
      define(name, value, enumerable);
    },
  }, name);
  Object.defineProperty(globalThis, name, {
    __proto__: null, configurable: true, enumerable, get, set: replaceable ? set : undefined,
  });
}

define('global', globalThis, true);
Object.defineProperty(globalThis, Symbol.toStringTag, {
  __proto__: null, configurable: true, enumerable: false, writable: false, value: 'global',
});
Object.defineProperty(globalThis, 'process', {
  __proto__: null,
  enumerable: false,
  configurable: true,
  get: () => processValue,
  set(value) {
    processValue = value;
  },
});
let processValue = process;

const timers = require('timers');
define('clearImmediate', timers.clearImmediate, true);
define('setImmediate', timers.setImmediate, true);
define('clearInterval', timers.clearInterval, true);
define('clearTimeout', timers.clearTimeout, true);
define('setInterval', timers.setInterval, true);
define('setTimeout', timers.setTimeout, true);
define('queueMicrotask', queueMicrotask, true);
lazy('internal/structured_clone', ['structuredClone'], true);
lazy('buffer', ['atob', 'btoa'], true);
accessor('internal/perf/performance', 'performance', { replaceable: true });
define('fetch', function fetch(input, init = undefined) {
  return require('internal/fetch').fetch(input, init);
}, true);
accessor('internal/crypto/webcrypto', 'crypto');
accessor('internal/navigator', 'navigator');
accessor('internal/webstorage', 'localStorage', { enumerable: false, replaceable: true });
accessor('internal/webstorage', 'sessionStorage', { replaceable: true });

lazy('buffer', ['Buffer', 'Blob', 'File']);
lazy('internal/url', ['URL', 'URLSearchParams']);
lazy('internal/urlpattern', ['URLPattern']);
lazy('internal/encoding', ['TextEncoder', 'TextDecoder']);
lazy('internal/abort_controller', ['AbortController', 'AbortSignal']);
lazy('internal/event_target', ['Event', 'EventTarget', 'CustomEvent']);
lazy('internal/dom_exception', ['DOMException']);
lazy('internal/quota_exceeded_error', ['QuotaExceededError']);
lazy('internal/messaging', ['MessageChannel', 'MessagePort', 'MessageEvent', 'BroadcastChannel']);
lazy('internal/fetch', ['Headers', 'Request', 'Response', 'FormData', 'WebSocket', 'CloseEvent', 'ErrorEvent']);
lazy('internal/crypto/webcrypto', ['Crypto', 'CryptoKey', 'SubtleCrypto']);
lazy('internal/navigator', ['Navigator']);
lazy('internal/webstorage', ['Storage']);
lazy('stream/web', [
  'ReadableStream', 'ReadableStreamDefaultReader', 'ReadableStreamBYOBReader', 'ReadableStreamBYOBRequest',
  'ReadableByteStreamController', 'ReadableStreamDefaultController', 'TransformStream', 'TransformStreamDefaultController',
  'WritableStream', 'WritableStreamDefaultController', 'WritableStreamDefaultWriter', 'ByteLengthQueuingStrategy',
  'CountQueuingStrategy', 'TextEncoderStream', 'TextDecoderStream', 'CompressionStream', 'DecompressionStream',
]);
lazy('perf_hooks', [
  'Performance', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure', 'PerformanceObserver',
  'PerformanceObserverEntryList', 'PerformanceResourceTiming',
]);

// V8's own console object goes; ours writes to process.stdout.
delete globalThis.console;
// Before anything of the program's is compiled, and while there is no console that an inspector could add to.
internalBinding('inspector').markContext();
internalBinding('builtins').defineLazy(globalThis, 'console', 'internal/console/global:');
