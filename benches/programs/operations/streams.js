// Streams of Node and of the web, net.
'use strict';
const net = require('node:net');
const { PassThrough, Readable, Transform, Writable, pipeline } = require('node:stream');
const { once } = require('node:events');

module.exports = async (op) => {
  const chunk = Buffer.alloc(1024);
  const source = (count) => {
    let left = count;
    return new Readable({ read() { this.push(left-- > 0 ? chunk : null); } });
  };
  const sink = () => new Writable({ write(_, __, done) { done(); } });
  op('new Readable', () => new Readable({ read() {} }));
  op('new PassThrough', () => new PassThrough());
  op('Readable 100 chunks, data', () => new Promise((done) => source(100).on('data', () => {}).on('end', done)));
  op('pipe 100 chunks', () => new Promise((done) => source(100).pipe(sink()).on('finish', done)));
  op('pipeline 100 chunks, transform', () => new Promise((done) => {
    pipeline(source(100), new Transform({ transform(data, _, next) { next(null, data); } }), sink(), done);
  }));
  op('for await 100 chunks', async () => {
    let size = 0;
    for await (const data of source(100)) size += data.length;
    return size;
  });
  op('Writable 100 writes', () => new Promise((done) => {
    const stream = sink();
    for (let i = 0; i < 100; i++) stream.write(chunk);
    stream.end(done);
  }));
  const objects = Array.from({ length: 100 }, (_, i) => ({ i }));
  op('Readable.from 100, toArray', () => Readable.from(objects).toArray());
  op('Readable.from 100, map', () => Readable.from(objects).map((o) => o.i).toArray());

  const web = (count) => {
    let left = count;
    return new ReadableStream({ pull(c) { if (left-- > 0) c.enqueue(chunk); else c.close(); } });
  };
  op('new ReadableStream', () => new ReadableStream({ pull() {} }));
  op('ReadableStream 100 chunks, reader', async () => {
    const reader = web(100).getReader();
    while (!(await reader.read()).done);
  });
  op('ReadableStream 100 chunks, for await', async () => {
    let size = 0;
    for await (const data of web(100)) size += data.length;
    return size;
  });
  op('ReadableStream pipeTo 100 chunks', () => web(100).pipeTo(new WritableStream({ write() {} })));
  op('TransformStream 100 chunks', () => {
    const transform = new TransformStream({ transform(data, c) { c.enqueue(data); } });
    return web(100).pipeThrough(transform).pipeTo(new WritableStream({ write() {} }));
  });
  op('ReadableStream bytes, 100 chunks', async () => {
    let left = 100;
    const bytes = new ReadableStream({
      type: 'bytes',
      pull(c) { if (left-- > 0) c.enqueue(new Uint8Array(64)); else c.close(); },
    });
    const reader = bytes.getReader();
    while (!(await reader.read()).done);
  });
  op('Response text 1 KB', () => new Response(chunk).text());

  const server = net.createServer((socket) => socket.on('data', (data) => socket.write(data)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  const client = net.connect(port, '127.0.0.1');
  client.setNoDelay();
  await once(client, 'connect');
  op('net echo 1 KB', () => new Promise((done) => {
    client.once('data', done);
    client.write(chunk);
  }));
  op('net connect and end', () => new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.end());
    socket.resume().on('close', done);
  }));
  return () => {
    client.destroy();
    server.close();
  };
};
