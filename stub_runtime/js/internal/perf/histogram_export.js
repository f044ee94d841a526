'use strict';
// The bytes of a histogram: a CBOR map (RFC 8949) with integer keys, counts as pairs of the distance to the bucket before and the count.

const kFloat64 = 0xfb;
const kInvalid = Symbol('invalid');
const MAX_INT64 = 2n ** 63n - 1n;

class Writer {
  #bytes = [];

  // A head: the major type and its number.
  head(type, number) {
    const lead = type << 5;
    const value = BigInt(number);
    if (value < 24n) {
      this.#bytes.push(lead | Number(value));
      return;
    }
    const size = value < 0x100n ? 0 : value < 0x10000n ? 1 : value < 0x100000000n ? 2 : 3;
    this.#bytes.push(lead | (24 + size));
    for (let i = 2 ** size - 1; i >= 0; i--) this.#bytes.push(Number((value >> BigInt(8 * i)) & 0xffn));
  }

  float(value) {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    this.#bytes.push(kFloat64, ...new Uint8Array(view.buffer));
  }

  end() {
    return Uint8Array.from(this.#bytes);
  }
}

// Reads what Writer writes; throws kInvalid.
class Reader {
  #bytes;
  #view;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #take(size) {
    if (this.#at + size > this.#bytes.length) throw kInvalid;
    this.#at += size;
    return this.#at - size;
  }

  value() {
    const lead = this.#bytes[this.#take(1)];
    if (lead === kFloat64) return this.#view.getFloat64(this.#take(8));
    const type = lead >> 5;
    let number = lead & 31;
    if (number === 24) number = this.#bytes[this.#take(1)];
    else if (number === 25) number = this.#view.getUint16(this.#take(2));
    else if (number === 26) number = this.#view.getUint32(this.#take(4));
    else if (number === 27) number = Number(this.#view.getBigUint64(this.#take(8)));
    else if (number > 27) throw kInvalid;
    if (type === 0) return number;
    if (type === 4) {
      if (number > this.#bytes.length) throw kInvalid;
      return Array.from({ length: number }, () => this.value());
    }
    if (type !== 5) throw kInvalid;
    const map = new Map();
    for (let i = 0; i < number; i++) map.set(this.value(), this.value());
    return map;
  }
}

function exportCounts(counts) {
  const out = new Writer();
  const { ewma } = counts;
  const pairs = [];
  let before = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts.at(i);
    if (count === 0) continue;
    pairs.push(i - before, count);
    before = i;
  }
  const numbers = [
    1, counts.lowest, counts.highest, counts.figures, counts.total, counts.least === Infinity ? MAX_INT64 : counts.least, counts.greatest, 0,
  ];
  out.head(5, ewma === undefined ? 11 : 12);
  numbers.forEach((number, key) => {
    out.head(0, key);
    out.head(0, number);
  });
  out.head(0, 8);
  out.float(1);
  out.head(0, 9);
  out.head(0, counts.length);
  out.head(0, 10);
  out.head(4, pairs.length);
  for (const number of pairs) out.head(0, number);
  if (ewma !== undefined) {
    out.head(0, 11);
    out.head(5, 5);
    const { halfLife, threshold, mean, variance, errorRate } = ewma;
    [1 - 2 ** (-1 / halfLife), mean, variance, errorRate].forEach((number, key) => {
      out.head(0, key);
      out.float(number);
    });
    out.head(0, 4);
    out.head(0, Math.floor(threshold));
  }
  return out.end();
}

// What exportCounts() wrote, as an object for a new histogram; undefined where it is not that.
function readExport(bytes) {
  try {
    const map = new Reader(bytes).value();
    if (!(map instanceof Map)) return undefined;
    const [version, lowest, highest, figures, total, least, greatest] = [0, 1, 2, 3, 4, 5, 6].map((key) => map.get(key));
    const pairs = map.get(10);
    const whole = (value, from, to) => Number.isInteger(value) && value >= from && value <= to;
    if (version !== 1 || !whole(lowest, 1, 2 ** 62) || !whole(highest, 2 * lowest, 2 ** 63) || !whole(figures, 1, 5) ||
        !whole(total, 0, 2 ** 63) || !whole(least, 0, 2 ** 63) || !whole(greatest, 0, 2 ** 63) ||
        !Array.isArray(pairs) || pairs.length % 2 !== 0) {
      return undefined;
    }
    const state = map.get(11);
    return {
      lowest, highest, figures, total, least: least >= 2 ** 63 ? Infinity : least, greatest, length: map.get(9), pairs,
      ewma: state instanceof Map ? {
        halfLife: -1 / Math.log2(1 - state.get(0)), mean: state.get(1), variance: state.get(2), errorRate: state.get(3), threshold: state.get(4),
      } : undefined,
    };
  } catch (error) {
    if (error === kInvalid) return undefined;
    throw error;
  }
}

module.exports = { exportCounts, readExport };
