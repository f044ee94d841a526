'use strict';
// worker.startCpuProfile() and worker.startHeapProfile(): the parent asks over the worker's control port, the worker profiles itself
// (`internal/v8/profiles`) when its loop comes to the message.

const { codes: { ERR_WORKER_NOT_RUNNING } } = require('internal/errors');

// --- the parent ------------------------------------------------------------------------------------

// Of one worker: number of a request => its promise's functions.
class Requests {
  #post;
  #waiting = new Map();
  #next = 1;

  constructor(post) {
    this.#post = post;
  }

  ask(request) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const id = this.#next++;
    this.#waiting.set(id, { resolve, reject });
    this.#post({ ...request, id });
    return promise;
  }

  answer({ id, error, result }) {
    const request = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error !== undefined) request.reject(require('internal/errors/wire').readError(error));
    else request.resolve(result);
  }

  // The worker is gone.
  end() {
    for (const { reject } of this.#waiting.values()) reject(new ERR_WORKER_NOT_RUNNING());
    this.#waiting.clear();
  }
}

class ProfileHandle {
  #requests;
  #number;
  #profile;

  constructor(requests, number) {
    this.#requests = requests;
    this.#number = number;
  }

  // The profile as JSON, the same each time.
  stop() {
    return this.#profile ??= this.#requests.ask({ stop: this.#number });
  }

  async [Symbol.asyncDispose]() {
    await this.stop();
  }
}

class CPUProfileHandle extends ProfileHandle {
  stop() {
    return super.stop();
  }
}

class HeapProfileHandle extends ProfileHandle {
  stop() {
    return super.stop();
  }
}

async function start(requests, kind, options) {
  const number = await requests.ask({ start: kind, options });
  return kind === 'cpu' ? new CPUProfileHandle(requests, number) : new HeapProfileHandle(requests, number);
}

// --- the worker ------------------------------------------------------------------------------------

const running = new Map();
let started = 0;

function perform({ start: kind, options, stop, inspect }) {
  if (inspect) return internalBinding('inspector').makeInspector();
  if (stop !== undefined) {
    const handle = running.get(stop);
    running.delete(stop);
    return handle.stop();
  }
  const profiles = require('internal/v8/profiles');
  running.set(++started, kind === 'cpu' ? profiles.startCpuProfile(options) : profiles.startHeapProfile(options));
  return started;
}

// What goes back for a request.
function answer(request) {
  try {
    return { id: request.id, result: perform(request) };
  } catch (error) {
    return { id: request.id, error: require('internal/errors/wire').writeError(error) };
  }
}

module.exports = { answer, Requests, start };
