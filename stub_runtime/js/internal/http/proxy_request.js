'use strict';
// Rewrites a plain request so that it can go to a proxy (RFC 7230 5.3.2).

const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { checkShouldUseProxy, kProxyConfig } = require('internal/http/proxy');
const { URL } = require('internal/url');
const { validatePort } = require('internal/validators');

function hostFromList(headers) {
  const pairs = [];
  if (headers.length > 0 && Array.isArray(headers[0])) {
    headers.forEach((entry, i) => {
      if (!Array.isArray(entry)) {
        throw new ERR_INVALID_ARG_VALUE(
          `options.headers[${i}]`, typeof entry, 'must be an array when headers is passed as an array of pairs');
      }
      pairs.push(entry);
    });
  } else {
    for (let i = 0; i + 1 < headers.length; i += 2) pairs.push([headers[i], headers[i + 1]]);
  }
  const hosts = pairs.filter(([name]) => `${name}`.toLowerCase() === 'host');
  if (hosts.length > 1) {
    throw new ERR_INVALID_ARG_VALUE('options.headers', '(redacted)', 'must not contain duplicate Host headers');
  }
  return hosts.length === 0 ? undefined : `${hosts[0][1]}`;
}

function isSameAuthority(expected, header) {
  let url;
  try {
    url = new URL(`http://${header}`);
  } catch {
    return false;
  }
  if (url.username || url.password || url.pathname !== '/' || url.search || url.hash) return false;
  return url.host === expected;
}

// The absolute URL of the request; errors where path, Host header and address name different places.
function requestURL(path, authority, userHost, list) {
  validatePort(authority.port, 'options.port', true);
  const base = new URL(`http://${authority.host}`);
  base.port = authority.port;
  const header = list === undefined ? userHost : hostFromList(list);
  const same = list === undefined ? (h) => isSameAuthority(base.host, h) : (h) => h === base.host;
  if (header !== undefined && !same(header)) {
    throw new ERR_INVALID_ARG_VALUE('Host in options.headers', header, `must match the request authority (${base.host})`);
  }
  path = `${path}`;
  let url;
  try {
    url = new URL(path);
  } catch {
    if (path[0] !== '/') {
      throw new ERR_INVALID_ARG_VALUE('options.path', path, 'must be in absolute-form or start with /');
    }
    return { base, url: new URL(base.origin + path) };
  }
  if (url.username || url.password) {
    url.username = '';
    url.password = '';
    throw new ERR_INVALID_ARG_VALUE('options.path', url.href, 'must not contain userinfo, use options.auth instead');
  }
  if (url.protocol !== 'http:') {
    throw new ERR_INVALID_ARG_VALUE(
      'options.path', url.protocol, 'must use http: scheme when specified as an absolute URL');
  }
  if (base.host !== url.host) {
    throw new ERR_INVALID_ARG_VALUE('options.path', url, `must match the request authority (${base.host})`);
  }
  return { base, url };
}

function rewriteForProxy(req, options, authority, userHost, list) {
  const { agent } = req;
  const config = agent[kProxyConfig];
  if (req._header || (options.protocol || agent.protocol) !== 'http:' || !checkShouldUseProxy(config, options)) return;
  let url;
  if (req.method !== 'CONNECT' && !(req.method === 'OPTIONS' && req.path === '*')) {
    const target = requestURL(req.path, authority, userHost, list);
    url = target.url;
    if (list === undefined) {
      const host = req.getHeader('host');
      if (host !== undefined && host !== target.base.host) req.setHeader('Host', target.base.host);
    }
  }
  if (config.auth) req.setHeader('proxy-authorization', config.auth);
  req.setHeader('proxy-connection', req.shouldKeepAlive ? 'keep-alive' : 'close');
  if (url !== undefined) req.path = url.href;
}

module.exports = { rewriteForProxy };
