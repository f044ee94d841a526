'use strict';
// respondWithFile and respondWithFD: from opening the file to its last byte on the stream's handle.

const assert = require('assert');
const {
  codes: {
    ERR_HTTP2_INVALID_STREAM,
    ERR_HTTP2_PAYLOAD_FORBIDDEN,
    ERR_HTTP2_SEND_FILE,
    ERR_HTTP2_SEND_FILE_NOSEEK,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
  },
} = require('internal/errors');
const { kHandle, kUpdateTimer } = require('internal/net/stream_base');
const { WriteWrap } = require('internal/net/handles');
const { constants } = require('internal/http2/constants');
const { assertValidPseudoHeaderResponse, buildHeaderBlock, prepareResponseObject } = require('internal/http2/headers');
const { kHasTrailers, kHeadersSent, trackWriteState } = require('internal/http2/stream');
const { NghttpError, assertIsObject, kSentHeaders, kState, kStrictSingleValueFields } = require('internal/http2/util');

const { NGHTTP2_INTERNAL_ERROR, STREAM_OPTION_GET_TRAILERS } = constants;

// Bytes that are read at once.
const CHUNK_SIZE = 64 * 1024;

const closeFile = (fd) => require('fs').close(fd, assert.ifError);

// Reads the file and writes it to the handle, a chunk at a time: the next is read when the last is on the wire.
class FilePipe {
  constructor(stream, fd, offset, length, ownsFd) {
    this.stream = stream;
    this.handle = stream[kHandle];
    this.fd = fd;
    // Negative: from where the file is, to its end.
    this.position = offset;
    this.left = length < 0 ? Infinity : length;
    this.ownsFd = ownsFd;
  }

  next() {
    if (this.left === 0 || this.stream.destroyed) return this.finish();
    if (this.fd < 0) return process.nextTick(() => this.fail());
    const buffer = Buffer.allocUnsafeSlow(Math.min(this.left, CHUNK_SIZE));
    const position = this.position < 0 ? null : this.position;
    require('fs').read(this.fd, buffer, 0, buffer.length, position, (error, bytesRead) => {
      if (error) return this.fail();
      if (bytesRead === 0 || this.stream.destroyed) return this.finish();
      this.left -= bytesRead;
      if (position !== null) this.position += bytesRead;
      this.write(bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead));
    });
  }

  write(chunk) {
    const req = new WriteWrap(this.handle, undefined);
    req.oncomplete = (status) => {
      if (status < 0) return this.finish();
      this.stream[kUpdateTimer]();
      this.next();
    };
    if (this.handle.writeBuffer(req, chunk) < 0) this.finish();
  }

  fail() {
    this.stream.close(NGHTTP2_INTERNAL_ERROR);
    this.finish();
  }

  finish() {
    this.handle.shutdown();
    if (this.ownsFd) require('fs').close(this.fd, (error) => { if (error) this.stream.destroy(error); });
  }
}

// Everything is decided: sends the headers and then the file.
function send(stream, fd, headers, offset = 0, length = -1, flags = 0) {
  stream[kState].flags |= kHeadersSent;
  const fail = (error) => {
    if (stream.ownsFd) closeFile(fd);
    stream.destroy(error);
  };
  let block;
  try {
    block = buildHeaderBlock(headers, assertValidPseudoHeaderResponse, stream.session[kStrictSingleValueFields]);
  } catch (error) {
    return fail(error);
  }
  stream[kSentHeaders] = headers;
  // For the Duplex this is the end; the body goes to the handle beside it.
  stream._final = null;
  stream.end();
  const result = stream[kHandle].respond(block, flags);
  if (result < 0) return fail(new NghttpError(result));
  new FilePipe(stream, fd, offset, length, stream.ownsFd).next();
  // A file that is being sent is not idle.
  trackWriteState(stream, 1);
}

// The options of both, and the headers: { options, headers, flags }.
function prepare(stream, given, options) {
  assertIsObject(options, 'options');
  options = { ...options };
  for (const name of ['offset', 'length']) {
    if (options[name] !== undefined && typeof options[name] !== 'number') {
      throw new ERR_INVALID_ARG_VALUE(`options.${name}`, options[name]);
    }
  }
  if (options.statCheck !== undefined && typeof options.statCheck !== 'function') {
    throw new ERR_INVALID_ARG_VALUE('options.statCheck', options.statCheck);
  }
  let flags = 0;
  if (options.waitForTrailers) {
    flags |= STREAM_OPTION_GET_TRAILERS;
    stream[kState].flags |= kHasTrailers;
  }
  return { options, flags };
}

function prepareHeaders(stream, given, options) {
  const { headers, statusCode } = prepareResponseObject(given, options);
  const { bodilessStatuses } = require('internal/http2/server_stream');
  if (bodilessStatuses.has(statusCode) || stream.headRequest) throw new ERR_HTTP2_PAYLOAD_FORBIDDEN(statusCode);
  return headers;
}

// False where the program's check takes the response over.
function isWanted(stream, options, ...args) {
  if (options.statCheck?.call(stream, ...args) === false) return false;
  return !stream.headersSent;
}

function respondWithFD(stream, fd, given, rawOptions) {
  const { options, flags } = prepare(stream, given, rawOptions);
  if (fd instanceof require('internal/fs/file_handle').FileHandle) fd = fd.fd;
  else if (typeof fd !== 'number') throw new ERR_INVALID_ARG_TYPE('fd', ['number', 'FileHandle'], fd);
  stream[kUpdateTimer]();
  stream.ownsFd = false;
  const headers = prepareHeaders(stream, given, options);
  if (options.statCheck === undefined) {
    send(stream, fd, headers, options.offset, options.length, flags);
    return;
  }
  require('fs').fstat(fd, (error, stat) => {
    if (error) return stream.destroy(error);
    // The client is gone.
    if (stream.destroyed || stream.closed) return stream.destroy(new ERR_HTTP2_INVALID_STREAM());
    const range = { offset: options.offset ?? 0, length: options.length ?? -1 };
    if (isWanted(stream, options, stat, headers, range)) send(stream, fd, headers, range.offset | 0, range.length | 0, flags);
  });
}

function respondWithFile(stream, path, given, rawOptions) {
  const { options, flags } = prepare(stream, given, rawOptions);
  stream[kUpdateTimer]();
  stream.ownsFd = true;
  const headers = prepareHeaders(stream, given, options);
  const refuse = (error) => {
    if (options.onError) options.onError(error);
    else stream.destroy(error);
  };
  require('fs').open(path, 'r', (error, fd) => {
    if (error) return refuse(error);
    if (stream.destroyed || stream.closed) return closeFile(fd);
    stream[kState].fd = fd;
    require('fs').fstat(fd, (error, stat) => {
      if (error) {
        closeFile(fd);
        return refuse(error);
      }
      sendOpened(stream, fd, stat, headers, options, flags, refuse);
    });
  });
}

function sendOpened(stream, fd, stat, headers, options, flags, refuse) {
  if (!stat.isFile()) {
    const isDirectory = stat.isDirectory();
    if (options.offset !== undefined || options.length !== undefined || isDirectory) {
      const error = isDirectory ? new ERR_HTTP2_SEND_FILE() : new ERR_HTTP2_SEND_FILE_NOSEEK();
      closeFile(fd);
      return refuse(error);
    }
    // A pipe: all there is, from where it is.
    options.offset = -1;
    options.length = -1;
  }
  if (stream.destroyed || stream.closed) {
    closeFile(fd);
    stream.destroy(new ERR_HTTP2_INVALID_STREAM());
    return;
  }
  const range = { offset: options.offset ?? 0, length: options.length ?? -1 };
  if (!isWanted(stream, options, stat, headers)) {
    closeFile(fd);
    return;
  }
  if (stat.isFile()) {
    const rest = stat.size - range.offset;
    range.length = range.length < 0 ? rest : Math.min(rest, range.length);
    headers['content-length'] = range.length;
  }
  send(stream, fd, headers, options.offset | 0, range.length | 0, flags);
}

module.exports = { respondWithFD, respondWithFile };
