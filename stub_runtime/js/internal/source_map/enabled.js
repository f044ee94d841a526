'use strict';
// Source maps that a program's own files name, where the program asked for them (`support.js`). Owns: finding and reading such
// maps, stack traces with them. Does not own: maps that `pack build` made (`embedded.js`), decoding (`internal/source_map.js`).
// Code from `eval` is not looked at.

const { support } = require('internal/source_map/support');

// What a module said when it was compiled, by path. That of a CommonJS module lives as long as the module.
const noted = new Map();
const ofModules = new WeakMap();

const kURL = /\/[*/]#\s+sourceMappingURL=(\S+)/g;
const kSourceURL = /\/[*/]#\s+sourceURL=(\S+)/g;
const kLineEnd = /\n|\u2028|\u2029/;

// What a module says of its map; undefined where it names none.
function entryOfSource(path, source) {
  if (typeof source !== 'string' || !source.includes('sourceMappingURL=')) return undefined;
  const url = [...source.matchAll(kURL)].at(-1)?.[1];
  return url === undefined ? undefined : { path, url, lineLengths: source.split(kLineEnd).map((line) => line.length), map: undefined };
}

function note(filename, source, owner) {
  const path = pathOf(filename);
  if (isRefused(path)) return;
  const entry = entryOfSource(path, source);
  if (entry === undefined) return;
  // V8 calls the script by its `sourceURL`, where it has one.
  const names = [path, ...[...source.matchAll(kSourceURL)].slice(-1).map((match) => match[1])];
  if (owner === undefined) {
    for (const name of names) noted.set(name, { deref: () => entry });
  } else {
    ofModules.set(owner, entry);
    const reference = new WeakRef(owner);
    for (const name of names) noted.set(name, { deref: () => ofModules.get(reference.deref()) });
  }
}

function isRefused(path) {
  return !support.nodeModules && path.includes('/node_modules/');
}

function pathOf(name) {
  if (!name.startsWith('file:')) return name;
  try {
    return require('internal/url').fileURLToPath(name.replace(/[?#].*$/, ''));
  } catch {
    return name;
  }
}

function readMap({ path, url, lineLengths }) {
  const { resolve, dirname } = require('path');
  const { pathToFileURL } = require('internal/url');
  const { SourceMap } = require('internal/source_map');
  let base = dirname(path);
  let text;
  try {
    const data = /^data:application\/json(?:;[^,]*)?,/.exec(url);
    if (data !== null) {
      const body = url.slice(data[0].length);
      text = data[0].includes(';base64,') ? require('buffer').Buffer.from(body, 'base64').toString() : decodeURIComponent(body);
    } else {
      if (/^[a-z][a-z\d+.-]*:/i.test(url) && !url.startsWith('file:')) return null;
      const file = url.startsWith('file:') ? pathOf(url) : resolve(base, decodeURI(url));
      base = dirname(file);
      text = require('fs').readFileSync(file, 'utf8');
    }
    const payload = JSON.parse(text);
    const absolute = (map) => {
      const root = map.sourceRoot ?? '';
      const toURL = (source) => (/^[a-z][a-z\d+.-]+:\//i.test(source) ? source : pathToFileURL(resolve(base, source)).href);
      if (Array.isArray(map.sources)) map.sources = map.sources.map((source) => toURL(root === '' ? source : `${root.replace(/\/$/, '')}/${source}`));
      map.sourceRoot = '';
    };
    if (payload.sections) payload.sections.forEach(({ map }) => absolute(map));
    else absolute(payload);
    return new SourceMap(payload, { lineLengths });
  } catch {
    return null;
  }
}

function entryOf(name) {
  if (typeof name !== 'string' || !support.enabled) return undefined;
  const entry = noted.get(pathOf(name))?.deref();
  return entry === undefined || isRefused(entry.path) ? undefined : entry;
}

function findSourceMap(name) {
  const entry = entryOf(name);
  if (entry === undefined) return undefined;
  entry.map ??= readMap(entry);
  return entry.map ?? undefined;
}

function shown(source) {
  return source.startsWith('file:') ? pathOf(source) : source;
}

// The name that the source gives the function of a frame: noted where the function begins, or where it is called.
function symbolName(map, site, caller) {
  const enclosing = map.findEntry(site.getEnclosingLineNumber() - 1, site.getEnclosingColumnNumber() - 1);
  if (enclosing.name) return enclosing.name;
  if (caller === undefined || caller.getFileName() !== site.getFileName()) return undefined;
  return map.findEntry(caller.getLineNumber() - 1, caller.getColumnNumber() - 1).name;
}

function frame(site, caller) {
  const map = findSourceMap(site.getFileName());
  if (map === undefined) return `${site}`;
  const { originalSource, originalLine, originalColumn } = map.findEntry(site.getLineNumber() - 1, site.getColumnNumber() - 1);
  if (originalSource === undefined || originalLine === undefined || originalColumn === undefined) return `${site}`;
  const place = `${shown(originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
  const prefix = site.isAsync() ? 'async ' : site.isConstructor() ? 'new ' : '';
  const type = site.isConstructor() ? null : site.getTypeName();
  const own = site.getFunctionName() ?? site.getMethodName();
  const name = symbolName(map, site, caller);
  if (name !== undefined && name !== own) return `${prefix}${name} (${place})`;
  const owner = type === null || type === 'global' || own?.startsWith(`${type}.`) ? '' : `${type}.`;
  return `${prefix}${owner}${own || '<anonymous>'} (${place})`;
}

function renderStack(error, trace) {
  const header = require('internal/errors').renderStack(error, []);
  return [header, ...trace.map((site, i) => frame(site, trace[i + 1]))].join('\n    at ');
}

// The place above a fatal error.
function originalArrow(arrow) {
  const parts = /^(.*):(\d+)\n([^\n]*)\n([ \t]*)(\^*)$/.exec(arrow);
  const map = parts === null ? undefined : findSourceMap(parts[1]);
  if (map === undefined) return arrow;
  const { originalSource, originalLine, originalColumn } = map.findEntry(Number(parts[2]) - 1, parts[4].length);
  if (originalSource === undefined) return arrow;
  const { payload } = map;
  let text = payload.sourcesContent?.[payload.sources.indexOf(originalSource)];
  try {
    text ??= require('fs').readFileSync(shown(originalSource), 'utf8');
  } catch {
    return arrow;
  }
  const line = text.split(/\r?\n/)[originalLine];
  if (line === undefined) return arrow;
  return `${shown(originalSource)}:${originalLine + 1}\n${line}\n${line.slice(0, originalColumn).replace(/[^\t]/g, ' ')}^`;
}

module.exports = { entryOfSource, pathOf, readMap, findSourceMap, note, originalArrow, renderStack };
