'use strict';
// The descriptors of a WASI program, and the sandbox: a path stays below the folder that it starts from, also by way of links.

const fs = require('fs');
const path = require('path');
const { WasiError } = require('internal/wasi/errno');

const MAX_LINKS = 40;

const FILE_TYPES = { __proto__: null, unknown: 0, block: 1, character: 2, directory: 3, file: 4, socket: 6, link: 7 };

function typeOf(stats) {
  if (stats.isFile()) return FILE_TYPES.file;
  if (stats.isDirectory()) return FILE_TYPES.directory;
  if (stats.isSymbolicLink()) return FILE_TYPES.link;
  if (stats.isCharacterDevice()) return FILE_TYPES.character;
  if (stats.isBlockDevice()) return FILE_TYPES.block;
  if (stats.isSocket()) return FILE_TYPES.socket;
  return FILE_TYPES.unknown;
}

// What a descriptor of the program stands for. `real` is the system's descriptor; a folder has a path and perhaps none.
class Descriptor {
  constructor({ real, folder, root, preopened, type, flags = 0, rights, inheriting }) {
    this.real = real;
    this.folder = folder;
    // The folder that paths may not leave.
    this.root = root;
    this.preopened = preopened;
    this.type = type;
    this.flags = flags;
    this.rights = rights;
    this.inheriting = inheriting;
    this.position = 0n;
    this.isSeekable = type === FILE_TYPES.file;
  }
}

class Descriptors {
  #list = new Map();

  constructor(stdio, folders, rights) {
    stdio.forEach((real, number) => {
      let type = FILE_TYPES.unknown;
      try {
        type = typeOf(fs.fstatSync(real));
      } catch {
        // A closed one is told when it is used.
      }
      const own = new Descriptor({ real, type, rights, inheriting: rights });
      own.isStdio = true;
      // Its offset is shared with other processes: the system's counts.
      own.isSeekable = false;
      this.#list.set(number, own);
    });
    for (const [name, folder] of folders) {
      let real;
      let root;
      try {
        real = fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
        root = fs.realpathSync(folder);
      } catch (error) {
        // Where Node has this from.
        throw Object.assign(new Error('uvwasi_init'), { code: `UVWASI_${error.code}` });
      }
      this.add(new Descriptor({ real, folder: root, root, preopened: name, type: FILE_TYPES.directory, rights, inheriting: rights }));
    }
  }

  get(number) {
    const found = this.#list.get(number);
    if (found === undefined) throw new WasiError('BADF');
    return found;
  }

  add(descriptor) {
    let number = 3;
    while (this.#list.has(number)) number++;
    this.#list.set(number, descriptor);
    return number;
  }

  renumber(from, to) {
    const moved = this.get(from);
    const old = this.get(to);
    if (from === to) return;
    fs.closeSync(old.real);
    this.#list.set(to, moved);
    this.#list.delete(from);
  }

  close(number) {
    const closed = this.get(number);
    this.#list.delete(number);
    if (!closed.isStdio) fs.closeSync(closed.real);
  }
}

// The real path of `name` below `descriptor`. Links are followed on the way, and at the end where `follow` says so.
function resolve(descriptor, name, follow) {
  if (descriptor.folder === undefined) throw new WasiError('NOTDIR');
  if (name.includes('\0')) throw new WasiError('ILSEQ');
  if (name === '') throw new WasiError('NOENT');
  if (name[0] === '/') throw new WasiError('NOTCAPABLE');
  const { root } = descriptor;
  let here = descriptor.folder;
  const rest = name.split('/').filter((part) => part !== '' && part !== '.');
  let links = 0;
  while (rest.length > 0) {
    const part = rest.shift();
    if (part === '..') {
      if (here === root) throw new WasiError('NOTCAPABLE');
      here = path.dirname(here);
      continue;
    }
    const next = path.join(here, part);
    const isLast = rest.length === 0;
    let stats;
    if (!isLast || follow) stats = fs.lstatSync(next, { throwIfNoEntry: false });
    if (stats?.isSymbolicLink()) {
      if (++links > MAX_LINKS) throw new WasiError('LOOP');
      const target = fs.readlinkSync(next);
      if (target[0] === '/') throw new WasiError('NOTCAPABLE');
      rest.unshift(...target.split('/').filter((p) => p !== '' && p !== '.'));
      continue;
    }
    if (!isLast && stats !== undefined && !stats.isDirectory()) throw new WasiError('NOTDIR');
    here = next;
  }
  if (name.endsWith('/')) return `${here}/`;
  return here;
}

module.exports = { Descriptor, Descriptors, FILE_TYPES, resolve, typeOf };
