'use strict';
// The diagnostics channels console.log, .info, .debug, .warn and .error. There can be no subscriber before
// node:diagnostics_channel is loaded, which then fills this in: console itself need not load it.

module.exports = {
  // Name of the method -> channel; undefined until then.
  channels: undefined,

  connect(channel) {
    const { exports } = module;
    exports.channels = { __proto__: null };
    for (const name of ['log', 'info', 'debug', 'warn', 'error']) {
      exports.channels[name] = channel(`console.${name}`);
    }
  },
};
