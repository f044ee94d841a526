'use strict';
// mock.module(): other exports in place of a module's, for `import` and `require`. Owns: what is mocked, and the hooks of the
// loaders that see to it. The options are those of MockTracker (mock.js).

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_STATE } } = require('internal/errors');
const realm = require('internal/bootstrap/realm');
const { deprecateProperty } = require('internal/util');
const { validateBoolean, validateObject, validateOneOf } = require('internal/validators');

const kParameter = 'node-test-mock';
const kBadExports = 'Cannot create mock because named exports cannot be applied to the provided default export.';
const formats = ['builtin', 'commonjs-typescript', 'commonjs', 'json', 'module-typescript', 'module'];

// URL -> mock
const byURL = new Map();
// Path, or `node:` name, -> mock
const byName = new Map();
// How often each URL was asked for: an ES module can be loaded anew only under another URL.
const versions = new Map();

// --- what a mock exports -----------------------------------------------------------------------------

// Warn where they are used.
let oldOptions;

function exportsOf(options) {
  oldOptions ??= [
    deprecateProperty('namedExports', 'mock.module(): options.namedExports is deprecated. Use options.exports instead.'),
    deprecateProperty('defaultExport', 'mock.module(): options.defaultExport is deprecated. Use options.exports.default instead.'),
  ];
  for (const warn of oldOptions) warn(options);
  const named = 'namedExports' in options;
  const byDefault = 'defaultExport' in options;
  if ('exports' in options) validateObject(options.exports, 'options.exports');
  if (named) validateObject(options.namedExports, 'options.namedExports');
  if ('exports' in options && (named || byDefault)) {
    const others = [named && "'options.namedExports'", byDefault && "'options.defaultExport'"].filter(Boolean).join(' or ');
    throw new ERR_INVALID_ARG_VALUE('options.exports', options.exports, `cannot be used with ${others}`);
  }
  const made = { __proto__: null };
  const source = 'exports' in options ? options.exports : options.namedExports ?? {};
  for (const name of Object.keys(source)) Object.defineProperty(made, name, Object.getOwnPropertyDescriptor(source, name));
  if (byDefault) Object.defineProperty(made, 'default', Object.getOwnPropertyDescriptor(options, 'defaultExport'));
  return made;
}

const namesOf = (mock) => Object.keys(mock.exports).filter((name) => name !== 'default');

// module.exports
function asCommonJS(mock) {
  const target = 'default' in mock.exports ? mock.exports.default : {};
  const names = namesOf(mock);
  if ((typeof target !== 'object' || target === null) && names.length > 0) throw new Error(kBadExports);
  for (const name of names) Object.defineProperty(target, name, Object.getOwnPropertyDescriptor(mock.exports, name));
  return target;
}

// An ES module that takes its exports from `mock[kHeld]` of node:test, which has them by this URL.
function sourceOf(mock) {
  const lines = [
    "import { mock } from 'node:test';",
    `const held = mock._mockExports.get(${JSON.stringify(mock.url)});`,
  ];
  const isESM = mock.format === 'module' || mock.format === 'module-typescript' || mock.format === 'json';
  if (!isESM) lines.push('const whole = held.whole();', "export { whole as default, whole as 'module.exports' };");
  else if ('default' in mock.exports) lines.push('export default held.exports.default;');
  namesOf(mock).forEach((name, i) => {
    const key = JSON.stringify(name);
    lines.push(`const name${i} = ${isESM ? 'held.exports' : 'whole'}[${key}];`, `export { name${i} as ${key} };`);
  });
  return lines.join('\n');
}

// --- in the loaders ----------------------------------------------------------------------------------

function withoutVersion(url) {
  if (!url.includes(kParameter)) return url;
  const parsed = new URL(url);
  parsed.searchParams.delete(kParameter);
  return parsed.href;
}

function resolveHook(specifier, context, next) {
  const found = next(specifier, context);
  const mock = byURL.get(found.url);
  if (mock === undefined) return found;
  const url = new URL(found.url);
  const version = versions.get(found.url) ?? 0;
  url.searchParams.set(kParameter, version);
  if (!mock.cache) versions.set(found.url, version + 1);
  return { __proto__: null, url: url.href, format: found.format };
}

function loadHook(url, context, next) {
  // What the real module forbids, such as JSON without its attribute, its mock does too.
  const original = next(url, context);
  const mock = url.includes(kParameter) ? byURL.get(withoutVersion(url)) : undefined;
  if (mock === undefined) return original;
  return { __proto__: null, format: 'module', shortCircuit: true, source: sourceOf(mock) };
}

function patchRequire(Module) {
  const original = Module._load;
  Module._load = function(request, parent, isMain) {
    if (typeof request === 'string' && request.includes(kParameter)) request = withoutVersion(request);
    const name = realm.isBuiltin(request) ? withScheme(request) : Module._resolveFilename(request, parent, isMain);
    const mock = byName.get(name);
    if (mock === undefined) return Reflect.apply(original, this, [request, parent, isMain]);
    if (mock.cache && Module._cache[name]) return Module._cache[name].exports;
    const exports = asCommonJS(mock);
    if (mock.cache) {
      const entry = new Module(name, mock.caller);
      Object.assign(entry, { exports, filename: name, loaded: true, paths: Module._nodeModulePaths(entry.path) });
      Module._cache[name] = entry;
    }
    return exports;
  };
}

const withScheme = (name) => (name.startsWith('node:') ? name : `node:${name}`);

let hooked = false;

function hookLoaders() {
  if (hooked) return;
  hooked = true;
  const { mock } = require('test');
  Object.defineProperty(mock, '_mockExports', {
    __proto__: null,
    value: { get: (url) => ({ exports: byURL.get(url).exports, whole: () => asCommonJS(byURL.get(url)) }) },
  });
  require('internal/modules/hooks').registerHooks({ resolve: resolveHook, load: loadHook });
  patchRequire(require('internal/modules/cjs/loader').Module);
}

// --- mock.module() -----------------------------------------------------------------------------------

// What require() would take, where that is a file.
function requirePath(specifier, callerPath) {
  const { Module } = require('internal/modules/cjs/loader');
  if (callerPath === undefined || realm.isBuiltin(specifier) || specifier.startsWith('data:')) return undefined;
  const parent = new Module(callerPath, null);
  parent.filename = callerPath;
  parent.paths = Module._nodeModulePaths(require('path').dirname(callerPath));
  try {
    const { fileURLToPath } = require('internal/url');
    const request = specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
    const found = Module._resolveFilename(request, parent, false);
    return found.includes('/') ? found : undefined;
  } catch {
    return undefined;
  }
}

class MockModuleContext {
  #names;
  #saved = [];
  #url;

  constructor(mock, names) {
    const { Module } = require('internal/modules/cjs/loader');
    this.#names = names;
    this.#url = mock.url;
    byURL.set(mock.url, mock);
    for (const name of names) {
      byName.set(name, mock);
      if (name in Module._cache) this.#saved.push([name, Module._cache[name]]);
      delete Module._cache[name];
    }
  }

  restore() {
    if (this.#url === undefined) return;
    const { Module } = require('internal/modules/cjs/loader');
    byURL.delete(this.#url);
    versions.set(this.#url, (versions.get(this.#url) ?? 0) + 1);
    for (const name of this.#names) {
      byName.delete(name);
      delete Module._cache[name];
    }
    for (const { 0: name, 1: module } of this.#saved) Module._cache[name] = module;
    this.#url = undefined;
  }
}

function mockModule(specifier, options, callerFile) {
  require('internal/util').emitExperimentalWarning('Module mocking');
  if (typeof specifier !== 'string') {
    if (!require('internal/url').isURL(specifier)) throw new ERR_INVALID_ARG_TYPE('specifier', ['string', 'URL'], specifier);
    specifier = `${specifier}`;
  }
  validateObject(options, 'options');
  const { cache = false } = options;
  validateBoolean(cache, 'options.cache');
  const exports = exportsOf(options);
  hookLoaders();
  const { fileURLToPath, pathToFileURL } = require('internal/url');
  const caller = callerFile.startsWith('file:') ? callerFile : pathToFileURL(callerFile).href;
  const loader = require('internal/modules/esm/loader');
  const { url, format } = loader.resolve(specifier, caller, { __proto__: null });
  if (format) validateOneOf(format, 'format', formats);
  if (url.includes(`${kParameter}=`)) {
    throw new ERR_INVALID_STATE(`Cannot mock '${specifier}'. The module is already mocked.`);
  }
  const names = new Set();
  if (url.startsWith('file:')) names.add(fileURLToPath(url));
  else if (url.startsWith('node:')) names.add(url);
  const required = requirePath(specifier, caller.startsWith('file:') ? fileURLToPath(caller) : undefined);
  if (required !== undefined) names.add(required);
  return new MockModuleContext({ cache, caller, exports, format, url }, names);
}

module.exports = { mockModule };
