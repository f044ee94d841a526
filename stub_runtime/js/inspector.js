'use strict';
// node:inspector. There is no debugger to open and no session to connect; what asks whether one is there gets an answer.

const { makeInspector } = require('internal/inspector/session');

module.exports = makeInspector(false);
