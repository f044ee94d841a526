'use strict';
// The canonicalizers of the URL Pattern standard: fixed text of a component as the URL parser would
// write it. What is no such component throws.

const { patternError } = require('internal/urlpattern/pattern');
const binding = internalBinding('url');

const DEFAULT_PORTS = { '__proto__': null, 'http': '80', 'https': '443', 'ws': '80', 'wss': '443', 'ftp': '21', 'file': '' };

function isSpecialScheme(scheme) {
  return scheme in DEFAULT_PORTS;
}

function dummy() {
  const { URL } = require('internal/url');
  return new URL('https://dummy.invalid/');
}

function protocol(value) {
  if (value === '') return '';
  const { URL } = require('internal/url');
  const url = URL.parse(`${value}://dummy.invalid/`);
  if (url === null) throw patternError();
  return url.protocol.slice(0, -1);
}

function username(value) {
  if (value === '') return '';
  const url = dummy();
  url.username = value;
  return url.username;
}

function password(value) {
  if (value === '') return '';
  const url = dummy();
  url.password = value;
  return url.password;
}

function hostOf(value, special) {
  if (value === '') return '';
  const host = binding.canonicalHost(value, special);
  if (host === undefined) throw patternError();
  return host;
}

function hostname(value) {
  return hostOf(value, true);
}

function opaqueHostname(value) {
  return hostOf(value, false);
}

function ipv6Hostname(value) {
  if (/[^0-9a-fA-F[\]:]/.test(value)) throw patternError();
  return value.toLowerCase();
}

function port(value, scheme) {
  if (value === '') return '';
  const digits = /^[0-9]+/.exec(value.replace(/[\t\n\r]/g, ''))?.[0];
  if (digits === undefined || Number(digits) > 65535) throw patternError();
  const number = String(Number(digits));
  return scheme !== undefined && DEFAULT_PORTS[scheme] === number ? '' : number;
}

function pathname(value) {
  if (value === '') return '';
  const url = dummy();
  // What does not begin with a slash must not get one.
  const absolute = value[0] === '/';
  url.pathname = absolute ? value : `/-${value}`;
  return absolute ? url.pathname : url.pathname.slice(2);
}

function opaquePathname(value) {
  return value.toWellFormed().replace(/[^\x20-\x7e]+/g, encodeURIComponent);
}

function search(value) {
  if (value === '') return '';
  const url = dummy();
  url.search = `?${value}`;
  return url.search.slice(1);
}

function hash(value) {
  if (value === '') return '';
  const url = dummy();
  url.hash = `#${value}`;
  return url.hash.slice(1);
}

module.exports = {
  DEFAULT_PORTS, hash, hostname, ipv6Hostname, isSpecialScheme, opaqueHostname, opaquePathname, password, pathname,
  port, protocol, search, username,
};
