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

// (string | Url, parseQueryString, slashesDenoteHost) => Url. Warns once, and not about packages.
function urlParse(url, parseQueryString, slashesDenoteHost) {
  if (!warned && !isInsideNodeModules(2)) {
    warned = true;
    process.emitWarning(DEP0169, 'DeprecationWarning', 'DEP0169');
  }
  return parse(url, parseQueryString, slashesDenoteHost);
}

function urlResolve(source, relative) {
  return parse(source, false, true).resolve(relative);
}

function urlResolveObject(source, relative) {
  if (!source) return relative;
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
