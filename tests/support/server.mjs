// For the drivers of fixtures: starts the server under test, which prints `listening PORT`, and ends it with SIGTERM.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export async function startServer([command, ...args], env = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PORT: '0', ...env } });
  const lines = [];
  const { promise, resolve, reject } = Promise.withResolvers();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const port = line.match(/^listening (\d+)$/)?.[1];
    if (port) resolve(Number(port));
    else lines.push(line);
  });
  const ended = once(child, 'close');
  ended.then(([status]) => reject(new Error(`the server ended before it listened, status ${status}: ${lines.join('\n')}`)));
  const port = await promise;
  return {
    child,
    port,
    url: `http://127.0.0.1:${port}`,
    // Waits for a line.
    async printed(text) {
      for (let i = 0; i < 500 && !lines.includes(text); i++) await new Promise((go) => setTimeout(go, 20));
    },
    // Another line that is not the same each time: taken out of what it printed, the group given.
    take(pattern) {
      const at = lines.findIndex((line) => pattern.test(line));
      return lines.splice(at, 1)[0].match(pattern)[1];
    },
    // Ends it and gives what it printed and how it ended.
    async stop() {
      child.kill('SIGTERM');
      const [status, signal] = await ended;
      return [...lines, `status ${status} ${signal}`].join('\n');
    },
  };
}

// One request by `fetch`, its answer as text: status, the headers that mean something, the body.
export async function ask(url, options = {}) {
  const { jar, ...rest } = options;
  const cookie = jar && [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { 'user-agent': 'test', ...rest.headers, ...(cookie && { cookie }) };
  const answer = await fetch(url, { redirect: 'manual', ...rest, headers });
  for (const set of jar ? answer.headers.getSetCookie() : []) {
    const [, name, value] = set.match(/^([^=]+)=([^;]*)/);
    jar.set(name, value);
  }
  const varying = new Set(['date', 'set-cookie', 'last-modified']);
  const shown = [...answer.headers].filter(([name]) => !varying.has(name)).map(([name, value]) => `${name}: ${value}`);
  const { pathname, search } = new URL(url);
  return [`> ${rest.method ?? 'GET'} ${pathname}${search}`, answer.status, ...shown, '', await answer.text(), ''].join('\n');
}
