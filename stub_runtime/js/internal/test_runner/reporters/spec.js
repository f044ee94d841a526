'use strict';
// The spec reporter: a tree of lines as tests end, what failed once more at the end.

const { Transform } = require('stream');
const { relative } = require('path');
const colors = require('internal/util/colors');
const { colorOf, indent, resultLine, signs } = require('internal/test_runner/reporters/format');

class SpecReporter extends Transform {
  // Started and without a line yet, innermost first.
  #started = [];
  #failed = [];
  #cwd = process.cwd();

  constructor() {
    super({ __proto__: null, writableObjectMode: true });
    colors.refresh();
  }

  _transform({ type, data }, encoding, callback) {
    callback(null, this.#text(type, data));
  }

  _flush(callback) {
    callback(null, this.#failures());
  }

  #text(type, data) {
    switch (type) {
      case 'test:start':
        this.#started.unshift(data);
        return undefined;
      case 'test:pass':
      case 'test:fail':
        if (type === 'test:fail' && data.details?.error?.failureType !== 'subtestsFailed') this.#failed.push(data);
        return this.#result(type, data);
      case 'test:stdout':
      case 'test:stderr':
        return data.message;
      case 'test:diagnostic':
      case 'test:log':
        return `${colorOf(data.level) ?? colorOf(type)}${indent(data.nesting)}${signs[type]}${data.message}${colors.white}\n`;
      case 'test:coverage': {
        const { coverageTable } = require('internal/test_runner/reporters/coverage_table');
        const options = { color: colorOf('info'), colors: colors.hasColors ? colors : undefined };
        return coverageTable(`${indent(data.nesting)}${signs['test:diagnostic']}`, data.summary, options);
      }
      case 'test:summary':
        // That of the whole run; files have their own.
        return data.file === undefined ? this.#failures() : undefined;
      case 'test:watch:restarted':
        return `\nRestarted at ${new Date().toLocaleString()}\n`;
      case 'test:interrupted':
        return this.#interrupted(data.tests);
      default:
        return undefined;
    }
  }

  // The parents of the first that ends are named before it.
  #result(type, data) {
    this.#started.shift();
    let parents = '';
    for (const parent of this.#started.reverse()) parents += `${indent(parent.nesting)}${signs.parent}${parent.name}\n`;
    this.#started = [];
    return `${parents}${resultLine(type, data, { indentation: indent(data.nesting) })}\n`;
  }

  #place({ file, line, column }) {
    return `${relative(this.#cwd, file)}:${line}:${column}`;
  }

  #failures() {
    if (this.#failed.length === 0) return '';
    const lines = [`\n${colorOf('test:fail')}${signs['test:fail']}failing tests:${colors.white}\n`];
    for (const data of this.#failed) {
      if (data.file) lines.push(`test at ${this.#place(data)}`);
      lines.push(resultLine('test:fail', data, { withError: true }));
    }
    this.#failed = [];
    return lines.join('\n');
  }

  #interrupted(tests) {
    if (tests.length === 0) return '';
    const lines = [`\n${colors.yellow}Interrupted while running:${colors.white}\n`];
    for (const test of tests) {
      const place = test.file ? ` ${colors.gray}(${this.#place(test)})${colors.white}` : '';
      lines.push(`${indent(test.nesting)}${signs.warning}${test.name}${place}`);
    }
    return `${lines.join('\n')}\n`;
  }
}

module.exports = SpecReporter;
