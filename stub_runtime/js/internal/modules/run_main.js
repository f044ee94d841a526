'use strict';
// The program's first module: from the payload, a file, `-e`, or standard input.

const { dirname, resolve } = require('path');
const resolver = require('internal/modules/resolve');
const embedded = require('internal/modules/embedded');

function isESM(path) {
  const format = resolver.formatOfPath(path);
  return format === 'module' || format === 'module-typescript' || format === 'wasm';
}

function resolveMain(main) {
  const { Module } = require('internal/modules/cjs/loader');
  const { getOptionValue } = require('internal/options');
  const found = Module._findPath(resolve(main), null, true);
  if (!found) return undefined;
  if (getOptionValue('--preserve-symlinks-main')) return found;
  const real = internalBinding('fs').realpath(found);
  return typeof real === 'string' ? real : found;
}

function runMain(main, preloadFirst) {
  const { Module } = require('internal/modules/cjs/loader');
  preloadFirst?.();
  const path = resolveMain(main);
  // What is not on the disk may be there for hooks.
  if (path === undefined && !importsFirst()) {
    Module._load(main, null, true);
    return;
  }
  const loader = require('internal/modules/esm/loader');
  if (importsFirst()) return importThenRun(path ?? main);
  if (isESM(path)) loader.runMainModule(resolver.pathToURL(path).href);
  else Module._load(path === main ? main : path, null, true);
}

// --experimental-loader and --import, one after the other; false where one failed.
async function importFirst() {
  const { getOptionValue } = require('internal/options');
  const base = resolver.pathToURL(`${currentFolder()}/`).href;
  try {
    // Hooks of a thread, as module.register() has them.
    for (const request of getOptionValue('--experimental-loader')) require('internal/modules/register').register(request, base);
    const requests = getOptionValue('--import');
    if (requests.length === 0) return true;
    const loader = require('internal/modules/esm/loader');
    for (const request of requests) await loader.importFrom(request, base);
    return true;
  } catch (err) {
    internalBinding('task_queue').triggerUncaughtException(err, true);
    return false;
  }
}

function importsFirst() {
  const { getOptionValue } = require('internal/options');
  return getOptionValue('--import').length > 0 || getOptionValue('--experimental-loader').length > 0;
}

async function importThenRun(path) {
  if (!await importFirst()) return;
  const loader = require('internal/modules/esm/loader');
  const { Module } = require('internal/modules/cjs/loader');
  // With hooks the program is a module like the others.
  if (isESM(path) || require('internal/modules/hooks').anyForImport()) loader.runMainModule(resolver.pathToURL(path).href);
  else Module._load(path, null, true);
}

function mainPath() {
  return `${embedded.prefix}${internalBinding('app').entry()}`;
}

// Modules are evaluated in front of the entry, at build time: what they see of it.
function prepareMain() {
  const main = mainPath();
  process.argv[1] = main;
  if (!isESM(main)) require('internal/modules/cjs/loader').prepareMain(main);
}

// The app: its entry is in the payload. `given.rest` are the user's words, or a child's options, script and words.
function runEmbedded(given) {
  const { Module } = require('internal/modules/cjs/loader');
  const main = mainPath();
  process.argv.splice(1, 0, main);
  if (isESM(main)) require('internal/modules/esm/loader').runMainModule(resolver.pathToURL(main).href);
  else Module._load(main, null, true);
}

function preload(requests) {
  const { Module } = require('internal/modules/cjs/loader');
  Module._preloadModules(requests);
}

// Where it was removed, that of the executable.
function currentFolder() {
  try {
    return process.cwd();
  } catch {
    return dirname(process.execPath);
  }
}

// `-e CODE`, `-p CODE`.
function evaluate(code, print, name = '[eval]') {
  if (name !== '[eval]' || !importsFirst()) return evaluateNow(code, print, name);
  return importFirst().then((done) => {
    if (!done) return;
    try {
      evaluateNow(code, print, name);
    } catch (err) {
      internalBinding('task_queue').triggerUncaughtException(err, false);
    }
  });
}

function evaluateNow(code, print, name) {
  const { getOptionValue } = require('internal/options');
  const { Module } = require('internal/modules/cjs/loader');
  const cwd = currentFolder();
  const types = getOptionValue('--strip-types');
  let type = getOptionValue('--input-type');
  if (types && type.endsWith('-typescript')) {
    code = require('internal/modules/typescript').stripModuleTypes(code, name, '[eval]');
    type = type.slice(0, -'-typescript'.length);
  }
  if (type === '') ({ code, type } = typeOfCode(code, types));
  if (type === 'module') {
    if (print) {
      const { codes: { ERR_EVAL_ESM_CANNOT_PRINT } } = require('internal/errors');
      throw new ERR_EVAL_ESM_CANNOT_PRINT();
    }
    return evaluateModule(code);
  }
  const module = new Module(name);
  module.filename = resolve(cwd, name);
  module.paths = Module._nodeModulePaths(cwd);
  const { makeRequire } = require('internal/modules/cjs/loader');
  globalThis.module = module;
  globalThis.exports = module.exports;
  globalThis.__filename = name;
  globalThis.__dirname = '.';
  globalThis.require = makeRequire(module);
  exposeBuiltins();
  const result = internalBinding('contextify').runInThisContext(code, name, 0, 0, undefined);
  if (print) {
    const { log } = require('internal/console/global');
    process.on('exit', () => {});
    log(result);
  }
}

// What nobody said: CommonJS where it compiles, else an ES module where it looks like one; TypeScript where neither does.
function typeOfCode(code, types) {
  let original = compileError(code);
  if (original === undefined) return { code, type: 'commonjs' };
  if (resolver.looksLikeModule(original, code, '[eval]')) {
    original = moduleError(code);
    if (original === undefined || !types) return { code, type: 'module' };
    const { stripEvaluated } = require('internal/modules/typescript');
    code = stripEvaluated(code, '[eval]', original, (stack, message) => `${message}\n\n${stack}`);
    return { code, type: 'module' };
  }
  if (!types) return { code, type: 'commonjs' };
  const { stripEvaluated } = require('internal/modules/typescript');
  const stripped = stripEvaluated(code, '[eval]', original, (stack, message) => `${message}\n\n${stack}`);
  const left = compileError(stripped);
  return { code: stripped, type: left !== undefined && resolver.looksLikeModule(left, stripped, '[eval]') ? 'module' : 'commonjs' };
}

function compileError(code) {
  try {
    internalBinding('contextify').compileFunction(
      code, '[eval]', 0, 0, undefined, ['exports', 'require', 'module', '__filename', '__dirname'], undefined);
    return undefined;
  } catch (err) {
    return err;
  }
}

function moduleError(code) {
  try {
    internalBinding('module_wrap').compile(code, '[eval1]', 0, 0, undefined, undefined);
    return undefined;
  } catch (err) {
    return err;
  }
}

function evaluateModule(code) {
  const loader = require('internal/modules/esm/loader');
  const url = `${resolver.pathToURL(process.cwd()).href}/[eval1]`;
  loader.runMainModule(url, code);
}

// In `-e` every public built-in is a global of its name.
function exposeBuiltins() {
  const realm = require('internal/bootstrap/realm');
  for (const id of realm.publicIds()) {
    if (id.startsWith('_') || id.includes('/') || id.includes(':')) continue;
    // Of the two with one name, code on the command line gets the module.
    if (id in globalThis && id !== 'crypto') continue;
    Object.defineProperty(globalThis, id, {
      __proto__: null,
      configurable: true,
      enumerable: false,
      get() {
        const value = require(id);
        Object.defineProperty(globalThis, id, { __proto__: null, configurable: true, writable: true, enumerable: false, value });
        return value;
      },
      set(value) {
        Object.defineProperty(globalThis, id, { __proto__: null, configurable: true, writable: true, enumerable: true, value });
      },
    });
  }
}

function runStdin(preloadFirst, print) {
  preloadFirst();
  const chunks = [];
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (chunk) => chunks.push(chunk));
  process.stdin.on('end', () => evaluate(chunks.join(''), print));
}

function pendingTopLevelAwait() {
  // Most programs have no ES module: their loader is not loaded to be asked.
  const { isLoaded } = require('internal/bootstrap/realm');
  return isLoaded('internal/modules/esm/loader') && require('internal/modules/esm/loader').pendingTopLevelAwait();
}

module.exports = { isESM, mainPath, prepareMain, runMain, runEmbedded, preload, evaluate, runStdin, pendingTopLevelAwait };
