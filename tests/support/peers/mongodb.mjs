// A MongoDB server of the tests' own, as there is none in Debian: OP_MSG with document sequences, compression by zlib,
// SCRAM-SHA-256, TLS on a second port, cursors, and the few commands and operators that the scenario uses.
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { deflateSync, inflateSync } from 'node:zlib';
import { Int32, Long, Tagged, decode, encode } from './bson.mjs';
import { certificate, place } from './programs.mjs';

const OP_REPLY = 1, OP_QUERY = 2004, OP_COMPRESSED = 2012, OP_MSG = 2013;
const user = { name: 'tester', password: 'secret', salt: Buffer.from('a salt of the tests'), iterations: 4096 };
const key = (value) => (value instanceof Tagged ? value.bytes.toString('hex') : value instanceof Long ? Number(value.value) : value);

class Failure extends Error {
  constructor(code, codeName, message) {
    super(message);
    Object.assign(this, { code, codeName });
  }
}

// Queries and updates: equality, comparison, `$in`, `$set`, `$inc`.
const comparisons = {
  $gt: (a, b) => a > b, $gte: (a, b) => a >= b, $lt: (a, b) => a < b, $ne: (a, b) => a !== b, $in: (a, list) => list.map(key).includes(a),
};
const matches = (document, filter) => Object.entries(filter).every(([name, wanted]) => {
  const value = key(document[name]);
  const operators = wanted?.constructor === Object ? Object.entries(wanted) : [];
  if (!operators.length) return value === key(wanted);
  return operators.every(([operator, operand]) => {
    if (!comparisons[operator]) throw new Failure(2, 'BadValue', `unknown operator: ${operator}`);
    return comparisons[operator](value, key(operand));
  });
});
function change(document, { $set = {}, $inc = {} }) {
  Object.assign(document, $set);
  for (const [name, by] of Object.entries($inc)) document[name] = (document[name] ?? 0) + by;
}
const sorted = (documents, sort = {}) => documents.toSorted((a, b) => {
  for (const [name, direction] of Object.entries(sort)) {
    const [x, y] = [key(a[name]), key(b[name])];
    if (x !== y) return x < y ? -direction : direction;
  }
  return 0;
});

// SCRAM (RFC 5802), the server's half.
const hmac = (secret, text) => createHmac('sha256', secret).update(text).digest();
function saslStart(session, payload) {
  const [, name, nonce] = payload.toString().match(/^n,,(n=([^,]*),r=.*)$/) ? payload.toString().match(/^n,,n=([^,]*),r=(.*)$/) : [];
  const combined = nonce + randomBytes(18).toString('base64');
  const first = `r=${combined},s=${user.salt.toString('base64')},i=${user.iterations}`;
  session.scram = { name, combined, first, clientFirst: payload.toString().slice(3) };
  return Buffer.from(first);
}
function saslContinue(session, payload) {
  const { name, first, clientFirst, combined } = session.scram;
  const [, bare, proof] = payload.toString().match(/^(.*),p=(.*)$/);
  const salted = pbkdf2Sync(user.password, user.salt, user.iterations, 32, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
  const message = `${clientFirst},${first},${bare}`;
  const signature = hmac(storedKey, message);
  const clientKey = Buffer.from(proof, 'base64').map((byte, i) => byte ^ signature[i]);
  const right = name === user.name && bare.includes(combined) && timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey);
  if (!right) throw new Failure(18, 'AuthenticationFailed', 'Authentication failed.');
  session.user = name;
  return Buffer.from(`v=${hmac(hmac(salted, 'Server Key'), message).toString('base64')}`);
}

const hello = (session, { compression = [] }) => ({
  helloOk: true, isWritablePrimary: true, ismaster: true, maxBsonObjectSize: 16 << 20, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 1000,
  localTime: new Date(), logicalSessionTimeoutMinutes: 30, connectionId: session.id, minWireVersion: 0, maxWireVersion: 25, readOnly: false,
  ...(compression.includes('zlib') && { compression: ['zlib'] }),
});

class Store {
  collections = new Map();
  cursors = new Map();
  nextCursor = 1n;
  compressed = 0;

  of(database, name) {
    return this.collections.getOrInsertComputed(`${database}.${name}`, () => []);
  }

  batch(namespace, documents, size, which) {
    const id = documents.length > size ? this.nextCursor++ : 0n;
    if (id) this.cursors.set(id, { namespace, rest: documents.slice(size) });
    return { cursor: { [which]: documents.slice(0, size), id: new Long(id), ns: namespace } };
  }

  commands = {
    hello,
    isMaster: hello,
    ismaster: hello,
    saslStart: (session, { payload }) => ({ conversationId: 1, done: false, payload: saslStart(session, payload.bytes.subarray(5)) }),
    saslContinue: (session, { payload }) => ({ conversationId: 1, done: true, payload: saslContinue(session, payload.bytes.subarray(5)) }),
    ping: () => ({}),
    endSessions: () => ({}),
    connectionStatus: (session) => ({ authInfo: { authenticatedUsers: [{ user: session.user }] }, compressedMessages: this.compressed > 0 }),
    insert: (session, { insert, documents, ordered = true, $db }) => {
      const all = this.of($db, insert);
      const writeErrors = [];
      let n = 0;
      for (const [index, document] of documents.entries()) {
        if (all.some(({ _id }) => key(_id) === key(document._id))) {
          writeErrors.push({ index, code: 11000, errmsg: `E11000 duplicate key error collection: ${$db}.${insert} index: _id_`, keyPattern: { _id: 1 }, keyValue: { _id: document._id } });
          if (ordered) break;
        } else {
          all.push(document);
          n++;
        }
      }
      return { n, ...(writeErrors.length && { writeErrors }) };
    },
    find: (session, { find, filter = {}, sort, limit = 0, skip = 0, batchSize = 101, $db }) => {
      const found = sorted(this.of($db, find).filter((document) => matches(document, filter)), sort).slice(Number(skip));
      return this.batch(`${$db}.${find}`, limit ? found.slice(0, Number(limit)) : found, batchSize, 'firstBatch');
    },
    getMore: (session, { getMore, batchSize = 1000 }) => {
      const cursor = this.cursors.get(getMore.value);
      if (!cursor) throw new Failure(43, 'CursorNotFound', `cursor id ${getMore.value} not found`);
      const nextBatch = cursor.rest.splice(0, batchSize);
      if (!cursor.rest.length) this.cursors.delete(getMore.value);
      return { cursor: { nextBatch, id: new Long(cursor.rest.length ? getMore.value : 0n), ns: cursor.namespace } };
    },
    killCursors: (session, { cursors }) => {
      cursors.forEach(({ value }) => this.cursors.delete(value));
      return { cursorsKilled: cursors };
    },
    update: (session, { update, updates, $db }) => {
      let [n, upserted] = [0, []];
      for (const [index, { q, u, multi, upsert }] of updates.entries()) {
        const found = this.of($db, update).filter((document) => matches(document, q)).slice(0, multi ? Infinity : 1);
        found.forEach((document) => change(document, u));
        n += found.length;
        if (!found.length && upsert) {
          const document = { _id: q._id ?? new Tagged(0x07, randomBytes(12)), ...q };
          change(document, u);
          this.of($db, update).push(document);
          upserted.push({ index, _id: document._id });
          n++;
        }
      }
      return { n, nModified: n - upserted.length, ...(upserted.length && { upserted }) };
    },
    delete: (session, { delete: name, deletes, $db }) => {
      let n = 0;
      for (const { q, limit } of deletes) {
        const all = this.of($db, name);
        for (const document of all.filter((document) => matches(document, q)).slice(0, limit || Infinity)) {
          all.splice(all.indexOf(document), 1);
          n++;
        }
      }
      return { n };
    },
    aggregate: (session, { aggregate, pipeline, cursor: { batchSize = 101 }, $db }) => {
      let documents = this.of($db, aggregate);
      for (const { $match, $sort, $group, ...unknown } of pipeline) {
        if ($match) documents = documents.filter((document) => matches(document, $match));
        else if ($sort) documents = sorted(documents, $sort);
        else if ($group) documents = documents.length ? [{ _id: $group._id, n: documents.length }] : [];
        else throw new Failure(40324, 'Location40324', `Unrecognized pipeline stage name: '${Object.keys(unknown)[0]}'`);
      }
      return this.batch(`${$db}.${aggregate}`, documents, batchSize, 'firstBatch');
    },
    hangUp: (session) => session.socket.destroy(),
  };

  run(session, command) {
    const [name] = Object.keys(command);
    try {
      if (!this.commands[name]) throw new Failure(59, 'CommandNotFound', `no such command: '${name}'`);
      const free = ['hello', 'ismaster', 'isMaster', 'saslStart', 'saslContinue', 'ping'];
      if (!session.user && !free.includes(name)) throw new Failure(13, 'Unauthorized', `Command ${name} requires authentication`);
      return { ...this.commands[name](session, command), ok: 1 };
    } catch (error) {
      if (!(error instanceof Failure)) console.error(error);
      return { ok: 0, errmsg: error.message, code: new Int32(error.code ?? 8), codeName: error.codeName ?? 'UnknownError' };
    }
  }
}

function message(id, to, opcode, ...parts) {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(16);
  [body.length + 16, id, to, opcode].forEach((value, i) => head.writeInt32LE(value, i * 4));
  return Buffer.concat([head, body]);
}

// One message of a client: the bytes of the answer, if it wants one.
function answer(store, session, bytes) {
  const id = bytes.readInt32LE(4);
  let opcode = bytes.readInt32LE(12);
  let body = bytes.subarray(16);
  const packed = opcode === OP_COMPRESSED;
  if (packed) {
    store.compressed++;
    opcode = body.readInt32LE(0);
    body = inflateSync(body.subarray(9));
  }
  if (opcode === OP_QUERY) {
    const reply = Buffer.alloc(20);
    reply.writeInt32LE(8, 0);
    reply.writeInt32LE(1, 16);
    return message(0, id, OP_REPLY, reply, encode(store.run(session, decode(body, body.indexOf(0, 4) + 9)[0])));
  }
  const flags = body.readUInt32LE(0);
  const end = body.length - (flags & 1 ? 4 : 0); // a checksum, which is not looked at
  let command;
  const sequences = {};
  for (let at = 4; at < end;) {
    const kind = body[at++];
    if (kind === 0) [command, at] = decode(body, at);
    else {
      const stop = at + body.readInt32LE(at);
      const name = body.toString('utf8', at + 4, body.indexOf(0, at + 4));
      at = body.indexOf(0, at + 4) + 1;
      const documents = sequences[name] = [];
      while (at < stop) {
        let document;
        [document, at] = decode(body, at);
        documents.push(document);
      }
    }
  }
  const reply = Buffer.concat([Buffer.alloc(5), encode(store.run(session, { ...command, ...sequences }))]);
  if (flags & 2) return null; // nobody waits for it
  if (!packed) return message(0, id, OP_MSG, reply);
  const head = Buffer.alloc(9);
  head.writeInt32LE(OP_MSG, 0);
  head.writeInt32LE(reply.length, 4);
  head[8] = 2;
  return message(0, id, OP_COMPRESSED, head, deflateSync(reply));
}

export async function start() {
  const home = place('mongodb');
  const { cert, certText, keyText } = certificate(home);
  const store = new Store();
  const sockets = new Set();
  let connections = 0;
  const serve = (socket) => {
    const session = { id: ++connections, socket };
    let pending = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 16 && pending.length >= pending.readInt32LE(0)) {
        const size = pending.readInt32LE(0);
        const bytes = answer(store, session, pending.subarray(0, size));
        pending = pending.subarray(size);
        if (bytes && !socket.destroyed) socket.write(bytes);
      }
    });
  };
  const servers = [net.createServer(serve), tls.createServer({ cert: certText, key: keyText }, serve)];
  const ports = await Promise.all(servers.map((server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))));
  return {
    env: { MONGODB_PORT: `${ports[0]}`, MONGODB_TLS_PORT: `${ports[1]}`, CA_FILE: cert },
    async stop() {
      servers.forEach((server) => server.close());
      sockets.forEach((socket) => socket.destroy());
      home.remove();
    },
  };
}
