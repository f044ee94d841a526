'use strict';
// TypeScript files that are loaded from disk at run time. `pack build` strips types; the runtime has no compiler of its own.

const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');

function stripTypeScriptTypes(source, filename) {
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`Loading TypeScript at run time (${filename})`);
}

module.exports = { stripTypeScriptTypes };
