'use strict';
// node:assert/strict: assert without the loose comparisons.

module.exports = require('assert').strict;
