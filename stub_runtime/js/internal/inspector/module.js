'use strict';
// What node:inspector exports.

const { open, close, url, waitForDebugger } = require('internal/inspector/server');

// Events of a domain that no session can enable here: they reach nobody, as in Node without a debugger.
function silent(names) {
  const domain = {};
  for (const name of names) domain[name] = { [name]() {} }[name];
  return domain;
}

function makeInspector(Session) {
  return {
    open,
    close,
    url,
    waitForDebugger,
    get console() {
      return require('internal/inspector/console').inspectorConsole();
    },
    Session,
    Network: silent([
      'requestWillBeSent', 'responseReceived', 'loadingFinished', 'loadingFailed', 'dataReceived', 'dataSent',
      'webSocketCreated', 'webSocketClosed', 'webSocketHandshakeResponseReceived',
    ]),
    NetworkResources: silent(['put']),
    DOMStorage: silent(['domStorageItemAdded', 'domStorageItemRemoved', 'domStorageItemUpdated', 'domStorageItemsCleared', 'registerStorage']),
  };
}

module.exports = { makeInspector };
