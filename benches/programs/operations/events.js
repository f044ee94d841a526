// EventEmitter, EventTarget, AbortController, AsyncLocalStorage, diagnostics_channel.
'use strict';
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { EventEmitter, once } = require('node:events');
const channels = require('node:diagnostics_channel');

module.exports = (op) => {
  const emitter = new EventEmitter();
  emitter.on('one', (a) => a);
  emitter.on('two', (a) => a);
  emitter.on('two', (a) => a + 1);
  op('emit one listener', () => emitter.emit('one', 1));
  op('emit two listeners', () => emitter.emit('two', 1));
  op('emit none', () => emitter.emit('none', 1));
  op('new EventEmitter', () => new EventEmitter());
  const listener = () => {};
  op('on and off', () => emitter.on('more', listener).off('more', listener));
  op('once and emit', () => emitter.once('rare', listener).emit('rare'));
  op('listenerCount', () => emitter.listenerCount('two'));
  op('events.once', () => {
    const promise = once(emitter, 'now');
    emitter.emit('now', 1);
    return promise;
  });

  const target = new EventTarget();
  target.addEventListener('x', (event) => event.type);
  op('new Event', () => new Event('x'));
  op('new CustomEvent', () => new CustomEvent('x', { detail: 1 }));
  op('dispatchEvent', () => target.dispatchEvent(new Event('x')));
  op('add and removeEventListener', () => {
    target.addEventListener('y', listener);
    target.removeEventListener('y', listener);
  });
  op('new EventTarget', () => new EventTarget());
  op('new AbortController', () => new AbortController().signal.aborted);
  op('abort with a listener', () => {
    const controller = new AbortController();
    controller.signal.addEventListener('abort', listener);
    controller.abort();
  });
  op('AbortSignal.any', () => AbortSignal.any([new AbortController().signal]));
  op('DOMException', () => new DOMException('no', 'AbortError'));

  const storage = new AsyncLocalStorage();
  op('AsyncLocalStorage run', () => storage.run(1, listener));
  op('AsyncLocalStorage getStore', () => storage.getStore());
  op('AsyncLocalStorage run, await', () => storage.run(2, async () => {
    await null;
    return storage.getStore();
  }));
  const resource = new AsyncResource('x');
  op('AsyncResource runInAsyncScope', () => resource.runInAsyncScope(listener));
  const silent = channels.channel('silent');
  const heard = channels.channel('heard');
  heard.subscribe(() => {});
  op('diagnostics_channel publish', () => heard.publish(1));
  op('diagnostics_channel hasSubscribers', () => silent.hasSubscribers);
};
