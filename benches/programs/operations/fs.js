// fs: synchronous calls, promises, callbacks.
'use strict';
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

module.exports = (op) => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'operations-'));
  const at = (name) => path.join(home, name);
  const small = at('small');
  const large = at('large');
  const text = 'The quick brown fox jumps over the lazy dog.\n'.repeat(22);
  fs.writeFileSync(small, text);
  fs.writeFileSync(large, text.repeat(1000));
  fs.mkdirSync(at('folder'));
  for (let i = 0; i < 50; i++) fs.writeFileSync(at(`folder/file-${i}`), '');
  fs.mkdirSync(at('a/b/c'), { recursive: true });
  fs.symlinkSync(small, at('link'));
  const bytes = Buffer.from(text);
  const megabyte = Buffer.alloc(1 << 20, 'x');

  op('readFileSync 1 KB', () => fs.readFileSync(small));
  op('readFileSync 1 KB utf8', () => fs.readFileSync(small, 'utf8'));
  op('readFileSync 1 MB', () => fs.readFileSync(large));
  op('readFileSync 1 MB utf8', () => fs.readFileSync(large, 'utf8'));
  op('writeFileSync 1 KB text', () => fs.writeFileSync(at('out'), text));
  op('writeFileSync 1 KB bytes', () => fs.writeFileSync(at('out'), bytes));
  op('writeFileSync 1 MB', () => fs.writeFileSync(at('out-large'), megabyte));
  op('appendFileSync 5 B', () => fs.appendFileSync(at('log'), 'line\n'));
  op('statSync', () => fs.statSync(small));
  op('statSync bigint', () => fs.statSync(small, { bigint: true }));
  op('statSync missing, no throw', () => fs.statSync(at('none'), { throwIfNoEntry: false }));
  op('lstatSync', () => fs.lstatSync(small));
  op('statSync isFile and mtime', () => {
    const stat = fs.statSync(small);
    return stat.isFile() && stat.mtime;
  });
  op('existsSync', () => fs.existsSync(small));
  op('existsSync missing', () => fs.existsSync(at('none')));
  op('accessSync', () => fs.accessSync(small));
  op('accessSync throwing', () => {
    try {
      fs.accessSync(at('none'));
    } catch (error) {
      return error;
    }
  });
  op('readdirSync 50', () => fs.readdirSync(at('folder')));
  op('readdirSync 50 withFileTypes', () => fs.readdirSync(at('folder'), { withFileTypes: true }));
  op('openSync and closeSync', () => fs.closeSync(fs.openSync(small)));
  const fd = fs.openSync(large);
  const into = Buffer.alloc(65536);
  op('readSync 64 B', () => fs.readSync(fd, into, 0, 64, 0));
  op('readSync 64 KB', () => fs.readSync(fd, into, 0, 65536, 0));
  op('fstatSync', () => fs.fstatSync(fd));
  const out = fs.openSync(at('written'), 'w');
  op('writeSync 64 B', () => fs.writeSync(out, into, 0, 64, 0));
  op('writeSync string', () => fs.writeSync(out, 'hello world', 0));
  op('realpathSync', () => fs.realpathSync(at('link')));
  op('realpathSync.native', () => fs.realpathSync.native(at('link')));
  op('readlinkSync', () => fs.readlinkSync(at('link')));
  op('mkdirSync and rmdirSync', () => {
    fs.mkdirSync(at('made'));
    fs.rmdirSync(at('made'));
  });
  op('mkdirSync recursive, there already', () => fs.mkdirSync(at('a/b/c'), { recursive: true }));
  op('mkdirSync and rmSync recursive', () => {
    fs.mkdirSync(at('x/y'), { recursive: true });
    fs.rmSync(at('x'), { recursive: true });
  });
  op('copyFileSync and unlinkSync', () => {
    fs.copyFileSync(small, at('copy'));
    fs.unlinkSync(at('copy'));
  });
  op('renameSync twice', () => {
    fs.renameSync(at('log'), at('log-2'));
    fs.renameSync(at('log-2'), at('log'));
  });
  op('utimesSync', () => fs.utimesSync(small, 1e9, 1e9));
  op('chmodSync', () => fs.chmodSync(small, 0o644));

  op('promises.readFile 1 KB', () => fs.promises.readFile(small));
  op('promises.readFile 1 KB utf8', () => fs.promises.readFile(small, 'utf8'));
  op('promises.readFile 1 MB', () => fs.promises.readFile(large));
  op('promises.writeFile 1 KB', () => fs.promises.writeFile(at('out'), text));
  op('promises.stat', () => fs.promises.stat(small));
  op('promises.readdir 50', () => fs.promises.readdir(at('folder')));
  op('promises.access', () => fs.promises.access(small));
  op('promises.open and close', async () => (await fs.promises.open(small)).close());
  op('readFile callback', () => new Promise((done) => fs.readFile(small, done)));
  op('stat callback', () => new Promise((done) => fs.stat(small, done)));
  op('createReadStream 1 MB', () => new Promise((done) => {
    fs.createReadStream(large).on('data', () => {}).on('close', done);
  }));
  op('createWriteStream 16 x 64 KB', () => new Promise((done) => {
    const stream = fs.createWriteStream(at('stream'));
    for (let i = 0; i < 16; i++) stream.write(into);
    stream.end();
    stream.on('close', done);
  }));
  op('readline 22000 lines', async () => {
    const readline = require('node:readline');
    let count = 0;
    for await (const line of readline.createInterface({ input: fs.createReadStream(large) })) count += line.length;
    return count;
  });
  op('readline 22000 lines, events', () => new Promise((done) => {
    const readline = require('node:readline');
    let count = 0;
    const lines = readline.createInterface({ input: fs.createReadStream(large) });
    lines.on('line', (line) => { count += line.length; }).on('close', () => done(count));
  }));
  return () => {
    fs.closeSync(fd);
    fs.closeSync(out);
    fs.rmSync(home, { recursive: true });
  };
};
