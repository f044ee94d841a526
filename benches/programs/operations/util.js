// util.inspect, util.format, console, assert, small functions of util.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const util = require('node:util');
const { Console } = require('node:console');

module.exports = (op) => {
  const small = { id: 1, name: 'Ada', tags: ['a', 'b'], active: true };
  const nested = { a: { b: { c: { d: 1 } } }, list: [{ x: 1 }, { y: [1, 2, { z: 3 }] }], when: new Date(0) };
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  const strings = Array.from({ length: 30 }, (_, i) => `string ${i}`);
  const map = new Map([['a', 1], ['b', { c: 2 }]]);
  const set = new Set([1, 'two', { three: 3 }]);
  const error = new Error('broken');
  class Point {
    constructor() {
      this.x = 1;
      this.y = 2;
    }
    get length() {
      return 3;
    }
  }
  const point = new Point();
  op('inspect small object', () => util.inspect(small));
  op('inspect nested', () => util.inspect(nested, { depth: 5 }));
  op('inspect 100 numbers', () => util.inspect(numbers));
  op('inspect 30 strings', () => util.inspect(strings));
  op('inspect string', () => util.inspect("it's"));
  op('inspect number', () => util.inspect(42));
  op('inspect Map and Set', () => util.inspect([map, set]));
  op('inspect error', () => util.inspect(error));
  op('inspect class instance', () => util.inspect(point));
  op('inspect function', () => util.inspect(Point));
  op('inspect typed array', () => util.inspect(new Uint8Array(20)));
  op('inspect Buffer', () => util.inspect(Buffer.alloc(20)));
  op('inspect colors', () => util.inspect(small, { colors: true }));
  op('inspect promise', () => util.inspect(Promise.resolve(4)));
  op('format plain', () => util.format('hello world'));
  op('format %s %d', () => util.format('%s is %d years and %i days', 'Ada', 36, 5.5));
  op('format %j %o', () => util.format('%j %o', small, [1]));
  op('format more arguments', () => util.format('a', 1, { b: 2 }));
  op('isDeepStrictEqual', () => util.isDeepStrictEqual(nested, nested.list));
  op('deepStrictEqual', () => assert.deepStrictEqual({ ...small, map }, { ...small, map: new Map(map) }));
  op('assert.strictEqual', () => assert.strictEqual(1, 1));
  op('types.isDate', () => util.types.isDate(nested.when));
  op('types.isUint8Array', () => util.types.isUint8Array(numbers));
  op('types.isPromise', () => util.types.isPromise(small));
  op('stripVTControlCharacters', () => util.stripVTControlCharacters('\x1b[31mred\x1b[39m'));
  op('styleText', () => util.styleText('red', 'text', { validateStream: false }));
  op('parseArgs', () => util.parseArgs({ args: ['-f', '--bar', 'b'], options: { foo: { type: 'boolean', short: 'f' }, bar: { type: 'string' } } }));
  const promised = util.promisify((value, done) => done(null, value));
  op('promisify, call', () => promised(1));
  const quiet = fs.createWriteStream('/dev/null');
  const log = new Console({ stdout: quiet, stderr: quiet });
  op('console.log to a stream', () => log.log('hello %s', 'world', 42));
  const { Writable } = require('node:stream');
  const nowhere = new Writable({ write(_, __, done) { done(); }, decodeStrings: false });
  const other = new Console({ stdout: nowhere });
  op('console.log to nowhere', () => other.log('hello world'));
  // The process's own standard error is /dev/null in the benchmark: standard output has the result.
  op('console.error to /dev/null', () => console.error('hello world'));
  op('console.error object to /dev/null', () => console.error(small));
  return () => quiet.destroy();
};
