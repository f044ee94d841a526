'use strict';
// node:constants, deprecated: the constants of os, fs and crypto in one object.

const { constants: os } = require('os');

module.exports = Object.freeze(Object.assign(
  {}, os.dlopen, os.errno, os.priority, os.signals, require('fs').constants, require('crypto').constants));
