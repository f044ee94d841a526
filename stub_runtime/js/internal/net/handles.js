'use strict';
// The handles of streams: TCP, Pipe and the requests on them, with the names and calls of Node's (`socket._handle`).
// Owns: the objects that callbacks of `stream_handle.rs` arrive at. Does not own: sockets (`net.js`), which system calls are
// made (`bindings/{stream_handle,tcp,pipe}.rs`). A handle is a number in Rust; -1 once it is closed.

const binding = internalBinding('stream_handle');
const tcp = internalBinding('tcp');
const pipe = internalBinding('pipe');
const hooks = require('internal/async_hooks');
const { owner_symbol, async_id_symbol } = hooks.symbols;

const { UTF8, LATIN1, UCS2 } = binding;

// Calls `fn` as the resource `resource`; its id is what executionAsyncId() gives meanwhile.
function within(resource, asyncId, trigger, fn) {
  hooks.emitBefore(asyncId, trigger, resource);
  try {
    fn();
  } finally {
    hooks.emitAfter(asyncId);
  }
}

function onRead(handle, nread, buffer, fd) {
  if (hooks.enabledHooksExist()) {
    within(handle, handle[async_id_symbol], 0, () => handle.onread(nread, buffer, fd));
  } else {
    handle.onread(nread, buffer, fd);
  }
}

function onConnection(handle, status, fd) {
  let client;
  if (status === 0) {
    hooks.defaultTriggerAsyncIdScope(handle[async_id_symbol], () => {
      client = new handle.constructor(SOCKET);
    });
    binding.openAccepted(client.id, fd);
  }
  if (hooks.enabledHooksExist()) {
    within(handle, handle[async_id_symbol], 0, () => handle.onconnection(status, client));
  } else {
    handle.onconnection(status, client);
  }
}

function onRequest(request, status, handle) {
  if (hooks.enabledHooksExist()) {
    within(request, request[async_id_symbol] ?? 0, 0, () => request.oncomplete?.(status, handle, request, true, true));
  } else {
    request.oncomplete?.(status, handle, request, true, true);
  }
  hooks.emitDestroy(request[async_id_symbol]);
}

function onClose(handle) {
  const callback = handle.onclose;
  handle.onclose = undefined;
  if (callback !== undefined) {
    if (hooks.enabledHooksExist()) within(handle, handle[async_id_symbol], 0, () => callback.call(handle));
    else callback.call(handle);
  }
  hooks.emitDestroy(handle[async_id_symbol]);
}

let isSetUp = false;

// Not at load: a module that is in an image has been evaluated in another process.
function setup() {
  isSetUp = true;
  binding.setup(onRead, onConnection, onRequest, onClose);
}

const SOCKET = 0;
const SERVER = 1;
const IPC = 2;

class AsyncResource {
  constructor(type) {
    this[async_id_symbol] = hooks.newAsyncId();
    if (hooks.initHooksExist()) hooks.emitInit(this[async_id_symbol], type, undefined, this);
  }

  getAsyncId() {
    return this[async_id_symbol];
  }
}

// [chunk, encoding, ...] as Rust takes it: views, and strings with the number of their encoding.
function chunkList(chunks) {
  const list = [];
  for (let i = 0; i < chunks.length; i += 2) {
    const chunk = chunks[i];
    if (typeof chunk !== 'string') {
      list.push(chunk);
      continue;
    }
    switch (chunks[i + 1]) {
      case 'latin1': case 'binary': case 'ascii': list.push(chunk, LATIN1); break;
      case 'ucs2': case 'ucs-2': case 'utf16le': case 'utf-16le': list.push(chunk, UCS2); break;
      case 'utf8': case 'utf-8': case undefined: list.push(chunk, UTF8); break;
      default: list.push(Buffer.from(chunk, chunks[i + 1]));
    }
  }
  return list;
}

class StreamHandle extends AsyncResource {
  constructor(type, id) {
    super(type);
    this.id = id;
    this.reading = false;
    this.onread = undefined;
    this.onconnection = undefined;
    this.onclose = undefined;
    this[owner_symbol] = null;
  }

  get isStreamBase() { return true; }
  // Which table of streams `id` belongs to (`HTTPParser.consume`).
  get isTls() { return false; }
  get owner() { return this[owner_symbol]; }
  set owner(value) { this[owner_symbol] = value; }

  get fd() { return this.id < 0 ? -9 : binding.fd(this.id); }
  get bytesRead() { return this.id < 0 ? this.lastBytesRead ?? 0 : binding.bytesRead(this.id); }
  get bytesWritten() { return this.id < 0 ? this.lastBytesWritten ?? 0 : binding.bytesWritten(this.id); }
  get writeQueueSize() { return this.id < 0 ? 0 : binding.writeQueueSize(this.id); }

  open(fd) { return binding.open(this.id, fd); }
  readStart() { return binding.readStart(this.id); }
  readStop() { return binding.readStop(this.id); }
  setReadLimit(bytes) { return binding.setReadLimit(this.id, bytes); }
  // An HTTP message in one piece, its body (text or view) as a chunk where `tail` is what follows the chunks; an ArrayBuffer
  // of what did not go out at once.
  writeMessage(head, body, tail) { return binding.writeMessage(this.id, head, body, tail); }
  shutdown(req) { return binding.shutdown(this.id, req); }

  // Each gives 0 (done), 1 (queued: req.oncomplete is called later) or a negative errno.
  writeBuffer(req, buffer, sendHandle) {
    req.bytes = buffer.byteLength;
    return binding.writeBuffer(this.id, req, buffer, sendHandle ? sendHandle.fd : -1);
  }
  writeUtf8String(req, text, sendHandle) {
    return binding.writeString(this.id, req, text, UTF8, sendHandle ? sendHandle.fd : -1);
  }
  writeAsciiString(req, text) { return binding.writeString(this.id, req, text, LATIN1, -1); }
  writeLatin1String(req, text) { return binding.writeString(this.id, req, text, LATIN1, -1); }
  writeUcs2String(req, text) { return binding.writeString(this.id, req, text, UCS2, -1); }
  writev(req, chunks, allBuffers) {
    return binding.writev(this.id, req, allBuffers ? chunks : chunkList(chunks));
  }

  close(callback) {
    this.closeNow(callback, false);
  }

  closeNow(callback, reset) {
    if (this.id < 0) return 0;
    if (callback !== undefined) this.onclose = callback;
    this.lastBytesRead = binding.bytesRead(this.id);
    this.lastBytesWritten = binding.bytesWritten(this.id);
    const id = this.id;
    this.id = -1;
    return binding.close(id, reset);
  }

  ref() { if (this.id >= 0) binding.setRef(this.id, true); }
  unref() { if (this.id >= 0) binding.setRef(this.id, false); }
  hasRef() { return this.id >= 0 && binding.hasRef(this.id); }
  setBlocking(on) { return binding.setBlocking(this.id, on); }
}

// Copies `{ address, family, port }` to out; 0 or errno.
function fill(out, name) {
  if (typeof name === 'number') return name;
  Object.assign(out, name);
  return 0;
}

class TCP extends StreamHandle {
  constructor(type) {
    super(type === SERVER ? 'TCPSERVERWRAP' : 'TCPWRAP', -1);
    if (!isSetUp) setup();
    this.id = tcp.create(this);
  }

  bind(address, port, flags = 0) { return tcp.bind(this.id, address, port, flags); }
  bind6(address, port, flags = 0) { return tcp.bind(this.id, address, port, flags); }
  listen(backlog) { return tcp.listen(this.id, backlog); }
  connect(req, address, port) { return tcp.connect(this.id, req, address, port); }
  connect6(req, address, port) { return tcp.connect(this.id, req, address, port); }
  getsockname(out) { return fill(out, tcp.getsockname(this.id)); }
  getpeername(out) { return fill(out, tcp.getpeername(this.id)); }
  setNoDelay(on) { return tcp.setNoDelay(this.id, !!on); }
  setKeepAlive(on, delay = 0, interval = 0, count = 0) { return tcp.setKeepAlive(this.id, !!on, delay, interval, count); }
  setTypeOfService(value) { return tcp.typeOfService(this.id, value); }
  getTypeOfService() { return tcp.typeOfService(this.id); }
  reset(callback) { return this.closeNow(callback, true); }
}

class Pipe extends StreamHandle {
  constructor(type) {
    super(type === SERVER ? 'PIPESERVERWRAP' : 'PIPEWRAP', -1);
    if (!isSetUp) setup();
    this.ipc = type === IPC;
    this.id = pipe.create(this, this.ipc);
  }

  bind(path) { return pipe.bind(this.id, path); }
  listen(backlog) { return binding.listen(this.id, backlog); }
  connect(req, path) { return pipe.connect(this.id, req, path); }
  // `mode` has UV_READABLE, UV_WRITABLE or both, for everybody; nobody keeps more, as libuv has it.
  fchmod(mode) {
    let bits = 0;
    if (mode & 1) bits |= 0o444;
    if (mode & 2) bits |= 0o222;
    return pipe.chmod(this.id, bits);
  }
}

class TCPConnectWrap extends AsyncResource {
  constructor() { super('TCPCONNECTWRAP'); }
}
class PipeConnectWrap extends AsyncResource {
  constructor() { super('PIPECONNECTWRAP'); }
}
class ShutdownWrap extends AsyncResource {
  constructor() { super('SHUTDOWNWRAP'); }
}

// A write: most are done at once, so an id is given only when somebody looks.
class WriteWrap {
  constructor(handle, callback) {
    this.handle = handle;
    this.callback = callback;
    this.oncomplete = undefined;
    this.async = false;
    this.bytes = 0;
    this.buffer = null;
    if (hooks.initHooksExist()) {
      this[async_id_symbol] = hooks.newAsyncId();
      hooks.emitInit(this[async_id_symbol], 'WRITEWRAP', undefined, this);
    }
  }

  getAsyncId() {
    return this[async_id_symbol] ??= hooks.newAsyncId();
  }
}

module.exports = {
  AsyncResource,
  IPC,
  LATIN1,
  Pipe,
  PipeConnectWrap,
  SERVER,
  SOCKET,
  ShutdownWrap,
  StreamHandle,
  TCP,
  TCPConnectWrap,
  UTF8,
  UV_READABLE: 1,
  UV_WRITABLE: 2,
  WriteWrap,
  binding,
  chunkList,
  // Before any other layer gives a request to `stream_handle.rs`.
  ensureSetup() { if (!isSetUp) setup(); },
  pair: () => pipe.pair(),
};
