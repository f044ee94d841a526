'use strict';
// What the command line asks for before the program runs: --inspect and its like, profiles, coverage, snapshots on a signal.
// Loaded only where one of them was given (Rust says so: `process.start().inspects`).

const { getOptionValue } = require('internal/options');

// `given` is what `process.start()` gave.
function start(given) {
  const isMain = internalBinding('worker').threadId() === 0;
  if (isMain) inspect(scriptOf(given));
  if (getOptionValue('--cpu-prof') || getOptionValue('--heap-prof')) require('internal/inspector/profilers').start();
  const folder = coverageFolder(given);
  if (folder !== undefined || countsForTests()) require('internal/inspector/coverage').start(folder);
  const signal = getOptionValue('--heapsnapshot-signal');
  if (signal !== '' && isMain) {
    require('internal/validators').validateSignalName(signal);
    process.on(signal, () => require('v8').writeHeapSnapshot());
  }
}

// The test runner says later where to.
function countsForTests() {
  return getOptionValue('--experimental-test-coverage') && !process.env.NODE_TEST_CONTEXT?.startsWith('child');
}

// An app reads no such variable, but for the test files that it runs itself.
function coverageFolder({ child }) {
  if (internalBinding('app').isApp() && !(child && process.env.NODE_TEST_CONTEXT === 'child-v8')) return undefined;
  return process.env.NODE_V8_COVERAGE || undefined;
}

// The words of an app are all its own: its main module is none of them.
function scriptOf({ child, rest }) {
  return internalBinding('app').isApp() && !child ? require('internal/modules/run_main').mainPath() : rest[0];
}

function inspect(script) {
  const asked = ['--inspect', '--inspect-brk', '--inspect-wait'].filter((name) => getOptionValue(name) !== undefined);
  const { addressOfOptions, listen, waitForDebugger } = require('internal/inspector/server');
  const { host, port } = addressOfOptions();
  process.debugPort = port;
  if (asked.length === 0) return;
  if (!listen(host, port, script)) process.reallyExit(12);
  if (asked.some((name) => name !== '--inspect')) waitForDebugger();
}

module.exports = { start };
