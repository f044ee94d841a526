'use strict';
// Code that answers `import()` and `import.meta` itself: vm's importModuleDynamically and SourceTextModule.

// Under symbols that nothing else holds than the code.
const imports = new WeakMap();
const metas = new Map();

module.exports = {
  // `id` is the host id given when the code was compiled: fn(specifier, attributes) -> promise of a namespace.
  register: (id, fn) => imports.set(id, fn),
  get: (id) => (typeof id === 'symbol' ? imports.get(id) : undefined),
  registerMeta: (record, fn) => metas.set(record, fn),
  meta: (record) => metas.get(record),
};
