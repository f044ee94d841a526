'use strict';
// node:sqlite: what it exports. Databases are in `internal/sqlite/database`, statements in `internal/sqlite/statement`.

const { DatabaseSync, Session } = require('internal/sqlite/database');
const { StatementSync } = require('internal/sqlite/statement');
const { constants } = require('internal/sqlite/constants');
const { backup } = require('internal/sqlite/backup');

module.exports = { DatabaseSync, StatementSync, Session, constants, backup };
