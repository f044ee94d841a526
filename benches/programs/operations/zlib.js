// zlib: gzip, deflate, brotli, zstd.
'use strict';
const zlib = require('node:zlib');
const { promisify } = require('node:util');

module.exports = (op) => {
  const line = (i) => `{"id":${i},"name":"user ${(i * 7919) % 1000}","mail":"u${i}@example.com","score":${(i * 31337) % 977}}\n`;
  let text = '';
  for (let i = 0; text.length < 1 << 20; i++) text += line(i);
  const data = { '1 KB': Buffer.from(text.slice(0, 1024)), '1 MB': Buffer.from(text.slice(0, 1 << 20)) };
  const middle = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } };
  for (const [size, bytes] of Object.entries(data)) {
    const gzipped = zlib.gzipSync(bytes);
    const deflated = zlib.deflateRawSync(bytes);
    const brotli = zlib.brotliCompressSync(bytes, middle);
    const zstd = zlib.zstdCompressSync(bytes);
    op(`gzipSync ${size}`, () => zlib.gzipSync(bytes));
    op(`gzipSync level 1 ${size}`, () => zlib.gzipSync(bytes, { level: 1 }));
    op(`gzipSync level 9 ${size}`, () => zlib.gzipSync(bytes, { level: 9 }));
    op(`gunzipSync ${size}`, () => zlib.gunzipSync(gzipped));
    op(`deflateRawSync ${size}`, () => zlib.deflateRawSync(bytes));
    op(`inflateRawSync ${size}`, () => zlib.inflateRawSync(deflated));
    op(`brotliCompressSync quality 5 ${size}`, () => zlib.brotliCompressSync(bytes, middle));
    op(`brotliDecompressSync ${size}`, () => zlib.brotliDecompressSync(brotli));
    op(`zstdCompressSync ${size}`, () => zlib.zstdCompressSync(bytes));
    op(`zstdDecompressSync ${size}`, () => zlib.zstdDecompressSync(zstd));
    const [gzip, gunzip] = [zlib.gzip, zlib.gunzip].map((f) => promisify(f));
    op(`gzip ${size}`, () => gzip(bytes));
    op(`gunzip ${size}`, () => gunzip(gzipped));
  }
  op('brotliCompressSync quality 11 1 KB', () => zlib.brotliCompressSync(data['1 KB']));
  op('crc32 1 KB', () => zlib.crc32(data['1 KB']));
  op('crc32 1 MB', () => zlib.crc32(data['1 MB']));
};
