'use strict';
// DNS messages (RFC 1035 and those that add types): queries out, answers in.

const { formatIPv6 } = require('internal/net');

const types = {
  __proto__: null, A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, NAPTR: 35, TLSA: 52, ANY: 255, CAA: 257,
};
const typeNames = new Map(Object.entries(types).map(([name, number]) => [number, name]));

const IN = 1;
const MAX_NAME = 255;
const MAX_POINTERS = 128;

// Error of a name that cannot be asked for, or an answer that cannot be read; `code` is c-ares's.
class MessageError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

// A name as it goes over the wire: in ASCII, international labels in their code.
function asciiName(name) {
  const ascii = /^[\x00-\x7f]*$/.test(name) ? name.toLowerCase() : require('internal/url').domainToASCII(name);
  // The root is asked for what is no name in that code.
  if (/[^a-z0-9\-._*/]/.test(ascii)) throw new MessageError('EBADNAME');
  return ascii;
}

function encodeName(text) {
  const name = asciiName(text);
  const parts = [];
  let length = 1;
  for (const label of name.replace(/\.$/, '').split('.')) {
    if (name === '' || name === '.') break;
    const bytes = Buffer.from(label, 'latin1');
    if (bytes.length === 0 || bytes.length > 63) throw new MessageError('EBADNAME');
    length += bytes.length + 1;
    parts.push(Buffer.from([bytes.length]), bytes);
  }
  if (length > MAX_NAME) throw new MessageError('EBADNAME');
  parts.push(Buffer.from([0]));
  return Buffer.concat(parts);
}

// A query for one name and type, recursion desired.
function encodeQuery(id, name, type) {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(type, 0);
  tail.writeUInt16BE(IN, 2);
  return Buffer.concat([header, encodeName(name), tail]);
}

class Reader {
  constructor(buffer) {
    this.buffer = buffer;
    this.at = 0;
  }

  take(length) {
    const start = this.at;
    if (start + length > this.buffer.length) throw new MessageError('EBADRESP');
    this.at += length;
    return start;
  }
  u8() { return this.buffer[this.take(1)]; }
  u16() { return this.buffer.readUInt16BE(this.take(2)); }
  u32() { return this.buffer.readUInt32BE(this.take(4)); }
  bytes(length) {
    const start = this.take(length);
    return this.buffer.subarray(start, start + length);
  }
  // A length byte and as many characters.
  string() { return this.bytes(this.u8()).latin1Slice(); }

  name() {
    const labels = [];
    let back = -1;
    for (let pointers = 0; ;) {
      const length = this.u8();
      if (length === 0) break;
      if ((length & 0xc0) === 0xc0) {
        const target = ((length & 0x3f) << 8) | this.u8();
        if (++pointers > MAX_POINTERS) throw new MessageError('EBADRESP');
        if (back < 0) back = this.at;
        this.at = target;
      } else {
        labels.push(this.bytes(length).latin1Slice());
      }
    }
    if (back >= 0) this.at = back;
    return labels.join('.');
  }
}

// What a record of each type says, as `dns.resolve*` gives it.
const readers = {
  __proto__: null,
  A: (reader) => ({ address: reader.bytes(4).join('.') }),
  AAAA: (reader) => ({ address: formatIPv6(reader.bytes(16)) }),
  NS: (reader) => ({ value: reader.name() }),
  CNAME: (reader) => ({ value: reader.name() }),
  PTR: (reader) => ({ value: reader.name() }),
  MX: (reader) => ({ priority: reader.u16(), exchange: reader.name() }),
  SRV(reader) {
    const [priority, weight, port] = [reader.u16(), reader.u16(), reader.u16()];
    return { name: reader.name(), port, priority, weight };
  },
  NAPTR(reader) {
    const [order, preference] = [reader.u16(), reader.u16()];
    const [flags, service, regexp] = [reader.string(), reader.string(), reader.string()];
    return { flags, service, regexp, replacement: reader.name(), order, preference };
  },
  SOA(reader) {
    const [nsname, hostmaster] = [reader.name(), reader.name()];
    return {
      nsname, hostmaster, serial: reader.u32(), refresh: reader.u32(), retry: reader.u32(), expire: reader.u32(), minttl: reader.u32(),
    };
  },
  TXT(reader, end) {
    const entries = [];
    while (reader.at < end) entries.push(reader.bytes(reader.u8()).utf8Slice());
    return { entries };
  },
  CAA(reader, end) {
    const critical = reader.u8();
    const tag = reader.string();
    return { critical, [tag]: reader.bytes(end - reader.at).latin1Slice() };
  },
  TLSA(reader, end) {
    const [certUsage, selector, match] = [reader.u8(), reader.u8(), reader.u8()];
    const data = reader.bytes(end - reader.at);
    return { certUsage, selector, match, data: data.buffer.slice(data.byteOffset, data.byteOffset + data.length) };
  },
};

// { id, rcode, truncated, question: { name, type }, count, answers: [{ name, type, ttl, data }] }; types that are not known are left
// out of the answers, but counted.
function decode(buffer) {
  const reader = new Reader(buffer);
  const id = reader.u16();
  const flags = reader.u16();
  if ((flags & 0x8000) === 0) throw new MessageError('EBADRESP');
  const [questions, count] = [reader.u16(), reader.u16()];
  reader.take(4);
  let question;
  for (let i = 0; i < questions; i++) question = { name: reader.name(), type: reader.u16(), class: reader.u16() };
  const answers = [];
  const truncated = (flags & 0x0200) !== 0;
  for (let i = 0; i < count && !truncated; i++) {
    const name = reader.name();
    const type = typeNames.get(reader.u16());
    reader.u16();
    const ttl = reader.u32();
    const length = reader.u16();
    const end = reader.at + length;
    if (end > buffer.length) throw new MessageError('EBADRESP');
    if (type !== undefined && readers[type] !== undefined) {
      answers.push({ name, type, ttl, data: readers[type](reader, end) });
      if (reader.at > end) throw new MessageError('EBADRESP');
    }
    reader.at = end;
  }
  return { id, rcode: flags & 15, truncated, question, count, answers };
}

module.exports = { MessageError, decode, encodeQuery, types };
