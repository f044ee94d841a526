'use strict';
// `import()` in code that vm compiled: under a host id, Rust finds the program's own function.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const callbacks = require('internal/modules/esm/host_callbacks');

const constants = Object.freeze({
  __proto__: null,
  USE_MAIN_CONTEXT_DEFAULT_LOADER: Symbol('vm_dynamic_import_main_context_default'),
  DONT_CONTEXTIFY: Symbol('vm_context_no_contextify'),
});

// The host id of code whose `importModuleDynamically` is `callback`, undefined for the default loader. `owner()` is what was
// compiled; the code keeps the id alive, and the id the callback.
function hostId(callback, owner, name) {
  if (callback === undefined) return noImport();
  if (callback === constants.USE_MAIN_CONTEXT_DEFAULT_LOADER) return undefined;
  if (typeof callback !== 'function') throw new ERR_INVALID_ARG_TYPE(name, 'function', callback);
  const id = Symbol(name);
  callbacks.register(id, async (specifier, attributes) => {
    if (!require('internal/options').getOptionValue('--experimental-vm-modules')) {
      const { codes: { ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG } } = require('internal/errors');
      throw new ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG();
    }
    const result = await callback(specifier, owner(), attributes, 'evaluation');
    const { isModuleNamespaceObject } = require('internal/util/types');
    if (isModuleNamespaceObject(result)) return result;
    return require('internal/vm/module').namespaceOf(result);
  });
  return id;
}

let noImportId;
function noImport() {
  if (noImportId === undefined) {
    noImportId = Symbol('vm without importModuleDynamically');
    callbacks.register(noImportId, async () => {
      const { codes: { ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING } } = require('internal/errors');
      throw new ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING();
    });
  }
  return noImportId;
}

module.exports = { constants, hostId };
