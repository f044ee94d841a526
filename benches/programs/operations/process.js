// process, os, child processes, names, vm.
'use strict';
const { execFile, spawn, spawnSync } = require('node:child_process');
const dns = require('node:dns');
const os = require('node:os');
const vm = require('node:vm');

module.exports = (op) => {
  op('memoryUsage', () => process.memoryUsage());
  op('memoryUsage.rss', () => process.memoryUsage.rss());
  op('cpuUsage', () => process.cpuUsage());
  op('resourceUsage', () => process.resourceUsage());
  op('cwd', () => process.cwd());
  op('env read', () => process.env.PATH);
  op('env read, missing', () => process.env.NOT_THERE);
  op('env write', () => { process.env.WRITTEN = 'x'; });
  op('env all', () => ({ ...process.env }));
  op('umask', () => process.umask());
  op('os.cpus', () => os.cpus());
  op('os.hostname', () => os.hostname());
  op('os.freemem', () => os.freemem());
  op('os.networkInterfaces', () => os.networkInterfaces());
  op('spawnSync true', () => spawnSync('/bin/true'));
  op('execFile true', () => new Promise((done) => execFile('/bin/true', done)));
  op('spawn true', () => new Promise((done) => spawn('/bin/true').on('close', done)));
  op('dns.lookup localhost', () => new Promise((done) => dns.lookup('localhost', done)));
  op('dns.lookup 127.0.0.1', () => new Promise((done) => dns.lookup('127.0.0.1', done)));
  const script = new vm.Script('1 + 1');
  const context = vm.createContext({});
  op('vm runInThisContext', () => script.runInThisContext());
  op('vm runInContext', () => script.runInContext(context));
  op('new vm.Script', () => new vm.Script('var a = 1; a + 1'));
  op('require a built-in', () => require('fs'));
};
