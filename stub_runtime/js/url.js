'use strict';
// node:url. The WHATWG API is in `internal/url`, the legacy one in `internal/url/legacy`.

const {
  URL, URLSearchParams, domainToASCII, domainToUnicode, fileURLToPath, fileURLToPathBuffer, pathToFileURL,
  urlToHttpOptions,
} = require('internal/url');
const { Url, urlFormat, urlParse: parse } = require('internal/url/legacy');
const { defineLazyProperties, isInsideNodeModules } = require('internal/util');

const DEP0169 = '`url.parse()` behavior is not standardized and prone to errors that have security ' +
  'implications. Use the WHATWG URL API instead. CVEs are not issued for `url.parse()` vulnerabilities.';
let warned = false;

// Warns once, and not about packages.
function warn() {
  if (warned || isInsideNodeModules()) return;
  warned = true;
  process.emitWarning(DEP0169, 'DeprecationWarning', 'DEP0169');
}

// (string | Url, parseQueryString, slashesDenoteHost) => Url
function urlParse(url, parseQueryString, slashesDenoteHost) {
  warn();
  return parse(url, parseQueryString, slashesDenoteHost);
}

function urlResolve(source, relative) {
  warn();
  return parse(source, false, true).resolve(relative);
}

function urlResolveObject(source, relative) {
  if (!source) return relative;
  warn();
  return parse(source, false, true).resolveObject(relative);
}

module.exports = {
  // Legacy
  Url,
  parse: urlParse,
  resolve: urlResolve,
  resolveObject: urlResolveObject,
  format: urlFormat,

  // WHATWG
  URL,
  URLPattern: undefined,
  URLSearchParams,
  domainToASCII,
  domainToUnicode,

  // Utilities
  pathToFileURL,
  fileURLToPath,
  fileURLToPathBuffer,
  urlToHttpOptions,
};

defineLazyProperties(module.exports, 'internal/urlpattern', ['URLPattern']);
