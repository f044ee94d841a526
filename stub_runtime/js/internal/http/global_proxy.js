'use strict';
// The proxies of the environment: http.setGlobalProxyFromEnv, fetch's.

const { codes: { ERR_PROXY_INVALID_CONFIG } } = require('internal/errors');
const agents = require('internal/http/agent');
const { parseProxyUrl } = require('internal/http/proxy');
const { exists } = require('internal/bootstrap/realm');

function setGlobalProxy(env, http) {
  const { URL } = require('internal/url');
  const proxies = [parseProxyUrl(env, 'http:'), parseProxyUrl(env, 'https:')];
  for (const proxy of proxies) {
    if (proxy && !URL.canParse(proxy)) throw new ERR_PROXY_INVALID_CONFIG(proxy);
  }
  const undo = [];
  if (proxies[0] || proxies[1]) {
    const { EnvHttpProxyAgent, getGlobalDispatcher, setGlobalDispatcher } = require('internal/fetch');
    const before = getGlobalDispatcher();
    const noProxy = env.no_proxy || env.NO_PROXY;
    setGlobalDispatcher(new EnvHttpProxyAgent({ httpProxy: proxies[0], httpsProxy: proxies[1], noProxy }));
    undo.push(() => setGlobalDispatcher(before));
  }
  if (proxies[0]) {
    const before = http.globalAgent;
    http.globalAgent = new agents.Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5000, proxyEnv: env });
    undo.push(() => { http.globalAgent = before; });
  }
  if (proxies[1] && exists('https')) {
    const https = require('https');
    const before = https.globalAgent;
    https.globalAgent = new https.Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5000, proxyEnv: env });
    undo.push(() => { https.globalAgent = before; });
  }
  return function restore() {
    for (const step of undo) step();
  };
}

// At the start of a program with NODE_USE_ENV_PROXY or --use-env-proxy; http's agents look at the environment themselves.
function setupFetch() {
  const { env } = process;
  if (!env.HTTP_PROXY && !env.HTTPS_PROXY && !env.http_proxy && !env.https_proxy) return;
  const { EnvHttpProxyAgent, setGlobalDispatcher } = require('internal/fetch');
  setGlobalDispatcher(new EnvHttpProxyAgent());
}

module.exports = { setGlobalProxy, setupFetch };
