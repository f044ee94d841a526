'use strict';
// node:module. Owns: the functions beside class Module. Does not own: loading (`internal/modules/`).

const { Module } = require('internal/modules/cjs/loader');
const realm = require('internal/bootstrap/realm');
const { validateString } = require('internal/validators');

Module.builtinModules = Object.freeze(realm.publicIds());
Module.isBuiltin = function isBuiltin(name) {
  return typeof name === 'string' && realm.isBuiltin(name);
};
Module.syncBuiltinESMExports = function syncBuiltinESMExports() {
  require('internal/modules/esm/translators').syncBuiltinESMExports();
};
Module.registerHooks = function registerHooks(hooks) {
  return require('internal/modules/hooks').registerHooks(hooks);
};
let warnedOfRegister = false;
Module.register = function register(specifier, parentURL = undefined, options) {
  if (!warnedOfRegister) {
    warnedOfRegister = true;
    process.emitWarning('`module.register()` is deprecated. Use `module.registerHooks()` instead.', 'DeprecationWarning', 'DEP0205');
  }
  require('internal/modules/register').register(specifier, parentURL, options);
};
Module.findPackageJSON = function findPackageJSON(specifier, base) {
  const {
    codes: { ERR_MISSING_ARGS, ERR_MODULE_NOT_FOUND, ERR_UNSUPPORTED_RESOLVE_REQUEST },
  } = require('internal/errors');
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('specifier');
  if (arguments.length === 1) base = 'data:';
  const packageJson = require('internal/modules/package_json');
  const resolver = require('internal/modules/resolve');
  const isURL = (value) => typeof value === 'object' && value !== null && typeof value.href === 'string';
  const toPath = (value) => {
    const text = isURL(value) ? value.href : value;
    return text.startsWith('file:') ? resolver.urlToPath(text) : text;
  };
  if (!isURL(base)) {
    if (base !== undefined) validateString(base, 'base');
    if (!require('path').isAbsolute(`${base}`)) new (require('internal/url').URL)(base);
  }
  if (typeof specifier === 'symbol') validateString(specifier, 'specifier');
  const text = isURL(specifier) ? specifier.href : `${specifier}`;
  const bare = !/^(\.\.?(\/|$)|\/|file:)/.test(text);
  if (bare) {
    const { name } = resolver.parsePackageName(text, toPath(base));
    for (const folder of resolver.nodeModuleFolders(toPath(base))) {
      if (packageJson.read(`${folder}/${name}`) !== undefined) return `${folder}/${name}/package.json`;
    }
    throw new ERR_MODULE_NOT_FOUND(name, toPath(base), null);
  }
  if (toPath(base).startsWith('data:') && !text.startsWith('file:')) throw new ERR_UNSUPPORTED_RESOLVE_REQUEST(text, base);
  const { resolve, dirname } = require('path');
  let path = text.startsWith('file:') ? resolver.urlToPath(text) : resolve(dirname(toPath(base)), text);
  const kind = internalBinding('fs').internalModuleStat(path);
  if (kind < 0) throw new ERR_MODULE_NOT_FOUND(path, toPath(base), resolver.pathToURL(path));
  if (kind === 1) path += '/x';
  return packageJson.scope(path)?.path;
};
Module.stripTypeScriptTypes = function stripTypeScriptTypes(code, options) {
  return require('internal/modules/typescript').stripTypeScriptTypes(code, options);
};
Object.defineProperty(Module.stripTypeScriptTypes, 'length', { __proto__: null, value: 1, configurable: true });
Module.constants = Object.freeze({
  __proto__: null,
  compileCacheStatus: Object.freeze({ __proto__: null, FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 }),
});
// Programs are compiled when they are built; a cache on the user's disk is never written.
Module.enableCompileCache = function enableCompileCache(options) {
  const directory = typeof options === 'object' && options !== null ? options.directory : options;
  if (directory !== undefined && typeof directory !== 'string') {
    throw require('internal/errors').nativeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'cacheDir should be a string', enableCompileCache);
  }
  return { __proto__: null, status: Module.constants.compileCacheStatus.DISABLED };
};
Module.getCompileCacheDir = function getCompileCacheDir() {
  return undefined;
};
Module.flushCompileCache = function flushCompileCache() {};
Module.getSourceMapsSupport = function getSourceMapsSupport() {
  const { enabled, nodeModules, generatedCode } = require('internal/source_map/support').support;
  return Object.freeze({ __proto__: null, enabled, nodeModules, generatedCode });
};
Module.setSourceMapsSupport = function setSourceMapsSupport(enabled, options = {}) {
  const { validateBoolean, validateObject } = require('internal/validators');
  validateBoolean(enabled, 'enabled');
  validateObject(options, 'options');
  const { nodeModules = false, generatedCode = false } = options;
  validateBoolean(nodeModules, 'options.nodeModules');
  validateBoolean(generatedCode, 'options.generatedCode');
  require('internal/source_map/support').setSupport(enabled, { nodeModules, generatedCode });
};
Module.findSourceMap = function findSourceMap(path) {
  return require('internal/source_map/enabled').findSourceMap(path);
};
Object.defineProperty(Module, 'SourceMap', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get: () => require('internal/source_map').SourceMap,
  // A class that extends this one (jest's) gets it by assignment.
  set(value) {
    Object.defineProperty(this, 'SourceMap', { __proto__: null, configurable: true, enumerable: true, writable: true, value });
  },
});

module.exports = Module;
