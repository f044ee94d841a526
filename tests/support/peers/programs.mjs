// What the peers of fixtures are started with: programs of the system, a place of their own, a free port, a certificate.
// Each peer's `start` gives what a client needs to know of it, and `stop`.
import { execFileSync, spawn } from 'node:child_process';
import { accessSync, chownSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

// The path of a program; where there is none, the error says which Debian package has it.
export function program(name, debianPackage, places = []) {
  const folders = [...process.env.PATH.split(':'), ...places];
  for (const folder of folders) {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return path.join(folder, name);
    } catch {}
  }
  throw new Error(`${name} is not installed, which this fixture needs: apt-get install ${debianPackage}`);
}

// Where Debian keeps the server programs of PostgreSQL, the newest first.
export function postgresFolders() {
  try {
    return readdirSync('/usr/lib/postgresql').sort((a, b) => b - a).map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
}

// A folder for one run, and the user that owns it: PostgreSQL refuses to run as root.
export function place(name) {
  const dir = mkdtempSync(path.join(tmpdir(), `${name}-`));
  const user = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
  if ('uid' in user) chownSync(dir, user.uid, user.gid);
  return { dir, user, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// A certificate of this run for localhost, which is its own authority: paths of the files and their text.
export function certificate({ dir, user }) {
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => path.join(dir, name));
  execFileSync(program('openssl', 'openssl'), [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert,
  ], { ...user, stdio: 'pipe' });
  return { cert, key, certText: readFileSync(cert, 'utf8'), keyText: readFileSync(key, 'utf8') };
}

// Starts a server and waits for a line of its output; gives the function that ends it.
export async function daemon(command, args, options, ready) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const ended = once(child, 'close');
  let told = '';
  const { promise, resolve, reject } = Promise.withResolvers();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      told += text;
      if (ready.test(told)) resolve();
    });
  }
  child.on('error', reject);
  ended.then(() => reject(new Error(`${command} ended at once:\n${told}`)), reject);
  await promise;
  return async () => {
    child.kill('SIGINT');
    await ended;
  };
}
