'use strict';
// node:dns.
const { isIP } = require('internal/net');
function lookup(hostname, options, callback) {
  if (typeof options === 'function') { callback = options; options = {}; }
  const ip = isIP(hostname) ? hostname : '127.0.0.1';
  process.nextTick(() => {
    if (options.all) callback(null, [{ address: ip, family: isIP(ip) }]);
    else callback(null, ip, isIP(ip));
  });
}
module.exports = { lookup, ADDRCONFIG: 1024 };
