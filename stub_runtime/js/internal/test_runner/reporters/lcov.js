'use strict';
// The lcov reporter tells of coverage, which is not measured here: a run that asks for it fails, and every other has none.

const { Transform } = require('stream');

class LcovReporter extends Transform {
  constructor(options) {
    super({ ...options, writableObjectMode: true, __proto__: null });
  }

  _transform(event, encoding, callback) {
    callback();
  }
}

module.exports = LcovReporter;
