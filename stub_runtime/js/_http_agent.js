'use strict';
// Deprecated public door to http's agents.

module.exports = require('internal/http/agent');
