'use strict';
// Owns: node:tty: streams over terminals, raw mode, window size.
// Not here: colours (internal/tty), moving bytes (internal/streams/fd_stream).
// The other half is src/bindings/tty.rs.

const { FdStream, FdHandle } = require('internal/streams/fd_stream');
const {
  ErrnoException,
  codes: { ERR_INVALID_FD, ERR_TTY_INIT_FAILED },
} = require('internal/errors');
const { getColorDepth, hasColors } = require('internal/tty');

let binding;
function tty() {
  return binding ??= internalBinding('tty');
}

function isatty(fd) {
  return Number.isInteger(fd) && fd >= 0 && fd <= 2147483647 && tty().isatty(fd);
}

// The _handle of both streams.
class TTY extends FdHandle {
  getWindowSize(size) {
    const out = new Int32Array(2);
    const err = tty().getWindowSize(this.fd, out);
    if (err === 0) {
      size[0] = out[0];
      size[1] = out[1];
    }
    return err;
  }

  setRawMode(flag) {
    return tty().setRawMode(this.fd, flag);
  }
}

function openHandle(fd) {
  if (fd >> 0 !== fd || fd < 0) throw new ERR_INVALID_FD(fd);
  if (!tty().isatty(fd)) {
    throw new ERR_TTY_INIT_FAILED({
      errno: -22,
      code: 'EINVAL',
      message: 'invalid argument',
      syscall: 'uv_tty_init',
    });
  }
  return new TTY(fd);
}

function ReadStream(fd, options) {
  if (!(this instanceof ReadStream)) return new ReadStream(fd, options);
  const handle = openHandle(fd);
  // Nothing is read ahead: what is not asked for may be meant for a child.
  FdStream.call(this, fd, { readableHighWaterMark: 0, ...options }, handle);
  this.isRaw = false;
  this.isTTY = true;
}
Object.setPrototypeOf(ReadStream.prototype, FdStream.prototype);
Object.setPrototypeOf(ReadStream, FdStream);

ReadStream.prototype.setRawMode = function(flag) {
  flag = !!flag;
  const err = this._handle?.setRawMode(flag);
  if (err) {
    this.emit('error', new ErrnoException(err, 'setRawMode'));
    return this;
  }
  this.isRaw = flag;
  return this;
};

function WriteStream(fd) {
  if (!(this instanceof WriteStream)) return new WriteStream(fd);
  const handle = openHandle(fd);
  FdStream.call(this, fd, { readableHighWaterMark: 0 }, handle);

  const size = [0, 0];
  if (!this._handle.getWindowSize(size)) {
    this.columns = size[0];
    this.rows = size[1];
  }
}
Object.setPrototypeOf(WriteStream.prototype, FdStream.prototype);
Object.setPrototypeOf(WriteStream, FdStream);

WriteStream.prototype.isTTY = true;
WriteStream.prototype.getColorDepth = getColorDepth;
WriteStream.prototype.hasColors = hasColors;

WriteStream.prototype._refreshSize = function() {
  const { columns, rows } = this;
  const size = [0, 0];
  const err = this._handle?.getWindowSize(size);
  if (err) {
    this.emit('error', new ErrnoException(err, 'getWindowSize'));
    return;
  }
  const [newColumns, newRows] = size;
  if (columns !== newColumns || rows !== newRows) {
    this.columns = newColumns;
    this.rows = newRows;
    this.emit('resize');
  }
};

// Backwards compatibility: readline's functions as methods.
WriteStream.prototype.cursorTo = function(x, y, callback) {
  return require('readline').cursorTo(this, x, y, callback);
};
WriteStream.prototype.moveCursor = function(dx, dy, callback) {
  return require('readline').moveCursor(this, dx, dy, callback);
};
WriteStream.prototype.clearLine = function(dir, callback) {
  return require('readline').clearLine(this, dir, callback);
};
WriteStream.prototype.clearScreenDown = function(callback) {
  return require('readline').clearScreenDown(this, callback);
};
WriteStream.prototype.getWindowSize = function() {
  return [this.columns, this.rows];
};

module.exports = { isatty, ReadStream, WriteStream };
