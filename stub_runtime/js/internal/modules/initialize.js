'use strict';
// Connects the loaders with V8 at every start.

function initializeModules() {
  internalBinding('module_wrap').setCallbacks(
    (specifier, attributes, hostId, referrer) =>
      require('internal/modules/esm/loader').importModuleDynamically(specifier, attributes, hostId, referrer),
    (record, meta) => require('internal/modules/esm/loader').initializeImportMeta(record, meta));
  const { Module } = require('internal/modules/cjs/loader');
  Module._initPaths();
}

module.exports = { initializeModules };
