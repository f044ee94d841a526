// Timers, ticks, microtasks, clocks.
'use strict';
const { setImmediate: immediate, setTimeout: timeout } = require('node:timers/promises');

module.exports = (op) => {
  const nothing = () => {};
  const many = (start) => () => new Promise((done) => {
    let left = 100;
    const one = () => {
      if (--left === 0) done();
    };
    for (let i = 0; i < 100; i++) start(one);
  });
  op('setTimeout and clearTimeout', () => clearTimeout(setTimeout(nothing, 1000)));
  op('setInterval and clearInterval', () => clearInterval(setInterval(nothing, 1000)));
  op('setImmediate and clearImmediate', () => clearImmediate(setImmediate(nothing)));
  op('timeout.refresh', (() => {
    const timer = setTimeout(nothing, 100000).unref();
    return () => timer.refresh();
  })());
  op('setTimeout 0, 100 at once', many((f) => setTimeout(f, 0)));
  op('setImmediate, 100 at once', many(setImmediate));
  op('nextTick, 100 at once', many(process.nextTick));
  op('queueMicrotask, 100 at once', many(queueMicrotask));
  op('promise then, 100 at once', many((f) => Promise.resolve().then(f)));
  op('setImmediate', () => new Promise(setImmediate));
  op('nextTick', () => new Promise(process.nextTick));
  op('timers/promises setImmediate', () => immediate());
  op('timers/promises setTimeout 0', () => timeout(0));

  op('performance.now', () => performance.now());
  op('performance.mark', () => {
    performance.mark('x');
    performance.clearMarks('x');
  });
  op('process.hrtime', () => process.hrtime());
  op('process.hrtime.bigint', () => process.hrtime.bigint());
  op('process.uptime', () => process.uptime());
};
