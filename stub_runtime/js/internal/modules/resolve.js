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

const invalidSegment = /(^|\\|\/)((\.|%2e)(\.|%2e)?|(n|%6e|%4e)(o|%6f|%4f)(d|%64|%44)(e|%65|%45)(_|%5f)(m|%6d|%4d)(o|%6f|%4f)(d|%64|%44)(u|%75|%55)(l|%6c|%4c)(e|%65|%45)(s|%73|%53))?(\\|\/|$)/i;
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

function notExported(subpath, pkg, base) {
  const folder = pkg.path.slice(0, -'package.json'.length);
  return new ERR_PACKAGE_PATH_NOT_EXPORTED(folder, subpath, base);
}

// A target string, array or object of conditions -> absolute path or 'node:x' or null (blocked) or undefined (no match).
function resolveTarget(pkg, target, subpath, match, isImports, base, conds) {
  if (typeof target === 'string') {
    return resolveTargetString(pkg, target, subpath, match, isImports, base, conds);
  }
  if (Array.isArray(target)) {
    if (target.length === 0) return null;
    let lastError;
    let last;
    for (const item of target) {
      try {
        last = resolveTarget(pkg, item, subpath, match, isImports, base, conds);
      } catch (err) {
        if (err.code !== 'ERR_INVALID_PACKAGE_TARGET') throw err;
        lastError = err;
        continue;
      }
      if (last === undefined) continue;
      if (last === null) {
        lastError = null;
        continue;
      }
      return last;
    }
    if (lastError == null) return lastError === null ? null : undefined;
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
      const found = resolveTarget(pkg, target[key], subpath, match, isImports, base, conds);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (target === null) return null;
  throw invalidTarget(pkg, target, subpath, match, isImports, base);
}

function invalidTarget(pkg, target, subpath, match, isImports, base) {
  const folder = pkg.path.slice(0, -'package.json'.length);
  const shown = typeof target === 'object' && target !== null ? JSON.stringify(target, null, '') : `${target}`;
  return new ERR_INVALID_PACKAGE_TARGET(folder, match ?? subpath, shown, isImports, base);
}

function resolveTargetString(pkg, target, subpath, match, isImports, base, conds) {
  const isPattern = subpath !== '' && match?.includes('*');
  if (subpath !== '' && !isPattern && !target.endsWith('/')) throw invalidTarget(pkg, target, subpath, match, isImports, base);
  if (!target.startsWith('./')) {
    if (isImports && !target.startsWith('../') && !target.startsWith('/')) {
      const request = isPattern ? target.replaceAll('*', () => subpath) : target;
      let isURL = true;
      try {
        new (require('internal/url').URL)(target);
      } catch {
        isURL = false;
      }
      if (!isURL || target.startsWith('node:')) {
        return resolvePackage(request, pkg.path, conds).path;
      }
    }
    throw invalidTarget(pkg, target, subpath, match, isImports, base);
  }
  if (invalidSegment.test(target.slice(2))) throw invalidTarget(pkg, target, subpath, match, isImports, base);
  if (isPattern && invalidSegment.test(subpath)) {
    const reason = `request is not a valid match in pattern "${match}" for the "${isImports ? 'imports' : 'exports'}" resolution of ${pkg.path}`;
    throw new ERR_INVALID_MODULE_SPECIFIER(match.replace('*', () => subpath), reason, base);
  }
  const { join } = require('path');
  const folder = pkg.path.slice(0, -'package.json'.length);
  return join(folder, isPattern ? target.replaceAll('*', () => subpath) : target);
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

// The best pattern key of `map` for `request`: [key, what * stands for] or undefined.
function matchPattern(map, request) {
  let best;
  let star;
  for (const key of Object.keys(map)) {
    const i = key.indexOf('*');
    if (i === -1 || !request.startsWith(key.slice(0, i))) continue;
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

// A package's `exports` for './sub' (or '.') -> absolute path.
function packageExportsResolve(pkg, subpath, base, conds) {
  let { exports } = pkg;
  if (isSugar(exports, pkg, base)) exports = { '.': exports };
  if (Object.hasOwn(exports, subpath) && !subpath.includes('*') && !subpath.endsWith('/')) {
    const found = resolveTarget(pkg, exports[subpath], '', subpath, false, base, conds);
    if (found == null) throw notExported(subpath, pkg, base);
    return found;
  }
  const match = matchPattern(exports, subpath);
  if (match !== undefined) {
    const found = resolveTarget(pkg, exports[match[0]], match[1], match[0], false, base, conds);
    if (found == null) throw notExported(subpath, pkg, base);
    return found;
  }
  throw notExported(subpath, pkg, base);
}

// `#name` of the package around `base` (a path) -> absolute path or 'node:x'.
function packageImportsResolve(name, base, conds) {
  if (name === '#' || name.endsWith('/')) {
    throw new ERR_INVALID_MODULE_SPECIFIER(name, 'is not a valid internal imports specifier name', base);
  }
  const pkg = packageJson.scope(base);
  if (pkg?.imports !== undefined) {
    const { imports } = pkg;
    if (Object.hasOwn(imports, name) && !name.includes('*')) {
      const found = resolveTarget(pkg, imports[name], '', name, true, base, conds);
      if (found != null) return found;
    } else {
      const match = matchPattern(imports, name);
      if (match !== undefined) {
        const found = resolveTarget(pkg, imports[match[0]], match[1], match[0], true, base, conds);
        if (found != null) return found;
      }
    }
  }
  throw new ERR_PACKAGE_IMPORT_NOT_DEFINED(name, pkg && pkg.path.slice(0, -'package.json'.length), base);
}

// 'pkg/sub' -> { name, subpath: './sub' }
function parsePackageName(specifier, base) {
  let end = specifier.indexOf('/');
  let valid = specifier !== '';
  if (specifier[0] === '@') {
    if (end === -1) valid = false;
    else end = specifier.indexOf('/', end + 1);
  }
  const name = end === -1 ? specifier : specifier.slice(0, end);
  if (/^\.|%|\\/.test(name)) valid = false;
  if (!valid) throw new ERR_INVALID_MODULE_SPECIFIER(specifier, 'is not a valid package name', base);
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

// A bare specifier from the file `base` -> { path } absolute or 'node:x'.
function resolvePackage(specifier, base, conds) {
  const builtin = realm.normalize(specifier);
  if (builtin !== undefined) return { path: `node:${builtin}` };
  if (specifier.startsWith('node:')) throw new ERR_UNKNOWN_BUILTIN_MODULE(specifier);
  const { name, subpath } = parsePackageName(specifier, base);
  const own = packageJson.scope(base);
  if (own !== undefined && own.exports != null && own.name === name) {
    return { path: packageExportsResolve(own, subpath, base, conds) };
  }
  for (const folder of nodeModuleFolders(base)) {
    const target = `${folder}/${name}`;
    if (fs.internalModuleStat(target) !== 1) continue;
    const pkg = packageJson.read(target);
    if (pkg?.exports != null) return { path: packageExportsResolve(pkg, subpath, base, conds) };
    if (subpath === '.') return { path: legacyMain(target, pkg, base) };
    return { path: require('path').join(target, subpath) };
  }
  throw new ERR_MODULE_NOT_FOUND(name, base, null);
}

function legacyMain(folder, pkg, base) {
  const { join } = require('path');
  if (pkg?.main !== undefined) {
    for (const suffix of ['', '.js', '.json', '.node', '/index.js', '/index.json', '/index.node']) {
      const path = join(folder, pkg.main + suffix);
      if (fs.internalModuleStat(path) === 0) return path;
    }
  }
  for (const name of ['index.js', 'index.json', 'index.node']) {
    const path = join(folder, name);
    if (fs.internalModuleStat(path) === 0) return path;
  }
  throw new ERR_MODULE_NOT_FOUND(join(folder, pkg?.main ?? 'index.js'), base, null);
}

// An ES module specifier -> URL string. `parentURL` may be a data: URL.
function esmResolve(specifier, parentURL, conds = conditions('import')) {
  const { URL } = require('internal/url');
  const relative = specifier[0] === '/' || specifier.startsWith('./') || specifier.startsWith('../') ||
    specifier === '.' || specifier === '..';
  const fromData = parentURL?.startsWith('data:');
  let url;
  if (relative) {
    try {
      url = new URL(specifier, parentURL);
    } catch (cause) {
      const err = new ERR_UNSUPPORTED_RESOLVE_REQUEST(specifier, parentURL);
      err.cause = cause;
      throw err;
    }
  } else if (specifier[0] === '#') {
    const path = packageImportsResolve(specifier, urlToPath(parentURL), conds);
    if (path.startsWith('node:')) return path;
    url = pathToURL(path);
  } else {
    try {
      url = new URL(specifier);
    } catch {
      const builtin = realm.normalize(specifier);
      if (builtin !== undefined) return `node:${builtin}`;
      if (fromData) throw new ERR_UNSUPPORTED_RESOLVE_REQUEST(specifier, parentURL);
      const { path } = resolvePackage(specifier, urlToPath(parentURL), conds);
      if (path.startsWith('node:')) return path;
      url = pathToURL(path);
    }
  }
  if (url.protocol === 'node:') {
    if (realm.normalize(url.href) === undefined) throw new ERR_UNKNOWN_BUILTIN_MODULE(url.href);
    return url.href;
  }
  if (url.protocol === 'data:') return url.href;
  if (url.protocol !== 'file:') {
    const network = url.protocol === 'http:' || url.protocol === 'https:';
    throw new ERR_UNSUPPORTED_ESM_URL_SCHEME(url, network ? ['file', 'data'] : ['file', 'data', 'node']);
  }
  return finalize(url, parentURL);
}

function finalize(url, parentURL) {
  if (encodedSeparator.test(url.pathname)) {
    throw new ERR_INVALID_MODULE_SPECIFIER(url.pathname, 'must not include encoded "/" or "\\" characters',
                                           parentURL === undefined ? undefined : urlToPath(parentURL));
  }
  let path = urlToPath(url);
  const stat = fs.internalModuleStat(path.endsWith('/') ? path.slice(0, -1) : path);
  const base = parentURL?.startsWith('file:') ? urlToPath(parentURL) : parentURL;
  if (stat === 1) {
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
    if (typeof real === 'string' && real !== path) {
      const { search, hash } = url;
      url = pathToURL(real + (path.endsWith('/') ? '/' : ''));
      url.search = search;
      url.hash = hash;
      path = real;
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
  conditions, packageExportsResolve, packageImportsResolve, parsePackageName, nodeModuleFolders, esmResolve, formatOfPath,
  unknownExtension, looksLikeModule, pathToURL, urlToPath,
  // Is told of every module, path or URL, where a watching parent wants to know (internal/watch/report).
  reportDependency: undefined,
};
