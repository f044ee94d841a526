'use strict';
// Deprecated public door to http's parser.

const parser = require('internal/http/parser');

module.exports = {
  _checkInvalidHeaderChar: parser.checkInvalidHeaderChar,
  _checkIsHttpToken: parser.checkIsHttpToken,
  chunkExpression: parser.chunkExpression,
  continueExpression: parser.continueExpression,
  CRLF: '\r\n',
  freeParser: parser.freeParser,
  methods: parser.httpMethods,
  parsers: parser.parsers,
  HTTPParser: parser.HTTPParser,
  isLenient: parser.isLenient,
  prepareError: parser.prepareError,
};
