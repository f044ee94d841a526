'use strict';
// The options this process was started with. Owns: defaults. Does not own: the command line's grammar (Rust, `options.rs`).

const defaults = {
  '__proto__': null,
  '--abort-on-uncaught-exception': false,
  '--addons': true,
  '--allow-addons': false,
  '--allow-child-process': false,
  '--allow-ffi': false,
  '--allow-fs-read': [],
  '--allow-fs-vfs': false,
  '--allow-fs-write': [],
  '--allow-inspector': false,
  '--allow-net': false,
  '--allow-openssl-store': false,
  '--allow-wasi': false,
  '--allow-worker': false,
  '--async-context-frame': true,
  '--check': false,
  '--conditions': [],
  '--cpu-prof': false,
  '--cpu-prof-dir': '',
  '--cpu-prof-interval': 1000,
  '--cpu-prof-name': '',
  '--deprecation': true,
  '--diagnostic-dir': '',
  '--disable-proto': '',
  '--disable-warning': [],
  '--dns-result-order': '',
  '--enable-source-maps': false,
  '--env-file': [],
  '--env-file-if-exists': [],
  '--eval': undefined,
  '--experimental-detect-module': true,
  '--experimental-eventsource': false,
  '--experimental-global-navigator': true,
  '--experimental-loader': [],
  '--experimental-import-text': false,
  '--experimental-require-module': true,
  '--experimental-sqlite': true,
  '--experimental-vm-modules': false,
  '--experimental-websocket': true,
  '--experimental-webstorage': false,
  '--experimental-test-coverage': false,
  '--experimental-test-module-mocks': false,
  '--experimental-test-tag-filter': [],
  '--expose-internals': false,
  '--force-node-api-uncaught-exceptions-policy': false,
  '--heap-prof': false,
  '--heap-prof-dir': '',
  '--heap-prof-interval': 512 * 1024,
  '--heap-prof-name': '',
  '--heapsnapshot-signal': '',
  '--icu-data-dir': '',
  '--import': [],
  '--input-type': '',
  '--insecure-http-parser': false,
  '--inspect': undefined,
  '--inspect-brk': undefined,
  '--inspect-port': undefined,
  '--inspect-publish-uid': '',
  '--inspect-wait': undefined,
  '--localstorage-file': '',
  '--max-http-header-size': 16 * 1024,
  '--network-family-autoselection': true,
  '--network-family-autoselection-attempt-timeout': 500,
  '--pending-deprecation': false,
  '--permission': false,
  '--permission-audit': false,
  '--preserve-symlinks': false,
  '--preserve-symlinks-main': false,
  '--print': false,
  '--redirect-warnings': '',
  '--report-compact': false,
  '--report-dir': '',
  '--report-directory': '',
  '--report-exclude-env': false,
  '--report-exclude-network': false,
  '--report-filename': '',
  '--report-on-fatalerror': false,
  '--report-on-signal': false,
  '--report-signal': 'SIGUSR2',
  '--report-uncaught-exception': false,
  '--require': [],
  '--run': undefined,
  '--stack-trace-limit': undefined,
  '--strip-types': true,
  '--test': false,
  '--test-concurrency': 0,
  '--test-coverage-branches': 0,
  '--test-coverage-exclude': [],
  '--test-coverage-functions': 0,
  '--test-coverage-include': [],
  '--test-coverage-include-all': false,
  '--test-coverage-lines': 0,
  '--test-force-exit': false,
  '--test-global-setup': '',
  '--test-isolation': 'process',
  '--test-name-pattern': [],
  '--test-only': false,
  '--test-random-seed': undefined,
  '--test-randomize': false,
  '--test-reporter': [],
  '--test-reporter-destination': [],
  '--test-rerun-failures': '',
  '--test-shard': '',
  '--test-skip-pattern': [],
  '--test-timeout': 0,
  '--test-update-snapshots': false,
  '--throw-deprecation': false,
  '--title': '',
  '--trace-deprecation': false,
  '--trace-event-categories': '',
  '--trace-event-file-pattern': '',
  '--trace-events-enabled': false,
  '--trace-exit': false,
  '--trace-sigint': false,
  '--trace-require-module': '',
  '--trace-sync-io': false,
  '--trace-uncaught': false,
  '--trace-warnings': false,
  '--unhandled-rejections': 'throw',
  '--tls-cipher-list': '',
  '--tls-keylog': '',
  '--trace-tls': false,
  '--use-env-proxy': false,
  '--use-openssl-ca': false,
  '--use-system-ca': false,
  '--verify-base-objects': false,
  '--warnings': true,
  '--watch': false,
  '--watch-kill-signal': 'SIGTERM',
  '--watch-path': [],
  '--watch-preserve-output': false,
  '--webstorage': true,
};

let given;

function load(pairs = internalBinding('options').getOptions()) {
  given = { __proto__: null };
  for (const [name, value] of pairs) {
    const fallback = defaults[name];
    if (Array.isArray(fallback)) (given[name] ??= []).push(value);
    else if (typeof fallback === 'number') given[name] = Number(value);
    else given[name] = value;
  }
  // Two spellings of one.
  if (given['--test-random-seed'] !== undefined) given['--test-random-seed'] = Number(given['--test-random-seed']);
  if (given['--experimental-test-isolation'] !== undefined) given['--test-isolation'] ??= given['--experimental-test-isolation'];
  if (given['--experimental-strip-types'] !== undefined) given['--strip-types'] ??= given['--experimental-strip-types'];
  if (given['--require-module'] !== undefined) given['--experimental-require-module'] ??= given['--require-module'];
  if (given['--experimental-webstorage'] === false) given['--webstorage'] ??= false;
  if (given['--report-directory'] !== undefined) given['--report-dir'] = given['--report-directory'];
  // How the disk is read is no matter of the environment for an app.
  if (!internalBinding('app').isApp()) {
    if (process.env.NODE_PRESERVE_SYMLINKS === '1') given['--preserve-symlinks'] ??= true;
    if (process.env.NODE_PRESERVE_SYMLINKS_MAIN === '1') given['--preserve-symlinks-main'] ??= true;
  }
  if (process.env.NODE_NO_WARNINGS === '1') given['--warnings'] ??= false;
  if (process.env.NODE_USE_ENV_PROXY === '1') given['--use-env-proxy'] ??= true;
  if (process.env.NODE_USE_SYSTEM_CA === '1') given['--use-system-ca'] ??= true;
  if (process.env.NODE_PENDING_DEPRECATION === '1') given['--pending-deprecation'] ??= true;
}

function getOptionValue(name) {
  if (given === undefined) load();
  if (name in given) return given[name];
  if (name.startsWith('--no-')) {
    const positive = `--${name.slice(5)}`;
    if (positive in defaults || positive in given) return !getOptionValue(positive);
  }
  return defaults[name];
}

// Whether an option whose name begins so was given.
function isGiven(...prefixes) {
  if (given === undefined) load();
  for (const name in given) if (prefixes.some((prefix) => name.startsWith(prefix))) return true;
  return false;
}

// A worker that was started with options of its own has no others.
function useWorkerOptions(execArgv) {
  const parsed = internalBinding('options').parseOptions(execArgv);
  if (typeof parsed !== 'string') load(parsed[0]);
}

// A process that starts from a heap made at build time.
function reload() {
  given = undefined;
}

module.exports = { getOptionValue, isGiven, reload, useWorkerOptions };
