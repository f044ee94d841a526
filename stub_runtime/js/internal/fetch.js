'use strict';
// fetch and what belongs to it, from undici, the package that Node has inside too (`build/undici.rs`).
// Owns: what is loaded when, what of ours takes undici's place.

const { defineLazyProperties } = require('internal/util');

const root = 'internal/deps/undici/lib';

// One MessageEvent class for ports and sockets.
function events() {
  const { MessageEvent, messageEvent } = require('internal/messaging/event');
  const events = require(`${root}/web/websocket/events`);
  events.MessageEvent = MessageEvent;
  events.createFastMessageEvent = (type, { data, ports, origin, lastEventId }) =>
    messageEvent(type, data, ports, origin, lastEventId);
  return events;
}

let fetchImpl;

// The first use: the dispatcher that packages named undici share gets its methods.
function load() {
  Object.assign(require(`${root}/dispatcher/dispatcher`).prototype, require(`${root}/api/index`));
  fetchImpl = require(`${root}/web/fetch/index`).fetch;
}

function fetch(input, init = undefined) {
  if (fetchImpl === undefined) load();
  return fetchImpl(input, init).catch((err) => {
    // The stack of whoever called, not of the connection.
    if (err && typeof err === 'object') Error.captureStackTrace(err, fetch);
    throw err;
  });
}

module.exports = {
  fetch,
  get WebSocket() {
    events();
    if (fetchImpl === undefined) load();
    return require(`${root}/web/websocket/websocket`).WebSocket;
  },
  get EventSource() {
    events();
    if (fetchImpl === undefined) load();
    return require(`${root}/web/eventsource/eventsource`).EventSource;
  },
  get CloseEvent() {
    return events().CloseEvent;
  },
  get ErrorEvent() {
    return events().ErrorEvent;
  },
  // A request's body is converted by what the module of responses defines.
  get Request() {
    require(`${root}/web/fetch/response`);
    return require(`${root}/web/fetch/request`).Request;
  },
  get EnvHttpProxyAgent() {
    return require(`${root}/dispatcher/env-http-proxy-agent`);
  },
};
defineLazyProperties(module.exports, `${root}/web/fetch/headers`, ['Headers']);
defineLazyProperties(module.exports, `${root}/web/fetch/response`, ['Response']);
defineLazyProperties(module.exports, `${root}/web/fetch/formdata`, ['FormData']);
defineLazyProperties(module.exports, `${root}/global`, ['getGlobalDispatcher', 'setGlobalDispatcher']);
