'use strict';
// Owns: reading a stream with `for await`.

const { aggregateTwoErrors } = require('internal/errors');
const destroyImpl = require('internal/streams/destroy');

const nop = () => {};

function iterate(stream, options) {
  if (typeof stream.read !== 'function') {
    const Readable = require('internal/streams/readable');
    stream = Readable.wrap(stream, { objectMode: true });
  }
  const iter = chunks(stream, options);
  iter.stream = stream;
  return iter;
}

async function* chunks(stream, options) {
  const eos = require('internal/streams/end-of-stream');
  let wake = nop;

  // Both the 'readable' listener and the executor of the waiting promise.
  function next(resolve) {
    if (this === stream) {
      wake();
      wake = nop;
    } else {
      wake = resolve;
    }
  }

  stream.on('readable', next);

  // undefined: goes on; null: ended well; else why not.
  let error;
  const cleanup = eos(stream, { writable: false }, (err) => {
    error = err ? aggregateTwoErrors(error, err) : null;
    wake();
    wake = nop;
  });

  try {
    for (;;) {
      const chunk = stream.destroyed ? null : stream.read();
      if (chunk !== null) yield chunk;
      else if (error) throw error;
      else if (error === null) return;
      else await new Promise(next);
    }
  } catch (err) {
    error = aggregateTwoErrors(error, err);
    throw error;
  } finally {
    if ((error || options?.destroyOnReturn !== false) &&
        (error === undefined || stream._readableState.autoDestroy)) {
      destroyImpl.destroyer(stream, null);
    } else {
      stream.off('readable', next);
      cleanup();
    }
  }
}

module.exports = { iterate };
