'use strict';
// The permission model: `--permission` refuses what no `--allow-*` option grants, `--permission-audit` only tells of it on
// `node:permission-model:*`. Owns: what is granted, `process.permission`, the errors. Does not own: which function needs what
// (`internal/process/permission_guards`, which puts itself around functions of the bindings: a process without the model runs
// the bare ones).

const { codes: { ERR_ACCESS_DENIED, ERR_MISSING_OPTION }, nativeError } = require('internal/errors');
const { validateString } = require('internal/validators');
const { getOptionValue } = require('internal/options');

// scope: [name in errors, option that grants it, end of the channel's name, code of the warning that it is dangerous]
const SCOPES = {
  '__proto__': null,
  'fs': ['FileSystem', '--allow-fs-read', 'fs'],
  'fs.read': ['FileSystemRead', '--allow-fs-read', 'fs'],
  'fs.write': ['FileSystemWrite', '--allow-fs-write', 'fs'],
  'addon': ['Addon', '--allow-addons', 'addon', 'PERM0001'],
  'child': ['ChildProcess', '--allow-child-process', 'child', 'PERM0002'],
  'ffi': ['FFI', '--allow-ffi', 'ffi', 'PERM0003'],
  'inspector': ['Inspector', '--allow-inspector', 'inspector', 'PERM0004'],
  'wasi': ['WASI', '--allow-wasi', 'wasi', 'PERM0005'],
  'worker': ['WorkerThreads', '--allow-worker', 'worker', 'PERM0006'],
  'openssl.store': ['OpenSSLStore', '--allow-openssl-store', 'openssl-store', 'PERM0007'],
  'net': ['Net', '--allow-net', 'net'],
};

// The folders and files of `--allow-fs-read` or `--allow-fs-write`.
class Paths {
  #all = false;
  #granted = new Set();

  // A folder stands for what is in it; everything that begins as a pattern does up to its first `*` is granted.
  #pattern(path) {
    path = require('path').resolve(path);
    const isFolder = internalBinding('fs').internalModuleStat(path) === 1;
    return isFolder ? `${path === '/' ? '' : path}/*` : path;
  }

  grant(path) {
    if (path === '*') this.#all = true;
    else this.#granted.add(this.#pattern(path));
  }

  revoke(path) {
    if (path !== undefined) {
      this.#granted.delete(this.#pattern(path));
      return;
    }
    this.#all = false;
    this.#granted.clear();
  }

  has(path) {
    if (this.#all || path === undefined) return this.#all;
    path = require('path').resolve(path);
    if (this.#granted.has(path)) return true;
    for (const granted of this.#granted) {
      const star = granted.indexOf('*');
      if (star < 0) continue;
      const start = granted.slice(0, star);
      // The folder's own name, without the slash before the star: Node leaves out any one character.
      if (path.startsWith(start) || (path.length >= star - 1 && start.startsWith(path))) return true;
    }
    return false;
  }
}

let granted;
let isAudit;

function isEnabled() {
  return granted !== undefined;
}

// Whether checks refuse; an audit only tells.
function refuses() {
  return granted !== undefined && !isAudit;
}

function grants(scope, reference) {
  if (reference === '') reference = undefined;
  switch (scope) {
    case 'fs': return granted['fs.read'].has() && granted['fs.write'].has();
    case 'fs.read':
      // What the executable brings with it.
      if (reference !== undefined && internalBinding('fs').isEmbedded(reference)) return true;
      return granted['fs.read'].has(reference);
    case 'fs.write': return granted['fs.write'].has(reference);
    default: return granted[scope];
  }
}

function tell(scope, resource, drop) {
  const { 0: permission, 2: end } = SCOPES[scope];
  const channel = require('diagnostics_channel').channel(`node:permission-model:${end}`);
  if (channel.hasSubscribers) channel.publish({ permission, resource, drop });
}

function isGranted(scope, reference, resource = reference ?? '') {
  if (grants(scope, reference)) return true;
  tell(scope, resource);
  return false;
}

// The error where `scope` is not granted for `reference` (a path) and the process refuses; undefined otherwise. `caller`: the
// function that its stack begins above.
function denial(scope, reference, resource = reference ?? '', caller = denial, hint = true) {
  if (isGranted(scope, reference, resource) || isAudit) return undefined;
  const { 0: permission, 1: option } = SCOPES[scope];
  const text = 'Access to this API has been restricted';
  // What Node refuses in JavaScript has no hint, and its code in the stack.
  if (!hint) return traced(new ERR_ACCESS_DENIED(text, permission, resource), caller);
  const error = nativeError(Error, 'ERR_ACCESS_DENIED', `${text}. Use ${option} to manage permissions.`, caller);
  return Object.assign(error, { permission, resource });
}

// An error for what the model takes away as a whole.
function refusal(message, caller) {
  return traced(new ERR_ACCESS_DENIED(message), caller);
}

function traced(error, caller) {
  if (Error.stackTraceLimit) Error.captureStackTrace(error, caller);
  return error;
}

// For functions that are JavaScript alone: throws.
function check(scope, resource = '') {
  const error = denial(scope, undefined, resource, check);
  if (error !== undefined) throw error;
}

function referenceText(reference) {
  if (reference == null) return undefined;
  if (Buffer.isBuffer(reference)) return reference.toString();
  if (reference instanceof URL) return require('url').fileURLToPath(reference);
  validateString(reference, 'reference');
  return reference;
}

const permission = {
  has(scope, reference) {
    validateString(scope, 'scope');
    reference = referenceText(reference);
    return scope in SCOPES && isGranted(scope, reference);
  },
  drop(scope, reference) {
    validateString(scope, 'scope');
    reference = referenceText(reference);
    if (reference === '') reference = undefined;
    if (!(scope in SCOPES)) return;
    if (scope === 'fs' || scope === 'fs.read') granted['fs.read'].revoke(reference);
    if (scope === 'fs' || scope === 'fs.write') granted['fs.write'].revoke(reference);
    if (!scope.startsWith('fs')) granted[scope] = false;
    tell(scope, reference ?? '', true);
  },
};

function warn() {
  for (const scope of Object.keys(SCOPES)) {
    const { 1: option, 3: code } = SCOPES[scope];
    if (code === undefined || !getOptionValue(option)) continue;
    process.emitWarning(
      `The flag ${option} must be used with extreme caution. It could invalidate the permission model.`, 'SecurityWarning', code);
  }
  for (const option of ['--allow-fs-read', '--allow-fs-write']) {
    if (!getOptionValue(option).some((path) => path.includes(','))) continue;
    process.emitWarning(
      `The ${option} CLI flag has changed. Passing a comma-separated list of paths is no longer valid. ` +
      'Documentation can be found at https://nodejs.org/api/permissions.html#file-system-permissions', 'Warning');
  }
  if (getOptionValue('--allow-net')) {
    process.emitWarning('The flag --allow-net is under experimental phase.', 'ExperimentalWarning');
  }
}

// Options that mean nothing without the model.
const DEPENDENT = [
  '--allow-fs-read', '--allow-fs-write', '--allow-addons', '--allow-child-process', '--allow-net', '--allow-inspector', '--allow-wasi',
  '--allow-worker', '--allow-ffi', '--allow-openssl-store',
];

// At the start of a thread. `entries`: files that may be read whatever the options say, as they are what was started.
function install(entries = []) {
  isAudit = !getOptionValue('--permission');
  if (isAudit && !getOptionValue('--permission-audit')) {
    if (DEPENDENT.some((option) => getOptionValue(option) === true || getOptionValue(option).length > 0)) {
      throw new ERR_MISSING_OPTION('--permission');
    }
    return;
  }
  const state = { '__proto__': null, 'fs.read': new Paths(), 'fs.write': new Paths() };
  for (const scope of Object.keys(SCOPES)) if (!scope.startsWith('fs')) state[scope] = getOptionValue(SCOPES[scope][1]);
  for (const scope of ['fs.read', 'fs.write']) for (const path of getOptionValue(SCOPES[scope][1])) state[scope].grant(path);
  for (const entry of entries) state['fs.read'].grant(entry);
  granted = state;
  Object.defineProperty(process, 'permission', {
    __proto__: null, configurable: false, enumerable: true, writable: false, value: permission,
  });
  require('internal/process/permission_guards').install();
  warn();
}

// The words that give a child the same permissions.
function words() {
  if (!refuses()) return [];
  return process.execArgv.filter((word) =>
    word === '--permission' || DEPENDENT.some((option) => word === option || word.startsWith(`${option}=`)));
}

module.exports = { check, denial, install, isEnabled, refusal, refuses, words };
