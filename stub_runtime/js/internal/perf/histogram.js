'use strict';
// Histograms of perf_hooks: values counted in buckets whose width grows with them, as HdrHistogram has it.
// The counts lie in shared memory: a clone in another thread is the same histogram.

const {
  codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM, ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS, ERR_OUT_OF_RANGE },
} = require('internal/errors');
const { inspect } = require('internal/util/inspect');
const { kClone, kDeserialize, markTransferMode } = require('internal/structured_clone');
const { validateArray, validateInteger, validateNumber, validateObject } = require('internal/validators');

const MAX_INT64 = 2n ** 63n - 1n;
const kMake = Symbol('make');
const kCounts = Symbol('counts');
const kRecordable = Symbol('recordable');

// Figures before the counts.
const TOTAL = 0;
const MIN = 1;
const MAX = 2;
const EXCEEDS = 3;
const PREVIOUS = 4;
// Moving averages: mean, variance, share beyond the threshold, whether there was a value.
const MEAN = 5;
const VARIANCE = 6;
const ERROR_RATE = 7;
const STARTED = 8;
const FIRST = 9;

// The layout of the buckets: doubles hold what matters of 64 bits here, since buckets round anyway.
class Counts {
  constructor(lowest, highest, figures, memory, halfLife = 0, threshold = 0) {
    this.halfLife = halfLife;
    this.threshold = threshold;
    this.lowest = lowest;
    this.highest = highest;
    this.figures = figures;
    this.unit = Math.floor(Math.log2(lowest));
    this.halfMagnitude = Math.max(Math.ceil(Math.log2(2 * 10 ** figures)), 1) - 1;
    this.half = 2 ** this.halfMagnitude;
    this.subBuckets = this.half * 2;
    let buckets = 1;
    for (let limit = this.subBuckets * 2 ** this.unit; limit <= highest; limit *= 2) buckets++;
    this.length = (buckets + 1) * this.half;
    this.memory = memory ?? new SharedArrayBuffer((FIRST + this.length) * 8);
    this.values = new Float64Array(this.memory);
    if (memory === undefined) this.reset();
  }

  reset() {
    this.values.fill(0);
    this.values[MIN] = Infinity;
  }

  // The number of the bucket of `value`, and its first value and width.
  place(value) {
    let bucket = 0;
    while (value >= this.subBuckets * 2 ** (this.unit + bucket)) bucket++;
    const width = 2 ** (this.unit + bucket);
    const sub = Math.floor(value / width);
    return { index: (bucket + 1) * this.half + sub - this.half, first: sub * width, width };
  }

  // The same of a bucket's number.
  bucket(index) {
    let bucket = Math.floor(index / this.half) - 1;
    let sub = (index % this.half) + this.half;
    if (bucket < 0) {
      sub -= this.half;
      bucket = 0;
    }
    const width = 2 ** (this.unit + bucket);
    return { first: sub * width, width };
  }

  record(value, count = 1) {
    const { index } = value > this.highest ? { index: this.length } : this.place(value);
    if (index >= this.length) {
      this.values[EXCEEDS] += count;
      if (this.halfLife > 0) this.average(value, false);
      return false;
    }
    this.values[FIRST + index] += count;
    this.values[TOTAL] += count;
    if (value !== 0 && value < this.values[MIN]) this.values[MIN] = value;
    if (value > this.values[MAX]) this.values[MAX] = value;
    if (this.halfLife > 0) this.average(value, true);
    return true;
  }

  // Moves the averages; a value that was not counted only tells that it was beyond the threshold.
  average(value, isCounted) {
    const { values, threshold } = this;
    const share = 1 - 2 ** (-1 / this.halfLife);
    const error = threshold > 0 && value > threshold ? 1 : 0;
    if (values[STARTED] === 0) {
      values[STARTED] = 1;
      if (isCounted) values[MEAN] = value;
      values[ERROR_RATE] = error;
      return;
    }
    if (isCounted) {
      const difference = value - values[MEAN];
      values[MEAN] += share * difference;
      values[VARIANCE] = (1 - share) * (values[VARIANCE] + share * difference * difference);
    }
    values[ERROR_RATE] += share * (error - values[ERROR_RATE]);
  }

  // What the averages are made of, for an export; sets them too.
  get ewma() {
    if (!(this.halfLife > 0)) return undefined;
    const { halfLife, threshold, values } = this;
    return { halfLife, threshold, mean: values[MEAN], variance: values[VARIANCE], errorRate: values[ERROR_RATE] };
  }

  set ewma({ mean, variance, errorRate }) {
    this.values.set([mean, variance, errorRate, this.total + this.exceeds > 0 ? 1 : 0], MEAN);
  }

  at(index) {
    return this.values[FIRST + index];
  }

  get least() { return this.values[MIN]; }
  get greatest() { return this.values[MAX]; }

  // Adds what another has counted.
  merge(other) {
    for (const { first, width, count } of other.filled()) this.record(first + Math.floor(width / 2), count);
    this.values[EXCEEDS] += other.exceeds;
    if (other.least < this.values[MIN]) this.values[MIN] = other.least;
    if (other.greatest > this.values[MAX]) this.values[MAX] = other.greatest;
  }

  // Takes away what another has counted, down to nothing.
  subtract(other) {
    const { values } = this;
    for (const { first, width, count } of [...other.filled()]) {
      const { index } = this.place(first + Math.floor(width / 2));
      if (index < this.length) values[FIRST + index] = Math.max(values[FIRST + index] - count, 0);
    }
    values[EXCEEDS] = Math.max(values[EXCEEDS] - other.exceeds, 0);
    this.recount();
  }

  // The figures that follow from the counts.
  recount() {
    const { values } = this;
    values[TOTAL] = 0;
    values[MIN] = Infinity;
    values[MAX] = 0;
    for (const { first, width, count } of this.filled()) {
      values[TOTAL] += count;
      if (values[MIN] === Infinity && first !== 0) values[MIN] = first;
      values[MAX] = first + width - 1;
    }
  }

  // The counts of an export; false where they do not fit.
  fill({ pairs, total, least, greatest, length }) {
    if (length !== this.length) return false;
    let index = 0;
    let sum = 0;
    for (let i = 0; i < pairs.length; i += 2) {
      index += pairs[i];
      sum += pairs[i + 1];
      if (!(index < this.length)) return false;
      this.values[FIRST + index] = pairs[i + 1];
    }
    this.values[TOTAL] = sum;
    this.values[MIN] = least;
    this.values[MAX] = greatest;
    return sum === total;
  }

  * filled() {
    for (let i = 0; i < this.length; i++) {
      const count = this.values[FIRST + i];
      if (count > 0) yield { ...this.bucket(i), count };
    }
  }

  get total() { return this.values[TOTAL]; }
  get exceeds() { return this.values[EXCEEDS]; }

  get min() {
    if (this.values[FIRST] > 0) return 0n;
    const min = this.values[MIN];
    return min === Infinity ? MAX_INT64 : BigInt(this.place(min).first);
  }

  get max() {
    const max = this.values[MAX];
    if (max === 0) return 0n;
    const { first, width } = this.place(max);
    return BigInt(first) + BigInt(width) - 1n;
  }

  get mean() {
    let sum = 0;
    for (const { first, width, count } of this.filled()) sum += count * (first + Math.floor(width / 2));
    return sum / this.total;
  }

  get stddev() {
    return Math.sqrt(this.moment(2));
  }

  // A central moment: of the values, not an estimate for what they are a sample of.
  moment(degree) {
    const { mean } = this;
    let sum = 0;
    for (const { first, width, count } of this.filled()) sum += count * (first + Math.floor(width / 2) - mean) ** degree;
    return sum / this.total;
  }

  // 0 where there are too few values to say.
  get skewness() {
    const variance = this.moment(2);
    return this.total < 3 || variance === 0 ? 0 : this.moment(3) / (variance * Math.sqrt(variance));
  }

  get kurtosis() {
    const variance = this.moment(2);
    return this.total < 4 || variance === 0 ? 0 : this.moment(4) / (variance * variance) - 3;
  }

  percentile(wanted) {
    const target = Math.max(Math.floor((Math.min(wanted, 100) / 100) * this.total + 0.5), 1);
    let seen = 0;
    for (const { first, width, count } of this.filled()) {
      seen += count;
      if (seen >= target) return wanted === 0 ? BigInt(first) : BigInt(first) + BigInt(width) - 1n;
    }
    return 0n;
  }

  // [percentile, value]: half of the distance to 100 further each time.
  * percentiles() {
    const { total } = this;
    let seen = 0;
    let next = 0;
    let last = 0n;
    for (const { first, width, count } of this.filled()) {
      seen += count;
      last = BigInt(first) + BigInt(width) - 1n;
      while (next <= (100 * seen) / total) {
        yield [next, last];
        if (seen >= total) break;
        next += 100 / 2 ** (Math.floor(Math.log2(100 / (100 - next))) + 1);
      }
    }
    yield [100, last];
  }
}

function check(value) {
  if (value?.[kCounts] === undefined) throw new ERR_INVALID_THIS('Histogram');
  return value[kCounts];
}

function checkRecordable(value) {
  if (value?.[kCounts] === undefined || !value[kRecordable]) throw new ERR_INVALID_THIS('RecordableHistogram');
  return value[kCounts];
}

function otherCounts(other) {
  if (!isHistogram(other)) throw new ERR_INVALID_ARG_TYPE('other', 'Histogram', other);
  return other[kCounts];
}

// The moving averages of a histogram that has them.
function averages(histogram) {
  if (histogram[kCounts].ewma === undefined) return undefined;
  const { ewmaMean, ewmaStddev, ewmaErrorRate } = histogram;
  return { ewmaMean, ewmaStddev, ewmaErrorRate };
}

function statistics() {
  return require('internal/perf/statistics');
}

function confidenceOf(options) {
  validateObject(options, 'options');
  const { confidence = 0.95 } = options;
  validateNumber(confidence, 'options.confidence');
  if (!(confidence > 0 && confidence < 1)) throw new ERR_OUT_OF_RANGE('options.confidence', '> 0 && < 1', confidence);
  return confidence;
}

// (number | bigint): what is recorded, as a number.
function recordedValue(value) {
  if (typeof value === 'bigint') {
    if (value < 1n || value > MAX_INT64) throw new ERR_OUT_OF_RANGE('val', `>= 1 && <= ${MAX_INT64}`, value);
    return Number(value);
  }
  validateInteger(value, 'val', 1);
  return value;
}

function isHistogram(value) {
  return value?.[kCounts] !== undefined;
}

function validatePercentile(percentile, name = 'percentile') {
  validateNumber(percentile, name);
  if (Number.isNaN(percentile) || percentile <= 0 || percentile > 100) {
    throw new ERR_OUT_OF_RANGE(name, '> 0 && <= 100', percentile);
  }
}

class Histogram {
  constructor(token) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  [inspect.custom](depth, options) {
    if (!isHistogram(this)) return this;
    if (depth < 0) return `[${this.constructor.name || 'Histogram'}]`;
    const { min, max, mean, exceeds, stddev, skewness, kurtosis, count, percentiles } = this;
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `Histogram ${inspect({ min, max, mean, exceeds, stddev, skewness, kurtosis, count, percentiles }, inner)}`;
  }

  get count() { return check(this).total; }
  get countBigInt() { return BigInt(check(this).total); }
  get min() { return Number(check(this).min); }
  get minBigInt() { return check(this).min; }
  get max() { return Number(check(this).max); }
  get maxBigInt() { return check(this).max; }
  get mean() { return check(this).mean; }
  get exceeds() { return check(this).exceeds; }
  get exceedsBigInt() { return BigInt(check(this).exceeds); }
  get stddev() { return check(this).stddev; }
  get skewness() { return check(this).skewness; }
  get kurtosis() { return check(this).kurtosis; }

  percentile(percentile) {
    const counts = check(this);
    validatePercentile(percentile);
    return Number(counts.percentile(percentile));
  }

  percentileBigInt(percentile) {
    const counts = check(this);
    validatePercentile(percentile);
    return counts.percentile(percentile);
  }

  get percentiles() {
    return new Map(check(this).percentiles().map(([percentile, value]) => [percentile, Number(value)]));
  }

  get percentilesBigInt() {
    return new Map(check(this).percentiles());
  }

  // Moving averages, 0 where the histogram has none.
  get ewmaMean() { return check(this).values[MEAN]; }
  get ewmaStddev() { return Math.sqrt(check(this).values[VARIANCE]); }
  get ewmaErrorRate() { return check(this).values[ERROR_RATE]; }

  // How much faster than allowed values go beyond the threshold.
  burnRate(sloTarget) {
    const counts = check(this);
    validateNumber(sloTarget, 'sloTarget');
    if (!(sloTarget > 0 && sloTarget < 1)) throw new ERR_OUT_OF_RANGE('sloTarget', '> 0 && < 1', sloTarget);
    return counts.values[ERROR_RATE] / (1 - sloTarget);
  }

  cdf(value) {
    const counts = check(this);
    validateNumber(value, 'value');
    return statistics().cumulative(counts, value);
  }

  ccdf(value) {
    const counts = check(this);
    validateNumber(value, 'value');
    return 1 - statistics().cumulative(counts, value);
  }

  countAt(value) {
    const counts = check(this);
    validateNumber(value, 'value');
    if (!(value >= 0) || value > counts.highest) return 0;
    return counts.at(counts.place(value).index);
  }

  meanCI(options = {}) {
    const counts = check(this);
    return statistics().meanInterval(counts, confidenceOf(options));
  }

  percentileCI(percentile, options = {}) {
    const counts = check(this);
    validatePercentile(percentile);
    return statistics().percentileInterval(counts, percentile, confidenceOf(options));
  }

  percentilesAt(percentiles) {
    const counts = check(this);
    validateArray(percentiles, 'percentiles');
    percentiles.forEach((percentile, index) => validatePercentile(percentile, `percentiles[${index}]`));
    return new Map(percentiles.toSorted((a, b) => a - b).map((percentile) => [percentile, Number(counts.percentile(percentile))]));
  }

  linearBuckets(stepSize) {
    const counts = check(this);
    validateInteger(stepSize, 'stepSize', 1);
    return statistics().linearBuckets(counts, stepSize);
  }

  logBuckets(firstBucket, base) {
    const counts = check(this);
    validateInteger(firstBucket, 'firstBucket', 1);
    validateNumber(base, 'base');
    if (!(base > 1)) throw new ERR_OUT_OF_RANGE('base', '> 1', base);
    return statistics().logBuckets(counts, firstBucket, base);
  }

  ksTest(other) {
    return statistics().kolmogorovSmirnov(check(this), otherCounts(other));
  }

  mannWhitneyTest(other) {
    return statistics().mannWhitney(check(this), otherCounts(other));
  }

  welchTest(other, options = {}) {
    const counts = check(this);
    const others = otherCounts(other);
    return statistics().welch(counts, others, confidenceOf(options));
  }

  cohensD(other) {
    return statistics().cohensD(check(this), otherCounts(other));
  }

  cliffsD(other) {
    return statistics().cliffsDelta(check(this), otherCounts(other));
  }

  // Bytes for importHistogram().
  export() {
    return require('internal/perf/histogram_export').exportCounts(check(this));
  }

  async qrde() {
    throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('histogram.qrde()');
  }

  reset() {
    check(this).reset();
  }

  [kClone]() {
    const { lowest, highest, figures, memory, halfLife, threshold } = this[kCounts];
    return {
      data: { lowest, highest, figures, memory, halfLife, threshold },
      deserializeInfo: `internal/perf/histogram:Cloned${this[kRecordable] ? 'Recordable' : ''}Histogram`,
    };
  }

  [kDeserialize]({ lowest, highest, figures, memory, halfLife, threshold }) {
    this[kCounts] = new Counts(lowest, highest, figures, memory, halfLife, threshold);
  }

  toJSON() {
    const { count, min, max, mean, exceeds, stddev, skewness, kurtosis, percentiles } = this;
    return {
      count, min, max, mean, exceeds, stddev, skewness, kurtosis, ...averages(this), percentiles: Object.fromEntries(percentiles),
    };
  }
}

class RecordableHistogram extends Histogram {
  // (number | bigint)
  record(value) {
    const counts = check(this);
    counts.record(recordedValue(value));
  }

  // Nanoseconds since the last call.
  recordDelta() {
    const counts = check(this);
    const now = Number(process.hrtime.bigint());
    const previous = counts.values[PREVIOUS];
    counts.values[PREVIOUS] = now;
    if (previous > 0) counts.record(Math.max(now - previous, 1));
  }

  add(other) {
    const counts = check(this);
    if (!isHistogram(other) || !other[kRecordable]) throw new ERR_INVALID_ARG_TYPE('other', 'RecordableHistogram', other);
    counts.merge(other[kCounts]);
  }

  subtract(other) {
    const counts = checkRecordable(this);
    if (!isHistogram(other) || !other[kRecordable]) throw new ERR_INVALID_ARG_TYPE('other', 'RecordableHistogram', other);
    counts.subtract(other[kCounts]);
  }

  // A value, and those that would have been recorded every `expectedInterval` while it lasted.
  recordCorrected(val, expectedInterval) {
    const counts = checkRecordable(this);
    const value = recordedValue(val);
    let interval = expectedInterval;
    if (typeof val === 'bigint' && typeof interval === 'bigint') {
      if (interval < 1n || interval > MAX_INT64) throw new ERR_OUT_OF_RANGE('expectedInterval', `>= 1 && <= ${MAX_INT64}`, interval);
      interval = Number(interval);
    } else {
      validateInteger(interval, 'expectedInterval', 1);
    }
    counts.record(value);
    for (let missing = value - interval; missing >= interval; missing -= interval) counts.record(missing);
  }
}

function make(Class, counts) {
  const histogram = new Class(kMake);
  markTransferMode(histogram, true, false);
  Object.defineProperty(histogram, kCounts, { __proto__: null, enumerable: false, writable: true, value: counts });
  Object.defineProperty(histogram, kRecordable, { __proto__: null, enumerable: false, value: Class === RecordableHistogram });
  return histogram;
}

// What `kDeserialize` fills.
function ClonedHistogram() {
  return make(Histogram, undefined);
}
ClonedHistogram.prototype[kDeserialize] = () => {};

function ClonedRecordableHistogram() {
  return make(RecordableHistogram, undefined);
}
ClonedRecordableHistogram.prototype[kDeserialize] = () => {};

function validateLimit(value, name) {
  if (typeof value !== 'bigint') validateInteger(value, name, 1);
}

// The { lowest, highest, figures } of options, as numbers.
function validateLayout({ lowest = 1, highest = Number.MAX_SAFE_INTEGER, figures = 3 }) {
  validateLimit(lowest, 'options.lowest');
  validateLimit(highest, 'options.highest');
  if (Number(highest) < 2 * Number(lowest)) {
    throw new ERR_OUT_OF_RANGE('options.highest', `>= 2 * options.lowest (${2n * BigInt(lowest)}n)`, highest);
  }
  validateInteger(figures, 'options.figures', 1, 5);
  return { lowest: Number(lowest), highest: Number(highest), figures };
}

function countsOf({ lowest, highest, figures, halfLife, threshold }) {
  return new Counts(lowest, highest, figures, undefined, halfLife, threshold);
}

function validateAverage(value, name) {
  validateNumber(value, name);
  if (value < 0) throw new ERR_OUT_OF_RANGE(name, '>= 0', value);
}

// ({ lowest, highest, figures, halfLife, threshold })
function createHistogram(options = {}) {
  validateObject(options, 'options');
  const layout = validateLayout(options);
  const { halfLife = 0, threshold = 0 } = options;
  validateAverage(halfLife, 'options.halfLife');
  validateAverage(threshold, 'options.threshold');
  return make(RecordableHistogram, countsOf({ ...layout, halfLife: halfLife === Infinity ? 0 : halfLife, threshold }));
}

// The histogram of which `data` is the export.
function importHistogram(data) {
  if (!require('internal/util/types').isUint8Array(data)) throw new ERR_INVALID_ARG_TYPE('data', 'Uint8Array', data);
  const read = require('internal/perf/histogram_export').readExport(data);
  if (read !== undefined) {
    const counts = countsOf({ ...read, ...read.ewma });
    if (counts.fill(read)) {
      if (read.ewma !== undefined) counts.ewma = read.ewma;
      return make(RecordableHistogram, counts);
    }
  }
  const error = new TypeError('Invalid histogram export data');
  error.code = 'ERR_INVALID_ARG_VALUE';
  throw error;
}

module.exports = {
  ClonedHistogram, ClonedRecordableHistogram, Counts, Histogram, countsOf, createHistogram, importHistogram, isHistogram, kCounts, kMake,
  makeHistogram: make, recordedValue, validateLayout,
};
