'use strict';
// The tap reporter: TAP 13, details as YAML.

const { inspectWithNoCustomRetry } = require('internal/errors');
const { isError } = require('internal/util');
const { isDate } = require('internal/util/types');

const inspectOptions = { __proto__: null, colors: false, breakLength: Infinity };
const lineBreak = /\r?\n/;
// What an error of the runner says by its cause.
const causeTells = new Set(['testCodeFailure', 'hookFailed', 'uncaughtException', 'unhandledRejection']);

const indent = (nesting) => '    '.repeat(nesting);

const escapes = { '__proto__': null, '\b': '\\\\b', '\f': '\\\\f', '\t': '\\\\t', '\n': '\\\\n', '\r': '\\\\r', '\v': '\\\\v', '\\': '\\\\', '#': '\\#' };
const escape = (text) => `${text}`.replace(/[\b\f\t\n\r\v\\#]/g, (found) => escapes[found]);

function resultLine(status, { expectFailure, name, nesting, skip, testNumber, todo }) {
  const why = (value) => (typeof value === 'string' && value.length > 0 ? ` ${escape(value)}` : '');
  let line = `${indent(nesting)}${status} ${testNumber}`;
  if (name) line += ` ${escape(`- ${name}`)}`;
  if (skip !== undefined) line += ` # SKIP${why(skip)}`;
  else if (todo !== undefined) line += ` # TODO${why(todo)}`;
  else if (expectFailure !== undefined) line += ` # EXPECTED FAILURE${typeof expectFailure === 'string' ? ` ${escape(expectFailure)}` : ''}`;
  return `${line}\n`;
}

function resultDetails({ details = {}, nesting }, location) {
  const outer = indent(nesting);
  return [
    `${outer}  ---\n`,
    yaml(outer, 'duration_ms', details.duration_ms),
    yaml(outer, 'type', details.type),
    location ? yaml(outer, 'location', location) : '',
    yaml(outer, null, details.error, new Set()),
    `${outer}  ...\n`,
  ].join('');
}

function yamlText(outer, key, text) {
  const lines = text.split(lineBreak);
  if (lines.length === 1) return `${key} ${inspectWithNoCustomRetry(text, inspectOptions)}\n`;
  return `${key} |-\n${lines.map((line) => `${outer}    ${line}\n`).join('')}`;
}

// `seen` holds the objects around the value.
function yaml(outer, name, value, seen) {
  if (value === undefined) return '';
  const key = `${outer}  ${name}:`;
  if (value === null) return `${key} ~\n`;
  if (typeof value === 'string') return yamlText(outer, key, value);
  if (typeof value !== 'object') return `${key} ${inspectWithNoCustomRetry(value, inspectOptions)}\n`;
  seen.add(value);
  let out = '';
  let inner = outer;
  if (name != null) {
    out += `${key}${isDate(value) ? ` ${value.toISOString()}` : ''}\n`;
    inner += '  ';
  }
  const error = isError(value);
  for (const [property, held] of Object.entries(value)) {
    if (error && (property === 'cause' || property === 'code')) continue;
    out += seen.has(held) ? `${inner}  ${property}: <Circular>\n` : yaml(inner, property, held, seen);
  }
  return error ? out + errorYaml(outer, value, seen) : out;
}

const isAssertion = (value) => Boolean(value) && typeof value === 'object' && 'expected' in value && 'actual' in value;

function errorYaml(outer, error, seen) {
  const cause = error.code === 'ERR_TEST_FAILURE' && causeTells.has(error.failureType) ? error.cause : undefined;
  const code = cause?.code ?? error.code;
  const name = cause?.name ?? error.name;
  const stack = cause?.stack ?? error.stack;
  let out = yaml(outer, 'error', cause?.message ?? error.message ?? '<unknown error>', seen);
  if (code) out += yaml(outer, 'code', code, seen);
  if (name && name !== 'Error') out += yaml(outer, 'name', name, seen);
  const told = isAssertion(cause) ? cause : isAssertion(error) ? error : undefined;
  if (told !== undefined) {
    const operator = told.operator ?? error.operator;
    out += yaml(outer, 'expected', told.expected, new Set(seen));
    out += yaml(outer, 'actual', told.actual, new Set(seen));
    if (operator) out += yaml(outer, 'operator', operator, seen);
  }
  if (typeof stack !== 'string') return out;
  const frames = stack.split(lineBreak).filter((line) => /^ {4}at ./.test(line)).map((line) => line.slice(7));
  if (frames.length > 0) out += `${outer}  stack: |-\n${frames.map((frame) => `${outer}    ${frame}\n`).join('')}`;
  return out;
}

module.exports = async function* tapReporter(source) {
  yield 'TAP version 13\n';
  for await (const { type, data } of source) {
    switch (type) {
      case 'test:fail':
        yield resultLine('not ok', data);
        yield resultDetails(data, data.file ? `${data.file}:${data.line}:${data.column}` : undefined);
        break;
      case 'test:pass':
        yield resultLine('ok', data);
        yield resultDetails(data);
        break;
      case 'test:plan':
        yield `${indent(data.nesting)}1..${data.count}\n`;
        break;
      case 'test:start':
        yield `${indent(data.nesting)}# Subtest: ${escape(data.name)}\n`;
        break;
      case 'test:stdout':
      case 'test:stderr':
        for (const line of data.message.split(lineBreak)) if (line.length > 0) yield `# ${escape(line)}\n`;
        break;
      case 'test:diagnostic':
      case 'test:log':
        yield `${indent(data.nesting)}# ${escape(data.message)}\n`;
        break;
      case 'test:coverage':
        yield require('internal/test_runner/reporters/coverage_table').coverageTable(`${indent(data.nesting)}# `, data.summary);
        break;
      case 'test:interrupted':
        for (const { column, file, line, name } of data.tests) {
          yield `# ${escape(`Interrupted while running: ${name}${file ? ` at ${file}:${line}:${column}` : ''}`)}\n`;
        }
        break;
    }
  }
};
