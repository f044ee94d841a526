'use strict';
// What run() gives and reporters read: a stream of `{ type, data }` events that are emitted by their type as well.

const { Readable } = require('stream');

class TestsStream extends Readable {
  #waiting = [];
  #flowing = true;

  constructor() {
    super({ __proto__: null, objectMode: true, highWaterMark: Number.MAX_SAFE_INTEGER });
  }

  _read() {
    this.#flowing = true;
    while (this.#flowing && this.#waiting.length > 0) this.#push(this.#waiting.shift());
  }

  #push(item) {
    if (this.#flowing) this.#flowing = this.push(item);
    else this.#waiting.push(item);
  }

  // `data` goes to programs as it is.
  send(type, data) {
    this.emit(type, data);
    this.#push({ type, data });
  }

  // An event about one test: who it is, where it is declared.
  about(type, test, rest) {
    this.send(type, {
      __proto__: null,
      nesting: test.nesting,
      name: test.name,
      ...rest,
      testId: test.testId,
      parentId: test.parent?.testId,
      tags: [...test.tags],
      ...test.loc,
    });
  }

  // test:enqueue and test:dequeue; the latter says the type of the parent where the test had to wait.
  queued(type, test, reportedType) {
    this.about(type, test, { __proto__: null, type: reportedType });
  }

  start(test) {
    this.about('test:start', test);
  }

  // test:pass, test:fail and test:complete.
  result(type, test, testNumber, details, directive) {
    this.send(type, {
      __proto__: null,
      name: test.name,
      nesting: test.nesting,
      testNumber,
      testId: test.testId,
      parentId: test.parent?.testId,
      details,
      tags: [...test.tags],
      ...(type !== 'test:complete' && details.classname && { __proto__: null, classname: details.classname }),
      ...test.loc,
      ...directive,
    });
  }

  plan(nesting, loc, count) {
    this.send('test:plan', { __proto__: null, nesting, count, ...loc });
  }

  log(test, message, data) {
    this.send('test:log', {
      __proto__: null,
      name: test.name,
      nesting: test.nesting,
      testId: test.testId,
      parentId: test.parent?.testId,
      message,
      data,
      ...test.loc,
    });
  }

  diagnostic(nesting, loc, message, level = 'info') {
    this.send('test:diagnostic', { __proto__: null, nesting, message, level, ...loc });
  }

  coverage(nesting, loc, summary) {
    this.send('test:coverage', { __proto__: null, nesting, summary, ...loc });
  }

  summary(file, success, counts, duration_ms) {
    this.send('test:summary', { __proto__: null, success, counts, duration_ms, file });
  }

  interrupted(tests) {
    this.send('test:interrupted', { __proto__: null, tests });
  }

  end() {
    this.#push(null);
  }
}

module.exports = { TestsStream };
