// BSON for the MongoDB server of the tests, as far as that needs it. What JavaScript has no type for stays an object that
// says its type (`Tagged`), so that what a client stored comes back byte for byte.
export class Tagged {
  constructor(type, bytes) {
    this.type = type;
    this.bytes = bytes;
  }
}
export class Int32 extends Number {}
export class Long {
  constructor(value) {
    this.value = value;
  }
}

const cString = (text) => Buffer.from(`${text}\0`);
const number = (write, size, value) => {
  const bytes = Buffer.alloc(size);
  bytes[write](value);
  return bytes;
};

function element(name, value) {
  const of = (type, ...parts) => Buffer.concat([Buffer.from([type]), cString(name), ...parts]);
  if (value === null || value === undefined) return of(0x0a);
  if (value instanceof Tagged) return of(value.type, value.bytes);
  if (value instanceof Int32) return of(0x10, number('writeInt32LE', 4, Number(value)));
  if (value instanceof Long) return of(0x12, number('writeBigInt64LE', 8, value.value));
  if (value instanceof Date) return of(0x09, number('writeBigInt64LE', 8, BigInt(value.getTime())));
  if (Buffer.isBuffer(value)) return of(0x05, number('writeInt32LE', 4, value.length), Buffer.from([0]), value);
  if (Array.isArray(value)) return of(0x04, encode({ ...value }));
  switch (typeof value) {
    case 'number': return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? of(0x10, number('writeInt32LE', 4, value)) : of(0x01, number('writeDoubleLE', 8, value));
    case 'boolean': return of(0x08, Buffer.from([value ? 1 : 0]));
    case 'string': {
      const bytes = cString(value);
      return of(0x02, number('writeInt32LE', 4, bytes.length), bytes);
    }
    default: return of(0x03, encode(value));
  }
}

export function encode(document) {
  const body = Buffer.concat(Object.entries(document).map(([name, value]) => element(name, value)));
  return Buffer.concat([number('writeInt32LE', 4, body.length + 5), body, Buffer.from([0])]);
}

// How many bytes the value of a type is, where it is kept as it is.
const sizes = {
  0x05: (bytes, at) => bytes.readInt32LE(at) + 5, // binary
  0x07: () => 12, // ObjectId
  0x0b: (bytes, at) => bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at, // regular expression
  0x0d: (bytes, at) => bytes.readInt32LE(at) + 4, // code
  0x11: () => 8, // timestamp
  0x13: () => 16, // decimal
};

// The document at an offset: `[document, end]`.
export function decode(bytes, start = 0) {
  const end = start + bytes.readInt32LE(start);
  const document = {};
  for (let at = start + 4; bytes[at] !== 0;) {
    const type = bytes[at];
    const nameEnd = bytes.indexOf(0, at + 1);
    const name = bytes.toString('utf8', at + 1, nameEnd);
    at = nameEnd + 1;
    let value;
    if (type === 0x01) [value, at] = [bytes.readDoubleLE(at), at + 8];
    else if (type === 0x02) [value, at] = [bytes.toString('utf8', at + 4, at + 3 + bytes.readInt32LE(at)), at + 4 + bytes.readInt32LE(at)];
    else if (type === 0x03) [value, at] = decode(bytes, at);
    else if (type === 0x04) {
      [value, at] = decode(bytes, at);
      value = Object.values(value);
    } else if (type === 0x08) [value, at] = [bytes[at] === 1, at + 1];
    else if (type === 0x09) [value, at] = [new Date(Number(bytes.readBigInt64LE(at))), at + 8];
    else if (type === 0x0a) value = null;
    else if (type === 0x10) [value, at] = [bytes.readInt32LE(at), at + 4];
    else if (type === 0x12) [value, at] = [new Long(bytes.readBigInt64LE(at)), at + 8];
    else if (sizes[type]) {
      const size = sizes[type](bytes, at);
      value = new Tagged(type, Buffer.from(bytes.subarray(at, at + size)));
      at += size;
    } else throw new Error(`no BSON type 0x${type.toString(16)} here`);
    document[name] = value;
  }
  return [document, end];
}
