'use strict';
// CommonJS: class Module, `require`, the search for files.
// Owns: everything `node:module` documents of CommonJS. Does not own: `exports`/`imports` of packages (`resolve.js`), ES modules
// (`esm/loader.js`), reading (`fs` binding, which knows the embedded tree as well).

const {
  codes: {
    ERR_INVALID_ARG_VALUE, ERR_UNKNOWN_BUILTIN_MODULE,
  },
} = require('internal/errors');
const { validateString } = require('internal/validators');
const path = require('path');
const realm = require('internal/bootstrap/realm');
const embedded = require('internal/modules/embedded');
const packageJson = require('internal/modules/package_json');
const hooks = require('internal/modules/hooks');
const resolver = require('internal/modules/resolve');
const { noteSource } = require('internal/source_map/support');
const fs = internalBinding('fs');
const { compileFunction } = internalBinding('contextify');

const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];
const statCache = { depth: 0, map: null };
const relativeCache = Object.create(null);

function stat(filename) {
  if (statCache.map !== null) {
    const found = statCache.map.get(filename);
    if (found !== undefined) return found;
  }
  const result = fs.internalModuleStat(filename);
  // Only what is there is remembered: a file may appear.
  if (statCache.map !== null && result >= 0) statCache.map.set(filename, result);
  return result;
}

// The id of the built-in that a request or a file name means. None begins like a path.
function builtinOf(request) {
  return request.startsWith('.') || request.startsWith('/') ? undefined : realm.normalize(request);
}

function updateChildren(parent, child, scan) {
  const children = parent?.children;
  if (children && !(scan && children.includes(child))) children.push(child);
}

// The folder of a file is asked for several times in a row while it is loaded.
let lastFile = '';
let lastFolder = '.';
function dirname(filename) {
  if (filename !== lastFile) {
    lastFolder = path.dirname(filename);
    lastFile = filename;
  }
  return lastFolder;
}

function Module(id = '', parent) {
  this.id = id;
  this.path = dirname(id);
  Object.defineProperty(this, kParent, { __proto__: null, writable: true, configurable: true, enumerable: false, value: parent });
  this.exports = {};
  updateChildren(parent, this, false);
  this.filename = null;
  this.loaded = false;
  this.children = [];
}
const kParent = Symbol('kParent');
// Seen by console.log(module), as Node's are.
const kIsMain = Symbol('kIsMainSymbol');
const kIsCachedByESMLoader = Symbol('kIsCachedByESMLoader');
const kURL = Symbol('kURL');
const kFormat = Symbol('kFormat');
const kIsExecuting = Symbol('kIsExecuting');

// An accessor, so that inspect() does not name the class.
Object.defineProperty(Module.prototype, 'constructor', {
  __proto__: null, configurable: false, enumerable: false, get: () => Module, set: undefined,
});

Object.defineProperty(Module.prototype, 'parent', {
  __proto__: null,
  configurable: true,
  enumerable: false,
  get() {
    return this[kParent];
  },
  set(value) {
    this[kParent] = value;
  },
});
Object.defineProperty(Module.prototype, 'isPreloading', {
  __proto__: null, configurable: true, get: () => preloading,
});
let preloading = false;

Module._cache = { __proto__: null };
Module._pathCache = { __proto__: null };
Module._extensions = { __proto__: null };
Module.globalPaths = [];
Module.Module = Module;

let wrapper = ['(function (exports, require, module, __filename, __dirname) { ', '\n});'];
let wrapperPatched = false;
Module.wrap = (script) => wrapper[0] + script + wrapper[1];
const originalWrap = Module.wrap;
Object.defineProperty(Module, 'wrapper', {
  __proto__: null,
  get() {
    return new Proxy(wrapper, {
      set(target, property, value) {
        wrapperPatched = true;
        return Reflect.set(target, property, value);
      },
    });
  },
  set(value) {
    wrapperPatched = true;
    wrapper = value;
  },
});

// Of folders of the embedded tree, whose modules are loaded one after another.
const embeddedPaths = new Map();

Module._nodeModulePaths = function(from) {
  const known = embeddedPaths.get(from);
  // The program gets an array of its own.
  if (known !== undefined) return known.slice();
  const given = from;
  from = path.resolve(from);
  if (embedded.isEmbedded(from)) {
    const found = resolver.nodeModuleFolders(`${from}/x`);
    if (from === given) embeddedPaths.set(from, found.slice());
    return found;
  }
  if (from === '/') return ['/node_modules'];
  const out = [];
  for (let end = from.length; end > 0; end = from.lastIndexOf('/', end - 1)) {
    const folder = from.slice(0, end);
    if (!folder.endsWith('/node_modules') && folder !== 'node_modules') out.push(`${folder}/node_modules`);
  }
  if (from.endsWith('/node_modules') && out.length === 0) return ['/node_modules'];
  out.push('/node_modules');
  return out;
};

Module._resolveLookupPaths = function(request, parent) {
  if (builtinOf(request) !== undefined) return null;
  if (request[0] !== '.' || (request.length > 1 && request[1] !== '.' && request[1] !== '/')) {
    let paths = parent?.filename && embedded.isEmbedded(parent.filename) ? [] : Module.globalPaths;
    if (parent?.paths?.length) paths = parent.paths.concat(paths);
    return paths.length > 0 ? paths : null;
  }
  if (!parent?.id || !parent.filename) return ['.'].concat(Module._nodeModulePaths('.'), Module.globalPaths);
  return [path.dirname(parent.filename)];
};

function toRealPath(request) {
  const real = fs.realpath(path.resolve(request));
  return typeof real === 'string' ? real : request;
}

function preserve(isMain) {
  const { getOptionValue } = require('internal/options');
  return getOptionValue(isMain ? '--preserve-symlinks-main' : '--preserve-symlinks');
}

function tryFile(request, isMain) {
  if (stat(request) !== 0) return false;
  return preserve(isMain) ? path.resolve(request) : toRealPath(request);
}

function tryExtensions(base, extensions, isMain) {
  for (const extension of extensions) {
    const found = tryFile(base + extension, isMain);
    if (found) return found;
  }
  return false;
}

function tryPackage(folder, extensions, isMain, originalPath) {
  const pkg = packageJson.read(folder);
  if (!pkg?.main) return tryExtensions(path.resolve(folder, 'index'), extensions, isMain);
  const target = path.resolve(folder, pkg.main);
  let found = tryFile(target, isMain) || tryExtensions(target, extensions, isMain) ||
    tryExtensions(path.resolve(target, 'index'), extensions, isMain);
  if (found === false) {
    found = tryExtensions(path.resolve(folder, 'index'), extensions, isMain);
    if (!found) {
      const err = new Error(`Cannot find module '${target}'. Please verify that the package.json has a valid "main" entry`);
      err.code = 'MODULE_NOT_FOUND';
      err.path = path.resolve(folder, 'package.json');
      err.requestPath = originalPath;
      throw err;
    }
    process.emitWarning(`Invalid 'main' field in '${path.resolve(folder, 'package.json')}' of '${pkg.main}'. ` +
      'Please either fix that or report it to the module author', 'DeprecationWarning', 'DEP0128');
  }
  return found;
}

const packageRequest = /^((?:@[^/\\%]+\/)?[^./\\%][^/\\%]*)(\/.*)?$/;

function resolveExports(folder, request, conds) {
  const match = packageRequest.exec(request);
  if (match === null) return undefined;
  const packageFolder = path.resolve(folder, match[1]);
  const pkg = packageJson.read(packageFolder);
  if (pkg?.exports == null) return undefined;
  return finalizeExports(() => resolver.packageExportsResolve(pkg, `.${match[2] ?? ''}`, null, conds), request, null, packageFolder);
}

Module._findPath = function(request, paths, isMain, conds = resolver.conditions('require')) {
  const absolute = path.isAbsolute(request);
  if (absolute) paths = [''];
  else if (!paths || paths.length === 0) return false;
  const cacheKey = `${request}\x00${paths.join('\x00')}`;
  const cached = Module._pathCache[cacheKey];
  if (cached) return cached;
  let extensions;
  const trailingSlash = /(?:^|\/)\.?\.?$/.test(request) && request.length > 0;
  const isRelative = /^\.\.?(?:\/|$)/.test(request);
  let insidePath = true;
  if (isRelative && path.normalize(request).startsWith('..')) insidePath = false;
  for (const current of paths) {
    if (typeof current !== 'string') {
      const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
      throw new ERR_INVALID_ARG_TYPE('paths', 'array of strings', paths);
    }
    if (insidePath && current && stat(current) < 1) continue;
    if (!absolute) {
      const found = resolveExports(current, request, conds);
      // Not remembered: conditions differ.
      if (found) return found;
    }
    const base = path.resolve(current, request);
    let filename;
    const result = stat(base);
    if (!trailingSlash) {
      if (result === 0) filename = preserve(isMain) ? path.resolve(base) : toRealPath(base);
      if (!filename) {
        extensions ??= Object.keys(Module._extensions);
        filename = tryExtensions(base, extensions, isMain);
      }
    }
    if (!filename && result === 1) {
      extensions ??= Object.keys(Module._extensions);
      filename = tryPackage(base, extensions, isMain, request);
    }
    if (filename) return cachePath(cacheKey, filename);
  }
  return false;
};

function cachePath(key, filename) {
  Module._pathCache[key] = filename;
  return filename;
}

function esmNotFound(request, packagePath) {
  const err = new Error(`Cannot find module '${request}'`);
  err.code = 'MODULE_NOT_FOUND';
  if (packagePath !== undefined) err.path = packagePath;
  return err;
}

// The file that `exports` or `imports` of a package mean; `find` gives its URL.
function finalizeExports(find, request, parentPath, packagePath) {
  let url;
  try {
    url = find();
  } catch (err) {
    if (err.code === 'ERR_MODULE_NOT_FOUND') throw esmNotFound(request);
    throw err;
  }
  if (/%2F|%5C/i.test(url.href)) {
    const { codes: { ERR_INVALID_MODULE_SPECIFIER } } = require('internal/errors');
    throw new ERR_INVALID_MODULE_SPECIFIER(url.href, 'must not include encoded "/" or "\\" characters', parentPath);
  }
  const filename = resolver.urlToPath(url);
  const found = tryFile(filename, false);
  if (!found) throw esmNotFound(filename, packagePath);
  return found;
}

function notFound(request, parent) {
  if (resolver.reportDependency !== undefined) {
    // It may come.
    const base = path.resolve(parent?.path ?? '', request);
    for (const extension of ['', ...Object.keys(Module._extensions)]) resolver.reportDependency(`${base}${extension}`);
  }
  const stack = [];
  for (let cursor = parent; cursor; cursor = cursor[kParent]) {
    stack.push(cursor.filename || cursor.id);
    if (stack.length > 100) break;
  }
  let message = `Cannot find module '${request}'`;
  if (stack.length > 0) message += `\nRequire stack:\n- ${stack.join('\n- ')}`;
  const err = new Error(message);
  err.code = 'MODULE_NOT_FOUND';
  err.requireStack = stack;
  return err;
}

Module._resolveFilename = function(request, parent, isMain, options) {
  const builtin = builtinOf(request);
  if (builtin !== undefined) return request;
  let paths;
  let conds = resolver.conditions('require');
  const parentFile = parent?.filename;
  if (typeof options === 'object' && options !== null) {
    if (options.conditions) conds = options.conditions;
    if (Array.isArray(options.paths)) {
      if (/^\.\.?(?:\/|$)/.test(request)) {
        paths = options.paths;
      } else {
        const fake = new Module('', null);
        paths = [];
        for (const folder of options.paths) {
          fake.paths = Module._nodeModulePaths(folder);
          for (const lookup of Module._resolveLookupPaths(request, fake) ?? []) if (!paths.includes(lookup)) paths.push(lookup);
        }
      }
    } else if (options.paths === undefined) {
      paths = Module._resolveLookupPaths(request, parent);
    } else {
      throw new ERR_INVALID_ARG_VALUE('options.paths', options.paths);
    }
  } else {
    if (parentFile && embedded.isEmbedded(parentFile)) {
      const target = embedded.edge(parentFile, embedded.kRequire, request);
      if (typeof target === 'string') return target;
      // null: the build found nothing. The embedded tree says with Node's own code why.
      if (target !== null && (target !== undefined || isEmbeddedExternal(request))) return resolveExternal(request, isMain);
    }
    paths = Module._resolveLookupPaths(request, parent);
  }
  if (request[0] === '#' && (parentFile || parent?.id === '<repl>')) {
    const base = parentFile ?? `${process.cwd()}/x`;
    const pkg = packageJson.scope(base);
    if (pkg?.imports !== undefined) {
      const find = () => resolver.packageImportsResolve(request, resolver.pathToURL(base).href, conds);
      return finalizeExports(find, request, base, pkg.path);
    }
  }
  // A package may ask for itself by name; what is preloaded stands in the current folder.
  const selfBase = parentFile ?? (parent?.id === 'internal/preload' ? `${process.cwd()}/x` : undefined);
  if (selfBase && packageRequest.test(request)) {
    const own = packageJson.scope(selfBase);
    if (own?.exports != null && own.name !== undefined && (request === own.name || request.startsWith(`${own.name}/`))) {
      const base = resolver.pathToURL(selfBase).href;
      const find = () => resolver.packageExportsResolve(own, `.${request.slice(own.name.length)}`, base, conds);
      return finalizeExports(find, request, parentFile, own.path);
    }
  }
  const filename = Module._findPath(request, paths, isMain, conds);
  if (filename) return filename;
  throw notFound(request, parent);
};

// Requests that the build was told to leave to the disk: looked for beside the executable and in the current folder.
function isEmbeddedExternal(request) {
  const externals = internalBinding('app').externals();
  if (externals.length === 0) return false;
  return externals.some((name) => request === name || request.startsWith(`${name}/`));
}

function resolveExternal(request, isMain) {
  const folders = [path.dirname(process.execPath), process.cwd()];
  const paths = [];
  for (const folder of folders) paths.push(...Module._nodeModulePaths(folder));
  const filename = Module._findPath(request, paths, isMain);
  if (filename) return filename;
  throw notFound(request, null);
}

Module._load = function(request, parent, isMain) {
  let relativeKey;
  if (parent && parent.filename !== null && parent.path) {
    relativeKey = `${parent.path}\x00${request}`;
    const filename = relativeCache[relativeKey];
    if (filename !== undefined) {
      const cached = Module._cache[filename];
      if (cached !== undefined) {
        updateChildren(parent, cached, true);
        return cached.loaded ? cached.exports : circularExports(cached);
      }
      delete relativeCache[relativeKey];
    }
  }
  if (request.startsWith('node:') && !hooks.any()) {
    const id = realm.normalize(request);
    if (id === undefined) throw new ERR_UNKNOWN_BUILTIN_MODULE(request);
    return require(id);
  }
  let format;
  let url;
  let filename;
  if (hooks.any()) {
    ({ filename, url, format } = resolveWithHooks(request, parent, isMain));
  } else {
    filename = Module._resolveFilename(request, parent, isMain);
  }
  if (resolver.reportDependency !== undefined) resolver.reportDependency(filename);
  const cached = Module._cache[filename];
  if (cached !== undefined) {
    updateChildren(parent, cached, true);
    if (cached.loaded) return cached.exports;
    return circularExports(cached);
  }
  const builtin = builtinOf(filename);
  if (builtin !== undefined && !hooks.any()) return require(builtin);
  if (builtin !== undefined) {
    const loaded = hooks.load(`node:${builtin}`, hookContext('builtin', 'require'), () => ({ format: 'builtin', source: null }));
    if (loaded.format === 'builtin') return require(builtin);
  }
  const module = isMain ? mainModuleOf(filename, parent) : new Module(filename, parent);
  module[kIsMain] = isMain;
  module[kIsCachedByESMLoader] = false;
  module[kURL] = undefined;
  module[kFormat] = format;
  Module._cache[filename] = module;
  if (relativeKey !== undefined) relativeCache[relativeKey] = filename;
  let failed = true;
  try {
    module.load(filename, url);
    failed = false;
  } finally {
    if (failed) {
      delete Module._cache[filename];
      if (relativeKey !== undefined) delete relativeCache[relativeKey];
      const children = parent?.children;
      if (Array.isArray(children)) {
        const i = children.indexOf(module);
        if (i !== -1) children.splice(i, 1);
      }
    } else if (module.exports && !isProxy(module.exports) && Object.getPrototypeOf(module.exports) === circularProxy) {
      Object.setPrototypeOf(module.exports, Object.prototype);
    }
  }
  return module.exports;
};
let mainModule;

function mainModuleOf(filename, parent) {
  if (mainModule === undefined || mainModule.filename !== null || mainModule.path !== dirname(filename)) {
    mainModule = new Module(filename, parent);
    mainModule.id = '.';
  }
  process.mainModule = mainModule;
  return mainModule;
}

function isProxy(value) {
  return internalBinding('types').isProxy(value);
}

// A cycle sees unfinished exports; a property that is not there yet is warned about, as in Node.
const circularProxy = new Proxy({}, {
  get(target, property) {
    if (property in target || property === '__esModule') return target[property];
    warnCircular(property);
    return undefined;
  },
  getOwnPropertyDescriptor(target, property) {
    if (Object.hasOwn(target, property) || property === '__esModule') return Object.getOwnPropertyDescriptor(target, property);
    warnCircular(property);
    return undefined;
  },
});
function warnCircular(property) {
  process.emitWarning(`Accessing non-existent property '${String(property)}' of module exports inside circular dependency`);
}
function circularExports(module) {
  if (requiring.has(module)) {
    const { codes: { ERR_REQUIRE_CYCLE_MODULE } } = require('internal/errors');
    const from = module[kParent] ? ` (from ${module[kParent].filename})` : '';
    throw new ERR_REQUIRE_CYCLE_MODULE(`Cannot require() ES Module ${module.id} in a cycle.${from}`);
  }
  const { exports } = module;
  if (exports && !isProxy(exports) && Object.getPrototypeOf(exports) === Object.prototype && !exports.__esModule) {
    Object.setPrototypeOf(exports, circularProxy);
  }
  return exports;
}

function hookContext(format, kind) {
  return { format, conditions: [...resolver.conditions(kind)], importAttributes: { __proto__: null } };
}

function validConditions(conditions) {
  if (!Array.isArray(conditions)) throw new ERR_INVALID_ARG_VALUE('conditions', conditions, 'expected an array');
  return new Set(conditions);
}

function resolveWithHooks(request, parent, isMain, options) {
  const parentURL = parent?.filename ? resolver.pathToURL(parent.filename).href : undefined;
  const context = { conditions: [...resolver.conditions('require')], importAttributes: { __proto__: null }, parentURL };
  const own = context.conditions;
  const { url, format } = hooks.resolve(request, context, (specifier, { conditions }) => {
    // Only where a hook has changed them: the plain call asks embedded modules first.
    const given = conditions === own || conditions === undefined ? options : { ...options, conditions: validConditions(conditions) };
    const found = Module._resolveFilename(specifier, parent, isMain, given);
    const builtin = realm.normalize(found);
    if (builtin !== undefined) return { url: `node:${builtin}`, format: 'builtin' };
    return { url: resolver.pathToURL(found).href, format: resolver.formatOfPath(found) ?? undefined };
  });
  if (url.startsWith('node:')) return { filename: url, url, format: 'builtin' };
  return { filename: url.startsWith('file:') ? resolver.urlToPath(url) : url, url, format };
}

Module.prototype.load = function(filename, url) {
  this.filename ??= filename;
  this.paths ??= Module._nodeModulePaths(dirname(filename));
  if (url !== undefined || hooks.any()) {
    loadWithHooks(this, filename, url ?? resolver.pathToURL(filename).href);
  } else {
    const extension = findLongestExtension(filename);
    Module._extensions[extension](this, filename);
  }
  this.loaded = true;
};

function loadWithHooks(module, filename, url) {
  const format = module[kFormat] ?? (filename.startsWith('/') ? resolver.formatOfPath(filename) ?? undefined : undefined);
  const loaded = hooks.load(url, hookContext(format, 'require'), (target, context) => ({
    format: context.format,
    source: readSource(target.startsWith('file:') ? resolver.urlToPath(target) : target),
  }));
  const source = typeof loaded.source === 'string' ? loaded.source : require('buffer').Buffer.from(loaded.source ?? '').toString('utf8');
  if (loaded.format === 'json') {
    module.exports = parseJSON(filename, source);
  } else if (loaded.format === 'addon') {
    Module._extensions['.node'](module, filename);
  } else {
    module._compile(source, filename, loaded.format);
  }
}

function findLongestExtension(filename) {
  const first = filename.lastIndexOf('/') + 1;
  let start = first;
  let i;
  while ((i = filename.indexOf('.', start)) !== -1) {
    start = i + 1;
    if (i === first) continue;
    const extension = filename.slice(i);
    if (Module._extensions[extension]) return extension;
  }
  return '.js';
}

function readSource(filename) {
  if (embedded.isEmbedded(filename)) {
    const content = embedded.content(filename);
    if (content !== undefined) return content;
  }
  const text = fs.readFileUtf8(filename);
  if (typeof text === 'string') return text;
  const { UVException } = require('internal/errors');
  throw new UVException({ errno: text, syscall: 'open', path: filename });
}

function stripBOM(text) {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function parseJSON(filename, text) {
  try {
    return JSON.parse(stripBOM(text));
  } catch (err) {
    err.message = `${filename}: ${err.message}`;
    throw err;
  }
}

// `format`: 'commonjs', 'module', or undefined: look inside.
Module.prototype._compile = function(content, filename, format) {
  if (format === 'module' || format === 'module-typescript') return requireModule(this, filename, content);
  let fn;
  if (wrapperPatched || Module.wrap !== originalWrap) {
    fn = internalBinding('contextify').runInThisContext(Module.wrap(content), filename, 0, 0, undefined);
  } else {
    try {
      fn = compileFunction(content, filename, 0, 0, undefined, parameters, undefined);
    } catch (err) {
      if (resolver.looksLikeModule(err, content, filename)) {
        if (format === undefined) return requireModule(this, filename, content);
        warnOfModuleSyntax(filename);
      }
      throw err;
    }
  }
  noteSource(filename, content, this);
  const require = makeRequire(this);
  const folder = dirname(filename);
  const { exports } = this;
  const outermost = statCache.depth++ === 0;
  if (outermost) statCache.map = new Map();
  if (this[kFormat] === undefined) this[kFormat] = 'commonjs';
  this[kIsExecuting] = true;
  try {
    if (this[kIsMain] && pausesAtStart()) {
      return internalBinding('inspector').callAndPauseOnStart(fn, exports, exports, require, this, filename, folder);
    }
    return Reflect.apply(fn, exports, [exports, require, this, filename, folder]);
  } finally {
    this[kIsExecuting] = false;
    if (--statCache.depth === 0) statCache.map = null;
  }
};

function pausesAtStart() {
  return require('internal/options').getOptionValue('--inspect-brk') !== undefined;
}

function warnOfModuleSyntax(filename) {
  const text = `Failed to load the ES module: ${filename}. Make sure to set "type": "module" in the nearest package.json file or use ` +
    'the .mjs extension.';
  require('internal/process/warning').emitWarningNow(text);
}

// --trace-require-module: which module requires an ES module; `all` says it of those in node_modules too.
function warnOfRequire(filename, parent, traced) {
  const inModules = parent !== undefined && /[/\\]node_modules[/\\]/.test(parent);
  if (inModules && traced !== 'all') return;
  const messageFor = `${parent === undefined ? 'CommonJS module' : `CommonJS module ${parent}`} is loading ES Module ${filename} using require().\n` +
    'Support for loading ES Module in require()';
  require('internal/util').emitExperimentalWarning(messageFor);
}

// A `require` of an ES module: the namespace, unless it awaits.
function requireModule(module, filename, source) {
  if (!require('internal/options').getOptionValue('--experimental-require-module')) {
    const { codes: { ERR_REQUIRE_ESM } } = require('internal/errors');
    throw new ERR_REQUIRE_ESM(filename, true, module[kParent]?.filename);
  }
  const traced = require('internal/options').getOptionValue('--trace-require-module');
  if (traced && !module[kIsMain]) warnOfRequire(filename, module[kParent]?.filename, traced);
  const loader = require('internal/modules/esm/loader');
  if (module[kIsMain]) {
    loader.runMainModule(resolver.pathToURL(filename).href, source);
    return;
  }
  requiring.add(module);
  try {
    module.exports = loader.requireNamespace(filename, source, module[kParent]);
  } finally {
    requiring.delete(module);
  }
}
// ES modules that are being required: what they import must not require them.
const requiring = new Set();

Module._extensions['.js'] = function(module, filename) {
  let format = resolver.formatOfPath(filename);
  if (format === null) format = undefined;
  if (format === 'json' || format === 'wasm' || format === 'addon') format = undefined;
  if (format?.endsWith('typescript')) return typescript(module, filename);
  const source = readSource(filename);
  module._compile(source, filename, filename.endsWith('.mjs') ? 'module' : format);
};

function typescript(module, filename) {
  const source = require('internal/modules/typescript').stripModuleTypes(readSource(filename), filename);
  const format = resolver.formatOfPath(filename);
  module._compile(source, filename, format === 'module-typescript' ? 'module' : filename.endsWith('.cts') ? 'commonjs' : undefined);
}
Module._extensions['.json'] = function(module, filename) {
  module.exports = parseJSON(filename, readSource(filename));
};

Module._extensions['.node'] = function(module, filename) {
  return process.dlopen(module, path.toNamespacedPath(filename));
};

Module.prototype.require = function(id) {
  validateString(id, 'id');
  if (id === '') throw new ERR_INVALID_ARG_VALUE('id', id, 'must be a non-empty string');
  const tracing = requireTracing();
  if (tracing?.hasSubscribers !== true) return Module._load(id, this, false);
  return tracing.traceSync(Module._load, { __proto__: null, parentFilename: this.filename, id }, Module, id, this, false);
};

let tracing;
// Nobody can subscribe before diagnostics_channel is loaded.
function requireTracing() {
  if (tracing === undefined && realm.isLoaded('diagnostics_channel')) {
    tracing = require('diagnostics_channel').tracingChannel('module.require');
  }
  return tracing;
}

function makeRequire(module) {
  const require = function require(id) {
    return module.require(id);
  };
  require.resolve = function resolve(request, options) {
    validateString(request, 'request');
    if (!hooks.any()) return Module._resolveFilename(request, module, false, options);
    const { filename, url } = resolveWithHooks(request, module, false, options);
    // As it was asked for.
    return url.startsWith('node:') && !request.startsWith('node:') ? realm.normalize(url) ?? filename : filename;
  };
  require.resolve.paths = function paths(request) {
    validateString(request, 'request');
    return Module._resolveLookupPaths(request, module);
  };
  require.main = mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

function createRequireFromPath(filename) {
  const trailing = filename.endsWith('/');
  const proxyPath = trailing ? path.join(filename, 'noop.js') : filename;
  const module = new Module(proxyPath);
  module.filename = proxyPath;
  module.paths = Module._nodeModulePaths(module.path);
  return makeRequire(module);
}

Module.createRequire = function createRequire(filename) {
  let file;
  const isURL = typeof filename === 'object' && filename !== null && typeof filename.href === 'string';
  if (isURL || (typeof filename === 'string' && !path.isAbsolute(filename))) {
    try {
      file = resolver.urlToPath(filename);
    } catch {
      throw new ERR_INVALID_ARG_VALUE('filename', filename, 'must be a file URL object, file URL string, or absolute path string');
    }
  } else if (typeof filename !== 'string') {
    throw new ERR_INVALID_ARG_VALUE('filename', filename, 'must be a file URL object, file URL string, or absolute path string');
  } else {
    file = filename;
  }
  return createRequireFromPath(file);
};

Module._initPaths = function() {
  const { NODE_PATH, HOME } = process.env;
  const paths = [path.resolve(process.execPath, '..', '..', 'lib', 'node')];
  if (HOME) {
    paths.unshift(path.resolve(HOME, '.node_libraries'));
    paths.unshift(path.resolve(HOME, '.node_modules'));
  }
  if (NODE_PATH) paths.unshift(...NODE_PATH.split(':').filter(Boolean));
  Module.globalPaths = paths;
};

Module._preloadModules = function(requests) {
  const parent = new Module('internal/preload', null);
  preloading = true;
  try {
    parent.paths = Module._nodeModulePaths(process.cwd());
    for (const request of requests) parent.require(request);
  } finally {
    preloading = false;
  }
};

function readPackage(folder) {
  const pkg = packageJson.read(folder);
  return pkg === undefined ? { exists: false } : { exists: true, pjsonPath: pkg.path, ...pkg };
}
// There for packages that know of them, not among the exports that `import` sees.
for (const { 0: name, 1: value } of [['_stat', stat], ['_readPackage', readPackage], ['_debug', () => {}]]) {
  Object.defineProperty(Module, name, { __proto__: null, configurable: true, enumerable: false, writable: true, value });
}

Module.runMain = function(main = process.argv[1]) {
  return require('internal/modules/run_main').runMain(main);
};

module.exports = { prepareMain: mainModuleOf, Module, makeRequire, readSource, parseJSON, kFormat, kIsMain, kParent };
