// A PostgreSQL server for one run: password by SCRAM, TLS on TCP, a Unix socket.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { certificate, daemon, freePort, place, postgresFolders, program } from './programs.mjs';

export async function start() {
  const [initdb, postgres] = ['initdb', 'postgres'].map((name) => program(name, 'postgresql', postgresFolders()));
  const home = place('postgres');
  const { cert, key } = certificate(home);
  const data = path.join(home.dir, 'data');
  const passwordFile = path.join(home.dir, 'password');
  writeFileSync(passwordFile, 'secret\n', { mode: 0o644 });
  const options = { ...home.user, cwd: home.dir, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
  execFileSync(initdb, [
    '-D', data, '-U', 'tester', '--pwfile', passwordFile, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale', 'C', '--no-sync',
  ], { ...options, stdio: 'pipe' });
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1', port, unix_socket_directories: home.dir, fsync: 'off', ssl: 'on', ssl_cert_file: cert, ssl_key_file: key,
    shared_buffers: '8MB', max_connections: 20, timezone: 'UTC', log_timezone: 'UTC',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const end = await daemon(postgres, ['-D', data, ...args], options, /ready to accept connections/);
  return {
    env: { PGHOST: '127.0.0.1', PGPORT: `${port}`, PGUSER: 'tester', PGPASSWORD: 'secret', PGDATABASE: 'postgres', SOCKET_FOLDER: home.dir, CA_FILE: cert },
    async stop() {
      await end();
      home.remove();
    },
  };
}
