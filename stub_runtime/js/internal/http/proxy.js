'use strict';
// Proxies from the environment, where the program asked for them (`proxyEnv`, setGlobalProxyFromEnv).

const { codes: { ERR_PROXY_INVALID_CONFIG } } = require('internal/errors');
const { isIPv4 } = require('internal/net');

function ipToInt(ip) {
  return ip.split('.').reduce((value, octet) => value * 256 + Number.parseInt(octet, 10), 0);
}

// One proxy: where it is, the proxy-authorization header it wants, and the hosts that do not go through it.
class ProxyConfig {
  constructor(proxyUrl, keepAlive, noProxyList) {
    let url;
    try {
      const { URL } = require('internal/url');
      url = new URL(proxyUrl);
    } catch {
      throw new ERR_PROXY_INVALID_CONFIG(`Invalid proxy URL: ${proxyUrl}`);
    }
    const { hostname, port, protocol, username, password } = url;
    this.href = proxyUrl;
    this.protocol = protocol;
    if (username || password) {
      url.username = '';
      url.password = '';
      this.href = url.href;
      const auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      this.auth = `Basic ${Buffer.from(auth).toString('base64')}`;
    }
    this.bypassList = noProxyList ? noProxyList.split(',').map((entry) => entry.trim().toLowerCase()) : [];
    this.proxyConnectionOptions = {
      host: hostname[0] === '[' ? hostname.slice(1, -1) : hostname,
      port: port ? Number(port) : protocol === 'https:' ? 443 : 80,
    };
  }

  shouldUseProxy(hostname, port) {
    const host = hostname.toLowerCase();
    const hostWithPort = port ? `${host}:${port}` : host;
    return !this.bypassList.some((entry) => matches(entry, host, hostWithPort));
  }
}

function matches(entry, host, hostWithPort) {
  if (entry === '*' || entry === host || entry === hostWithPort) return true;
  // .example.com: the domain and what is below it.
  if (entry[0] === '.') {
    const suffix = entry.slice(1);
    if (host === suffix || host.endsWith(entry)) return true;
  }
  if (entry.startsWith('*.') && host.endsWith(entry.slice(1))) return true;
  if (entry.includes('-') && isIPv4(host)) {
    const [first, last] = entry.split('-', 2).map((ip) => ip.trim());
    if (isIPv4(first) && isIPv4(last)) {
      const ip = ipToInt(host);
      return ip >= ipToInt(first) && ip <= ipToInt(last);
    }
  }
  return false;
}

// The proxy's URL for a protocol, or null.
function parseProxyUrl(env, protocol) {
  const url = protocol === 'https:' ? env.https_proxy || env.HTTPS_PROXY : env.http_proxy || env.HTTP_PROXY;
  if (!url) return null;
  if (url.includes('\r') || url.includes('\n')) throw new ERR_PROXY_INVALID_CONFIG(`Invalid proxy URL: ${url}`);
  return url;
}

function parseProxyConfigFromEnv(env, protocol, keepAlive) {
  if (protocol !== 'http:' && protocol !== 'https:') return null;
  const url = parseProxyUrl(env, protocol);
  // Other kinds (socks) are for others to handle.
  if (url === null || (!url.startsWith('http://') && !url.startsWith('https://'))) return null;
  return new ProxyConfig(url, keepAlive, env.no_proxy || env.NO_PROXY);
}

function checkShouldUseProxy(config, options) {
  if (!config || options.socketPath) return false;
  return config.shouldUseProxy(options.host || 'localhost', options.port);
}

module.exports = {
  checkShouldUseProxy,
  kProxyConfig: Symbol('kProxyConfig'),
  kWaitForProxyTunnel: Symbol('kWaitForProxyTunnel'),
  parseProxyConfigFromEnv,
  parseProxyUrl,
};
