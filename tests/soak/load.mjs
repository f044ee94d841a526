// usage: load.mjs SERVER...   Loads the server that the command starts, with `SOAK_SECONDS` and `SOAK_SEED` of the environment.
// Fails when it dies, answers wrongly, or keeps more memory or descriptors than it had.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { certificate, place } from '../support/peers/programs.mjs';
import { Clients, randomOf } from './clients.mjs';

const seconds = Number(process.env.SOAK_SECONDS || 30);
const seed = Number(process.env.SOAK_SEED || Date.now() % 1e6);
const WORKERS = 60;
const DESCRIPTORS = 300; // the server may have open
const MB = 1 << 20;
console.log(`seed ${seed}, ${seconds} s`);

const home = place('soak');
const { cert, key, certText } = certificate(home);
const server = spawn('/bin/sh', ['-c', `ulimit -n ${DESCRIPTORS}; exec "$@"`, 'sh', ...process.argv.slice(2)], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, CERTIFICATE: cert, KEY: key } });
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const line = async () => {
  const { value, done } = await lines.next();
  if (done) throw new Error(`the server ended: ${await ended}`);
  return JSON.parse(value);
};
const ended = once(server, 'exit');
const { ports } = await line();
const clients = new Clients(ports, certText, randomOf(seed));

// The server's state when everybody has gone: waits until it has noticed.
async function settled(baseline) {
  await clients.quiet();
  let state;
  for (let i = 0; i < 60; i++) {
    server.stdin.write('state\n');
    state = await line();
    if (state.open === 0 && state.descriptors <= (baseline?.descriptors ?? Infinity)) break;
    await sleep(100);
  }
  return state;
}
const failures = [];
const check = (holds, told) => holds || failures.push(told);

async function load(ms) {
  const end = performance.now() + ms;
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    while (performance.now() < end && failures.length < 20) await clients.one().catch((error) => failures.push(error.message + (error.code ? ` (${error.code})` : '')));
  }));
}

const first = await settled();
const learned = await clients.learn();
const told = new Set(learned.flatMap(({ list }) => list).filter((status) => status !== 200));
console.log(`${clients.refused.length} of ${learned.length} bad requests are refused, with ${[...told].sort()}`);
check(clients.refused.length > 50, 'most of the corpus is refused');
check([...told].every((status) => [100, 400, 408, 413, 417, 431].includes(status)), `unexpected refusals: ${[...told]}`);

await load(seconds * 300);
const warm = await settled(first);
const states = [warm];
for (let part = 0; part < 3; part++) {
  await load(seconds * 200);
  states.push(await settled(first));
}
// More connections than descriptors, twice; between them and after it everything is as before.
for (let i = 0; i < 2; i++) {
  const before = await settled(first);
  const answered = await clients.flood(DESCRIPTORS * 3, 1500);
  const after = await settled(first);
  console.log(`flood: ${DESCRIPTORS * 3} connections, ${answered} answered, ${(after.cpu - before.cpu).toFixed(2)} s of CPU`);
  check(answered > DESCRIPTORS / 2, 'the flood leaves what fits');
  check(after.cpu - before.cpu < 1.5, 'the server does not spin when it has no descriptors');
  await clients.request().catch((error) => failures.push(`after the flood: ${error.message}`));
}
states.push(await settled(first));
for (const { rss, heap, descriptors, handled, open, cpu } of [first, ...states]) {
  console.log(`${handled} requests, ${open} open, ${descriptors} descriptors, rss ${(rss / MB).toFixed(1)} MB, heap ${(heap / MB).toFixed(2)} MB, ${cpu.toFixed(1)} s of CPU`);
}
console.log(clients.counts);
const end = states.at(-1);
for (const { descriptors, open } of states) check(descriptors === first.descriptors && open === 0, `${descriptors} descriptors of ${first.descriptors}, ${open} answers open`);
check(end.heap < warm.heap * 1.15 + MB, 'the heap is flat after the warm-up');
check(end.rss < warm.rss * 1.25 + 32 * MB, 'the memory is flat after the warm-up');

server.stdin.end();
const [status, signal] = await Promise.race([ended, sleep(5000, ['none: it goes on'])]);
check(status === 0, `the server ended with ${status} ${signal}`);
server.kill('SIGKILL');
home.remove();
for (const failure of new Set(failures)) console.log(`FAILED ${failure}`);
process.exit(failures.length ? 1 : 0);
