'use strict';
// What many programs do at their start: the functions of the built-ins that run here are in the code caches of every executable,
// compiled. Quick, silent, without a trace on the machine; it must not need anything but the runtime.
const fs = require('fs');
const path = require('path');
const os = require('os');
const util = require('util');
const url = require('url');
const events = require('events');
const assert = require('assert');
const { Readable, Transform, pipeline } = require('stream');
const child = require('child_process');

const here = path.dirname(__filename);
fs.readFileSync(__filename, 'utf8');
fs.readFileSync(__filename);
fs.existsSync(path.join(here, 'package.json'));
fs.statSync(here).isDirectory();
fs.lstatSync(__filename, { throwIfNoEntry: false });
fs.readdirSync(here, { withFileTypes: true }).map((entry) => entry.isFile());
fs.realpathSync(here);
fs.accessSync(__filename);
try {
  fs.readFileSync('/dev/null/none');
} catch (err) {
  String(err.stack);
}
path.resolve('a', '..', 'b');
path.relative('/a/b', '/a/c');
path.parse('/a/b.js');
path.format({ dir: '/a', base: 'b' });
path.normalize('/a//b/../c');
path.extname('x.ts');
os.cpus();
os.homedir();
os.tmpdir();
os.platform();
os.type();
os.release();
util.inspect({ a: [1, 'two', { three: null }], m: new Map([[1, 2]]), s: new Set([1]), d: new Date(0), e: new Error('x'), f() {} },
  { depth: 4, colors: true });
util.format('%s %d %j %o', 'a', 1, { b: 2 }, [3]);
util.promisify(setTimeout);
util.inherits(function Sub() {}, events);
util.isDeepStrictEqual({ a: [1] }, { a: [1] });
util.stripVTControlCharacters('\u001b[1mx\u001b[0m');
util.types.isDate(1);
new TextDecoder().decode(new TextEncoder().encode('text'));
url.fileURLToPath(url.pathToFileURL(here));
new URL('https://example.org/a?b=c#d').searchParams.get('b');
require('querystring').parse('a=1&b=2');
assert.strictEqual(1, 1);
assert.deepStrictEqual({ a: 1 }, { a: 1 });
Buffer.from('text').toString('base64');
Buffer.concat([Buffer.alloc(2), Buffer.from('00ff', 'hex')]).equals(Buffer.alloc(2));
Buffer.byteLength('text');
performance.now();
process.hrtime.bigint();
process.memoryUsage();
process.cwd();
process.uptime();
process.on('exit', () => {});
process.on('SIGINT', () => {});
process.removeAllListeners('SIGINT');
process.emitWarning;
new AbortController().signal.addEventListener('abort', () => {});
structuredClone({ a: 1 });
queueMicrotask(() => {});
setImmediate(() => {});
clearTimeout(setTimeout(() => {}, 1000));
require('module').createRequire(__filename).resolve('fs');
require('tty').isatty(1);
require('readline');
require('worker_threads').isMainThread;
require('async_hooks').AsyncLocalStorage;
new (require('string_decoder').StringDecoder)('utf8').write(Buffer.from('x'));
require('v8').getHeapStatistics();
require('vm').runInNewContext('1 + 1');
process.stdin;
process.stderr;
console.error;

// What compiled `import * as` does: all exports are made.
Object.getOwnPropertyDescriptors(require('crypto'));
Object.keys(require('crypto').constants);
require('util').deprecate(() => {}, 'x');

const emitter = new events.EventEmitter();
emitter.once('x', () => {});
emitter.emit('x');

async function later() {
  await fs.promises.readFile(__filename, 'utf8');
  await fs.promises.stat(here);
  await fs.promises.readdir(here);
  await fs.promises.access(__filename);
  await new Promise((resolve) => fs.readFile(__filename, resolve));
  await new Promise((resolve) => fs.stat(__filename, resolve));
  await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve, reject) => {
    const upper = new Transform({ transform(chunk, encoding, done) { done(null, String(chunk).toUpperCase()); } });
    upper.resume();
    pipeline(Readable.from(['a', 'b']), upper, (err) => (err ? reject(err) : resolve()));
  });
  await new Promise((resolve) => fs.createReadStream(__filename).on('data', () => {}).on('close', resolve));
  for await (const line of require('readline').createInterface({ input: Readable.from(['a\nb\n']) })) String(line);
  await new Promise((resolve) => child.execFile('/nonexistent/program', resolve));
  child.spawnSync('/nonexistent/program');
  await import('node:fs');
  await http();
}

async function http() {
  const http = require('http');
  const server = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/plain');
    response.end('hello');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  await new Promise((resolve, reject) => {
    http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => {
      response.setEncoding('utf8');
      response.on('data', () => {});
      response.on('end', resolve);
    }).on('error', reject);
  });
  await new Promise((resolve) => server.close(resolve));
}

later().catch((err) => {
  console.error(err);
  process.exitCode = 1;
});
