'use strict';
// The options this process was started with. Owns: defaults. Does not own: the command line's grammar (Rust, `options.rs`).

const defaults = {
  '__proto__': null,
  '--abort-on-uncaught-exception': false,
  '--async-context-frame': true,
  '--conditions': [],
  '--deprecation': true,
  '--disable-warning': [],
  '--disable-proto': '',
  '--dns-result-order': '',
  '--enable-source-maps': false,
  '--eval': undefined,
  '--experimental-detect-module': true,
  '--experimental-eventsource': false,
  '--experimental-global-navigator': true,
  '--experimental-require-module': true,
  '--experimental-sqlite': true,
  '--experimental-vm-modules': false,
  '--experimental-websocket': true,
  '--experimental-webstorage': false,
  '--expose-internals': false,
  '--force-node-api-uncaught-exceptions-policy': false,
  '--icu-data-dir': '',
  '--import': [],
  '--input-type': '',
  '--insecure-http-parser': false,
  '--max-http-header-size': 16 * 1024,
  '--network-family-autoselection': true,
  '--network-family-autoselection-attempt-timeout': 500,
  '--pending-deprecation': false,
  '--preserve-symlinks': false,
  '--preserve-symlinks-main': false,
  '--print': false,
  '--require': [],
  '--stack-trace-limit': undefined,
  '--throw-deprecation': false,
  '--title': '',
  '--trace-deprecation': false,
  '--trace-exit': false,
  '--trace-sigint': false,
  '--trace-sync-io': false,
  '--trace-uncaught': false,
  '--trace-warnings': false,
  '--unhandled-rejections': 'throw',
  '--verify-base-objects': false,
  '--warnings': true,
};

let given;

function load() {
  given = { __proto__: null };
  for (const [name, value] of internalBinding('options').getOptions()) {
    const fallback = defaults[name];
    if (Array.isArray(fallback)) (given[name] ??= []).push(value);
    else if (typeof fallback === 'number') given[name] = Number(value);
    else given[name] = value;
  }
  if (process.env.NODE_NO_WARNINGS === '1') given['--warnings'] ??= false;
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

module.exports = { getOptionValue };
