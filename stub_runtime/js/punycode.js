'use strict';
// node:punycode, which is deprecated. The algorithm is in `internal/punycode`.

const { isInsideNodeModules } = require('internal/util');

// Packages that bring their own copy by this name must not warn.
if (require('internal/options').getOptionValue('--pending-deprecation') || !isInsideNodeModules(100, true)) {
  process.emitWarning(
    'The `punycode` module is deprecated. Please use a userland alternative instead.',
    'DeprecationWarning', 'DEP0040');
}

module.exports = require('internal/punycode');
