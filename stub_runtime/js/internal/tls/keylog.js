'use strict';
// --tls-keylog: the secrets of all connections in a file, for who wants to read what is sent.

let hasWarned = false;
let hasWarnedOfError = false;

function logTo(socket, file) {
  if (!hasWarned) {
    hasWarned = true;
    process.emitWarning(
      `Using --tls-keylog makes TLS connections insecure by writing secret key material to file ${file}`);
  }
  const { appendFile } = require('fs');
  socket.on('keylog', (line) => {
    appendFile(file, line, { mode: 0o600 }, (error) => {
      if (!error || hasWarnedOfError) return;
      hasWarnedOfError = true;
      process.emitWarning(`Failed to write TLS keylog (this warning will not be repeated): ${error}`);
    });
  });
}

module.exports = { logTo };
