'use strict';
// Secure requests through a proxy: CONNECT, the proxy's answer, and TLS to the server inside (RFC 9110 9.3.6).

const { codes: { ERR_PROXY_TUNNEL } } = require('internal/errors');
const net = require('net');
const { kProxyConfig } = require('internal/http/proxy');
const { isIP } = require('internal/net');
const { getOptionValue } = require('internal/options');
const { once } = require('internal/util');

function describeTunnel(agent, options) {
  const family = isIP(options.host);
  const endpoint = `${family === 6 ? `[${options.host}]` : options.host}:${options.port || agent.defaultPort}`;
  const lines = [`CONNECT ${endpoint} HTTP/1.1`];
  const { auth } = agent[kProxyConfig];
  if (auth) lines.push(`proxy-authorization: ${auth}`);
  if (agent.keepAlive || agent.maxSockets !== Infinity) lines.push('proxy-connection: keep-alive');
  lines.push(`host: ${endpoint}`);
  return {
    endpoint,
    request: `${lines.join('\r\n')}\r\n\r\n`,
    maxHeaderSize: options.maxHeaderSize || getOptionValue('--max-http-header-size'),
    timeout: options.timeout,
    options: { __proto__: null, servername: options.servername || family ? undefined : options.host, ...options },
  };
}

function timedOut(tunnel) {
  const error = new ERR_PROXY_TUNNEL(`Connection to establish proxy tunnel timed out after ${tunnel.timeout}ms`);
  error.proxyTunnelTimeout = tunnel.timeout;
  return error;
}

// Asks the proxy on `socket`, then secures it; `done(error, socket)`.
function establish(agent, socket, tunnel, mark, done) {
  let head;
  const listeners = {
    end: () => stop(new ERR_PROXY_TUNNEL('Connection to establish proxy tunnel ended unexpectedly')),
    error: (error) => stop(error),
    readable: () => read(),
    timeout: () => stop(timedOut(tunnel)),
  };

  function cleanup() {
    for (const name of Object.keys(listeners)) socket.removeListener(name, listeners[name]);
    socket.setTimeout(0);
  }

  function stop(error) {
    cleanup();
    done(error, socket);
  }

  function read() {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      if (isAnswered(chunk)) return;
    }
  }

  function isAnswered(chunk) {
    head = head === undefined ? chunk : Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if ((end === -1 ? head.length : end + 4) > tunnel.maxHeaderSize) {
      stop(new ERR_PROXY_TUNNEL(`Proxy response headers exceeded ${tunnel.maxHeaderSize} bytes`));
      return true;
    }
    if (end === -1) return false;
    const statusLine = head.toString('latin1', 0, head.indexOf('\r\n'));
    const status = statusLine.split(' ')[1];
    if (status !== '200') {
      const error = new ERR_PROXY_TUNNEL(
        `Failed to establish tunnel to ${tunnel.endpoint} via ${agent[kProxyConfig].href}: ${statusLine}`);
      error.statusCode = Number.parseInt(status, 10);
      stop(error);
      return true;
    }
    cleanup();
    secure();
    return true;
  }

  function secure() {
    const options = { ...tunnel.options, socket };
    const onError = (error) => done(error, inner);
    const inner = require('tls').connect(options, () => {
      inner.removeListener('error', onError);
      done(null, inner);
    });
    if (options[mark]) inner[mark] = true;
    inner.on('free', () => socket.emit('free'));
    inner.on('error', onError);
  }

  if (tunnel.timeout > 0) socket.setTimeout(tunnel.timeout);
  for (const name of Object.keys(listeners)) socket.on(name, listeners[name]);
  socket.write(tunnel.request);
  read();
}

// The plain socket to the proxy; `callback(error, secureSocket)` once the tunnel stands.
function connectThroughProxy(agent, options, callback, mark) {
  const config = agent[kProxyConfig];
  const tunnel = describeTunnel(agent, options);
  const onError = (error) => finish(error, socket);
  const onTimeout = () => finish(timedOut(tunnel), socket);
  const finish = once((error, current) => {
    socket.removeListener('error', onError);
    socket.removeListener('timeout', onTimeout);
    // After an answer of the proxy's the socket is the request's to end.
    if (error?.code === 'ERR_PROXY_TUNNEL' && !error.statusCode) socket.destroy();
    callback?.(error, current);
  });
  const onConnected = () => {
    socket.removeListener('error', onError);
    establish(agent, socket, tunnel, mark, finish);
  };
  const target = { ...config.proxyConnectionOptions };
  const socket = config.protocol === 'http:' ?
    net.connect(target, onConnected) : require('tls').connect(target, onConnected);
  socket.on('error', onError);
  if (tunnel.timeout) socket.setTimeout(tunnel.timeout, onTimeout);
  return socket;
}

module.exports = { connectThroughProxy };
