'use strict';
// Where debuggers connect: inspector.open(), close(), url(), waitForDebugger(), and what the command line says of it.
// Owns: addresses, checks, process.debugPort. Does not own: sockets and sessions (Rust, `bindings/inspector/`).

const binding = internalBinding('inspector');

const DEFAULT_HOST = '127.0.0.1';

// `[host:]port`, `host`, `[::1]:port` => { host, port }, each undefined where it is not said.
function parseAddress(text) {
  if (text === '') return {};
  const bracketed = /^\[(.*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return { host: bracketed[1], port: bracketed[2] === undefined ? undefined : parsePort(bracketed[2]) };
  const colon = text.lastIndexOf(':');
  if (colon !== -1) return { host: text.slice(0, colon) || undefined, port: parsePort(text.slice(colon + 1)) };
  return /^\d+$/.test(text) ? { port: parsePort(text) } : { host: text };
}

function parsePort(text) {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535 || (port !== 0 && port < 1024)) {
    internalBinding('errors').writeStderr(`${process.argv0}: must be 0 or in range 1024 to 65535.\n`);
    process.reallyExit(9);
  }
  return port;
}

// What the options name; later ones win, as in Node.
function addressOfOptions() {
  const { getOptionValue } = require('internal/options');
  const address = { host: DEFAULT_HOST, port: process.debugPort };
  for (const name of ['--inspect-port', '--inspect', '--inspect-brk', '--inspect-wait']) {
    const { host, port } = parseAddress(getOptionValue(name) ?? '');
    if (host !== undefined) address.host = host;
    if (port !== undefined) address.port = port;
  }
  return address;
}

function describe(script) {
  if (script === undefined) return { name: `${process.title}[${process.pid}]`, url: 'file://' };
  const { pathToURL } = require('internal/modules/resolve');
  const { resolve } = require('path');
  let url = 'file://';
  try {
    url = pathToURL(resolve(script)).href;
  } catch {
    // The current folder was removed.
  }
  return { name: script, url };
}

// True where debuggers can connect now; why they cannot is on standard error.
function listen(host, port, script = process.argv[1]) {
  if (process.permission !== undefined) require('internal/process/permission').check('inspector', 'StartIoThread');
  const description = describe(script);
  const { getOptionValue } = require('internal/options');
  const publish = getOptionValue('--inspect-publish-uid');
  const quiet = publish !== '' && !publish.split(',').includes('stderr');
  const result = binding.open(host, port, description.name, description.url, quiet);
  if (typeof result === 'string') {
    internalBinding('errors').writeStderr(result);
    return false;
  }
  process.debugPort = result;
  require('internal/inspector/console').attach();
  return true;
}

// SIGUSR1 came.
function openBySignal() {
  if (binding.url() !== undefined) return;
  const { host, port } = addressOfOptions();
  listen(host, port);
}

const kLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/i;

function open(port, host, wait) {
  const { codes: { ERR_INSPECTOR_ALREADY_ACTIVATED } } = require('internal/errors');
  if (binding.url() !== undefined) throw new ERR_INSPECTOR_ALREADY_ACTIVATED();
  // Other values are no number of a port, as in Node.
  if (Number.isInteger(port) && port >= 0 && port <= 0xffffffff) require('internal/validators').validateInt32(port, 'port', 0, 65535);
  if (host && !kLoopback.test(host)) {
    process.emitWarning(
      'Binding the inspector to a public IP with an open port is insecure, as it allows external hosts to connect to the inspector ' +
      'and perform a remote code execution attack.', 'SecurityWarning');
  }
  const address = addressOfOptions();
  listen(host || address.host, typeof port === 'number' ? port : address.port);
  if (wait) waitForDebugger();
  return { __proto__: null, [Symbol.dispose]: close };
}

function close() {
  binding.close();
}

function waitForDebugger() {
  if (!binding.waitForDebugger()) {
    const { codes: { ERR_INSPECTOR_NOT_ACTIVE } } = require('internal/errors');
    throw new ERR_INSPECTOR_NOT_ACTIVE();
  }
}

module.exports = { addressOfOptions, close, listen, open, openBySignal, url: () => binding.url(), waitForDebugger };
