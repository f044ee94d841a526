'use strict';
// The calls of WASI preview 1. Each gives an error number; results go to the program's memory.

const fs = require('fs');
const { codes: { ERR_WASI_NOT_STARTED } } = require('internal/errors');
const { WasiError, numberOf, numbers } = require('internal/wasi/errno');
const { Descriptor, Descriptors, FILE_TYPES, resolve, typeOf } = require('internal/wasi/files');

const ALL_RIGHTS = (1n << 30n) - 1n;
const RIGHTS = { READ: 1n << 1n, WRITE: 1n << 6n, READDIR: 1n << 14n };
const FD_FLAGS = { APPEND: 1, DSYNC: 2, NONBLOCK: 4, RSYNC: 8, SYNC: 16 };
const OPEN_FLAGS = { CREAT: 1, DIRECTORY: 2, EXCL: 4, TRUNC: 8 };
const TIMES = { ATIM: 1, ATIM_NOW: 2, MTIM: 4, MTIM_NOW: 8 };
const LOOKUP_FOLLOW = 1;
const PREOPEN_DIR = 0;
const EVENT_CLOCK = 0;
const EVENT_READ = 1;
const ABSTIME = 1;
const SUBSCRIPTION_SIZE = 48;
const EVENT_SIZE = 32;

function createCalls({ args, env, folders, stdio, exit }) {
  let memory;
  const descriptors = new Descriptors(stdio, folders, ALL_RIGHTS);
  const view = () => new DataView(memory.buffer);
  const bytes = (pointer, length) => {
    if (pointer + length > memory.buffer.byteLength) throw new WasiError('OVERFLOW');
    return new Uint8Array(memory.buffer, pointer, length);
  };
  const text = (pointer, length) => Buffer.from(bytes(pointer, length)).toString();

  // [bytes] of a list of `count` parts.
  function parts(pointer, count) {
    const data = view();
    const list = [];
    for (let i = 0; i < count; i++) {
      list.push(bytes(data.getUint32(pointer + i * 8, true), data.getUint32(pointer + i * 8 + 4, true)));
    }
    return list;
  }

  function writeStrings(list, pointers, buffer) {
    const data = view();
    list.forEach((item, i) => {
      data.setUint32(pointers + i * 4, buffer, true);
      const encoded = Buffer.from(`${item}\0`);
      bytes(buffer, encoded.length).set(encoded);
      buffer += encoded.length;
    });
  }

  function writeSizes(list, count, size) {
    view().setUint32(count, list.length, true);
    view().setUint32(size, list.reduce((sum, item) => sum + Buffer.byteLength(item) + 1, 0), true);
  }

  function writeStat(pointer, stats) {
    const data = view();
    data.setBigUint64(pointer, stats.dev, true);
    data.setBigUint64(pointer + 8, stats.ino, true);
    data.setUint8(pointer + 16, typeOf(stats));
    data.setBigUint64(pointer + 24, stats.nlink, true);
    data.setBigUint64(pointer + 32, stats.size, true);
    data.setBigUint64(pointer + 40, stats.atimeNs, true);
    data.setBigUint64(pointer + 48, stats.mtimeNs, true);
    data.setBigUint64(pointer + 56, stats.ctimeNs, true);
  }

  function checkRight(descriptor, right) {
    if ((descriptor.rights & right) === 0n) throw new WasiError('NOTCAPABLE');
  }

  function write(descriptor, list, position) {
    checkRight(descriptor, RIGHTS.WRITE);
    let written = 0;
    for (const part of list) {
      for (let done = 0; done < part.length;) {
        const at = position === null ? null : position + written;
        const count = fs.writeSync(descriptor.real, part, done, part.length - done, at);
        done += count;
        written += count;
      }
    }
    return written;
  }

  function read(descriptor, list, position) {
    checkRight(descriptor, RIGHTS.READ);
    if (descriptor.type === FILE_TYPES.directory) throw new WasiError('ISDIR');
    let got = 0;
    for (const part of list) {
      if (part.length === 0) continue;
      const count = fs.readSync(descriptor.real, part, 0, part.length, position === null ? null : position + got);
      got += count;
      if (count < part.length) break;
    }
    return got;
  }

  // Positions of files are ours: Node's `fs` cannot seek.
  function advance(descriptor, list, how) {
    if (!descriptor.isSeekable) return how(descriptor, list, null);
    const isAppended = how === write && (descriptor.flags & FD_FLAGS.APPEND) !== 0;
    const done = how(descriptor, list, isAppended ? null : Number(descriptor.position));
    if (isAppended) descriptor.position = fs.fstatSync(descriptor.real, { bigint: true }).size;
    else descriptor.position += BigInt(done);
    return done;
  }

  function newTimes(stats, atim, mtim, flags) {
    const now = Date.now() / 1000;
    const bad = (a, b) => (flags & a) !== 0 && (flags & b) !== 0;
    if (bad(TIMES.ATIM, TIMES.ATIM_NOW) || bad(TIMES.MTIM, TIMES.MTIM_NOW)) throw new WasiError('INVAL');
    const pick = (set, isNow, value, old) => ((flags & isNow) !== 0 ? now : (flags & set) !== 0 ? Number(value) / 1e9 : Number(old) / 1e9);
    return [pick(TIMES.ATIM, TIMES.ATIM_NOW, atim, stats.atimeNs), pick(TIMES.MTIM, TIMES.MTIM_NOW, mtim, stats.mtimeNs)];
  }

  function clock(id) {
    switch (id) {
      case 0: return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
      case 1: return process.hrtime.bigint();
      case 2: case 3: {
        const { user, system } = id === 2 ? process.cpuUsage() : process.threadCpuUsage();
        return BigInt(user + system) * 1000n;
      }
      default: throw new WasiError('INVAL');
    }
  }

  // No descriptor of a program is a socket.
  function noSocket(fd) {
    descriptors.get(fd);
    throw new WasiError('NOTSOCK');
  }

  const calls = {
    args_get: (pointers, buffer) => writeStrings(args, pointers, buffer),
    args_sizes_get: (count, size) => writeSizes(args, count, size),
    environ_get: (pointers, buffer) => writeStrings(env, pointers, buffer),
    environ_sizes_get: (count, size) => writeSizes(env, count, size),
    clock_res_get(id, out) {
      if (id > 3) throw new WasiError('INVAL');
      view().setBigUint64(out, 1n, true);
    },
    clock_time_get(id, precision, out) {
      view().setBigUint64(out, clock(id), true);
    },
    fd_advise(fd) { descriptors.get(fd); },
    fd_allocate(fd, offset, length) {
      const { real } = descriptors.get(fd);
      const end = Number(offset + length);
      if (fs.fstatSync(real).size < end) fs.ftruncateSync(real, end);
    },
    fd_close(fd) { descriptors.close(fd); },
    fd_datasync(fd) { fs.fdatasyncSync(descriptors.get(fd).real); },
    fd_sync(fd) { fs.fsyncSync(descriptors.get(fd).real); },
    fd_fdstat_get(fd, out) {
      const descriptor = descriptors.get(fd);
      const data = view();
      data.setUint8(out, descriptor.type);
      data.setUint16(out + 2, descriptor.flags, true);
      data.setBigUint64(out + 8, descriptor.rights, true);
      data.setBigUint64(out + 16, descriptor.inheriting, true);
    },
    fd_fdstat_set_flags(fd, flags) { descriptors.get(fd).flags = flags; },
    fd_fdstat_set_rights(fd, base, inheriting) {
      const descriptor = descriptors.get(fd);
      base = BigInt.asUintN(64, base);
      inheriting = BigInt.asUintN(64, inheriting);
      if ((base & ~descriptor.rights) !== 0n || (inheriting & ~descriptor.inheriting) !== 0n) throw new WasiError('NOTCAPABLE');
      descriptor.rights = base;
      descriptor.inheriting = inheriting;
    },
    fd_filestat_get(fd, out) { writeStat(out, fs.fstatSync(descriptors.get(fd).real, { bigint: true })); },
    fd_filestat_set_size(fd, size) { fs.ftruncateSync(descriptors.get(fd).real, Number(size)); },
    fd_filestat_set_times(fd, atim, mtim, flags) {
      const { real } = descriptors.get(fd);
      fs.futimesSync(real, ...newTimes(fs.fstatSync(real, { bigint: true }), atim, mtim, flags));
    },
    fd_pread(fd, list, count, offset, out) {
      view().setUint32(out, read(descriptors.get(fd), parts(list, count), Number(offset)), true);
    },
    fd_pwrite(fd, list, count, offset, out) {
      view().setUint32(out, write(descriptors.get(fd), parts(list, count), Number(offset)), true);
    },
    fd_prestat_get(fd, out) {
      const { preopened } = descriptors.get(fd);
      if (preopened === undefined) throw new WasiError('INVAL');
      view().setUint8(out, PREOPEN_DIR);
      view().setUint32(out + 4, Buffer.byteLength(preopened), true);
    },
    fd_prestat_dir_name(fd, pointer, length) {
      const { preopened } = descriptors.get(fd);
      if (preopened === undefined) throw new WasiError('BADF');
      const name = Buffer.from(preopened);
      if (name.length > length) throw new WasiError('NOBUFS');
      bytes(pointer, name.length).set(name);
    },
    fd_read(fd, list, count, out) {
      view().setUint32(out, advance(descriptors.get(fd), parts(list, count), read), true);
    },
    fd_write(fd, list, count, out) {
      view().setUint32(out, advance(descriptors.get(fd), parts(list, count), write), true);
    },
    // Entries from number `cookie` on, the last cut off where the buffer ends.
    fd_readdir(fd, pointer, length, cookie, out) {
      const descriptor = descriptors.get(fd);
      checkRight(descriptor, RIGHTS.READDIR);
      if (descriptor.folder === undefined) throw new WasiError('NOTDIR');
      const entries = ['.', '..', ...fs.readdirSync(descriptor.folder)];
      let used = 0;
      for (let i = Number(cookie); i < entries.length && used < length; i++) {
        const name = Buffer.from(entries[i]);
        const stats = fs.lstatSync(`${descriptor.folder}/${entries[i]}`, { bigint: true, throwIfNoEntry: false });
        const entry = new DataView(new ArrayBuffer(24));
        entry.setBigUint64(0, BigInt(i + 1), true);
        entry.setBigUint64(8, stats?.ino ?? 0n, true);
        entry.setUint32(16, name.length, true);
        entry.setUint8(20, stats === undefined ? FILE_TYPES.unknown : typeOf(stats));
        const whole = Buffer.concat([new Uint8Array(entry.buffer), name]).subarray(0, length - used);
        bytes(pointer + used, whole.length).set(whole);
        used += whole.length;
      }
      view().setUint32(out, used, true);
    },
    fd_renumber(from, to) { descriptors.renumber(from, to); },
    fd_seek(fd, offset, whence, out) {
      const descriptor = descriptors.get(fd);
      if (!descriptor.isSeekable) throw new WasiError('SPIPE');
      let base = 0n;
      if (whence === 1) base = descriptor.position;
      else if (whence === 2) base = fs.fstatSync(descriptor.real, { bigint: true }).size;
      else if (whence !== 0) throw new WasiError('INVAL');
      const position = base + BigInt.asIntN(64, offset);
      if (position < 0n) throw new WasiError('INVAL');
      descriptor.position = position;
      view().setBigUint64(out, position, true);
    },
    fd_tell(fd, out) {
      const descriptor = descriptors.get(fd);
      if (!descriptor.isSeekable) throw new WasiError('SPIPE');
      view().setBigUint64(out, descriptor.position, true);
    },
    path_create_directory(fd, pointer, length) { fs.mkdirSync(resolve(descriptors.get(fd), text(pointer, length), true)); },
    path_filestat_get(fd, flags, pointer, length, out) {
      const follow = (flags & LOOKUP_FOLLOW) !== 0;
      writeStat(out, fs.lstatSync(resolve(descriptors.get(fd), text(pointer, length), follow), { bigint: true }));
    },
    path_filestat_set_times(fd, flags, pointer, length, atim, mtim, times) {
      const file = resolve(descriptors.get(fd), text(pointer, length), (flags & LOOKUP_FOLLOW) !== 0);
      fs.lutimesSync(file, ...newTimes(fs.lstatSync(file, { bigint: true }), atim, mtim, times));
    },
    path_link(fromFd, flags, from, fromLength, toFd, to, toLength) {
      const source = resolve(descriptors.get(fromFd), text(from, fromLength), (flags & LOOKUP_FOLLOW) !== 0);
      fs.linkSync(source, resolve(descriptors.get(toFd), text(to, toLength), false));
    },
    path_open(fd, lookup, pointer, length, openFlags, base, inheriting, fdFlags, out) {
      const folder = descriptors.get(fd);
      const { constants: c } = fs;
      base = BigInt.asUintN(64, base) & folder.inheriting;
      inheriting = BigInt.asUintN(64, inheriting) & folder.inheriting;
      const reads = (base & (RIGHTS.READ | RIGHTS.READDIR)) !== 0n;
      const writes = (base & (RIGHTS.WRITE | (1n << 0n) | (1n << 8n) | (1n << 22n))) !== 0n;
      let flags = writes ? (reads ? c.O_RDWR : c.O_WRONLY) : c.O_RDONLY;
      if (openFlags & OPEN_FLAGS.CREAT) flags |= c.O_CREAT;
      if (openFlags & OPEN_FLAGS.DIRECTORY) flags |= c.O_DIRECTORY;
      if (openFlags & OPEN_FLAGS.EXCL) flags |= c.O_EXCL;
      if (openFlags & OPEN_FLAGS.TRUNC) flags |= c.O_TRUNC;
      if (fdFlags & FD_FLAGS.APPEND) flags |= c.O_APPEND;
      if (fdFlags & FD_FLAGS.DSYNC) flags |= c.O_DSYNC;
      if (fdFlags & FD_FLAGS.NONBLOCK) flags |= c.O_NONBLOCK;
      if (fdFlags & (FD_FLAGS.RSYNC | FD_FLAGS.SYNC)) flags |= c.O_SYNC;
      const file = resolve(folder, text(pointer, length), (lookup & LOOKUP_FOLLOW) !== 0);
      // What the path is was found without following a link at the end.
      const real = fs.openSync(file, flags | c.O_NOFOLLOW, 0o666);
      const type = typeOf(fs.fstatSync(real));
      const descriptor = new Descriptor({
        real, type, folder: type === FILE_TYPES.directory ? file.replace(/\/$/, '') : undefined, root: folder.root, flags: fdFlags, rights: base, inheriting,
      });
      view().setUint32(out, descriptors.add(descriptor), true);
    },
    path_readlink(fd, pointer, length, buffer, size, out) {
      const target = Buffer.from(fs.readlinkSync(resolve(descriptors.get(fd), text(pointer, length), false))).subarray(0, size);
      bytes(buffer, target.length).set(target);
      view().setUint32(out, target.length, true);
    },
    path_remove_directory(fd, pointer, length) { fs.rmdirSync(resolve(descriptors.get(fd), text(pointer, length), false)); },
    path_rename(fromFd, from, fromLength, toFd, to, toLength) {
      const source = resolve(descriptors.get(fromFd), text(from, fromLength), false);
      fs.renameSync(source, resolve(descriptors.get(toFd), text(to, toLength), false));
    },
    path_symlink(old, oldLength, fd, pointer, length) {
      const target = text(old, oldLength);
      if (target[0] === '/') throw new WasiError('NOTCAPABLE');
      fs.symlinkSync(target, resolve(descriptors.get(fd), text(pointer, length), false));
    },
    path_unlink_file(fd, pointer, length) { fs.unlinkSync(resolve(descriptors.get(fd), text(pointer, length), false)); },
    // Waits for the first clock; descriptors count as ready.
    poll_oneoff(input, output, count, out) {
      if (count === 0) throw new WasiError('INVAL');
      const data = view();
      const events = [];
      let first;
      for (let i = 0; i < count; i++) {
        const at = input + i * SUBSCRIPTION_SIZE;
        const userdata = data.getBigUint64(at, true);
        const type = data.getUint8(at + 8);
        if (type !== EVENT_CLOCK) {
          const descriptor = descriptors.get(data.getUint32(at + 16, true));
          let size = 1n;
          if (type === EVENT_READ && descriptor.isSeekable) size = fs.fstatSync(descriptor.real, { bigint: true }).size - descriptor.position;
          events.push({ userdata, type, size: size < 0n ? 0n : size });
          continue;
        }
        const id = data.getUint32(at + 16, true);
        let timeout = data.getBigUint64(at + 24, true);
        if (data.getUint16(at + 40, true) & ABSTIME) timeout -= clock(id);
        if (timeout < 0n) timeout = 0n;
        if (first === undefined || timeout < first.timeout) first = { userdata, type, size: 0n, timeout };
      }
      if (events.length === 0) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(first.timeout) / 1e6);
        events.push(first);
      }
      events.forEach(({ userdata, type, size }, i) => {
        const at = output + i * EVENT_SIZE;
        data.setBigUint64(at, userdata, true);
        data.setUint16(at + 8, numbers.SUCCESS, true);
        data.setUint8(at + 10, type);
        data.setBigUint64(at + 16, size, true);
        data.setUint16(at + 24, 0, true);
      });
      data.setUint32(out, events.length, true);
    },
    proc_exit(code) { exit(code); },
    proc_raise() { throw new WasiError('NOSYS'); },
    random_get(pointer, length) { require('crypto').randomFillSync(bytes(pointer, length)); },
    sched_yield() {},
    sock_accept: noSocket,
    sock_recv: noSocket,
    sock_send: noSocket,
    sock_shutdown: noSocket,
  };

  const imports = {};
  for (const [name, call] of Object.entries(calls)) {
    imports[name] = (...given) => {
      if (memory === undefined) throw new ERR_WASI_NOT_STARTED();
      try {
        call(...given);
        return numbers.SUCCESS;
      } catch (error) {
        if (error instanceof RangeError && !(error instanceof WasiError)) return numbers.FAULT;
        const number = numberOf(error);
        if (number === undefined) throw error;
        return number;
      }
    };
    Object.defineProperty(imports[name], 'name', { __proto__: null, configurable: true, value: name });
  }
  return {
    imports,
    setMemory(given) { memory = given; },
  };
}

module.exports = { createCalls };
