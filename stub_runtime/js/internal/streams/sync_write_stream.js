'use strict';
// Owns: SyncWriteStream: a Writable over a regular file whose writes end
// before they return. Standard output is one where it was redirected.

const Writable = require('internal/streams/writable');
const { writeChunk, writeError } = require('internal/streams/fd_stream');

module.exports = SyncWriteStream;

function SyncWriteStream(fd, options) {
  Writable.call(this, { autoDestroy: true, decodeStrings: false });
  this.fd = fd;
  this.readable = false;
  this.autoClose = options?.autoClose ?? true;
}
Object.setPrototypeOf(SyncWriteStream.prototype, Writable.prototype);
Object.setPrototypeOf(SyncWriteStream, Writable);

SyncWriteStream.prototype._write = function(chunk, encoding, cb) {
  const n = writeChunk(this.fd, chunk, encoding);
  if (n < 0) cb(writeError(n));
  else cb();
};

SyncWriteStream.prototype._destroy = function(err, cb) {
  if (this.fd === null) return cb(err);
  const { fd } = this;
  this.fd = null;
  if (this.autoClose) require('fs').closeSync(fd);
  cb(err);
};

SyncWriteStream.prototype.destroySoon = SyncWriteStream.prototype.destroy;
