'use strict';
// Escape codes for messages on stderr, empty strings when it shows no colours. The terminal's
// abilities are internal/tty's knowledge.

const escapes = {
  __proto__: null,
  blue: '\u001b[34m',
  green: '\u001b[32m',
  white: '\u001b[39m',
  yellow: '\u001b[33m',
  red: '\u001b[31m',
  gray: '\u001b[90m',
  clear: '\u001bc',
  reset: '\u001b[0m',
};

const colors = {
  blue: '',
  green: '',
  white: '',
  yellow: '',
  red: '',
  gray: '',
  clear: '',
  reset: '',
  hasColors: false,
  // Whether output on `stream` should be coloured; FORCE_COLOR decides alone where it is set.
  shouldColorize(stream) {
    if (process.env.FORCE_COLOR !== undefined) return require('internal/tty').getColorDepth() > 2;
    return Boolean(stream?.isTTY) &&
      (typeof stream.getColorDepth === 'function' ? stream.getColorDepth() > 2 : true);
  },
  // Call before use: stderr may have changed.
  refresh() {
    const on = colors.shouldColorize(process.stderr);
    for (const name of Object.keys(escapes)) colors[name] = on ? escapes[name] : '';
    colors.hasColors = on;
  },
};

module.exports = colors;
