'use strict';
// package.json files: read once, and the nearest one above a file.

const { isEmbedded, root } = require('internal/modules/embedded');
const fs = internalBinding('fs');

const cache = new Map();

// `asker`: { specifier, base }, what is asked for and the URL that asks, where `import` reads a package.
function parse(path, text, asker) {
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    const { nativeError } = require('internal/errors');
    const importing = asker === undefined ?
      '' : ` while importing "${asker.specifier}" from ${require('internal/url').fileURLToPath(asker.base)}`;
    throw nativeError(Error, 'ERR_INVALID_PACKAGE_CONFIG', `Invalid package config ${path}${importing}.`, parse);
  }
  const own = (name) => (json !== null && typeof json === 'object' && Object.hasOwn(json, name) ? json[name] : undefined);
  const string = (value) => (typeof value === 'string' ? value : undefined);
  const type = own('type');
  const exports = own('exports');
  return {
    path,
    name: string(own('name')),
    main: string(own('main')),
    exports: typeof exports === 'string' || typeof exports === 'object' ? exports : undefined,
    imports: typeof own('imports') === 'object' && own('imports') !== null ? own('imports') : undefined,
    // As a URL, see resolve.js.
    url: undefined,
    type: type === 'module' || type === 'commonjs' ? type : 'none',
  };
}

// The package.json in a folder, or undefined.
function read(folder, asker) {
  const path = folder.endsWith('/') ? `${folder}package.json` : `${folder}/package.json`;
  let found = cache.get(path);
  if (found === undefined) {
    const text = fs.readPackageJson(path);
    found = typeof text === 'string' ? parse(path, text, asker) : null;
    cache.set(path, found);
  }
  return found ?? undefined;
}

// The nearest package.json at or above a file's folder; not above a node_modules folder nor the embedded root.
function scope(path) {
  const stop = isEmbedded(path) ? root.length : 0;
  let end = path.lastIndexOf('/');
  while (end >= stop && end >= 0) {
    const folder = path.slice(0, end);
    if (folder.endsWith('/node_modules')) return undefined;
    const found = read(folder === '' ? '/' : folder);
    if (found !== undefined) return found;
    // lastIndexOf takes a negative place for 0.
    end = end === 0 ? -1 : path.lastIndexOf('/', end - 1);
  }
  return undefined;
}

module.exports = { read, scope, clear: () => cache.clear() };
