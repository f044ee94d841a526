// URL, URLSearchParams, querystring, path.
'use strict';
const path = require('node:path');
const querystring = require('node:querystring');
const url = require('node:url');

module.exports = (op) => {
  const long = 'https://user:pass@sub.example.com:8080/p/a/t/h/index.html?query=string&a=1&b=%20x#hash';
  const parsed = new URL(long);
  op('new URL short', () => new URL('http://example.com/'));
  op('new URL long', () => new URL(long));
  op('new URL with base', () => new URL('../x?y=1', long));
  op('new URL idn', () => new URL('http://m\xfcnchen.de/stra\xdfe'));
  op('new URL file', () => new URL('file:///a/b/c.js'));
  op('URL.canParse', () => URL.canParse(long));
  op('URL.parse invalid', () => URL.parse('not a url'));
  op('URL href and parts', () => parsed.href.length + parsed.pathname.length + parsed.host.length);
  op('URL set pathname', () => { parsed.pathname = '/x/y'; });
  op('URL searchParams get', () => new URL(long).searchParams.get('a'));
  op('fileURLToPath', () => url.fileURLToPath('file:///a/b%20c.js'));
  op('pathToFileURL', () => url.pathToFileURL('/a/b c.js').href);
  op('url.parse', () => url.parse('http://example.com:80/a?b=c#d'));
  op('url.format', () => url.format(parsed, { fragment: false }));
  op('new URLSearchParams', () => new URLSearchParams('a=1&b=2&c=%20x'));
  const search = new URLSearchParams('a=1&b=2&c=%20x');
  op('URLSearchParams get', () => search.get('c'));
  op('URLSearchParams toString', () => search.toString());
  op('URLSearchParams of an object', () => new URLSearchParams({ a: '1', b: '2' }));
  op('URLSearchParams iterate', () => [...search]);
  op('querystring.parse', () => querystring.parse('a=1&b=2&c=%20x&a=3'));
  op('querystring.stringify', () => querystring.stringify({ a: 1, b: 'x y', c: ['1', '2'] }));
  op('querystring.escape', () => querystring.escape('a b&c=d'));
  op('domainToASCII', () => url.domainToASCII('espa\xf1ol.com'));

  op('path.join', () => path.join('/a/b', '../c', './d', 'e.js'));
  op('path.resolve', () => path.resolve('/a/b', '../c', 'd.js'));
  op('path.resolve relative', () => path.resolve('x.js'));
  op('path.normalize', () => path.normalize('/a/./b/../c//d'));
  op('path.relative', () => path.relative('/a/b/c', '/a/d/e'));
  op('path.dirname', () => path.dirname('/a/b/c.js'));
  op('path.basename', () => path.basename('/a/b/c.js', '.js'));
  op('path.extname', () => path.extname('/a/b/c.js'));
  op('path.parse', () => path.parse('/a/b/c.js'));
  op('path.isAbsolute', () => path.isAbsolute('/a'));
};
