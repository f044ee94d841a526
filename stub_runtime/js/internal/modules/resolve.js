'use strict';
// Node's resolution: `exports` and `imports` of packages, ES module specifiers, module formats.
// Owns: the algorithms of Node's documents. Does not own: CommonJS' search of folders (`cjs/loader.js`).

const {
  codes: {
    ERR_INVALID_MODULE_SPECIFIER, ERR_INVALID_PACKAGE_TARGET, ERR_MODULE_NOT_FOUND, ERR_PACKAGE_IMPORT_NOT_DEFINED,
    ERR_PACKAGE_PATH_NOT_EXPORTED, ERR_UNSUPPORTED_DIR_IMPORT, ERR_UNKNOWN_FILE_EXTENSION, ERR_UNSUPPORTED_ESM_URL_SCHEME,
    ERR_UNSUPPORTED_RESOLVE_REQUEST, ERR_UNKNOWN_BUILTIN_MODULE, ERR_INVALID_PACKAGE_CONFIG,
  },
} = require('internal/errors');
const packageJson = require('internal/modules/package_json');
const realm = require('internal/bootstrap/realm');
const embedded = require('internal/modules/embedded');
const fs = internalBinding('fs');

const dotsOrModules = String.raw`((\.|%2e)(\.|%2e)?|(n|%6e|%4e)(o|%6f|%4f)(d|%64|%44)(e|%65|%45)(_|%5f)` +
  String.raw`(m|%6d|%4d)(o|%6f|%4f)(d|%64|%44)(u|%75|%55)(l|%6c|%4c)(e|%65|%45)(s|%73|%53))`;
const invalidSegment = new RegExp(String.raw`(^|\\|\/)${dotsOrModules}(\\|\/|$)`, 'i');
// Empty ones too, which are deprecated only.
const oddSegment = new RegExp(String.raw`(^|\\|\/)${dotsOrModules}?(\\|\/|$)`, 'i');
const encodedSeparator = /%2F|%5C/i;

let conditionSets;
function conditions(kind) {
  if (conditionSets === undefined) {
    const { getOptionValue } = require('internal/options');
    const user = getOptionValue('--conditions');
    conditionSets = {
      require: new Set(['node', 'require', 'module-sync', 'node-addons', ...user]),
      import: new Set(['node', 'import', 'module-sync', 'node-addons', ...user]),
    };
  }
  return conditionSets[kind];
}

function pathToURL(path) {
  return require('internal/url').pathToFileURL(path);
}
function urlToPath(url) {
  return require('internal/url').fileURLToPath(url);
}

// Of package.json, made once.
function urlOfPackage(pkg) {
  pkg.url ??= pathToURL(pkg.path).href;
  return pkg.url;
}

// `base` is a URL, or null where CommonJS asks a package: messages then do not say who asked.
function shownBase(base) {
  return base ? urlToPath(base) : undefined;
}

function folderOf(pkg) {
  return pkg.path.slice(0, -'package.json'.length);
}

function notExported(subpath, pkg, base) {
  return new ERR_PACKAGE_PATH_NOT_EXPORTED(folderOf(pkg), subpath, shownBase(base));
}

function warnDeprecated(message, code) {
  process.emitWarning(message, 'DeprecationWarning', code);
}

// What a target says: { match, the key of the map; isPattern; isImports; isFolder, where the request ends with a slash }.
// The answer is a URL, null (blocked) or undefined (no condition holds).
function resolveTarget(pkg, target, subpath, how, base, conds) {
  if (typeof target === 'string') return resolveTargetString(pkg, target, subpath, how, base, conds);
  if (Array.isArray(target)) {
    if (target.length === 0) return null;
    let lastError;
    for (const item of target) {
      let found;
      try {
        found = resolveTarget(pkg, item, subpath, how, base, conds);
      } catch (err) {
        if (err.code !== 'ERR_INVALID_PACKAGE_TARGET') throw err;
        lastError = err;
        continue;
      }
      if (found) return found;
      if (found === null) lastError = null;
    }
    if (lastError == null) return lastError;
    throw lastError;
  }
  if (typeof target === 'object' && target !== null) {
    for (const key of Object.getOwnPropertyNames(target)) {
      if (String(+key) === key && +key >= 0 && +key < 0xffffffff) {
        throw new ERR_INVALID_PACKAGE_CONFIG(pkg.path, base, '"exports" cannot contain numeric property keys.');
      }
    }
    for (const key of Object.keys(target)) {
      if (key !== 'default' && !conds.has(key)) continue;
      const found = resolveTarget(pkg, target[key], subpath, how, base, conds);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (target === null) return null;
  throw invalidTarget(pkg, target, how, base);
}

function invalidTarget(pkg, target, { match, isImports }, base) {
  const shown = typeof target === 'object' && target !== null ? JSON.stringify(target, null, '') : `${target}`;
  return new ERR_INVALID_PACKAGE_TARGET(folderOf(pkg), match, shown, isImports, shownBase(base));
}

function isURL(text) {
  return require('internal/url').URL.canParse(text);
}

function resolveTargetString(pkg, target, subpath, how, base, conds) {
  const { match, isPattern, isImports } = how;
  if (subpath !== '' && !isPattern && !target.endsWith('/')) throw invalidTarget(pkg, target, how, base);
  const filled = () => (isPattern ? target.replaceAll('*', () => subpath) : target);
  if (!target.startsWith('./')) {
    // Another package, by name. A URL is none, `node:` not excepted.
    if (isImports && !target.startsWith('../') && !target.startsWith('/') && !isURL(target)) {
      return resolvePackage(filled(), urlOfPackage(pkg), conds);
    }
    throw invalidTarget(pkg, target, how, base);
  }
  const request = () => (isPattern ? match.replace('*', () => subpath) : match + subpath);
  if (oddSegment.test(target.slice(2))) {
    if (invalidSegment.test(target.slice(2))) throw invalidTarget(pkg, target, how, base);
    if (!how.isFolder) warnOfSlashes(pkg, filled(), filled(), request(), how, base);
  }
  const { URL } = require('internal/url');
  const packageURL = urlOfPackage(pkg);
  const resolved = new URL(target, packageURL);
  if (!resolved.pathname.startsWith(new URL('.', packageURL).pathname)) throw invalidTarget(pkg, target, how, base);
  if (subpath === '') return resolved;
  if (oddSegment.test(subpath)) {
    if (invalidSegment.test(subpath)) {
      const reason = `request is not a valid match in pattern "${match}" for the "${isImports ? 'imports' : 'exports'}" resolution of ${pkg.path}`;
      throw new ERR_INVALID_MODULE_SPECIFIER(request(), reason, shownBase(base));
    }
    if (!how.isFolder) warnOfSlashes(pkg, filled(), request(), request(), how, base);
  }
  return new URL(resolved.href.replaceAll('*', () => subpath));
}

function importedFrom(base) {
  return base ? ` imported from ${urlToPath(base)}` : '';
}

function warnOfSlashes(pkg, target, looked, request, { match, isImports }, base) {
  if (process.noDeprecation) return;
  const kind = /[/\\]{2}/.test(looked) ? 'double slash' : 'leading or trailing slash matching';
  warnDeprecated(
    `Use of deprecated ${kind} resolving "${target}" for module request "${request}" ` +
    `${request !== match ? `matched to "${match}" ` : ''}in the "${isImports ? 'imports' : 'exports'}" field module resolution of the ` +
    `package at ${pkg.path}${importedFrom(base)}.`, 'DEP0166');
}

const warnedFolders = new Set();
function warnOfFolder(subpath, pkg, base) {
  if (process.noDeprecation) return;
  const key = `${pkg.path}|${subpath}`;
  if (warnedFolders.has(key)) return;
  warnedFolders.add(key);
  warnDeprecated(
    `Use of deprecated trailing slash pattern mapping "${subpath}" in the "exports" field module resolution of the package at ` +
    `${pkg.path}${importedFrom(base)}. Mapping specifiers ending in "/" is no longer supported.`, 'DEP0155');
}

function comparePatterns(a, b) {
  const ia = a.indexOf('*');
  const ib = b.indexOf('*');
  const la = ia === -1 ? a.length : ia + 1;
  const lb = ib === -1 ? b.length : ib + 1;
  if (la !== lb) return lb - la;
  if (ia === -1) return 1;
  if (ib === -1) return -1;
  return b.length - a.length;
}

// The best pattern key of `map` for `request`: [key, what * stands for] or undefined. `onFolder` is told of a request that ends with
// a slash and begins as a key does.
function matchPattern(map, request, onFolder) {
  let best;
  let star;
  for (const key of Object.keys(map)) {
    const i = key.indexOf('*');
    if (i === -1 || !request.startsWith(key.slice(0, i))) continue;
    if (request.endsWith('/')) onFolder?.();
    const tail = key.slice(i + 1);
    if (request.length >= key.length && request.endsWith(tail) && (best === undefined || comparePatterns(best, key) > 0) &&
        key.lastIndexOf('*') === i) {
      best = key;
      star = request.slice(i, request.length - tail.length);
    }
  }
  return best === undefined ? undefined : [best, star];
}

// `exports` sugar: true where it is one target rather than a map of subpaths.
function isSugar(exports, pkg, base) {
  if (typeof exports === 'string' || Array.isArray(exports)) return true;
  if (typeof exports !== 'object' || exports === null) return false;
  let sugar;
  for (const key of Object.keys(exports)) {
    const current = key === '' || key[0] !== '.';
    if (sugar !== undefined && sugar !== current) {
      throw new ERR_INVALID_PACKAGE_CONFIG(pkg.path, base,
        '"exports" cannot contain some keys starting with \'.\' and some not.' +
        ' The exports object must either be an object of package subpath keys' +
        ' or an object of main entry condition name keys only.');
    }
    sugar = current;
  }
  return sugar ?? false;
}

// A package's `exports` for './sub' (or '.') -> URL.
function packageExportsResolve(pkg, subpath, base, conds) {
  let { exports } = pkg;
  if (isSugar(exports, pkg, base)) exports = { '.': exports };
  let found;
  if (Object.hasOwn(exports, subpath) && !subpath.includes('*') && !subpath.endsWith('/')) {
    found = resolveTarget(pkg, exports[subpath], '', { match: subpath, isPattern: false, isImports: false, isFolder: false }, base, conds);
  } else {
    const match = matchPattern(exports, subpath, () => warnOfFolder(subpath, pkg, base));
    if (match !== undefined) {
      const how = { match: match[0], isPattern: true, isImports: false, isFolder: subpath.endsWith('/') };
      found = resolveTarget(pkg, exports[match[0]], match[1], how, base, conds);
    }
  }
  if (found == null) throw notExported(subpath, pkg, base);
  return found;
}

// `#name` of the package around `base` -> URL.
function packageImportsResolve(name, base, conds) {
  if (name === '#' || name.endsWith('/')) {
    throw new ERR_INVALID_MODULE_SPECIFIER(name, 'is not a valid internal imports specifier name', shownBase(base));
  }
  const pkg = packageJson.scope(urlToPath(base));
  if (pkg?.imports !== undefined) {
    const { imports } = pkg;
    let found;
    if (Object.hasOwn(imports, name) && !name.includes('*')) {
      found = resolveTarget(pkg, imports[name], '', { match: name, isPattern: false, isImports: true, isFolder: false }, base, conds);
    } else {
      const match = matchPattern(imports, name);
      if (match !== undefined) {
        found = resolveTarget(pkg, imports[match[0]], match[1], { match: match[0], isPattern: true, isImports: true, isFolder: false },
                              base, conds);
      }
    }
    if (found != null) return found;
  }
  throw new ERR_PACKAGE_IMPORT_NOT_DEFINED(name, pkg && folderOf(pkg), shownBase(base));
}

// 'pkg/sub' -> { name, subpath: './sub' }
function parsePackageName(specifier, base) {
  let end = specifier.indexOf('/');
  let valid = true;
  if (specifier[0] === '@') {
    if (end === -1) valid = false;
    else end = specifier.indexOf('/', end + 1);
  }
  const name = end === -1 ? specifier : specifier.slice(0, end);
  if (/^\.|%|\\/.test(name)) valid = false;
  if (!valid) throw new ERR_INVALID_MODULE_SPECIFIER(specifier, 'is not a valid package name', shownBase(base));
  return { name, subpath: `.${end === -1 ? '' : specifier.slice(end)}` };
}

// The node_modules folders from a path upwards; inside the embedded tree they end at its root.
function nodeModuleFolders(path) {
  const stop = embedded.isEmbedded(path) ? embedded.root.length : 0;
  const out = [];
  let end = path.lastIndexOf('/');
  while (end >= stop) {
    const folder = path.slice(0, end);
    if (!folder.endsWith('/node_modules')) out.push(`${folder}/node_modules`);
    if (end === 0) break;
    end = path.lastIndexOf('/', end - 1);
  }
  return out;
}

// A bare specifier from the URL `base` -> URL.
function resolvePackage(specifier, base, conds) {
  const { URL } = require('internal/url');
  const builtin = realm.normalize(specifier);
  if (builtin !== undefined) return new URL(`node:${builtin}`);
  const { name, subpath } = parsePackageName(specifier, base);
  const path = urlToPath(base);
  const own = packageJson.scope(path);
  if (own !== undefined && own.exports != null && own.name === name) return packageExportsResolve(own, subpath, base, conds);
  for (const folder of nodeModuleFolders(path)) {
    const target = `${folder}/${name}`;
    if (fs.internalModuleStat(target) !== 1) continue;
    const pkg = packageJson.read(target, { specifier, base });
    if (pkg?.exports != null) return packageExportsResolve(pkg, subpath, base, conds);
    const packageURL = pkg === undefined ? pathToURL(`${target}/package.json`).href : urlOfPackage(pkg);
    if (subpath === '.') return legacyMain(packageURL, pkg, base);
    return new URL(subpath, packageURL);
  }
  throw new ERR_MODULE_NOT_FOUND(name, path, null);
}

function legacyMain(packageURL, pkg, base) {
  const { URL } = require('internal/url');
  const names = [];
  if (pkg?.main !== undefined) {
    for (const suffix of ['', '.js', '.json', '.node', '/index.js', '/index.json', '/index.node']) names.push(`./${pkg.main}${suffix}`);
  }
  const given = names.length;
  names.push('./index.js', './index.json', './index.node');
  for (let i = 0; i < names.length; i++) {
    const url = new URL(names[i], packageURL);
    if (fs.internalModuleStat(urlToPath(url)) !== 0) continue;
    warnOfLegacyMain(url, packageURL, base, i < given ? pkg.main : undefined, i);
    return url;
  }
  throw new ERR_MODULE_NOT_FOUND(urlToPath(new URL(pkg?.main === undefined ? './index.js' : `./${pkg.main}`, packageURL)), urlToPath(base), null);
}

// An ES module that was found by a name which does not say it all.
function warnOfLegacyMain(url, packageURL, base, main, index) {
  if (index === 0 && main !== undefined) return;
  const path = urlToPath(url);
  if (formatOfPath(path) !== 'module') return;
  const folder = urlToPath(packageURL).slice(0, -'package.json'.length);
  const file = path.slice(folder.length);
  if (main !== undefined) {
    warnDeprecated(
      `Package ${folder} has a "main" field set to ${JSON.stringify(main)}, excluding the full filename and extension to the resolved ` +
      `file at "${file}", imported from ${urlToPath(base)}.\n Automatic extension resolution of the "main" field is deprecated for ES ` +
      'modules.', 'DEP0151');
    return;
  }
  warnDeprecated(
    `No "main" or "exports" field defined in the package.json for ${folder} resolving the main entry point "${file}", imported from ` +
    `${urlToPath(base)}.\nDefault "index" lookups for the main are deprecated for ES modules.`, 'DEP0151');
}

// An ES module specifier -> URL string. `parentURL` may be a data: URL.
function esmResolve(specifier, parentURL, conds = conditions('import')) {
  const { URL } = require('internal/url');
  const relative = specifier[0] === '/' || specifier.startsWith('./') || specifier.startsWith('../') ||
    specifier === '.' || specifier === '..';
  const fromData = parentURL?.startsWith('data:');
  let url;
  if (relative || (fromData && specifier[0] === '#')) {
    try {
      url = new URL(specifier, relative ? parentURL : undefined);
    } catch (cause) {
      const err = new ERR_UNSUPPORTED_RESOLVE_REQUEST(specifier, parentURL);
      err.cause = cause;
      throw err;
    }
  } else if (specifier[0] === '#') {
    url = packageImportsResolve(specifier, parentURL, conds);
  } else {
    try {
      url = new URL(specifier);
    } catch {
      const builtin = realm.normalize(specifier);
      if (builtin !== undefined) return `node:${builtin}`;
      if (fromData) throw new ERR_UNSUPPORTED_RESOLVE_REQUEST(specifier, parentURL);
      url = resolvePackage(specifier, parentURL, conds);
    }
  }
  // What cannot be loaded is found then: hooks may load it.
  return url.protocol === 'file:' ? finalize(url, parentURL) : url.href;
}

// A URL that is to be loaded without hooks.
function checkLoadable(href) {
  if (/^(file|data):/.test(href)) return;
  if (href.startsWith('node:')) {
    if (realm.normalize(href) === undefined) throw new ERR_UNKNOWN_BUILTIN_MODULE(href);
    return;
  }
  const { URL } = require('internal/url');
  const network = /^https?:/.test(href);
  throw new ERR_UNSUPPORTED_ESM_URL_SCHEME(new URL(href), network ? ['file', 'data'] : ['file', 'data', 'node']);
}

function finalize(url, parentURL) {
  const base = parentURL?.startsWith('file:') ? urlToPath(parentURL) : parentURL;
  if (encodedSeparator.test(url.pathname)) {
    throw new ERR_INVALID_MODULE_SPECIFIER(url.pathname, 'must not include encoded "/" or "\\" characters', base);
  }
  let path;
  try {
    path = urlToPath(url);
  } catch (err) {
    err.input = url.href;
    err.module = `${parentURL}`;
    throw err;
  }
  const isFolder = path.endsWith('/');
  const stat = fs.internalModuleStat(isFolder && path !== '/' ? path.slice(0, -1) : path);
  if (stat === 1 || (stat === 0 && isFolder)) {
    const err = new ERR_UNSUPPORTED_DIR_IMPORT(path, base);
    err.url = url.href;
    throw err;
  }
  if (stat !== 0) {
    const err = new ERR_MODULE_NOT_FOUND(path, base, url.href);
    err.url ??= url.href;
    throw err;
  }
  const { getOptionValue } = require('internal/options');
  if (!getOptionValue('--preserve-symlinks')) {
    const real = fs.realpath(path);
    if (typeof real === 'string' && (real !== path || url.pathname.includes('%'))) {
      const { search, hash } = url;
      url = pathToURL(real);
      url.search = search;
      url.hash = hash;
    }
  }
  return url.href;
}

function stripsTypes() { return require('internal/options').getOptionValue('--strip-types'); }

// Format by name alone: undefined where it takes a look inside.
function formatOfPath(path) {
  if (embedded.isEmbedded(path)) {
    const kind = embedded.kind(path);
    if (kind !== undefined && kind !== 'asset') return kind;
  }
  const dot = path.lastIndexOf('.');
  const ext = dot > path.lastIndexOf('/') ? path.slice(dot) : '';
  switch (ext) {
    case '.mjs': return 'module';
    case '.cjs': return 'commonjs';
    case '.json': return 'json';
    case '.wasm': return 'wasm';
    case '.node': return 'addon';
    case '.mts': return stripsTypes() ? 'module-typescript' : null;
    case '.cts': return stripsTypes() ? 'commonjs-typescript' : null;
    case '.js': {
      const type = packageJson.scope(path)?.type;
      if (type === 'module') return 'module';
      if (type === 'commonjs') return 'commonjs';
      // A package without a type in node_modules is looked into as any other.
      return undefined;
    }
    case '.ts': {
      if (!stripsTypes()) return null;
      const type = packageJson.scope(path)?.type;
      return type === 'module' ? 'module-typescript' : 'commonjs-typescript';
    }
    case '':
      return packageJson.scope(path)?.type === 'module' ? 'module' : undefined;
    default:
      return null;
  }
}

function unknownExtension(path) {
  const dot = path.lastIndexOf('.');
  return new ERR_UNKNOWN_FILE_EXTENSION(path.slice(dot), path);
}

const esmErrors = [
  'Cannot use import statement outside a module', "Unexpected token 'export'", "Cannot use 'import.meta' outside a module",
];
const maybeEsmErrors = [
  "Identifier '__filename' has already been declared", "Identifier '__dirname' has already been declared",
  "Identifier 'exports' has already been declared", "Identifier 'module' has already been declared",
  "Identifier 'require' has already been declared",
  'await is only valid in async functions and the top level bodies of modules',
];

// Whether a SyntaxError of compiling as CommonJS says that the source is an ES module.
function looksLikeModule(err, source, filename) {
  if (err?.name !== 'SyntaxError') return false;
  const { message } = err;
  if (esmErrors.some((text) => message.startsWith(text))) return true;
  if (!maybeEsmErrors.some((text) => message.startsWith(text)) && !message.includes('await')) return false;
  try {
    internalBinding('module_wrap').compile(source, filename, 0, 0, undefined, undefined);
    return true;
  } catch {
    return false;
  }
}

module.exports = {
  checkLoadable, conditions, packageExportsResolve, packageImportsResolve, parsePackageName, nodeModuleFolders, esmResolve, formatOfPath,
  unknownExtension, looksLikeModule, pathToURL, urlToPath,
  // Is told of every module, path or URL, where a watching parent wants to know (internal/watch/report).
  reportDependency: undefined,
};
