// Buffer: making, converting, searching, comparing, reading and writing.
'use strict';
const { Buffer, isUtf8, isAscii, transcode } = require('node:buffer');

module.exports = (op) => {
  const ascii = 'The quick brown fox jumps over the lazy dog. '.repeat(23).slice(0, 1024);
  const latin = 'Fran\xe7ais \xe9t\xe9 \xe0 No\xebl, d\xe9j\xe0 vu. '.repeat(40).slice(0, 1024);
  const wide = 'Gr\xfc\xdfe, \u4f60\u597d, \u043f\u0440\u0438\u0432\u0435\u0442 \u{1f600}! '.repeat(40).slice(0, 1024);
  const small = Buffer.from('hello world');
  const kilo = Buffer.from(ascii);
  const wideKilo = Buffer.from(wide);
  const same = Buffer.from(kilo);
  const mega = Buffer.alloc(1 << 20, ascii);
  const target = Buffer.alloc(2048);
  const parts = Array.from({ length: 10 }, () => Buffer.from(ascii.slice(0, 100)));
  const list = Array.from({ length: 64 }, (_, i) => i);
  const array = new Uint8Array(64);

  op('alloc 16', () => Buffer.alloc(16));
  op('alloc 1 KB', () => Buffer.alloc(1024));
  op('alloc 64 KB', () => Buffer.alloc(65536));
  op('alloc 1 KB filled with a string', () => Buffer.alloc(1024, 'abc'));
  op('allocUnsafe 16', () => Buffer.allocUnsafe(16));
  op('allocUnsafe 1 KB', () => Buffer.allocUnsafe(1024));
  op('allocUnsafe 64 KB', () => Buffer.allocUnsafe(65536));
  op('allocUnsafeSlow 1 KB', () => Buffer.allocUnsafeSlow(1024));
  op('from array of 64', () => Buffer.from(list));
  op('from Uint8Array of 64', () => Buffer.from(array));
  op('from ArrayBuffer', () => Buffer.from(array.buffer));

  const texts = { '11 B': 'hello world', '1 KB': ascii };
  for (const [size, text] of Object.entries(texts)) {
    const bytes = Buffer.from(text);
    for (const encoding of ['utf8', 'latin1', 'ascii', 'hex', 'base64', 'base64url', 'utf16le']) {
      const coded = bytes.toString(encoding);
      op(`from ${encoding} ${size}`, () => Buffer.from(coded, encoding));
      op(`toString ${encoding} ${size}`, () => bytes.toString(encoding));
      op(`byteLength ${encoding} ${size}`, () => Buffer.byteLength(coded, encoding));
    }
  }
  const wideText = wideKilo.toString();
  const latinBytes = Buffer.from(latin);
  op('from utf8 1 KB, wide', () => Buffer.from(wideText));
  op('toString utf8 1 KB, wide', () => wideKilo.toString());
  op('byteLength utf8 1 KB, wide', () => Buffer.byteLength(wideText));
  op('from utf8 1 KB, latin', () => Buffer.from(latin));
  op('toString utf8 1 KB, latin', () => latinBytes.toString());
  op('toString utf8 1 MB', () => mega.toString());
  op('toString hex 1 MB', () => mega.toString('hex'));
  op('toString base64 1 MB', () => mega.toString('base64'));
  const megaText = mega.toString('latin1');
  op('from utf8 1 MB', () => Buffer.from(megaText));
  const megaCoded = mega.toString('base64');
  op('from base64 1 MB', () => Buffer.from(megaCoded, 'base64'));
  op('write utf8 11 B', () => target.write('hello world'));
  op('write utf8 1 KB at 10', () => target.write(ascii, 10));
  op('write latin1 11 B', () => target.write('hello world', 'latin1'));
  op('write hex 11 B', () => target.write('68656c6c6f20776f726c64', 'hex'));
  op('utf8Write 11 B', () => target.utf8Write('hello world', 0, 11));
  op('latin1Slice 11 B', () => small.latin1Slice(0, 11));

  op('concat 10 x 100', () => Buffer.concat(parts));
  op('concat 2 small', () => Buffer.concat([small, small]));
  op('compare 11 B', () => Buffer.compare(small, parts[0]));
  op('compare 1 KB', () => kilo.compare(same));
  op('equals 11 B', () => small.equals(parts[0]));
  op('equals 1 KB', () => kilo.equals(same));
  op('indexOf byte', () => kilo.indexOf(0x21));
  op('indexOf string', () => kilo.indexOf('dogs'));
  op('indexOf string near', () => kilo.indexOf('quick'));
  op('indexOf buffer', () => kilo.indexOf(small));
  op('lastIndexOf string', () => kilo.lastIndexOf('dogs'));
  op('includes string', () => kilo.includes('lazy'));
  op('fill byte 1 KB', () => target.fill(7, 0, 1024));
  op('fill string 1 KB', () => target.fill('abc', 0, 1024));
  op('fill zero 64 B', () => target.fill(0, 0, 64));
  op('copy 11 B', () => small.copy(target, 100));
  op('copy 1 KB', () => kilo.copy(target));
  op('set 1 KB', () => target.set(kilo));
  op('slice', () => kilo.slice(10, 100));
  op('subarray', () => kilo.subarray(10, 100));
  op('Buffer.copyBytesFrom', () => Buffer.copyBytesFrom(array, 1, 60));

  op('readUInt8', () => kilo.readUInt8(3));
  op('readUInt16LE', () => kilo.readUInt16LE(3));
  op('readInt32BE', () => kilo.readInt32BE(3));
  op('readUInt32LE', () => kilo.readUInt32LE(3));
  op('readUIntBE 6', () => kilo.readUIntBE(3, 6));
  op('readBigUInt64LE', () => kilo.readBigUInt64LE(8));
  op('readDoubleLE', () => kilo.readDoubleLE(8));
  op('readFloatBE', () => kilo.readFloatBE(8));
  op('writeUInt8', () => target.writeUInt8(200, 3));
  op('writeUInt16BE', () => target.writeUInt16BE(60000, 3));
  op('writeInt32LE', () => target.writeInt32LE(-5, 3));
  op('writeUInt32BE', () => target.writeUInt32BE(4000000000, 3));
  op('writeIntLE 6', () => target.writeIntLE(-12345678901, 3, 6));
  op('writeBigInt64BE', () => target.writeBigInt64BE(-5n, 8));
  op('writeDoubleBE', () => target.writeDoubleBE(1.5, 8));
  op('writeFloatLE', () => target.writeFloatLE(1.5, 8));

  op('swap16 1 KB', () => kilo.swap16());
  op('swap32 64 B', () => parts[0].subarray(0, 64).swap32());
  op('swap64 1 KB', () => kilo.swap64());
  op('isUtf8 1 KB', () => isUtf8(wideKilo));
  op('isAscii 1 KB', () => isAscii(same));
  op('isBuffer', () => Buffer.isBuffer(kilo));
  op('isEncoding', () => Buffer.isEncoding('utf-8'));
  op('transcode utf8 to utf16le 1 KB', () => transcode(wideKilo, 'utf8', 'utf16le'));
  op('transcode latin1 to utf8 1 KB', () => transcode(latinBytes, 'latin1', 'utf8'));
  op('atob 1 KB', () => atob(megaCoded.slice(0, 1024)));
  op('btoa 1 KB', () => btoa(ascii));
  op('toJSON 11 B', () => small.toJSON());
  const blob = new Blob([ascii]);
  op('Blob text 1 KB', () => blob.text());
};
