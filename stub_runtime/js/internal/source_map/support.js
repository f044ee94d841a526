'use strict';
// Whether maps that files name in `//# sourceMappingURL=` are read: --enable-source-maps, process.setSourceMapsEnabled(),
// module.setSourceMapsSupport(). Owns: the switches. What they do is in `enabled.js`, which is loaded when they are first on.

// `collect(filename, source)` is told of every module where coverage asks.
const support = { __proto__: null, enabled: false, nodeModules: false, generatedCode: false, collect: undefined };

function setSupport(enabled, { nodeModules, generatedCode }) {
  support.enabled = enabled;
  support.nodeModules = enabled && nodeModules;
  support.generatedCode = enabled && generatedCode;
  require('internal/errors').setInternalPrepareStackTrace(enabled ? require('internal/source_map/enabled').renderStack : undefined);
}

// Called by loaders with every module they compile.
function noteSource(filename, source, owner) {
  if (support.enabled) require('internal/source_map/enabled').note(filename, source, owner);
  if (support.collect !== undefined) support.collect(filename, source);
}

module.exports = { noteSource, setSupport, support };
