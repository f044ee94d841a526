'use strict';
// What a histogram says of the values that it counted and of another histogram: distributions, tests, effect sizes, intervals.
// `counts` is the `Counts` of `internal/perf/histogram`; a bucket stands for the value in its middle.

const kPrecision = 1e-15;
const kTiny = 1e-300;

// --- distributions ----------------------------------------------------

const kLanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function logGamma(x) {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  x -= 1;
  let sum = kLanczos[0];
  for (let i = 1; i < 9; i++) sum += kLanczos[i] / (x + i);
  const t = x + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum);
}

// The continued fraction of the incomplete beta function, by Lentz's method.
function betaFraction(a, b, x) {
  const apart = (value) => (Math.abs(value) < kTiny ? kTiny : value);
  let c = 1;
  let d = 1 / apart(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m < 10000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / apart(1 + even * d);
    c = apart(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / apart(1 + odd * d);
    c = apart(1 + odd / c);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < kPrecision) break;
  }
  return result;
}

// The regularized incomplete beta function.
function beta(x, a, b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

// Both tails of Student's distribution beyond |t|.
function studentTails(t, freedom) {
  return beta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

// The t whose tails hold `outside`.
function studentQuantile(outside, freedom) {
  let low = 0;
  let high = 1;
  while (studentTails(high, freedom) > outside) high *= 2;
  for (let i = 0; i < 200 && high > low; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentTails(middle, freedom) > outside) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function complementaryError(x) {
  const square = x * x;
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > kPrecision * Math.abs(sum) * 0.01 && n < 200; n++) {
      term *= -square / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 120; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-square) / (Math.sqrt(Math.PI) * (x + fraction));
}

// The least k of which a share `wanted` of a binomial distribution is not above.
function binomialQuantile(wanted, n, p) {
  if (p >= 1) return n;
  let low = 0;
  let high = n;
  while (low < high) {
    const k = Math.floor((low + high) / 2);
    if (k >= n || beta(1 - p, n - k, k + 1) >= wanted) high = k;
    else low = k + 1;
  }
  return low;
}

// --- one histogram ----------------------------------------------------

function middles(counts) {
  return Array.from(counts.filled(), ({ first, width, count }) => ({ value: first + Math.floor(width / 2), count }));
}

function sampleVariance(counts) {
  const { mean, total } = counts;
  let sum = 0;
  for (const { value, count } of middles(counts)) sum += count * (value - mean) ** 2;
  return sum / (total - 1);
}

// The share of values in the bucket of `value` and below it.
function cumulative(counts, value) {
  if (!(value >= 0) || counts.total === 0) return 0;
  let seen = 0;
  for (const { first, count } of counts.filled()) {
    if (first > value) break;
    seen += count;
  }
  return seen / counts.total;
}

function meanInterval(counts, confidence) {
  const { mean, total } = counts;
  if (total < 2) return { __proto__: null, mean, lower: NaN, upper: NaN };
  const variance = sampleVariance(counts);
  const reach = variance === 0 ? 0 : studentQuantile(1 - confidence, total - 1) * Math.sqrt(variance / total);
  return { __proto__: null, mean, lower: mean - reach, upper: mean + reach };
}

// The greatest value of the bucket that holds the value of a rank.
function atRank(counts, rank) {
  let seen = 0;
  for (const { first, width, count } of counts.filled()) {
    seen += count;
    if (seen >= rank) return first + width - 1;
  }
  return 0;
}

function percentileInterval(counts, percentile, confidence) {
  const value = Number(counts.percentile(percentile));
  const { total } = counts;
  if (total < 2) return { __proto__: null, value, lower: value, upper: value };
  const p = percentile / 100;
  const outside = (1 - confidence) / 2;
  const low = binomialQuantile(outside, total, p);
  const high = Math.min(binomialQuantile(1 - outside, total, p) + 1, total);
  return { __proto__: null, value, lower: low === 0 ? Number(counts.min) : atRank(counts, low), upper: atRank(counts, high) };
}

// A map of the boundaries that `next` gives, as buckets have them, to how many values lie between them.
function rebucket(counts, level, next) {
  const result = new Map();
  const { total } = counts;
  let index = -1;
  let value = 0;
  let seen = 0;
  let added = 0;
  let boundary = counts.place(level).first;
  while (seen < total || (index + 1 < counts.length && counts.bucket(index + 1).first > boundary && seen < total)) {
    while (index < 0 || value < boundary) {
      index++;
      if (index >= counts.length) break;
      value = counts.bucket(index).first;
      const count = counts.at(index);
      seen += count;
      added += count;
    }
    // Levels within one bucket have one boundary: the last counts, as in Node.
    result.set(boundary, added);
    if (index >= counts.length) break;
    added = 0;
    level = next(level);
    boundary = counts.place(level).first;
  }
  return result;
}

function linearBuckets(counts, step) {
  return rebucket(counts, step, (level) => level + step);
}

function logBuckets(counts, first, base) {
  return rebucket(counts, first, (level) => Math.max(Math.floor(level * base), level + 1));
}

// --- two histograms ---------------------------------------------------

// Calls back with each value and how often either side has it, in order.
function eachValue(left, right, callback) {
  const a = middles(left);
  const b = middles(right);
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const value = Math.min(a[i]?.value ?? Infinity, b[j]?.value ?? Infinity);
    callback(a[i]?.value === value ? a[i++].count : 0, b[j]?.value === value ? b[j++].count : 0);
  }
}

// The greatest distance of the two distributions.
function kolmogorovSmirnov(left, right) {
  if (left === right || left.total === 0 || right.total === 0) return 0;
  let a = 0;
  let b = 0;
  let greatest = 0;
  eachValue(left, right, (ofLeft, ofRight) => {
    a += ofLeft;
    b += ofRight;
    greatest = Math.max(greatest, Math.abs(a / left.total - b / right.total));
  });
  return greatest;
}

function ranks(left, right) {
  let below = 0;
  let wins = 0;
  let ties = 0;
  eachValue(left, right, (a, b) => {
    wins += a * (below + b / 2);
    below += b;
    ties += (a + b) ** 3 - (a + b);
  });
  return { wins, ties };
}

function mannWhitney(left, right) {
  const n = left.total;
  const m = right.total;
  if (left === right || n === 0 || m === 0) return { __proto__: null, uStatistic: 0, zScore: 0, pValue: 1 };
  const { wins, ties } = ranks(left, right);
  const all = n + m;
  const deviation = Math.sqrt(((n * m) / 12) * (all + 1 - ties / (all * (all - 1))));
  const zScore = deviation > 0 ? (wins - (n * m) / 2) / deviation : 0;
  return { __proto__: null, uStatistic: wins, zScore, pValue: zScore === 0 ? 1 : complementaryError(Math.abs(zScore) / Math.SQRT2) };
}

function cliffsDelta(left, right) {
  if (left === right || left.total === 0 || right.total === 0) return 0;
  const pairs = left.total * right.total;
  return (2 * ranks(left, right).wins - pairs) / pairs;
}

function cohensD(left, right) {
  const n = left.total;
  const m = right.total;
  if (left === right || n < 2 || m < 2) return 0;
  const pooled = Math.sqrt(((n - 1) * sampleVariance(left) + (m - 1) * sampleVariance(right)) / (n + m - 2));
  return pooled === 0 ? 0 : (left.mean - right.mean) / pooled;
}

function welch(left, right, confidence) {
  const result = (tStatistic, degreesOfFreedom, pValue, lower, upper) => ({
    __proto__: null, tStatistic, degreesOfFreedom, pValue, confidenceInterval: { __proto__: null, lower, upper },
  });
  const n = left.total;
  const m = right.total;
  if (left === right || n < 2 || m < 2) return result(0, 0, 1, 0, 0);
  const a = sampleVariance(left) / n;
  const b = sampleVariance(right) / m;
  const difference = left.mean - right.mean;
  if (a + b === 0) return result(0, 0, 1, difference, difference);
  const error = Math.sqrt(a + b);
  const freedom = (a + b) ** 2 / (a ** 2 / (n - 1) + b ** 2 / (m - 1));
  const t = difference / error;
  const reach = studentQuantile(1 - confidence, freedom) * error;
  return result(t, freedom, studentTails(t, freedom), difference - reach, difference + reach);
}

module.exports = {
  cliffsDelta, cohensD, cumulative, kolmogorovSmirnov, linearBuckets, logBuckets, mannWhitney, meanInterval, percentileInterval, welch,
};
