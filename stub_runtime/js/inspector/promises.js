'use strict';
// node:inspector/promises: as node:inspector, `Session.post` gives a promise.

const { makeInspector } = require('internal/inspector/module');
const { PromiseSession } = require('internal/inspector/session');

module.exports = makeInspector(PromiseSession);
