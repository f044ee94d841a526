'use strict';
// The first built-in: `require` among built-ins and `internalBinding`.
// Owns: which ids exist, which are public, the cache of loaded ones. Does not own: sources (Rust, `builtins.rs`), user modules
// (`internal/modules/`). Its parameters differ from every other built-in's: (exports, compile, ids, process, getBinding).

const compile = require;
const ids = module;

// Public only with the `node:` prefix.
const schemeOnly = new Set(['sea', 'sqlite', 'test', 'test/reporters', 'quic']);
const known = new Set(ids);
const cache = new Map();
const bindings = new Map();
let onBinding;

function getBinding(name) {
  let found = bindings.get(name);
  if (found === undefined) {
    found = internalBinding(name);
    bindings.set(name, found);
    onBinding?.(name, found);
  }
  return found;
}

class BuiltinModule {
  constructor(id) {
    this.id = id;
    this.exports = {};
    this.loaded = false;
  }
}

function requireBuiltin(id) {
  let found = cache.get(id);
  if (found !== undefined) return found.exports;
  if (id === 'internal/bootstrap/realm') return realm;
  if (!known.has(id) && unavailable().has(id)) {
    found = new BuiltinModule(id);
    found.exports = unavailable().make(id);
    cache.set(id, found);
    return found.exports;
  }
  const fn = compile(id);
  if (fn === undefined) throw new Error(`No such built-in module: ${id}`);
  found = new BuiltinModule(id);
  cache.set(id, found);
  try {
    fn.call(undefined, found.exports, requireBuiltin, found, process, getBinding);
  } catch (err) {
    cache.delete(id);
    throw err;
  }
  found.loaded = true;
  return found.exports;
}

function unavailable() {
  return requireBuiltin('internal/unavailable');
}

function isPublic(id) {
  if (id === 'sqlite' && !requireBuiltin('internal/options').getOptionValue('--experimental-sqlite')) return false;
  return (known.has(id) || unavailable().has(id)) && !id.startsWith('internal/');
}

const realm = {
  requireBuiltin,
  // 'fs' and 'node:fs' are; 'test' is only as 'node:test'.
  isBuiltin(request) {
    if (request.startsWith('node:')) return isPublic(request.slice(5));
    return isPublic(request) && !schemeOnly.has(request);
  },
  // The id of the built-in that a request means, or undefined.
  normalize(request) {
    if (request.startsWith('node:')) {
      const id = request.slice(5);
      return isPublic(id) ? id : undefined;
    }
    return isPublic(request) && !schemeOnly.has(request) ? request : undefined;
  },
  exists: (id) => known.has(id),
  publicIds() {
    const out = [];
    for (const id of new Set([...known, ...unavailable().ids()])) {
      if (!isPublic(id)) continue;
      out.push(schemeOnly.has(id) ? `node:${id}` : id);
    }
    return out;
  },
  isLoaded: (id) => cache.has(id),
  // Tells `listener` of each binding, also of those that are there.
  watchBindings(listener) {
    onBinding = listener;
    bindings.forEach((binding, name) => listener?.(name, binding));
  },
  loadedIds: () => [...cache.keys()],
};

requireBuiltin('internal/bootstrap/node');
return requireBuiltin;
