'use strict';
// In a child of a watching process: tells the parent what is loaded, and what was looked for and is not there.

const resolver = require('internal/modules/resolve');

function install() {
  const told = new Set();
  const send = (key, name) => {
    if (told.has(name) || !process.connected) return;
    told.add(name);
    process.send({ [key]: [name] });
  };
  resolver.reportDependency = (name) => {
    if (name.startsWith('/')) send('watch:require', name);
    else if (name.startsWith('file:')) send('watch:import', name.replace(/[?#].*$/, ''));
  };
}

module.exports = { install };
