'use strict';
// A listening handle that every worker has itself: SCHED_NONE, and datagrams always. The kernel says who gets a connection.

class SharedHandle {
  #key;
  #workers = new Map();
  #handle = null;
  #error = 0;

  constructor(key, address, { port, addressType, fd, flags }) {
    this.#key = key;
    const made = addressType === 'udp4' || addressType === 'udp6' ?
      require('internal/dgram')._createSocketHandle(address, port, addressType, fd, flags) :
      require('internal/net/server').createServerHandle(address, port, addressType, fd, flags);
    if (typeof made === 'number') this.#error = made;
    else this.#handle = made;
  }

  // `send(error, reply, handle)`
  add(worker, send) {
    this.#workers.set(worker.id, worker);
    send(this.#error, null, this.#handle);
  }

  // True where nobody is left and the handle is closed.
  remove(worker) {
    if (!this.#workers.delete(worker.id) || this.#workers.size > 0) return false;
    this.#handle?.close();
    this.#handle = null;
    return true;
  }

  has(worker) {
    return this.#workers.has(worker.id);
  }

  get key() { return this.#key; }
}

module.exports = SharedHandle;
