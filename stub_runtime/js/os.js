'use strict';
// node:os. The native half is the binding `os`, the constants are in `internal/os/constants`.

const { codes: { ERR_SYSTEM_ERROR } } = require('internal/errors');
const { uvErrmapGet } = require('internal/errnos');
const { validateInt32 } = require('internal/validators');
const constants = require('internal/os/constants');
const binding = internalBinding('os');

function failure(errno, syscall) {
  const [code, message] = uvErrmapGet(errno) ?? [`Unknown system error ${errno}`, ''];
  return new ERR_SYSTEM_ERROR({ errno, code, message, syscall });
}

// Strings and objects pass, a negative number is an errno.
function check(result, syscall) {
  if (typeof result === 'number' && result < 0) throw failure(result, syscall);
  return result;
}

const arch = () => process.arch;
const availableParallelism = () => binding.availableParallelism();
const freemem = () => binding.freemem();
const platform = () => process.platform;
const totalmem = () => binding.totalmem();
const uptime = () => binding.uptime();

function hostname() {
  return check(binding.hostname(), 'uv_os_gethostname');
}

function uname(i) {
  return check(binding.uname(), 'uv_os_uname')[i];
}

const type = () => uname(0);
const version = () => uname(1);
const release = () => uname(2);
const machine = () => uname(3);

function endianness() {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 'LE' : 'BE';
}

// HOME, or what the system has for the user.
function homedir() {
  const home = process.env.HOME;
  if (home !== undefined) return home;
  return text(check(binding.userInfo(), 'uv_os_homedir')[3]);
}

function tmpdir() {
  const { TMPDIR, TMP, TEMP } = process.env;
  const path = TMPDIR || TMP || TEMP || '/tmp';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function loadavg() {
  return binding.loadavg();
}

function cpus() {
  const data = binding.cpus();
  const result = [];
  for (let i = 0; i < data.length; i += 7) {
    result.push({
      model: data[i],
      speed: data[i + 1],
      times: { user: data[i + 2], nice: data[i + 3], sys: data[i + 4], idle: data[i + 5], irq: data[i + 6] },
    });
  }
  return result;
}

// How many leading bits of a netmask are set, or null where it is none.
function prefixLength(netmask, family) {
  const v6 = family === 'IPv6';
  const groups = netmask.split(v6 ? ':' : '.').map((part) => parseInt(part || '0', v6 ? 16 : 10));
  const bits = groups.map((group) => group.toString(2).padStart(v6 ? 16 : 8, '0')).join('');
  const length = bits.indexOf('0') === -1 ? bits.length : bits.indexOf('0');
  return bits.includes('1', length) ? null : length;
}

function networkInterfaces() {
  const data = check(binding.networkInterfaces(), 'uv_interface_addresses');
  const result = {};
  for (let i = 0; i < data.length; i += 7) {
    const { 0: name, 1: address, 2: netmask, 3: family, 4: mac, 5: internal, 6: scopeid } = data.slice(i, i + 7);
    const length = prefixLength(netmask, family);
    const entry = {
      address, netmask, family, mac, internal, cidr: length === null ? null : `${address}/${length}`,
    };
    if (scopeid !== -1) entry.scopeid = scopeid;
    (result[name] ??= []).push(entry);
  }
  return result;
}

function getPriority(pid) {
  if (pid === undefined) pid = 0;
  else validateInt32(pid, 'pid');
  const priority = binding.getPriority(pid);
  if (typeof priority !== 'number') throw failure(priority[0], 'uv_os_getpriority');
  return priority;
}

// ([pid,] priority)
function setPriority(pid, priority) {
  if (priority === undefined) {
    priority = pid;
    pid = 0;
  }
  validateInt32(pid, 'pid');
  validateInt32(priority, 'priority', -20, 19);
  check(binding.setPriority(pid, priority), 'uv_os_setpriority');
}

function text(bytes, encoding = 'utf8') {
  const { Buffer } = require('buffer');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encoding === 'buffer' ? buffer : buffer.toString(encoding);
}

function userInfo(options) {
  let encoding;
  if (typeof options === 'object' && options !== null) encoding = options.encoding;
  if (encoding !== 'buffer') {
    const { Buffer } = require('buffer');
    if (!Buffer.isEncoding(encoding)) encoding = 'utf8';
  }
  const { 0: uid, 1: gid, 2: username, 3: home, 4: shell } = check(binding.userInfo(), 'uv_os_get_passwd');
  return {
    __proto__: null,
    uid,
    gid,
    username: text(username, encoding),
    homedir: text(home, encoding),
    shell: text(shell, encoding),
  };
}

// `${os.hostname}` is its result.
for (const fn of [
  arch, availableParallelism, endianness, freemem, homedir, hostname, platform, release, tmpdir, totalmem, type,
  uptime, version, machine,
]) {
  fn[Symbol.toPrimitive] = () => fn();
}

module.exports = {
  arch,
  availableParallelism,
  cpus,
  endianness,
  freemem,
  getPriority,
  homedir,
  hostname,
  loadavg,
  networkInterfaces,
  platform,
  release,
  setPriority,
  tmpdir,
  totalmem,
  type,
  userInfo,
  uptime,
  version,
  machine,
};

Object.defineProperties(module.exports, {
  constants: { __proto__: null, configurable: false, enumerable: true, value: constants },
  EOL: { __proto__: null, configurable: true, enumerable: true, writable: false, value: '\n' },
  devNull: { __proto__: null, configurable: true, enumerable: true, writable: false, value: '/dev/null' },
});
