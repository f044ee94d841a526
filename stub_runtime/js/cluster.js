'use strict';
// node:cluster: in a process that a primary forked as its worker `internal/cluster/child.js`, otherwise
// `internal/cluster/primary.js`.

module.exports = !Object.hasOwn(process.env, 'NODE_UNIQUE_ID') ?
  require('internal/cluster/primary') : require('internal/cluster/child');
