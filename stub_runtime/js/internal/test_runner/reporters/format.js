'use strict';
// What the spec and dot reporters share: signs, colours, one line of a result.

const colors = require('internal/util/colors');
const { inspectWithNoCustomRetry } = require('internal/errors');

const signs = {
  '__proto__': null,
  'test:fail': '\u2716 ',
  'test:pass': '\u2714 ',
  'test:diagnostic': '\u2139 ',
  'test:log': '\u2139 ',
  'parent': '\u25b6 ',
  'skipped': '\ufe63 ',
  'warning': '\u26a0 ',
};

const colorNames = {
  '__proto__': null,
  'test:fail': 'red',
  'test:pass': 'green',
  'test:diagnostic': 'blue',
  'test:log': 'blue',
  'info': 'blue',
  'warn': 'yellow',
  'error': 'red',
};

// The escape code for an event's type or a message's level.
function colorOf(name) {
  return colorNames[name] === undefined ? undefined : colors[colorNames[name]];
}

const indent = (nesting) => '  '.repeat(nesting);

function errorText(error, indentation) {
  const shown = error.code === 'ERR_TEST_FAILURE' ? error.cause : error;
  const options = { __proto__: null, colors: colors.shouldColorize(process.stdout), breakLength: Infinity };
  const lines = inspectWithNoCustomRetry(shown, options).split(/\r?\n/);
  return `\n${indentation}  ${lines.join(`\n${indentation}  `)}\n`;
}

const reason = (value, fallback) => (typeof value === 'string' && value.length > 0 ? value : fallback);

// A result: sign, name, duration, what is special about it; with its error where that is asked for.
function resultLine(type, data, { withError = false, indentation = '' } = {}) {
  const { details, expectFailure, skip, todo } = data;
  const gray = (text) => ` ${colors.gray}(${text})${colors.white}`;
  let sign = signs[type] ?? ' ';
  let color = colorOf(type) ?? colors.white;
  let title = data.name;
  if (details?.duration_ms) title += gray(`${details.duration_ms}ms`);
  if (details?.passed_on_attempt !== undefined) title += gray(`passed on attempt ${details.passed_on_attempt}`);
  if (skip !== undefined) {
    title += ` # ${reason(skip, 'SKIP')}`;
    color = colors.gray;
    sign = signs.skipped;
  } else if (todo !== undefined) {
    title += ` # ${reason(todo, 'TODO')}`;
    if (type === 'test:fail') {
      color = colors.yellow;
      sign = signs.warning;
    }
  } else if (expectFailure !== undefined) {
    title += ' # EXPECTED FAILURE';
  }
  const error = withError && details?.error ? errorText(details.error, indentation) : '';
  return `${indentation}${color}${sign}${title}${colors.white}${error}`;
}

module.exports = { colorOf, indent, resultLine, signs };
