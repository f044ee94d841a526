// An SMTP server that keeps what it is sent: STARTTLS and TLS from the start, AUTH, SIZE, PIPELINING, refused addresses.
import { createHmac } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { certificate, place } from './programs.mjs';

const user = { name: 'tester', password: 'secret' };
const base64 = (text) => Buffer.from(text).toString('base64');
const unbase64 = (text) => Buffer.from(text, 'base64').toString();

class Session {
  mail = null;
  data = null;
  waiting = null; // what takes the next line, while AUTH asks for more
  user = null;

  constructor(server, socket, secure) {
    Object.assign(this, { server, secure });
    this.take(socket);
    this.say('220 sink ESMTP');
  }

  take(socket) {
    this.socket = socket;
    let pending = '';
    socket.setEncoding('latin1').on('error', () => {}).on('data', (text) => {
      pending += text;
      for (let end; (end = pending.indexOf('\r\n')) >= 0 && this.socket === socket;) {
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        this.line(line);
      }
    });
  }

  say(...lines) {
    this.socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  line(line) {
    if (this.data) return this.content(line);
    if (this.waiting) return this.waiting(line);
    const [, verb, rest] = line.match(/^(\w+) ?(.*)$/) ?? [];
    const command = this.commands[verb?.toUpperCase()];
    return command ? command(rest) : this.say('502 5.5.1 unknown');
  }

  content(line) {
    if (line !== '.') return this.data.push(line.startsWith('.') ? line.slice(1) : line);
    const mail = { ...this.mail, text: Buffer.from(this.data.join('\r\n'), 'latin1').toString(), secure: this.secure, user: this.user };
    [this.data, this.mail] = [null, null];
    if (mail.text.length > 100_000) return this.say('552 5.3.4 too large');
    this.server.mails.push(mail);
    return this.say(`250 2.0.0 kept as ${this.server.mails.length}`);
  }

  authenticated(name, right) {
    this.waiting = null;
    if (right) this.user = name;
    this.say(right ? '235 2.7.0 welcome' : '535 5.7.8 wrong name or password');
  }

  ask(text, then) {
    this.say(`334 ${base64(text)}`);
    this.waiting = then;
  }

  auth = {
    PLAIN: (first) => {
      const [, name, password] = unbase64(first).split('\0');
      this.authenticated(name, name === user.name && password === user.password);
    },
    LOGIN: () => this.ask('Username:', (name) => this.ask('Password:', (password) => this.authenticated(unbase64(name), unbase64(name) === user.name && unbase64(password) === user.password))),
    'CRAM-MD5': () => this.ask('<1.2@sink>', (answer) => {
      const [name, digest] = unbase64(answer).split(' ');
      this.authenticated(name, digest === createHmac('md5', user.password).update('<1.2@sink>').digest('hex'));
    }),
    XOAUTH2: (first) => this.authenticated('token', unbase64(first).includes('auth=Bearer good')),
  };

  commands = {
    EHLO: () => this.say('250-sink', '250-PIPELINING', '250-SIZE 200000', '250-8BITMIME', '250-SMTPUTF8', '250-AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2', ...(this.secure ? [] : ['250-STARTTLS']), '250 DSN'),
    HELO: () => this.say('250 sink'),
    AUTH: (rest) => {
      const [kind, first] = rest.split(' ');
      this.auth[kind.toUpperCase()](first);
    },
    STARTTLS: () => {
      this.say('220 2.0.0 go on');
      const plain = this.socket;
      plain.removeAllListeners('data').setEncoding(null);
      this.secure = true;
      this.take(new tls.TLSSocket(plain, { isServer: true, secureContext: this.server.context }));
    },
    MAIL: (rest) => {
      if (/SIZE=(\d+)/.exec(rest)?.[1] > 200_000) return this.say('552 5.3.4 too large');
      this.mail = { from: rest, to: [] };
      return this.say('250 2.1.0 ok');
    },
    RCPT: (rest) => {
      if (rest.includes('nobody@')) return this.say('550 5.1.1 no such user');
      if (rest.includes('later@')) return this.say('451 4.7.1 come again');
      this.mail.to.push(rest);
      return this.say('250 2.1.5 ok');
    },
    DATA: () => {
      this.data = [];
      this.say('354 go on');
    },
    RSET: () => {
      this.mail = null;
      this.say('250 2.0.0 ok');
    },
    NOOP: () => this.say('250 2.0.0 ok'),
    QUIT: () => {
      this.say('221 2.0.0 bye');
      this.socket.end();
    },
  };
}

export async function start() {
  const home = place('smtp');
  const { cert, certText, keyText } = certificate(home);
  const shared = { mails: [], context: tls.createSecureContext({ cert: certText, key: keyText }) };
  const sockets = new Set();
  const servers = [
    net.createServer((socket) => new Session(shared, socket, false)),
    tls.createServer({ cert: certText, key: keyText }, (socket) => new Session(shared, socket, true)),
  ];
  const listening = servers.map((server) => new Promise((resolve) => {
    server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  }));
  const [plain, secure] = await Promise.all(listening);
  return {
    env: { SMTP_PORT: `${plain}`, SMTPS_PORT: `${secure}`, CA_FILE: cert },
    mails: shared.mails,
    async stop() {
      servers.forEach((server) => server.close());
      sockets.forEach((socket) => socket.destroy());
      home.remove();
    },
  };
}
