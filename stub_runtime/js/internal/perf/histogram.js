'use strict';
// Histograms of perf_hooks: values counted in buckets whose width grows with them, as HdrHistogram has it.
// The counts lie in shared memory: a clone in another thread is the same histogram.

const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS, ERR_OUT_OF_RANGE },
} = require('internal/errors');
const { inspect } = require('internal/util/inspect');
const { kClone, kDeserialize, markTransferMode } = require('internal/structured_clone');
const { validateInteger, validateNumber, validateObject } = require('internal/validators');

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
const FIRST = 5;

// The layout of the buckets: doubles hold what matters of 64 bits here, since buckets round anyway.
class Counts {
  constructor(lowest, highest, figures, memory) {
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
      return false;
    }
    this.values[FIRST + index] += count;
    this.values[TOTAL] += count;
    if (value !== 0 && value < this.values[MIN]) this.values[MIN] = value;
    if (value > this.values[MAX]) this.values[MAX] = value;
    return true;
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

function isHistogram(value) {
  return value?.[kCounts] !== undefined;
}

function validatePercentile(percentile) {
  validateNumber(percentile, 'percentile');
  if (Number.isNaN(percentile) || percentile <= 0 || percentile > 100) {
    throw new ERR_OUT_OF_RANGE('percentile', '> 0 && <= 100', percentile);
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

  reset() {
    check(this).reset();
  }

  [kClone]() {
    const { lowest, highest, figures, memory } = this[kCounts];
    return {
      data: { lowest, highest, figures, memory },
      deserializeInfo: `internal/perf/histogram:Cloned${this[kRecordable] ? 'Recordable' : ''}Histogram`,
    };
  }

  [kDeserialize]({ lowest, highest, figures, memory }) {
    this[kCounts] = new Counts(lowest, highest, figures, memory);
  }

  toJSON() {
    const { count, min, max, mean, exceeds, stddev, skewness, kurtosis, percentiles } = this;
    return { count, min, max, mean, exceeds, stddev, skewness, kurtosis, percentiles: Object.fromEntries(percentiles) };
  }
}

class RecordableHistogram extends Histogram {
  // (number | bigint)
  record(value) {
    const counts = check(this);
    if (typeof value === 'bigint') {
      if (value < 1n || value > MAX_INT64) throw new ERR_OUT_OF_RANGE('val', `>= 1 && <= ${MAX_INT64}`, value);
      counts.record(Number(value));
      return;
    }
    validateInteger(value, 'val', 1);
    counts.record(value);
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
    for (const { first, width, count } of other[kCounts].filled()) counts.record(first + Math.floor(width / 2), count);
    counts.values[EXCEEDS] += other[kCounts].exceeds;
    const source = other[kCounts].values;
    if (source[MIN] < counts.values[MIN]) counts.values[MIN] = source[MIN];
    if (source[MAX] > counts.values[MAX]) counts.values[MAX] = source[MAX];
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

// ({ lowest, highest, figures })
function createHistogram(options = {}) {
  validateObject(options, 'options');
  const { lowest = 1, highest = Number.MAX_SAFE_INTEGER, figures = 3 } = options;
  validateLimit(lowest, 'options.lowest');
  validateLimit(highest, 'options.highest');
  if (Number(highest) < 2 * Number(lowest)) {
    throw new ERR_OUT_OF_RANGE('options.highest', `>= 2 * options.lowest (${2n * BigInt(lowest)}n)`, highest);
  }
  validateInteger(figures, 'options.figures', 1, 5);
  return make(RecordableHistogram, new Counts(Number(lowest), Number(highest), figures));
}

module.exports = { ClonedHistogram, ClonedRecordableHistogram, Counts, Histogram, createHistogram, isHistogram, kCounts, kMake };
