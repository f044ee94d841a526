'use strict';
// The global agents of http and https.

const { getOptionValue } = require('internal/options');

// Gives `exports` the agent of requests that name none: made when it is first asked for, and a program may set its own.
function withGlobalAgent(exports, AgentOfModule) {
  let globalAgent;
  return Object.defineProperty(exports, 'globalAgent', {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      return globalAgent ??= new AgentOfModule({
        keepAlive: true,
        scheduling: 'lifo',
        timeout: 5000,
        proxyEnv: getOptionValue('--use-env-proxy') ? process.env : undefined,
      });
    },
    set(agent) { globalAgent = agent; },
  });
}

module.exports = { withGlobalAgent };
