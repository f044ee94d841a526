'use strict';
// Stats, BigIntStats and StatFs: what stat and statfs tell. Owns: their shape, the typed arrays that
// internalBinding('fs') fills. Dates are made when they are first asked for.

const {
  S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK,
} = internalBinding('fs').constants;

// One of each: JavaScript copies out of it at once. The order of the fields is the binding's.
const numbers = new Float64Array(18);
const bigints = new BigInt64Array(18);
const statfsNumbers = new Float64Array(7);
const statfsBigints = new BigInt64Array(7);

// The array to give to stat, lstat and fstat, and to statfs.
function statSink(bigint) { return bigint === true ? bigints : numbers; }
function statfsSink(bigint) { return bigint === true ? statfsBigints : statfsNumbers; }

// Fields that both kinds of stats begin with.
function StatsBase(dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks) {
  this.dev = dev;
  this.mode = mode;
  this.nlink = nlink;
  this.uid = uid;
  this.gid = gid;
  this.rdev = rdev;
  this.blksize = blksize;
  this.ino = ino;
  this.size = size;
  this.blocks = blocks;
}

StatsBase.prototype.isDirectory = function() { return this._checkModeProperty(S_IFDIR); };
StatsBase.prototype.isFile = function() { return this._checkModeProperty(S_IFREG); };
StatsBase.prototype.isBlockDevice = function() { return this._checkModeProperty(S_IFBLK); };
StatsBase.prototype.isCharacterDevice = function() { return this._checkModeProperty(S_IFCHR); };
StatsBase.prototype.isSymbolicLink = function() { return this._checkModeProperty(S_IFLNK); };
StatsBase.prototype.isFIFO = function() { return this._checkModeProperty(S_IFIFO); };
StatsBase.prototype.isSocket = function() { return this._checkModeProperty(S_IFSOCK); };

// Milliseconds, rounded so that what utimes() was given comes back.
function dateFromMs(ms) { return new Date(Math.round(Number(ms))); }

const kNsPerMsec = 10n ** 6n;
const kNsPerSec = 10n ** 9n;

// Parts of a millisecond, kept for the Instants: a double has no room for nanoseconds since 1970.
const partialNs = {
  atime: Symbol('partialAtimeNs'),
  mtime: Symbol('partialMtimeNs'),
  ctime: Symbol('partialCtimeNs'),
  birthtime: Symbol('kPartialBirthtimeNs'),
};
const times = ['atime', 'mtime', 'ctime', 'birthtime'];

function Stats(dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks,
               atimeSec, atimeNsec, mtimeSec, mtimeNsec, ctimeSec, ctimeNsec, birthtimeSec, birthtimeNsec) {
  Reflect.apply(StatsBase, this, [dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks]);
  this.atimeMs = atimeSec * 1000 + atimeNsec / 1e6;
  this.mtimeMs = mtimeSec * 1000 + mtimeNsec / 1e6;
  this.ctimeMs = ctimeSec * 1000 + ctimeNsec / 1e6;
  this.birthtimeMs = birthtimeSec * 1000 + birthtimeNsec / 1e6;
  this[partialNs.atime] = atimeNsec;
  this[partialNs.mtime] = mtimeNsec;
  this[partialNs.ctime] = ctimeNsec;
  this[partialNs.birthtime] = birthtimeNsec;
}

function BigIntStats(dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks,
                     atimeNs, mtimeNs, ctimeNs, birthtimeNs) {
  Reflect.apply(StatsBase, this, [dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks]);
  this.atimeMs = atimeNs / kNsPerMsec;
  this.mtimeMs = mtimeNs / kNsPerMsec;
  this.ctimeMs = ctimeNs / kNsPerMsec;
  this.birthtimeMs = birthtimeNs / kNsPerMsec;
  this.atimeNs = atimeNs;
  this.mtimeNs = mtimeNs;
  this.ctimeNs = ctimeNs;
  this.birthtimeNs = birthtimeNs;
}

// A property of the prototype that becomes the object's own with the first look, or when it is set.
function lazy(prototype, name, compute) {
  const own = (object, value) => Object.defineProperty(object, name, {
    __proto__: null, value, enumerable: true, configurable: true, writable: true,
  });
  Object.defineProperty(prototype, name, {
    __proto__: null,
    enumerable: true,
    configurable: true,
    get() {
      const value = compute(this);
      own(this, value);
      return value;
    },
    set(value) { own(this, value); },
  });
}

function instantFromNs(ns) {
  const { Temporal } = globalThis;
  if (Temporal === undefined) throw new Error('Temporal is not available in this executable');
  return Temporal.Instant.fromEpochNanoseconds(ns);
}

function setUp(constructor, toNs) {
  Object.setPrototypeOf(constructor, StatsBase);
  const { prototype } = constructor;
  Object.setPrototypeOf(prototype, StatsBase.prototype);
  for (const name of times) lazy(prototype, name, (stats) => dateFromMs(stats[`${name}Ms`]));
  for (const name of times) lazy(prototype, `${name}Instant`, (stats) => instantFromNs(toNs(stats, name)));
}

// The whole seconds are exact in the double, what is behind them is kept apart.
setUp(Stats, (stats, name) => {
  const ns = stats[partialNs[name]];
  const seconds = Math.round((stats[`${name}Ms`] - ns / 1e6) / 1000);
  return BigInt(seconds) * kNsPerSec + BigInt(ns);
});
setUp(BigIntStats, (stats, name) => stats[`${name}Ns`]);

Stats.prototype._checkModeProperty = function(property) { return (this.mode & S_IFMT) === property; };
BigIntStats.prototype._checkModeProperty = function(property) {
  return (this.mode & BigInt(S_IFMT)) === BigInt(property);
};

// Stats from what the binding has just filled.
function getStats(bigint) {
  if (bigint !== true) {
    const s = numbers;
    return new Stats(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9],
                     s[10], s[11], s[12], s[13], s[14], s[15], s[16], s[17]);
  }
  const s = bigints;
  return new BigIntStats(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9],
                         s[10] * kNsPerSec + s[11], s[12] * kNsPerSec + s[13],
                         s[14] * kNsPerSec + s[15], s[16] * kNsPerSec + s[17]);
}

// The stats of a file that is not there: watchFile() gives these.
function emptyStats(bigint) {
  statSink(bigint).fill(bigint === true ? 0n : 0);
  return getStats(bigint);
}

class StatFs {
  constructor(type, bsize, frsize, blocks, bfree, bavail, files, ffree) {
    this.type = type;
    this.bsize = bsize;
    this.frsize = frsize;
    this.blocks = blocks;
    this.bfree = bfree;
    this.bavail = bavail;
    this.files = files;
    this.ffree = ffree;
  }
}

// StatFs from what the binding has just filled.
function getStatFs(bigint) {
  const s = statfsSink(bigint);
  return new StatFs(s[0], s[1], s[1], s[2], s[3], s[4], s[5], s[6]);
}

module.exports = {
  BigIntStats,
  StatFs,
  Stats,
  dateFromMs,
  emptyStats,
  getStatFs,
  getStats,
  kStatsTypeMask: S_IFMT,
  statSink,
  statfsSink,
};
