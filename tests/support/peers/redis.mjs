// A Redis server for one run: a password, nothing kept on disk, TCP and a Unix socket.
import path from 'node:path';
import { daemon, freePort, place, program } from './programs.mjs';

export async function start() {
  const server = program('redis-server', 'redis-server');
  const home = place('redis');
  const port = await freePort();
  const unixsocket = path.join(home.dir, 'socket');
  const settings = { port, bind: '127.0.0.1', unixsocket, requirepass: 'secret', dir: home.dir, save: '', appendonly: 'no' };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const end = await daemon(server, args, { ...home.user, cwd: home.dir }, /ready to accept connections/i);
  return {
    env: { REDIS_PORT: `${port}`, REDIS_SOCKET: unixsocket, REDIS_PASSWORD: 'secret' },
    async stop() {
      await end();
      home.remove();
    },
  };
}
