'use strict';
// ES modules: which URL a request means, the graph of records, `import()`, `import.meta`, `require` of an ES module.
// Owns: loading and linking. Does not own: records (Rust, `bindings/module_wrap.rs`), resolution (`resolve.js`), what a file of
// another format exports (`translators.js`).
//
// The whole graph is read and linked synchronously; only evaluation may be asynchronous (top-level await).

const wrap = internalBinding('module_wrap');
const embedded = require('internal/modules/embedded');
const hooks = require('internal/modules/hooks');
const resolver = require('internal/modules/resolve');
const { support: sourceMaps } = require('internal/source_map/support');

const kUninstantiated = 0;
const kEvaluating = 3;
const kEvaluated = 4;
const kErrored = 5;

// `url` + attribute type -> job
const jobs = new Map();
const byRecord = new Map();
let mainURL;
let mainPromise;
let mainSettled = true;

// What a job has in `linked` where Rust knows it.
const byGraph = [];

class ModuleJob {
  constructor(url, format) {
    this.url = url;
    this.format = format;
    this.record = undefined;
    this.linked = undefined;
    this.promise = undefined;
    this.givenSource = false;
    // Of a built-in: who imports it names what it wants.
    this.isPartial = false;
  }
}

function resolve(specifier, parentURL, attributes) {
  if (!hooks.anyForImport()) return { url: defaultResolve(specifier, parentURL), format: undefined };
  const context = { conditions: [...resolver.conditions('import')], importAttributes: attributes, parentURL };
  return hooks.resolve(specifier, context, (request, ctx) => {
    const thread = hooks.thread();
    if (thread !== undefined) return thread.resolve(request, ctx);
    const url = defaultResolve(request, ctx.parentURL, ctx.conditions);
    return { url, format: formatOf(url) ?? undefined };
  });
}

function defaultResolve(specifier, parentURL, conditions) {
  if (parentURL !== undefined && embedded.isEmbeddedURL(parentURL)) {
    const importer = resolver.urlToPath(parentURL);
    const target = embedded.edge(importer, embedded.kImport, specifier);
    if (typeof target === 'string') return target.startsWith('node:') ? target : resolver.pathToURL(target).href;
    // null: the build found nothing. The embedded tree says with Node's own code why.
    if (target !== null && (target !== undefined || isExternal(specifier))) return resolveExternal(specifier);
  }
  try {
    return resolver.esmResolve(specifier, parentURL, conditions && validConditions(conditions));
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'ERR_UNSUPPORTED_DIR_IMPORT') hintAtFile(error, specifier, parentURL);
    throw error;
  }
}

// Those that a hook gave.
function validConditions(conditions) {
  const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
  if (!Array.isArray(conditions)) throw new ERR_INVALID_ARG_VALUE('conditions', conditions, 'expected an array');
  return new Set(conditions);
}

// What `require` would have found, as a request for `import`; undefined where it finds nothing either.
function asCommonJS(specifier, parentURL) {
  const { Module } = require('internal/modules/cjs/loader');
  const path = require('path');
  const parent = resolver.urlToPath(parentURL);
  const importer = new Module(parent, null);
  importer.filename = parent;
  importer.paths = Module._nodeModulePaths(path.dirname(parent));
  let found;
  try {
    found = Module._resolveFilename(specifier, importer, false);
  } catch {
    return undefined;
  }
  if (/^\.\.?(\/|$)/.test(specifier)) {
    const relative = path.relative(path.dirname(parent), found);
    return relative.startsWith('../') ? relative : `./${relative}`;
  }
  if (specifier.startsWith('/')) return found;
  const [name] = specifier.split('/');
  const folder = `/node_modules/${name}/`;
  const index = found.lastIndexOf(folder);
  if (index === -1) return resolver.pathToURL(found).href;
  return `${name}/${found.slice(index + folder.length).split('/').map(encodeURIComponent).join('/')}`;
}

function hintAtFile(error, specifier, parentURL) {
  if (!parentURL?.startsWith('file:')) return;
  if (specifier.startsWith('file:')) specifier = resolver.urlToPath(specifier);
  const found = asCommonJS(specifier, parentURL);
  if (found === undefined) return;
  const hint = `Did you mean to import ${JSON.stringify(found)}?`;
  const { stack } = error;
  const lines = typeof stack === 'string' ? stack.split('\n') : undefined;
  error.message += `\n${hint}`;
  if (lines === undefined) return;
  const end = lines.findIndex((line) => /^ {4}at /.test(line));
  lines.splice(end === -1 ? lines.length : end, 0, hint);
  error.stack = lines.join('\n');
}

function isExternal(specifier) {
  const externals = internalBinding('app').externals();
  return externals.length > 0 && externals.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

// A package that the build left to the disk: from the executable's folder, else from the current one.
function resolveExternal(specifier) {
  const { dirname } = require('path');
  let first;
  for (const folder of [dirname(process.execPath), process.cwd()]) {
    try {
      return resolver.esmResolve(specifier, resolver.pathToURL(`${folder}/x`).href);
    } catch (err) {
      first ??= err;
    }
  }
  throw first;
}

function formatOf(url) {
  if (url.startsWith('node:')) return 'builtin';
  if (url.startsWith('data:')) {
    const mime = /^data:([^/]+\/[^;,]+)[^,]*,/.exec(url)?.[1];
    // Nothing is known of it: it is not looked into, as a file would be.
    if (mime === undefined) return url.includes(',') ? 'null' : 'module';
    if (/^\s*(text|application)\/javascript\s*$/i.test(mime)) return 'module';
    return { 'application/json': 'json', 'application/wasm': 'wasm' }[mime] ?? mime;
  }
  // Only hooks make others.
  if (!url.startsWith('file:')) return undefined;
  return resolver.formatOfPath(resolver.urlToPath(url));
}

// The body of a data: URL.
function dataOf(url) {
  const comma = url.indexOf(',');
  const { Buffer } = require('buffer');
  const text = comma === -1 ? '' : url.slice(comma + 1).replace(/#.*$/s, '');
  const body = text.includes('%') ?
    Buffer.from(text.replace(/%([0-9a-f]{2})/gi, (all, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1') : Buffer.from(text);
  if (comma !== -1 && !/; *base64$/i.test(url.slice(0, comma))) return body;
  let digits = body.latin1Slice().replace(/[\t\n\f\r ]/g, '');
  if (digits.length % 4 === 0) digits = digits.replace(/==?$/, '');
  if (comma === -1 || !/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1) {
    const { codes: { ERR_INVALID_URL } } = require('internal/errors');
    throw new ERR_INVALID_URL(url);
  }
  return Buffer.from(digits, 'base64');
}

// The source of a module: text, or the bytes of WebAssembly.
function readBytes(url, isBinary = false) {
  if (url.startsWith('data:')) return isBinary ? dataOf(url) : dataOf(url).utf8Slice();
  const filename = resolver.urlToPath(url);
  return isBinary ? require('fs').readFileSync(filename) : require('internal/modules/cjs/loader').readSource(filename);
}

// Text of anything but built-ins, where a program may ask for it.
function isTextImport(url, attributes) {
  return attributes.type === 'text' && !url.startsWith('node:') &&
    require('internal/options').getOptionValue('--experimental-import-text');
}

function load(url, format, attributes) {
  if (isTextImport(url, attributes)) format = 'text';
  if (!hooks.anyForImport()) {
    resolver.checkLoadable(url);
    format ??= formatOf(url);
    // What is no URL of data says so before its attributes are looked at.
    return { format, source: url.startsWith('data:') ? readBytes(url, format === 'wasm') : undefined };
  }
  const context = { conditions: [...resolver.conditions('import')], importAttributes: attributes, format: format ?? formatOf(url) ?? undefined };
  // Hooks that load for themselves decide what attributes mean.
  const { format: found, source } = hooks.load(url, context, (target, ctx) => {
    const thread = hooks.thread();
    if (thread !== undefined) return thread.load(target, ctx);
    resolver.checkLoadable(target);
    const known = ctx.format ?? formatOf(target) ?? undefined;
    if (known !== undefined) checkAttributes(target, known, ctx.importAttributes);
    return { format: known, source: target.startsWith('node:') ? null : readBytes(target, known === 'wasm') };
  }, hooks.thread() !== undefined);
  return { format: found, source, byHooks: true };
}

// The `type` that a format asks for.
const typeOfFormat = {
  '__proto__': null, 'addon': '', 'builtin': '', 'commonjs': '', 'commonjs-typescript': '', 'json': 'json', 'module': '',
  'module-typescript': '', 'wasm': '',
};

function checkAttributes(url, format, attributes) {
  const {
    codes: { ERR_IMPORT_ATTRIBUTE_MISSING, ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE, ERR_IMPORT_ATTRIBUTE_UNSUPPORTED },
  } = require('internal/errors');
  for (const key of Object.keys(attributes)) {
    if (key !== 'type') throw new ERR_IMPORT_ATTRIBUTE_UNSUPPORTED(key, attributes[key], url);
  }
  const { type } = attributes;
  const importsText = require('internal/options').getOptionValue('--experimental-import-text');
  const wanted = importsText && format === 'text' ? 'text' : typeOfFormat[format];
  // Of other formats nothing is known.
  if (wanted === undefined || wanted === (type ?? '')) return;
  if (type === undefined) throw new ERR_IMPORT_ATTRIBUTE_MISSING(url, 'type', wanted);
  if (type === 'json' || (type === 'text' && importsText)) throw new ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE(url, type);
  throw new ERR_IMPORT_ATTRIBUTE_UNSUPPORTED('type', type, url);
}

// The job of a URL, compiled but not linked. `source` is given where the caller read it already.
function getJob(url, format, attributes, source, isPartial = false) {
  const key = `${attributes.type ?? ''}\x00${url}`;
  let job = jobs.get(key) ?? loadedByGraph(url, attributes);
  if (job !== undefined) {
    if (!isPartial && job.format === 'builtin') require('internal/modules/esm/translators').completeBuiltin(url);
    return job;
  }
  if (resolver.reportDependency !== undefined) resolver.reportDependency(url);
  const loaded = source === undefined ? load(url, format, attributes) : { format: 'module', source };
  let found = loaded.format;
  if (found === null) throw resolver.unknownExtension(resolver.urlToPath(url));
  if (found !== undefined && !loaded.byHooks) checkAttributes(url, found, attributes);
  job = new ModuleJob(url, found);
  job.isPartial = isPartial;
  const translators = require('internal/modules/esm/translators');
  let text = loaded.source;
  if (text != null && typeof text !== 'string' && found !== 'wasm') {
    const { Buffer } = require('buffer');
    text = Buffer.from(text.buffer ?? text, text.byteOffset ?? 0, text.byteLength).toString('utf8');
  }
  if (found === undefined) {
    text ??= readBytes(url);
    found = translators.detect(text, url.startsWith('file:') ? resolver.urlToPath(url) : url);
    checkAttributes(url, found, attributes);
    job.format = found;
  }
  // CommonJS runs what the hooks gave.
  if (loaded.byHooks && typeof text === 'string') job.givenSource = true;
  const translate = translators[found];
  if (translate === undefined) {
    const { codes: { ERR_UNKNOWN_MODULE_FORMAT } } = require('internal/errors');
    throw new ERR_UNKNOWN_MODULE_FORMAT(found, url);
  }
  job.record = translate(url, text ?? undefined, readBytes, job);
  jobs.set(key, job);
  byRecord.set(job.record, job);
  return job;
}

// The embedded file that a URL is the whole name of: no query, nothing encoded.
function embeddedPath(url) {
  return embedded.isEmbeddedURL(url) && !/[%?#]/.test(url) ? url.slice('file://'.length + embedded.prefix.length) : undefined;
}

// Modules that the graph of an embedded module has brought have a job when somebody asks for it.
function loadedByGraph(url, attributes) {
  const path = embeddedPath(url);
  if (path === undefined || Object.keys(attributes).length > 0) return undefined;
  const record = wrap.recordOf(path);
  return record === undefined ? undefined : jobOf(record);
}

function jobOf(record) {
  let job = byRecord.get(record);
  if (job !== undefined) return job;
  const url = wrap.urlOf(record);
  if (url === undefined) return undefined;
  job = new ModuleJob(url, 'module');
  job.record = record;
  job.linked = byGraph;
  jobs.set(`\x00${url}`, job);
  byRecord.set(record, job);
  return job;
}

function linkedOf(job) {
  return job.linked === byGraph ? wrap.getLinked(job.record).map(jobOf) : job.linked;
}

// What an embedded ES module imports of its like comes without JavaScript; the other requests are answered here. Whether that is all.
function linkEmbedded(job) {
  // Hooks and maps want to see each module.
  if (job.format !== 'module' || hooks.anyForImport() || sourceMaps.enabled) return false;
  const path = embeddedPath(job.url);
  const left = path === undefined ? undefined : wrap.loadGraph(job.record, path);
  if (left === undefined) return false;
  try {
    for (const [record, index, specifier, attributes] of left) {
      const importer = jobOf(record).url;
      const { url, format } = resolve(specifier, importer, attributes);
      const isPartial = url.startsWith('node:') && internalBinding('app').kind(embeddedPath(importer)) === 'module';
      const target = getJob(url, format, attributes, undefined, isPartial);
      wrap.setLinked(record, index, target.record);
      link(target);
    }
  } catch (err) {
    wrap.forgetGraph(job.record);
    for (const [key, other] of jobs) if (other.linked === byGraph && other.record > job.record) jobs.delete(key);
    throw err;
  }
  job.linked = byGraph;
  return true;
}

// Loads everything a job imports. Iterative, so that a long chain of imports cannot overflow the stack.
function link(root) {
  if (root.linked !== undefined) return;
  const todo = [root];
  while (todo.length > 0) {
    const job = todo.pop();
    if (job.linked !== undefined || linkEmbedded(job)) continue;
    const requests = job.format === 'module' ? wrap.getRequests(job.record) : [];
    const linked = [];
    for (const [specifier, attributes] of requests) {
      const { url, format } = resolve(specifier, job.url, attributes);
      linked.push(getJob(url, format, attributes));
    }
    job.linked = linked;
    wrap.link(job.record, linked.map((target) => target.record));
    for (let i = linked.length - 1; i >= 0; i--) if (linked[i].linked === undefined) todo.push(linked[i]);
  }
}

function instantiate(job, pauses = false) {
  try {
    link(job);
  } catch (err) {
    forgetUnlinked();
    throw err;
  }
  if (wrap.getStatus(job.record) !== kUninstantiated) return;
  try {
    // V8 enters the main module's function while it links: there a debugger stops first.
    if (pauses) internalBinding('inspector').callAndPauseOnStart(wrap.instantiate, undefined, job.record);
    else wrap.instantiate(job.record);
  } catch (err) {
    explainMissingExport(err, job);
    throw err;
  }
}

// A graph that failed to load is loaded anew the next time.
function forgetUnlinked() {
  for (const [key, job] of jobs) if (job.linked === undefined) jobs.delete(key);
}

// What stands between the braces of the import that an error is about, as a destructuring has it; undefined where it has many lines.
function namesOf(err) {
  const names = /\{(.*)\}/.exec(internalBinding('errors').arrowOf(err)?.split('\n')[1])?.[1];
  return names?.replace(/\s+as\s+/g, ': ');
}

// Node's words for a name that a CommonJS module does not seem to export.
function explainMissingExport(err, job) {
  const match = /The requested module '(.*)' does not provide an export named '(.*)'/.exec(err?.message);
  if (match === null) return;
  const [, specifier, name] = match;
  const seen = new Set();
  const todo = [job];
  while (todo.length > 0) {
    const current = todo.pop();
    if (seen.has(current)) continue;
    seen.add(current);
    if (current.format !== 'module') continue;
    const requests = wrap.getRequests(current.record);
    const linked = linkedOf(current);
    for (let i = 0; i < requests.length; i++) {
      const target = linked?.[i];
      if (requests[i][0] === specifier && target?.format === 'commonjs') {
        err.message = `Named export '${name}' not found. The requested module '${specifier}' is a CommonJS module, which may not ` +
          'support all module.exports as named exports.\nCommonJS modules can always be imported via the default export, for ' +
          `example using:\n\nimport pkg from '${specifier}';\nconst {${namesOf(err) ?? name}} = pkg;\n`;
        return;
      }
      if (target !== undefined) todo.push(target);
    }
  }
}

const kInsteadOf = {
  require: 'replace require() with import',
  module: 'use export instead of module.exports/exports',
  exports: 'use export instead of module.exports/exports',
  __filename: 'use import.meta.filename instead',
  __dirname: 'use import.meta.dirname instead',
};
const kCommonJSNames = /^(require|module|exports|__filename|__dirname) is not defined$/;

// A name of CommonJS in an ES module: says so, and what makes the file an ES module.
function explainCommonJSName(err, job) {
  if (err?.name !== 'ReferenceError') return;
  const match = kCommonJSNames.exec(err.message);
  if (match === null) return;
  const { 1: name } = match;
  if (wrap.hasTopLevelAwait(job.record)) {
    err.message = `Cannot determine intended module format because both '${name}' and top-level await are present. If the code is ` +
      'intended to be CommonJS, wrap await in an async function. If the code is intended to be an ES module, ' +
      `${kInsteadOf[name]}.`;
    err.code = 'ERR_AMBIGUOUS_MODULE_SYNTAX';
    return;
  }
  err.message += ' in ES module scope';
  if (name === 'require') err.message += ', you can use import instead';
  if (!/^file:.*\.js(\?[^#]*)?(#.*)?$/.test(job.url)) return;
  const pkg = require('internal/modules/package_json').scope(resolver.urlToPath(job.url));
  if (pkg?.type !== 'module') return;
  err.message += `\nThis file is being treated as an ES module because it has a '.js' file extension and '${pkg.path}' contains ` +
    '"type": "module". To treat it as a CommonJS script, rename it to use the \'.cjs\' file extension.';
}

function evaluate(job) {
  job.promise ??= wrap.evaluate(job.record);
  return job.promise;
}

async function evaluated(job) {
  try {
    await evaluate(job);
  } catch (err) {
    explainCommonJSName(err, job);
    throw err;
  }
}

async function importURL(url, format, attributes) {
  const job = getJob(url, format, attributes);
  instantiate(job);
  // A module that imports itself while it runs: V8 gives its promise only after that run.
  if (wrap.getStatus(job.record) === kEvaluating) await undefined;
  await evaluated(job);
  return wrap.getNamespace(job.record);
}

// `import()` from anywhere: what Rust calls.
function importModuleDynamically(specifier, attributes, hostId, referrer) {
  const callbacks = require('internal/modules/esm/host_callbacks');
  const custom = callbacks.get(hostId);
  if (custom !== undefined) return custom(specifier, attributes, hostId);
  const parentURL = baseURL(referrer);
  const { isLoaded } = require('internal/bootstrap/realm');
  const tracing = isLoaded('diagnostics_channel') ? require('diagnostics_channel').tracingChannel('module.import') : undefined;
  if (tracing?.hasSubscribers !== true) return importFrom(specifier, parentURL, attributes);
  return tracing.tracePromise(importFrom, { __proto__: null, parentURL, url: specifier }, undefined, specifier, parentURL, attributes);
}

async function importFrom(specifier, parentURL, attributes = { __proto__: null }) {
  try {
    const { url, format } = resolve(`${specifier}`, parentURL, attributes);
    return await importURL(url, format, attributes);
  } catch (error) {
    return neverIfUnsettled(error);
  }
}

// A hook that never answers is an import that never ends.
function neverIfUnsettled(error) {
  if (error?.code === 'ERR_ASYNC_LOADER_REQUEST_NEVER_SETTLED') return new Promise(() => {});
  throw error;
}

function baseURL(referrer) {
  if (typeof referrer === 'string') {
    if (referrer.startsWith('/')) return resolver.pathToURL(referrer).href;
    if (/^(file|data|node):/.test(referrer)) return referrer;
  }
  return resolver.pathToURL(`${process.cwd()}/`).href;
}

function resolvesFromParent() {
  return process.execArgv.includes('--experimental-import-meta-resolve');
}

function initializeImportMeta(record, meta) {
  const job = jobOf(record);
  const callbacks = require('internal/modules/esm/host_callbacks');
  const custom = callbacks.meta(record);
  if (custom !== undefined) return custom(meta);
  if (job === undefined) return;
  const { url } = job;
  if (url.startsWith('file:')) {
    const filename = resolver.urlToPath(url);
    meta.dirname = require('path').dirname(filename);
    meta.filename = filename;
  }
  meta.main = url === mainURL;
  meta.resolve = function resolve_(specifier, parent) {
    specifier = `${specifier}`;
    const from = parent !== undefined && resolvesFromParent() ? `${parent}` : url;
    try {
      return resolve(specifier, from, { __proto__: null }).url;
    } catch (err) {
      // A file that is not there has a URL all the same.
      if (err.code === 'ERR_UNSUPPORTED_DIR_IMPORT' || (err.code === 'ERR_MODULE_NOT_FOUND' && err.url)) return err.url;
      throw err;
    }
  };
  Object.defineProperty(meta.resolve, 'name', { __proto__: null, value: 'resolve', configurable: true });
  meta.url = url;
}

// `require(esm)`: the namespace, evaluated now.
function requireNamespace(filename, source, parent) {
  const {
    codes: { ERR_REQUIRE_ASYNC_MODULE, ERR_REQUIRE_CYCLE_MODULE },
  } = require('internal/errors');
  const url = resolver.pathToURL(filename).href;
  const job = getJob(url, 'module', { __proto__: null }, source);
  instantiate(job);
  const status = wrap.getStatus(job.record);
  if (status === kErrored) throw wrap.getError(job.record);
  if (status === kEvaluating) {
    throw new ERR_REQUIRE_CYCLE_MODULE(`Cannot require() ES Module ${filename} in a cycle. A cycle involving require(esm) is not allowed to ` +
      'maintain invariants mandated by the ECMAScript specification. Try making at least part of the dependency in the graph lazily loaded.');
  }
  if (wrap.isGraphAsync(job.record)) throw new ERR_REQUIRE_ASYNC_MODULE(filename, parent);
  if (status !== kEvaluated) {
    const promise = evaluate(job);
    const [state, reason] = internalBinding('util').getPromiseDetails(promise);
    if (state === 2) {
      promise.catch(() => {});
      explainCommonJSName(reason, job);
      throw reason;
    }
  }
  const namespace = wrap.getNamespace(job.record);
  if (Object.hasOwn(namespace, 'module.exports')) return namespace['module.exports'];
  if (Object.hasOwn(namespace, 'default') && !Object.hasOwn(namespace, '__esModule')) return esModuleFacade(url, job);
  return namespace;
}

// A namespace that says __esModule, so that transpiled CommonJS finds `default` where it looks for it.
const facades = new Map();
function esModuleFacade(url, job) {
  let namespace = facades.get(job);
  if (namespace === undefined) {
    const facade = wrap.compile(
      "export * from 'original'; export { default } from 'original'; export const __esModule = true;", url, 0, 0, undefined, undefined);
    wrap.link(facade, [job.record, job.record]);
    wrap.instantiate(facade);
    wrap.evaluate(facade);
    namespace = wrap.getNamespace(facade);
    facades.set(job, namespace);
  }
  return namespace;
}

// The program's main ES module. Errors end the process; a top-level await may go on.
function runMainModule(url, source) {
  mainURL = url;
  mainSettled = false;
  mainPromise = runMainAsync(url, source);
}

async function runMainAsync(url, source) {
  const { triggerUncaughtException } = internalBinding('task_queue');
  let job;
  try {
    if (source === undefined && hooks.anyForImport()) {
      ({ url } = resolve(url, undefined, { __proto__: null }));
      mainURL = url;
    }
    job = getJob(url, source === undefined ? undefined : 'module', { __proto__: null }, source);
    mainJob = job;
    instantiate(job, require('internal/options').getOptionValue('--inspect-brk') !== undefined);
    await evaluated(job);
  } catch (err) {
    if (err?.code === 'ERR_ASYNC_LOADER_REQUEST_NEVER_SETTLED') return;
    mainSettled = true;
    triggerUncaughtException(err, true);
    return;
  }
  mainSettled = true;
}
let mainJob;

function pendingTopLevelAwait() {
  if (mainSettled) return false;
  const places = mainJob?.record === undefined ? [] : wrap.stalledMessages(mainJob.record);
  internalBinding('errors').writeStderr(`Warning: Detected unsettled top-level await at ${places.join('\n')}\n\n`);
  return true;
}

module.exports = {
  getJob, instantiate, evaluate, importFrom, importURL, importModuleDynamically, initializeImportMeta, requireNamespace,
  runMainModule, pendingTopLevelAwait, resolve, defaultResolve, formatOf, readBytes, checkAttributes,
  isMainURL: (url) => url === mainURL,
  setMainURL(url) {
    mainURL = url;
  },
};
