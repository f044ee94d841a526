'use strict';
// The mark of errors that carry an ERR_* code: their stack and toString() show "[CODE]".

module.exports = { kIsNodeError: Symbol('kIsNodeError') };
