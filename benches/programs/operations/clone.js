// structuredClone, ports, workers.
'use strict';
const { MessageChannel, Worker, receiveMessageOnPort } = require('node:worker_threads');
const v8 = require('node:v8');

module.exports = (op) => {
  const small = { id: 1, name: 'Ada', tags: ['a', 'b'], active: true };
  const nested = { users: Array.from({ length: 20 }, (_, i) => ({ id: i, name: `user ${i}`, address: { city: 'Bern', zip: i } })) };
  const numbers = Array.from({ length: 1000 }, (_, i) => i);
  const map = new Map(Array.from({ length: 100 }, (_, i) => [`key ${i}`, i]));
  const bytes = new Uint8Array(1024);
  const text = 'x'.repeat(10000);
  op('structuredClone number', () => structuredClone(5));
  op('structuredClone small object', () => structuredClone(small));
  op('structuredClone nested', () => structuredClone(nested));
  op('structuredClone array of 1000', () => structuredClone(numbers));
  op('structuredClone Map of 100', () => structuredClone(map));
  op('structuredClone Uint8Array 1 KB', () => structuredClone(bytes));
  op('structuredClone string 10 KB', () => structuredClone(text));
  op('structuredClone Date and Error', () => structuredClone([new Date(0), new Error('no')]));
  op('structuredClone with transfer', () => {
    const buffer = new ArrayBuffer(1024);
    return structuredClone(buffer, { transfer: [buffer] });
  });
  op('v8.serialize and deserialize', () => v8.deserialize(v8.serialize(nested)));

  const { port1, port2 } = new MessageChannel();
  let answered;
  port2.on('message', (message) => port2.postMessage(message));
  port1.on('message', () => answered());
  port1.unref();
  port2.unref();
  const round = (message) => new Promise((done) => {
    answered = done;
    port1.ref();
    port1.postMessage(message);
  });
  op('MessageChannel round trip', () => round(small));
  const other = new MessageChannel();
  op('postMessage and receiveMessageOnPort', () => {
    other.port1.postMessage(small);
    return receiveMessageOnPort(other.port2);
  });
  op('Worker start to exit', () => new Promise((done) => new Worker('', { eval: true }).on('exit', done)));
  let worker;
  op('Worker message round trip', () => new Promise((done) => {
    worker ??= new Worker("require('worker_threads').parentPort.on('message', function (m) { this.postMessage(m); })", { eval: true });
    worker.once('message', done);
    worker.postMessage(small);
  }));
  return async () => {
    port1.close();
    other.port1.close();
    await worker?.terminate();
  };
};
