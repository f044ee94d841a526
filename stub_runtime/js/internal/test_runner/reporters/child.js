'use strict';
// What a test file tells the process that runs it: each event serialized, behind a header and its length. `file_test.js` reads it.

const { Buffer } = require('buffer');
const { DefaultSerializer } = require('v8');
const { writeError } = require('internal/errors/wire');

function serialize(value) {
  const serializer = new DefaultSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

module.exports = async function* childReporter(source) {
  for await (const { type, data } of source) {
    const error = data.details?.error;
    const body = serialize({ type, data: error ? { ...data, details: { ...data.details, error: writeError(error) } } : data });
    const head = Buffer.alloc(6);
    // V8's own header, which no text begins with.
    body.copy(head, 0, 0, 2);
    head.writeUInt32BE(body.length, 2);
    yield Buffer.concat([head, body]);
  }
};
