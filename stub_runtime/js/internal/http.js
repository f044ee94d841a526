'use strict';
// What the parts of node:http share: private names, the Date header.

const { setUnrefTimeout } = require('internal/timers');

let dateText;

// The value of a Date header; made once a second.
function utcDate() {
  if (dateText === undefined) {
    const now = new Date();
    dateText = now.toUTCString();
    setUnrefTimeout(forgetDate, 1000 - now.getMilliseconds());
  }
  return dateText;
}

function forgetDate() {
  dateText = undefined;
}

module.exports = {
  kIncomingMessage: Symbol('IncomingMessage'),
  kNeedDrain: Symbol('kNeedDrain'),
  kOutHeaders: Symbol('kOutHeaders'),
  kSkipPendingData: Symbol('SkipPendingData'),
  utcDate,
};
