'use strict';
// Asks name servers: UDP, TCP for answers that are too long, the next server and the next try where one does not answer.
// What c-ares is to Node's Resolver; the messages are internal/dns/message.

const { nativeError } = require('internal/errors');
const { UDP } = require('internal/dgram');
const { MessageError, decode, encodeQuery, types } = require('internal/dns/message');
const { resolverConfig } = require('internal/dns/system');
const { isIP } = require('internal/net');
const { SOCKET, TCP, TCPConnectWrap, WriteWrap } = require('internal/net/handles');

const DEFAULT_TIMEOUT = 2000;

const rcodes = [null, 'EFORMERR', 'ESERVFAIL', 'ENOTFOUND', 'ENOTIMP', 'EREFUSED'];

// c-ares's numbers of what setServers() can fail with.
const ARES_ENOTIMP = 5;

class Query {
  constructor(channel, name, type, callback) {
    this.channel = channel;
    this.callback = callback;
    this.type = type;
    this.name = name;
    this.attempt = 0;
    this.lastError = 'ETIMEOUT';
    this.timer = null;
    this.handle = null;
  }

  start() {
    this.id = Math.floor(Math.random() * 0x10000);
    this.packet = encodeQuery(this.id, this.name, types[this.type]);
    this.send();
  }

  // The next attempt: each server in turn, as often as there are tries.
  send() {
    const { servers, tries } = this.channel;
    if (this.attempt >= servers.length * tries) {
      this.done(this.lastError);
      return;
    }
    const round = Math.floor(this.attempt / servers.length);
    this.server = servers[this.attempt++ % servers.length];
    this.timer = setTimeout(() => this.failed('ETIMEOUT'), this.channel.timeoutOf(round));
    const handle = this.handle = new UDP();
    handle.onmessage = (nread, _, buffer) => this.received(nread, buffer);
    const local = this.channel.localAddress(isIP(this.server[0]));
    let error = local === undefined ? 0 : handle.bind(local, 0);
    error ||= handle.connect(this.server[0], this.server[1]) || handle.recvStart();
    if (!error) {
      const result = handle.send({}, [this.packet], 1);
      if (result < 0) error = result;
    }
    // Not before the caller has what it asked for.
    if (error) process.nextTick(() => this.handle === handle && this.failed('ECONNREFUSED'));
  }

  failed(code) {
    this.lastError = code;
    this.stop();
    this.send();
  }

  stop() {
    clearTimeout(this.timer);
    this.handle?.close();
    this.handle = null;
  }

  received(nread, buffer) {
    if (nread < 0) {
      this.failed('ECONNREFUSED');
      return;
    }
    this.answered(buffer, false);
  }

  answered(buffer, overTCP) {
    let message;
    try {
      message = decode(buffer);
    } catch (error) {
      // Not ours, perhaps: somebody may be guessing.
      if (!(error instanceof MessageError) || buffer.length < 2 || buffer.readUInt16BE(0) !== this.id) return;
      this.done('EBADRESP');
      return;
    }
    if (message.id !== this.id) return;
    if (message.truncated && !overTCP) {
      this.stop();
      this.askOverTCP();
      return;
    }
    const code = message.rcode === 0 ? null : rcodes[message.rcode] ?? 'EBADRESP';
    // Another server may do better.
    if (code === 'ESERVFAIL' || code === 'ENOTIMP' || code === 'EREFUSED') this.failed(code);
    else this.done(code, message);
  }

  askOverTCP() {
    const handle = this.handle = new TCP(SOCKET);
    this.timer = setTimeout(() => this.failed('ETIMEOUT'), this.channel.timeoutOf(0));
    const chunks = [];
    let length = 0;
    handle.onread = (nread, data) => {
      if (nread < 0) {
        this.failed('ECONNREFUSED');
        return;
      }
      chunks.push(Buffer.from(data));
      length += nread;
      const all = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      if (length >= 2 && length >= all.readUInt16BE(0) + 2) this.answered(all.subarray(2, all.readUInt16BE(0) + 2), true);
    };
    const req = new TCPConnectWrap();
    req.oncomplete = (status) => {
      if (this.handle !== handle) return;
      if (status < 0) {
        this.failed('ECONNREFUSED');
        return;
      }
      const head = Buffer.alloc(2);
      head.writeUInt16BE(this.packet.length);
      handle.writeBuffer(new WriteWrap(handle), Buffer.concat([head, this.packet]));
      handle.readStart();
    };
    if (handle.connect(req, this.server[0], this.server[1])) this.failed('ECONNREFUSED');
  }

  done(code, message) {
    this.stop();
    if (!this.channel.pending.delete(this)) return;
    this.callback(code, message);
  }
}

class Channel {
  constructor(timeout = -1, tries = 4, maxTimeout = 0) {
    this.timeout = timeout < 0 ? DEFAULT_TIMEOUT : timeout;
    this.maxTimeout = maxTimeout;
    this.tries = tries;
    this.pending = new Set();
    this.own = null;
    this.local = { 4: undefined, 6: undefined };
  }

  // [[ip, port], ...]
  get servers() {
    return this.own ?? resolverConfig().servers;
  }

  getServers() {
    return this.servers.map((server) => [...server]);
  }

  // [[family, ip, port], ...]; 0, or c-ares's number of an error.
  setServers(servers) {
    if (this.pending.size > 0) return ARES_ENOTIMP;
    this.own = servers.map(([, ip, port]) => [ip, port]);
    return 0;
  }

  setLocalAddress(first, second) {
    const families = [first, second].filter((a) => a !== undefined).map((address) => {
      const family = isIP(address);
      if (family === 0) throw nativeError(TypeError, 'ERR_INVALID_ARG_VALUE', 'Invalid IP address.', this.setLocalAddress);
      return family;
    });
    if (families.length === 2 && families[0] === families[1]) {
      throw nativeError(TypeError, 'ERR_INVALID_ARG_VALUE', `Cannot specify two IPv${families[0]} addresses.`);
    }
    this.local = { 4: '0.0.0.0', 6: '::' };
    this.local[families[0]] = first;
    if (second !== undefined) this.local[families[1]] = second;
  }

  localAddress(family) {
    return this.local[family];
  }

  // Doubles with each round, up to the maximum.
  timeoutOf(round) {
    const timeout = this.timeout * 2 ** round;
    return this.maxTimeout > 0 ? Math.min(timeout, this.maxTimeout) : timeout;
  }

  // callback(code | null, message)
  query(name, type, callback) {
    if (process.permission !== undefined && require('internal/process/permission').denial('net', undefined, name) !== undefined) {
      process.nextTick(callback, 'ERR_ACCESS_DENIED');
      return;
    }
    const query = new Query(this, name, type, callback);
    this.pending.add(query);
    // Names of hidden services (RFC 7686) are nobody's to resolve. c-ares has no text for the lack of servers that Node knows.
    const code = /\.onion\.?$/i.test(name) ? 'ENOTFOUND' : this.servers.length === 0 ? 'UNKNOWN_ARES_ERROR' : undefined;
    if (code !== undefined) {
      process.nextTick(() => query.done(code));
      return;
    }
    try {
      query.start();
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      process.nextTick(() => query.done(error.code));
    }
  }

  cancel() {
    for (const query of [...this.pending]) query.done('ECANCELLED');
  }
}

module.exports = { Channel };
