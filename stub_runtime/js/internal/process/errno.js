'use strict';
// Errors of system calls in the form that Node's native half gives them: "EPERM, Operation not permitted '/path'", a positive
// errno. Those of libuv's form are `internal/errors`'.

// `errno` is negative.
function nativeErrnoError(errno, syscall, path) {
  const { 0: code, 1: text } = require('internal/errnos').uvErrmapGet(errno) ?? [`Unknown system error ${errno}`, ''];
  const message = `${code}, ${text[0]?.toUpperCase() ?? ''}${text.slice(1)}${path === undefined ? '' : ` '${path}'`}`;
  const error = new Error(message);
  error.errno = -errno;
  error.code = code;
  if (path !== undefined) error.path = path;
  error.syscall = syscall;
  Error.captureStackTrace(error, nativeErrnoError);
  return error;
}

module.exports = { nativeErrnoError };
