'use strict';
// module.register: hooks that may be asynchronous, on a thread of their own. Owns: asking it, for which this thread waits. The other
// side is hooks_thread.js. They customize `import`, and what a CommonJS module requires that a hook gave the source of.

const hooks = require('internal/modules/hooks');

let thread;

class HooksThread {
  #lock = new Int32Array(new SharedArrayBuffer(4));
  #port;

  constructor() {
    const { MessageChannel } = require('internal/messaging');
    const { kInternalScript, Worker } = require('internal/worker');
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const worker = new Worker('internal/modules/hooks_thread', {
      [kInternalScript]: true, workerData: { lock: this.#lock, port: port2 }, transferList: [port2],
    });
    worker.unref();
  }

  // Sends a request and sleeps until the thread has answered it.
  #ask(name, args, transferList = []) {
    const { receiveMessageOnPort } = require('internal/messaging');
    this.#port.postMessage({ name, args }, transferList);
    let answer;
    while (answer === undefined) {
      Atomics.wait(this.#lock, 0, 0);
      Atomics.store(this.#lock, 0, 0);
      answer = receiveMessageOnPort(this.#port)?.message;
    }
    if ('exit' in answer) process.exit(answer.exit);
    if (answer.neverSettled) {
      const { codes: { ERR_ASYNC_LOADER_REQUEST_NEVER_SETTLED } } = require('internal/errors');
      throw new ERR_ASYNC_LOADER_REQUEST_NEVER_SETTLED();
    }
    if ('error' in answer) throw require('internal/errors/wire').readError(answer.error);
    return answer.value;
  }

  register(specifier, parentURL, data, transferList) {
    this.#ask('register', [specifier, parentURL, data], transferList);
  }

  resolve(specifier, { conditions, importAttributes, parentURL }) {
    return this.#ask('resolve', [specifier, { conditions, importAttributes: { ...importAttributes }, parentURL }]);
  }

  load(url, { conditions, format, importAttributes }) {
    return this.#ask('load', [url, { conditions, format, importAttributes: { ...importAttributes } }]);
  }
}

// register(specifier[, parentURL][, { parentURL, data, transferList }])
function register(specifier, parentURL, options) {
  const { isURL } = require('internal/url');
  if (parentURL != null && typeof parentURL === 'object' && !isURL(parentURL)) {
    options = parentURL;
    ({ parentURL } = options);
  }
  if (thread === undefined) {
    thread = new HooksThread();
    hooks.setThread(thread);
  }
  thread.register(`${specifier}`, `${parentURL ?? 'data:'}`, options?.data, options?.transferList);
}

module.exports = { register };
