'use strict';
// What a file of each format is as an ES module: one function a format, (url, source, read, job) -> record.

const wrap = internalBinding('module_wrap');
const { noteSource } = require('internal/source_map/support');
const resolver = require('internal/modules/resolve');

function stripBOM(text) {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function esModule(url, source, read) {
  const text = stripBOM(source ?? read(url));
  noteSource(url, text);
  return wrap.compile(text, url, 0, 0, undefined, undefined);
}

// Where the executable has no source: what the build found.
function embeddedNames(filename) {
  const embedded = require('internal/modules/embedded');
  if (!embedded.isEmbedded(filename)) return undefined;
  const found = internalBinding('app').names(filename.slice(embedded.prefix.length));
  return found === undefined ? undefined : JSON.parse(found);
}

// Names that a CommonJS source exports, found without running it; through `export *`-like re-exports too.
function commonJSNames(filename, source, seen = new Set()) {
  const names = new Set();
  if (seen.has(filename)) return names;
  seen.add(filename);
  const { exports, reexports } = embeddedNames(filename) ?? internalBinding('cjs_lexer').parse(source);
  for (const name of exports) names.add(name);
  if (reexports.length > 0) {
    const { Module, readSource } = require('internal/modules/cjs/loader');
    const parent = new Module(filename);
    parent.filename = filename;
    parent.paths = Module._nodeModulePaths(parent.path);
    for (const request of reexports) {
      let target;
      try {
        target = Module._resolveFilename(request, parent, false);
      } catch {
        continue;
      }
      if (!target.startsWith('/')) continue;
      const extension = target.slice(target.lastIndexOf('.'));
      if (extension === '.json' || extension === '.node' || resolver.formatOfPath(target) === 'module') continue;
      for (const name of commonJSNames(target, readSource(target), seen)) names.add(name);
    }
  }
  return names;
}

// Runs the source that a hook gave, as the module of its file.
function runGiven(url, filename, source, isMain) {
  const { Module } = require('internal/modules/cjs/loader');
  const cached = Module._cache[filename];
  if (cached !== undefined) return cached.exports;
  const module = new Module(filename);
  if (isMain) {
    module.id = '.';
    process.mainModule = module;
  }
  module.filename = filename;
  module.paths = Module._nodeModulePaths(module.path);
  Module._cache[filename] = module;
  if (require('internal/modules/hooks').thread() !== undefined) module.require = (request) => requireByImport(module, request, url);
  try {
    module._compile(source, filename, 'commonjs');
    module.loaded = true;
  } catch (error) {
    delete Module._cache[filename];
    throw error;
  }
  return module.exports;
}

// `require` as the hooks of `import` have it: first as CommonJS finds a file, then as they do.
function requireByImport(module, request, parentURL) {
  const { Module } = require('internal/modules/cjs/loader');
  const attributes = { __proto__: null };
  const { isBuiltin } = require('internal/bootstrap/realm');
  if (!request.startsWith('node:') && !isBuiltin(request)) {
    const found = Module._resolveFilename(request, module, false);
    if (found.endsWith('.node')) return Module._load(request, module, false);
    if (found.endsWith('.json')) attributes.type = 'json';
    request = resolver.pathToURL(found).href;
  }
  const loader = require('internal/modules/esm/loader');
  const { url, format } = loader.resolve(request, parentURL, attributes);
  if (url.startsWith('node:')) return require(url.slice(5));
  const job = loader.getJob(url, format, attributes);
  loader.instantiate(job);
  loader.evaluate(job).catch(() => {});
  if (wrap.getStatus(job.record) === 5) throw wrap.getError(job.record);
  const namespace = wrap.getNamespace(job.record);
  return 'module.exports' in namespace ? namespace['module.exports'] : job.format === 'json' ? namespace.default : namespace;
}

function commonJS(url, source, read, job) {
  const filename = url.startsWith('file:') ? resolver.urlToPath(url) : url;
  const { Module } = require('internal/modules/cjs/loader');
  const cached = Module._cache[filename];
  let names;
  if (filename.endsWith('.node') || filename.endsWith('.json')) {
    names = new Set();
  } else {
    names = commonJSNames(filename, source ?? read(url));
  }
  if (cached?.loaded && cached.exports !== null && typeof cached.exports === 'object') {
    for (const name of Object.keys(cached.exports)) names.add(name);
  }
  names.delete('default');
  names.delete('module.exports');
  const list = ['default', ...names, 'module.exports'];
  const record = wrap.createSynthetic(url, list, () => {
    const { Module: Loader } = require('internal/modules/cjs/loader');
    const loader = require('internal/modules/esm/loader');
    const isMain = loader.isMainURL?.(url) ?? false;
    const exports = job?.givenSource ? runGiven(url, filename, source, isMain) : Loader._load(filename, undefined, isMain);
    for (const name of names) {
      let value;
      try {
        if (exports == null || !Object.hasOwn(Object(exports), name)) {
          if (exports == null || (typeof exports !== 'object' && typeof exports !== 'function')) continue;
        }
        value = exports[name];
      } catch {
        continue;
      }
      wrap.setExport(record, name, value);
    }
    wrap.setExport(record, 'default', defaultOf(exports));
    wrap.setExport(record, 'module.exports', exports);
  });
  return record;
}

// `import x from cjs` is module.exports, unless it is what `require(esm)` gave.
function defaultOf(exports) {
  if (internalBinding('types').isModuleNamespaceObject(exports)) {
    return Object.hasOwn(exports, 'default') ? exports.default : exports;
  }
  return exports;
}

function builtin(url, source, read, job) {
  return builtinOf(url.slice(5), job.isPartial).record;
}

// A built-in as an ES module. What its exports are is read when it is evaluated, but for those that load more built-ins when they
// are read: where only embedded modules import it, of these the names that the build found in their text are enough, until somebody
// else asks for it (`completeBuiltin`).
class Builtin {
  constructor(id, isPartial) {
    this.id = id;
    this.exports = require(id);
    this.names = Object.keys(this.exports).filter((name) => name !== 'default');
    this.wanted = isPartial ? internalBinding('app').builtinImports(id) : undefined;
    // Names that are not read yet; undefined before the evaluation.
    this.left = undefined;
    this.record = wrap.createSynthetic(`node:${id}`, ['default', ...this.names], () => this.evaluate());
  }

  isCostly(name) {
    return kListed.has(this.id) || Object.getOwnPropertyDescriptor(this.exports, name)?.get !== undefined;
  }

  evaluate() {
    this.left = this.wanted === undefined ? [] : this.names.filter((name) => !this.wanted.includes(name) && this.isCostly(name));
    this.read(this.left.length === 0 ? this.names : this.names.filter((name) => !this.left.includes(name)));
    wrap.setExport(this.record, 'default', this.exports);
  }

  read(names) {
    for (const name of names) {
      let value;
      try {
        value = this.exports[name];
      } catch {
        continue;
      }
      wrap.setExport(this.record, name, value);
    }
  }

  complete() {
    this.wanted = undefined;
    if (this.left === undefined) return;
    const names = this.left;
    this.left = [];
    this.read(names);
  }
}

// Built-ins that are nothing but a list of what other built-ins export.
const kListed = new Set(['crypto']);
const builtins = new Map();

function builtinOf(id, isPartial) {
  let found = builtins.get(id);
  if (found === undefined) {
    found = new Builtin(id, isPartial);
    builtins.set(id, found);
  } else if (!isPartial) {
    found.complete();
  }
  return found;
}

// The module may be looked at as a whole from now on.
function completeBuiltin(url) {
  builtins.get(url.slice(5))?.complete();
}

// module.syncBuiltinESMExports(): the live bindings follow what the program changed.
function syncBuiltinESMExports() {
  for (const builtin of builtins.values()) {
    if (builtin.left !== undefined) builtin.evaluate();
  }
}

function text(url, source, read) {
  require('internal/util').emitExperimentalWarning('Text import');
  const value = source ?? read(url);
  const record = wrap.createSynthetic(url, ['default'], () => wrap.setExport(record, 'default', value));
  return record;
}

function json(url, source, read) {
  const text = source ?? read(url);
  const record = wrap.createSynthetic(url, ['default'], () => {
    let value;
    if (url.startsWith('file:')) {
      const { Module, parseJSON } = require('internal/modules/cjs/loader');
      const filename = resolver.urlToPath(url);
      const cached = Module._cache[filename];
      if (cached?.loaded) {
        value = cached.exports;
      } else {
        value = parseJSON(filename, text);
        const module = new Module(filename);
        module.filename = filename;
        module.exports = value;
        module.loaded = true;
        Module._cache[filename] = module;
      }
    } else {
      value = require('internal/modules/cjs/loader').parseJSON(url, text);
    }
    wrap.setExport(record, 'default', value);
  });
  return record;
}

function addon(url) {
  const record = wrap.createSynthetic(url, ['default', 'module.exports'], () => {
    const { Module } = require('internal/modules/cjs/loader');
    const exports = Module._load(resolver.urlToPath(url), undefined, false);
    wrap.setExport(record, 'default', exports);
    wrap.setExport(record, 'module.exports', exports);
  });
  return record;
}

// What the exports of an instance are where another instance imports them: namespaces have the values of globals.
const instances = new WeakMap();

// WebAssembly: a module that imports what the instance wants, and exports what it has.
function wasm(url, source, read, job) {
  const bytes = source ?? read(url, true);
  const { isAnyArrayBuffer } = require('internal/util/types');
  if (!isAnyArrayBuffer(bytes) && !ArrayBuffer.isView(bytes)) {
    const { codes: { ERR_INVALID_RETURN_PROPERTY_VALUE } } = require('internal/errors');
    throw new ERR_INVALID_RETURN_PROPERTY_VALUE('an ArrayBuffer or a TypedArray', 'load', 'source', bytes);
  }
  const { WebAssembly } = globalThis;
  let compiled;
  try {
    compiled = new WebAssembly.Module(bytes, { builtins: ['js-string'], importedStringConstants: 'wasm:js/string-constants' });
  } catch (err) {
    err.message = `${url.startsWith('file:') ? resolver.urlToPath(url) : url}: ${err.message}`;
    throw err;
  }
  const imported = WebAssembly.Module.imports(compiled);
  const exported = WebAssembly.Module.exports(compiled);
  const modules = [...new Set(imported.map(({ module }) => module))];
  const lines = modules.map((name, i) => `import * as from${i} from ${JSON.stringify(name)};`);
  lines.push(`let [${exported.map((_, i) => `value${i}`).join()}] = import.meta.run([${modules.map((_, i) => `from${i}`).join()}]);`);
  if (exported.length > 0) lines.push(`export { ${exported.map(({ name }, i) => `value${i} as ${JSON.stringify(name)}`).join()} };`);
  const record = wrap.compile(lines.join('\n'), url, 0, 0, undefined, undefined);
  const run = (namespaces) => {
    require('internal/util').emitExperimentalWarning('Importing WebAssembly module instances');
    const imports = { __proto__: null };
    modules.forEach((name, i) => {
      imports[name] = globalsOf(name, namespaces[i], imported);
    });
    const { exports } = new WebAssembly.Instance(compiled, imports);
    instances.set(wrap.getNamespace(record), exports);
    return exported.map(({ name, kind }) => (kind === 'global' ? valueOf(exports[name]) : exports[name]));
  };
  require('internal/modules/esm/host_callbacks').registerMeta(record, (meta) => {
    meta.run = run;
  });
  job.format = 'module';
  return record;
}

function valueOf(global) {
  try {
    return global.value;
  } catch {
    // v128 has no value in JavaScript.
    return undefined;
  }
}

function globalsOf(name, namespace, imported) {
  const exports = instances.get(namespace);
  const globals = exports === undefined ? [] : imported.filter(({ module, kind }) => module === name && kind === 'global');
  if (globals.length === 0) return namespace;
  const own = { __proto__: null, ...namespace };
  for (const { name: global } of globals) own[global] = exports[global];
  return own;
}

function moduleTypeScript(url, source, read, job) {
  job.format = 'module';
  return esModule(url, require('internal/modules/typescript').stripModuleTypes(source ?? read(url), url), read);
}

function commonJSTypeScript(url, source, read, job) {
  const filename = resolver.urlToPath(url);
  // Like .js: without a type in package.json the syntax decides.
  const decided = filename.endsWith('.cts') || require('internal/modules/package_json').scope(filename)?.type !== undefined;
  const label = decided ? url : filename;
  const text = require('internal/modules/typescript').stripModuleTypes(source ?? read(url), url, label);
  if (decided || detect(text, filename) !== 'module') return commonJS(url, text, read);
  job.format = 'module';
  return esModule(url, text, read);
}

// Whether a source without a declared type is CommonJS or an ES module: by compiling it.
function detect(source, filename) {
  try {
    internalBinding('contextify').compileFunction(
      source, filename, 0, 0, undefined, ['exports', 'require', 'module', '__filename', '__dirname'], undefined);
    return 'commonjs';
  } catch (err) {
    return resolver.looksLikeModule(err, source, filename) ? 'module' : 'commonjs';
  }
}

module.exports = {
  detect,
  syncBuiltinESMExports,
  completeBuiltin,
  module: esModule,
  commonjs: commonJS,
  builtin,
  json,
  text,
  addon,
  wasm,
  'module-typescript': moduleTypeScript,
  'commonjs-typescript': commonJSTypeScript,
};
