// TextEncoder, TextDecoder, string_decoder.
'use strict';
const { StringDecoder } = require('node:string_decoder');

module.exports = (op) => {
  const encoder = new TextEncoder();
  const ascii = 'The quick brown fox jumps over the lazy dog. '.repeat(23).slice(0, 1024);
  const wide = 'Gr\xfc\xdfe, \u4f60\u597d, \u043f\u0440\u0438\u0432\u0435\u0442 \u{1f600}! '.repeat(40).slice(0, 1024);
  const into = new Uint8Array(4096);
  op('encode 11 B', () => encoder.encode('hello world'));
  op('encode 1 KB', () => encoder.encode(ascii));
  op('encode 1 KB, wide', () => encoder.encode(wide));
  op('encodeInto 11 B', () => encoder.encodeInto('hello world', into));
  op('encodeInto 1 KB', () => encoder.encodeInto(ascii, into));
  op('encodeInto 1 KB, wide', () => encoder.encodeInto(wide, into));

  const utf8 = new TextDecoder();
  const fatal = new TextDecoder('utf-8', { fatal: true });
  const latin1 = new TextDecoder('latin1');
  const utf16 = new TextDecoder('utf-16le');
  const small = encoder.encode('hello world');
  const kilo = encoder.encode(ascii);
  const wideKilo = encoder.encode(wide);
  const mega = new Uint8Array(1 << 20).fill(97);
  const units = new Uint8Array(Buffer.from(wide, 'utf16le'));
  op('new TextDecoder', () => new TextDecoder());
  op('decode 11 B', () => utf8.decode(small));
  op('decode 1 KB', () => utf8.decode(kilo));
  op('decode 1 KB, wide', () => utf8.decode(wideKilo));
  op('decode 1 MB', () => utf8.decode(mega));
  op('decode fatal 11 B', () => fatal.decode(small));
  op('decode fatal 1 KB, wide', () => fatal.decode(wideKilo));
  op('decode latin1 1 KB', () => latin1.decode(kilo));
  op('decode utf-16le 2 KB', () => utf16.decode(units));
  const half = wideKilo.subarray(0, 500);
  const rest = wideKilo.subarray(500);
  op('decode stream, 2 pieces', () => utf8.decode(half, { stream: true }) + utf8.decode(rest));

  const strings = new StringDecoder('utf8');
  const base64 = new StringDecoder('base64');
  const one = Buffer.from(wideKilo.subarray(0, 501));
  const two = Buffer.from(wideKilo.subarray(501));
  const plain = Buffer.from(ascii);
  op('StringDecoder utf8 2 pieces', () => strings.write(one) + strings.write(two) + strings.end());
  op('StringDecoder utf8 1 KB', () => strings.write(plain));
  op('StringDecoder base64 1 KB', () => base64.write(plain) + base64.end());
  op('new StringDecoder', () => new StringDecoder('utf8'));
};
