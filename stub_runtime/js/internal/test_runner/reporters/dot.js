'use strict';
// The dot reporter: a character a test, then the failures.

const colors = require('internal/util/colors');
const { colorOf, resultLine, signs } = require('internal/test_runner/reporters/format');

// A terminal may change its width.
const width = () => Math.max(process.stdout.columns ?? 20, 20);

module.exports = async function* dot(source) {
  colors.refresh();
  const failed = [];
  const errors = [];
  let room = width();
  for await (const { type, data } of source) {
    if (type === 'test:diagnostic' && data.level === 'error') errors.push(data);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (type === 'test:pass') {
      yield `${colors.green}.${colors.reset}`;
    } else {
      yield `${colors.red}X${colors.reset}`;
      failed.push(data);
    }
    if (--room === 0) {
      yield '\n';
      room = width();
    }
  }
  yield '\n';
  for (const { level, message } of errors) yield `${colorOf(level)}${signs['test:diagnostic']}${message}${colors.white}\n`;
  if (failed.length === 0) return;
  yield `\n${colors.red}Failed tests:${colors.white}\n\n`;
  for (const data of failed) yield resultLine('test:fail', data, { withError: true });
};
