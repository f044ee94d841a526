'use strict';
// node:inspector: V8's debugger and profilers, for the program itself (Session) and for others (open).

const { makeInspector } = require('internal/inspector/module');
const { Session } = require('internal/inspector/session');

module.exports = makeInspector(Session);
