'use strict';
// What this machine says about names: resolv.conf, hosts, services. Read when needed: they may change.

const { isIP } = require('internal/net');
const fs = internalBinding('fs');

function read(path) {
  const text = fs.readOwnFile(path);
  return typeof text === 'string' ? text : '';
}

// Lines of words, without comments.
function* lines(path, comment) {
  for (const line of read(path).split('\n')) {
    const words = line.replace(comment, '').trim().split(/\s+/);
    if (words[0] !== '') yield words;
  }
}

// { servers: [[ip, port]], search, ndots, attempts, timeout (ms) }
function resolverConfig() {
  const config = { servers: [], search: [], ndots: 1, attempts: 2, timeout: 5000 };
  for (const [keyword, ...values] of lines('/etc/resolv.conf', /[#;].*/)) {
    if (keyword === 'nameserver' && isIP(values[0])) {
      config.servers.push([values[0], 53]);
    } else if (keyword === 'search' || keyword === 'domain') {
      config.search = values;
    } else if (keyword === 'options') {
      for (const option of values) {
        const [name, value] = option.split(':', 2);
        if (name === 'ndots') config.ndots = Math.min(Number(value), 15);
        else if (name === 'attempts') config.attempts = Math.min(Number(value), 5);
        else if (name === 'timeout') config.timeout = Math.min(Number(value), 30) * 1000;
      }
    }
  }
  if (config.servers.length === 0) config.servers.push(['127.0.0.1', 53]);
  return config;
}

// Addresses of a name in the hosts file.
function hostAddresses(name) {
  const wanted = name.toLowerCase();
  const found = [];
  for (const [address, ...names] of lines('/etc/hosts', /#.*/)) {
    if (isIP(address) && names.some((n) => n.toLowerCase() === wanted) && !found.includes(address)) found.push(address);
  }
  return found;
}

// Names of an address in the hosts file.
function hostNames(address) {
  const found = [];
  for (const [ip, ...names] of lines('/etc/hosts', /#.*/)) {
    if (ip === address) found.push(...names);
  }
  return found;
}

// The name of a port, or its digits.
function serviceName(port) {
  for (const [name, value] of lines('/etc/services', /#.*/)) {
    if (value === `${port}/tcp` || value === `${port}/udp`) return name;
  }
  return `${port}`;
}

module.exports = { hostAddresses, hostNames, resolverConfig, serviceName };
