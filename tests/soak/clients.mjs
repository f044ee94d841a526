// What the soak does to the server: each client is one way to use or misuse it, and throws when an answer is wrong.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const corpus = createRequire(import.meta.url)('../../fixtures/http1-smuggling/cases.js');

// Numbers that a seed repeats (mulberry32).
export function randomOf(seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { chance: (p) => random() < p, below: (n) => Math.floor(random() * n), pick: (list) => list[Math.floor(random() * list.length)] };
}

const right = (is, what) => {
  if (!is) throw new Error(`wrong: ${what}`);
};
const statuses = (text) => [...text.matchAll(/(?:^|\n)HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]));
let last = 0;
const next = () => ++last;

export class Clients {
  constructor([plain, secure, second], ca, random) {
    Object.assign(this, { plain, secure, second, ca, random });
    this.agents = [new http.Agent({ keepAlive: true, maxSockets: 20 }), new https.Agent({ keepAlive: true, maxSockets: 10, ca })];
    this.sockets = new Set();
    this.counts = {};
  }

  // One client of some kind, as often as its weight says.
  async one() {
    const name = this.random.pick(Clients.kinds);
    await this[name]();
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }

  static kinds = Object.entries({ request: 30, post: 10, secureRequest: 8, pipelined: 8, aborted: 15, slowReader: 4, halfClosed: 5, malformed: 15, tooLate: 1, silent: 2, session: 4 })
    .flatMap(([name, weight]) => Array(weight).fill(name));

  #ask(module, options, body) {
    return new Promise((resolve, reject) => {
      const request = module.request({ host: '127.0.0.1', ...options }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part)).on('error', reject).on('end', () => resolve([response, Buffer.concat(parts)]));
      });
      // A connection that the server closes for its age while a request is on its way: a client asks again.
      request.on('error', (error) => (request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code) ? this.#ask(module, options, body).then(resolve, reject) : reject(error)));
      request.end(body);
    });
  }

  async #right(module, agent, port) {
    const [n, size] = [next(), this.random.below(20_000)];
    const path = this.random.chance(0.2) ? `/late?n=${n}&ms=${this.random.below(50)}` : `/?n=${n}&size=${size}`;
    const [{ statusCode, headers }, body] = await this.#ask(module, { port, agent, path });
    right(statusCode === 200 && headers['x-n'] === `${n}`, `answer ${headers['x-n']} to ${n}`);
    right(path.startsWith('/late') ? `${body}` === `${n}` : body.length === `${n}:`.length + size && `${body}`.startsWith(`${n}:`), `body of ${n}`);
  }

  request = () => this.#right(http, this.agents[0], this.plain);
  secureRequest = () => this.#right(https, this.agents[1], this.secure);

  async post() {
    const n = next();
    const body = Buffer.alloc(this.random.below(300_000), `${n} `);
    const chunked = this.random.chance(0.5);
    const [{ headers }, back] = await this.#ask(http, { port: this.plain, agent: this.agents[0], path: `/?n=${n}`, method: 'POST', headers: chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': body.length } }, body);
    const hash = (bytes) => createHash('sha1').update(bytes).digest('hex');
    right(headers['x-n'] === `${n}` && hash(back) === hash(body), `echo of ${n}`);
  }

  // A connection of the client's own; its errors are the client's affair.
  async #connect(options = {}) {
    const socket = net.connect({ port: this.plain, host: '127.0.0.1', ...options });
    this.sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.sockets.delete(socket));
    await once(socket, 'connect');
    return socket;
  }

  // All that comes, until the server closes or the time is up.
  async #all(socket, ms) {
    let text = '';
    socket.setEncoding('latin1').on('data', (part) => { text += part; });
    const closed = await Promise.race([once(socket, 'close').then(() => true), sleep(ms, false, { ref: false })]);
    socket.destroy();
    return { text, closed };
  }

  async pipelined() {
    const socket = await this.#connect();
    const numbers = Array.from({ length: 2 + this.random.below(8) }, next);
    numbers.forEach((n, i) => socket.write(`GET /${i % 3 ? '' : 'late'}?n=${n}&ms=${this.random.below(10)} HTTP/1.1\r\nHost: a\r\n${n === numbers.at(-1) ? 'Connection: close\r\n' : ''}\r\n`));
    const { text } = await this.#all(socket, 10_000);
    const answers = [...text.matchAll(/^x-n: (\d+)/gm)].map((match) => Number(match[1]));
    right(`${answers}` === `${numbers}`, `pipelined ${answers} for ${numbers}`);
  }

  // Goes away in the middle: of its request, of the answer, before it; politely or not.
  async aborted() {
    const socket = await this.#connect();
    const n = next();
    const text = this.random.pick([
      `GET /big?n=${n}&size=${1 + this.random.below(100)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      `GET /late?n=${n}&ms=50 HTTP/1.1\r\nHost: a\r\n\r\n`,
      `POST /?n=${n} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${'b'.repeat(5000)}`,
      `POST /?n=${n} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel`,
    ]);
    socket.write(this.random.chance(0.3) ? text.slice(0, this.random.below(text.length)) : text);
    if (this.random.chance(0.7)) await sleep(this.random.below(40));
    if (this.random.chance(0.5)) socket.resetAndDestroy();
    else socket.destroy();
  }

  async slowReader() {
    const socket = await this.#connect();
    const size = 20 + this.random.below(100);
    socket.write(`GET /big?n=${next()}&size=${size} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    const stop = this.random.chance(0.3) ? this.random.below(size * 16_384) : Infinity;
    let got = 0;
    for await (const part of socket) {
      got += part.length;
      if (got > stop) return;
      if (this.random.chance(0.2)) await sleep(this.random.below(30));
    }
    right(got > size * 16_384, `a slow reader got ${got} of ${size} pieces`);
  }

  // Sends its end at once and still gets the answer.
  async halfClosed() {
    const socket = await this.#connect({ allowHalfOpen: true });
    const n = next();
    socket.end(`GET /?n=${n}&size=2000 HTTP/1.1\r\nHost: a\r\n\r\n`);
    const { text } = await this.#all(socket, 10_000);
    right(text.includes(`x-n: ${n}\r\n`), `half closed ${n} got ${JSON.stringify(text.slice(0, 50))}`);
  }

  async #send(pieces, { end } = {}, ms = 150) {
    const socket = await this.#connect();
    socket.setNoDelay(true);
    for (const piece of [pieces].flat()) socket.write(piece, 'latin1');
    if (end) socket.end();
    const { text, closed } = await this.#all(socket, ms);
    return { list: statuses(text), closed };
  }

  // What the corpus of bad requests is answered while nothing else goes on: those that are refused at once are sent again
  // under load, and must be refused the same way.
  async learn() {
    const learned = await Promise.all(corpus.filter(([name]) => !/slow|byte at a time/.test(name)).map(async ([name, ...rest]) => {
      const [pieces, options] = [rest.at(-1), rest.length > 1 ? rest[0] : {}];
      return { name, pieces, options, ...await this.#send(pieces, options, 400) };
    }));
    this.refused = learned.filter(({ list, closed }) => closed && list.at(-1) >= 400);
    return learned;
  }

  async malformed() {
    const { name, pieces, options, list } = this.random.pick(this.refused);
    const answer = await this.#send(pieces, options, 10_000);
    // The server may close before the client has sent all: then the answer is lost with the connection.
    right(!answer.list.length || `${answer.list}` === `${list}`, `${name} was answered ${answer.list}, not ${list}`);
  }

  // A head that does not end: 408 when its time is up.
  async tooLate() {
    const { list } = await this.#send('GET / HTTP/1.1\r\nHost: a\r\nX: ', {}, 12_000);
    right(`${list}` === '408', `a slow head was answered ${list}`);
  }

  // Connects and says nothing for a while.
  async silent() {
    const socket = await this.#connect();
    await sleep(this.random.below(800));
    socket.destroy();
  }

  // HTTP/2: streams at once, some given up; sometimes the whole session.
  async session() {
    const session = http2.connect(`https://127.0.0.1:${this.second}`, { ca: this.ca });
    session.on('error', () => {});
    const streams = Array.from({ length: 1 + this.random.below(20) }, async () => {
      const [n, size, kind] = [next(), this.random.below(5000), this.random.below(10)];
      const stream = session.request({ ':path': kind < 2 ? `/big?n=${n}&size=50` : `/?n=${n}&size=${size}` });
      stream.on('error', () => {});
      if (kind < 2) {
        await Promise.race([once(stream, 'data'), once(stream, 'close')]).catch(() => {});
        return stream.close(http2.constants.NGHTTP2_CANCEL);
      }
      let [headers, length] = [null, 0];
      stream.on('response', (given) => { headers = given; }).on('data', (part) => { length += part.length; });
      await new Promise((resolve) => stream.once('close', resolve));
      if (!session.destroyed || headers) right(headers?.['x-n'] === `${n}` && length === `${n}:`.length + size, `stream ${n}: ${headers?.['x-n']}, ${length}`);
      return undefined;
    });
    await Promise.all(streams);
    if (this.random.chance(0.3)) session.destroy();
    else session.close();
    await new Promise((resolve) => (session.closed && session.destroyed ? resolve() : session.once('close', resolve)));
  }

  // Many more connections than the server may have open, held for a while: some requests on them, none answered wrongly.
  async flood(connections, ms) {
    const sockets = Array.from({ length: connections }, () => {
      const socket = net.connect(this.plain, '127.0.0.1').on('error', () => {});
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket)).setEncoding('latin1');
      const n = next();
      let text = '';
      socket.on('data', (part) => { text += part; });
      socket.write(`GET /?n=${n}&size=10 HTTP/1.1\r\nHost: a\r\n\r\n`);
      return { socket, n, text: () => text };
    });
    await sleep(ms);
    const answered = sockets.filter(({ text }) => text());
    for (const { n, text } of answered) right(text().includes(`x-n: ${n}\r\n`), `answer to ${n} in a flood`);
    for (const { socket } of sockets) socket.destroy();
    return answered.length;
  }

  async quiet() {
    for (const agent of this.agents) agent.destroy();
    for (const socket of this.sockets) socket.destroy();
  }
}
