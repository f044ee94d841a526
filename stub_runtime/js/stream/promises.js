'use strict';
// Owns: node:stream/promises: pipeline and finished as promises.

const { isIterable, isNodeStream, isWebStream } = require('internal/streams/utils');
const { pipelineImpl } = require('internal/streams/pipeline');
const { finished } = require('internal/streams/end-of-stream');

require('stream');

function isOptions(value) {
  return value && typeof value === 'object' &&
    !isNodeStream(value) && !isIterable(value) && !isWebStream(value);
}

function pipeline(...streams) {
  return new Promise((resolve, reject) => {
    let signal;
    let end;
    if (isOptions(streams[streams.length - 1])) {
      const options = streams.pop();
      signal = options.signal;
      end = options.end;
    }
    pipelineImpl(streams, (err, value) => {
      if (err) reject(err);
      else resolve(value);
    }, { signal, end });
  });
}

module.exports = { finished, pipeline };
