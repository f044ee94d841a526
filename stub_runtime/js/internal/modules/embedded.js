'use strict';
// The embedded tree as the loader sees it. Owns: which paths are embedded, the root's name, edges that the build resolved.
// Does not own: reading files (`fs` does, embedded or not).

const root = '/proc/self/exe/app';
const prefix = `${root}/`;

function isEmbedded(path) {
  return path.startsWith(prefix) || path === root;
}

function isEmbeddedURL(url) {
  return url.startsWith(`file://${prefix}`);
}

// Kinds of Edge of the payload.
const kImport = 0;
const kRequire = 1;

// What the build resolved a request to: a path, 'node:x', {external}, null where it is known to be missing, undefined where
// the build did not know the request.
function edge(importer, kind, request) {
  return internalBinding('app').edge(importer.slice(prefix.length), kind, request);
}

// 'commonjs', 'module', 'json', 'addon', 'wasm', 'asset' of an embedded file; undefined where there is none.
function kind(path) {
  return internalBinding('app').kind(path.slice(prefix.length));
}

// The JavaScript of an embedded module; undefined where `fs` has to read it.
function content(path) {
  return internalBinding('app').content(path.slice(prefix.length));
}

module.exports = { content, root, prefix, isEmbedded, isEmbeddedURL, kImport, kRequire, edge, kind };
