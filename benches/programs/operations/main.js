// Time of single operations of Node's modules. `main.js [REGEXP]` runs those whose "group: name" matches and prints one
// JSON object by name: nanoseconds an operation, the least and the median of the rounds, and the least processor time of
// all threads, which says more where other programs want the processor.
//
// Each operation is called until a round takes ROUND ms, then ROUNDS of them are timed. One process runs all groups, so
// what the modules' code has seen of types is what a real program shows it, not one kind of call.
'use strict';
const ROUND = 6;
const ROUNDS = 7;
const WARM = 50;

const wanted = new RegExp(process.argv[2] ?? '');
const operations = [];
let group = '';
let kept; // what an operation gives: nothing is optimised away

const now = () => Number(process.hrtime.bigint()) / 1e6;
const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
// `name` runs `run` over and over; an operation that is asynchronous returns a promise for its end.
const op = (name, run) => operations.push({ name: `${group}: ${name}`, run });

function sync(run, count) {
  const begin = now();
  for (let i = 0; i < count; i++) kept = run();
  return now() - begin;
}

async function later(run, count) {
  const begin = now();
  for (let i = 0; i < count; i++) await run();
  return now() - begin;
}

async function measure({ run }) {
  const first = run();
  const timed = typeof first?.then === 'function' ? later : sync;
  await first;
  let count = 1;
  let spent = 0;
  for (;;) {
    const took = await timed(run, count);
    spent += took;
    if (spent >= WARM && took >= ROUND / 2) {
      count = Math.max(1, Math.round((count * ROUND) / took));
      break;
    }
    if (took < ROUND) count *= 2;
    if (took > 4 * WARM) break;
  }
  const rounds = [];
  const work = [];
  for (let i = 0; i < ROUNDS; i++) {
    const before = processor();
    rounds.push(((await timed(run, count)) / count) * 1e6);
    work.push(((processor() - before) / count) * 1e6);
  }
  rounds.sort((a, b) => a - b);
  return [rounds[0], rounds[ROUNDS >> 1], Math.min(...work)];
}

async function main() {
  const groups = {
    buffer: require('./buffer.js'),
    text: require('./text.js'),
    fs: require('./fs.js'),
    streams: require('./streams.js'),
    clone: require('./clone.js'),
    util: require('./util.js'),
    events: require('./events.js'),
    url: require('./url.js'),
    crypto: require('./crypto.js'),
    zlib: require('./zlib.js'),
    timers: require('./timers.js'),
    process: require('./process.js'),
  };
  const cleanups = [];
  for (const name of Object.keys(groups)) {
    group = name;
    cleanups.push(await groups[name](op));
  }
  const results = {};
  for (const operation of operations) {
    if (wanted.test(operation.name)) results[operation.name] = (await measure(operation)).map((ns) => +ns.toFixed(1));
  }
  for (const cleanup of cleanups) await cleanup?.();
  process.stdout.write(`${JSON.stringify(results)}\n`);
  process.exitCode = kept === Symbol.iterator ? 1 : 0;
}

main();
