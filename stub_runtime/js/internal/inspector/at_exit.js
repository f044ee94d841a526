'use strict';
// What is written when the program is over, in the order in which it was asked for.

const jobs = [];

function atExit(job) {
  if (jobs.push(job) === 1) internalBinding('inspector').onFinish(() => jobs.forEach((each) => each()));
}

module.exports = { atExit };
