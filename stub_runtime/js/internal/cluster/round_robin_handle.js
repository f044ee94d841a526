'use strict';
// A server that the primary accepts for (SCHED_RR): each connection goes to the worker that has waited longest.

const { send } = require('internal/cluster/messages');

const IPV6_ONLY = 1;

function listenOptions(address, { port, fd, flags, backlog, readableAll, writableAll }) {
  if (fd >= 0) return { fd, backlog };
  if (port >= 0) return { port, host: address, ipv6Only: Boolean(flags & IPV6_ONLY), backlog };
  return { path: address, backlog, readableAll, writableAll };
}

class RoundRobinHandle {
  #key;
  #workers = new Map();
  // Who waits for a connection, in the order in which they came.
  #free = new Map();
  // Connections that wait for a worker.
  #connections = [];
  #handle = null;
  #server;

  constructor(key, address, query) {
    this.#key = key;
    const { createServer } = require('net');
    this.#server = createServer(() => {});
    this.#server.listen(listenOptions(address, query));
    this.#server.once('listening', () => {
      this.#handle = this.#server._handle;
      this.#handle.onconnection = (error, handle) => this.#distribute(error, handle);
      this.#server._handle = null;
      this.#server = null;
    });
  }

  // `send(error, reply, handle)`
  add(worker, reply) {
    this.#workers.set(worker.id, worker);
    const done = () => {
      if (this.#handle?.getsockname) {
        const sockname = {};
        this.#handle.getsockname(sockname);
        reply(null, { sockname }, null);
      } else {
        reply(null, null, null);
      }
      this.#handOff(worker);
    };
    if (this.#server === null) {
      done();
      return;
    }
    this.#server.once('listening', done);
    this.#server.once('error', (error) => reply(error.errno, null));
  }

  // True where nobody is left and the handle is closed.
  remove(worker) {
    if (!this.#workers.delete(worker.id)) return false;
    this.#free.delete(worker.id);
    if (this.#workers.size > 0) return false;
    for (const connection of this.#connections.splice(0)) connection.close();
    this.#handle?.close();
    this.#handle = null;
    return true;
  }

  has(worker) {
    return this.#workers.has(worker.id);
  }

  get key() { return this.#key; }

  #distribute(error, handle) {
    // Out of descriptors, mostly: there is no connection.
    if (error) return;
    this.#connections.push(handle);
    const [first] = this.#free;
    if (first === undefined) return;
    this.#free.delete(first[0]);
    this.#handOff(first[1]);
  }

  #handOff(worker) {
    if (!this.#workers.has(worker.id)) return;
    const connection = this.#connections.shift();
    if (connection === undefined) {
      this.#free.set(worker.id, worker);
      return;
    }
    send(worker.process, { act: 'newconn', key: this.#key }, connection, (reply) => {
      if (reply.accepted) connection.close();
      else this.#distribute(0, connection);
      this.#handOff(worker);
    });
  }
}

module.exports = RoundRobinHandle;
