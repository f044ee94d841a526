'use strict';
// PerformanceResourceTiming: what is measured of one fetch.

const { codes: { ERR_ILLEGAL_CONSTRUCTOR } } = require('internal/errors');
const { PerformanceEntry, kMake } = require('internal/perf/entry');

const kInfo = Symbol('info');

class PerformanceResourceTiming extends PerformanceEntry {
  constructor(token = undefined, url, initiatorType, info, cacheMode, bodyInfo, responseStatus, deliveryType) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    super(kMake, url, 'resource', info.startTime, 0);
    Object.defineProperty(this, kInfo, {
      __proto__: null, enumerable: false, value: { info, initiatorType, cacheMode, bodyInfo, responseStatus, deliveryType },
    });
  }

  get duration() { return this[kInfo].info.endTime - this[kInfo].info.startTime; }
  get initiatorType() { return this[kInfo].initiatorType; }
  get workerStart() { return this[kInfo].info.finalServiceWorkerStartTime; }
  get redirectStart() { return this[kInfo].info.redirectStartTime; }
  get redirectEnd() { return this[kInfo].info.redirectEndTime; }
  get fetchStart() { return this[kInfo].info.postRedirectStartTime; }
  get domainLookupStart() { return this[kInfo].info.finalConnectionTimingInfo?.domainLookupStartTime; }
  get domainLookupEnd() { return this[kInfo].info.finalConnectionTimingInfo?.domainLookupEndTime; }
  get connectStart() { return this[kInfo].info.finalConnectionTimingInfo?.connectionStartTime; }
  get connectEnd() { return this[kInfo].info.finalConnectionTimingInfo?.connectionEndTime; }
  get secureConnectionStart() { return this[kInfo].info.finalConnectionTimingInfo?.secureConnectionStartTime; }
  get nextHopProtocol() { return this[kInfo].info.finalConnectionTimingInfo?.ALPNNegotiatedProtocol; }
  get requestStart() { return this[kInfo].info.finalNetworkRequestStartTime; }
  get responseStart() { return this[kInfo].info.finalNetworkResponseStartTime; }
  get responseEnd() { return this[kInfo].info.endTime; }
  get encodedBodySize() { return this[kInfo].info.encodedBodySize; }
  get decodedBodySize() { return this[kInfo].info.decodedBodySize; }
  // As the specification has it: nothing from a cache, else the body and 300 bytes for the headers.
  get transferSize() {
    if (this[kInfo].cacheMode === 'local') return 0;
    return this[kInfo].cacheMode === 'validated' ? 300 : this[kInfo].info.encodedBodySize + 300;
  }
  get deliveryType() { return this[kInfo].deliveryType; }
  get responseStatus() { return this[kInfo].responseStatus; }

  toJSON() {
    const out = { name: this.name, entryType: this.entryType, startTime: this.startTime, duration: this.duration };
    for (const key of fields) out[key] = this[key];
    return out;
  }
}

const fields = [
  'initiatorType', 'nextHopProtocol', 'workerStart', 'redirectStart', 'redirectEnd', 'fetchStart', 'domainLookupStart',
  'domainLookupEnd', 'connectStart', 'connectEnd', 'secureConnectionStart', 'requestStart', 'responseStart', 'responseEnd',
  'transferSize', 'encodedBodySize', 'decodedBodySize', 'deliveryType', 'responseStatus',
];
for (const key of [...fields, 'toJSON']) {
  Object.defineProperty(PerformanceResourceTiming.prototype, key, { __proto__: null, enumerable: true });
}
Object.defineProperty(PerformanceResourceTiming.prototype, Symbol.toStringTag, {
  __proto__: null, configurable: true, value: 'PerformanceResourceTiming',
});

module.exports = { PerformanceResourceTiming };
