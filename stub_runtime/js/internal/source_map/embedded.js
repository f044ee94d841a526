'use strict';
// Source maps that `pack build` made of modules that it had to print anew (TypeScript with code of its own, JSX, --minify).
// Their places in stack traces are always those of the source. Owns: places of call sites, of fatal errors and of asserted
// expressions in such modules. Does not own: maps that a program's own files name (`enabled.js`).

const embedded = require('internal/modules/embedded');

// Path -> SourceMap, null where the module is as it was written.
const maps = new Map();
const sources = new Map();

// Whether there is any: asked before all else, so that programs without never load this.
function pathOf(scriptName) {
  if (typeof scriptName !== 'string') return undefined;
  if (embedded.isEmbedded(scriptName)) return scriptName;
  if (!embedded.isEmbeddedURL(scriptName)) return undefined;
  const query = scriptName.search(/[?#]/);
  const path = scriptName.slice('file://'.length, query === -1 ? undefined : query);
  return path.includes('%') ? decodeURIComponent(path) : path;
}

function mapOf(scriptName) {
  const path = pathOf(scriptName);
  if (path === undefined) return null;
  let map = maps.get(path);
  if (map === undefined) {
    const text = internalBinding('app').sourceMap(path.slice(embedded.prefix.length));
    const { SourceMap } = require('internal/source_map');
    map = text === undefined ? null : new SourceMap(JSON.parse(text));
    maps.set(path, map);
  }
  return map;
}

// {line, column}, from 1, of a place in the code that runs; undefined where it is the source's too or is not known.
function origin(scriptName, line, column) {
  const map = mapOf(scriptName);
  if (map === null || !(line > 0)) return undefined;
  const { originalLine, originalColumn } = map.findEntry(line - 1, column - 1);
  return originalLine === undefined ? undefined : { line: originalLine + 1, column: originalColumn + 1 };
}

// A line of the module as it was written, undefined where it is not embedded.
function sourceLine(scriptName, line) {
  const path = pathOf(scriptName);
  let lines = sources.get(path);
  if (lines === undefined) {
    const text = internalBinding('app').source(path.slice(embedded.prefix.length));
    lines = text === undefined ? [] : text.split(/\r\n|\n|\r|\u2028|\u2029/);
    sources.set(path, lines);
  }
  return lines[line - 1];
}

// `eval at f (FILE:1:2)` and nested ones, with the places of the source.
function evalOrigin(text) {
  return text.replace(/\(([^()]+):(\d+):(\d+)\)/g, (all, file, line, column) => {
    const place = origin(file, Number(line), Number(column));
    return place === undefined ? all : `(${file}:${place.line}:${place.column})`;
  });
}

let MappedCallSite;

// A CallSite that answers for the source. V8's methods accept V8's objects only, so each is passed on.
function makeClass(site) {
  const sites = new WeakMap();
  function CallSite(wrapped, place) {
    sites.set(this, { wrapped, place });
  }
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(site))) {
    if (name === 'constructor') continue;
    Object.defineProperty(CallSite.prototype, name, {
      __proto__: null, configurable: true, writable: true, enumerable: false,
      value: { [name](...args) {
        return sites.get(this).wrapped[name](...args);
      } }[name],
    });
  }
  const enclosing = ({ wrapped }) =>
    origin(wrapped.getFileName(), wrapped.getEnclosingLineNumber(), wrapped.getEnclosingColumnNumber());
  const own = {
    getLineNumber() {
      const { wrapped, place } = sites.get(this);
      return place?.line ?? wrapped.getLineNumber();
    },
    getColumnNumber() {
      const { wrapped, place } = sites.get(this);
      return place?.column ?? wrapped.getColumnNumber();
    },
    getEnclosingLineNumber() {
      const site = sites.get(this);
      return enclosing(site)?.line ?? site.wrapped.getEnclosingLineNumber();
    },
    getEnclosingColumnNumber() {
      const site = sites.get(this);
      return enclosing(site)?.column ?? site.wrapped.getEnclosingColumnNumber();
    },
    getEvalOrigin() {
      const text = sites.get(this).wrapped.getEvalOrigin();
      return typeof text === 'string' ? evalOrigin(text) : text;
    },
    toString() {
      const { wrapped, place } = sites.get(this);
      const text = `${wrapped}`;
      if (place === undefined) return evalOrigin(text);
      const generated = `:${wrapped.getLineNumber()}:${wrapped.getColumnNumber()}`;
      const at = text.lastIndexOf(generated);
      if (at === -1) return text;
      return `${text.slice(0, at)}:${place.line}:${place.column}${text.slice(at + generated.length)}`;
    },
  };
  for (const name of Object.keys(own)) {
    Object.defineProperty(CallSite.prototype, name, {
      __proto__: null, configurable: true, writable: true, enumerable: false, value: own[name],
    });
  }
  return CallSite;
}

// The call sites of a trace, those of mapped modules replaced.
function originalSites(trace) {
  let result = trace;
  for (let i = 0; i < trace.length; i++) {
    const site = trace[i];
    const file = site.getFileName();
    let place;
    if (mapOf(file) !== null) place = origin(file, site.getLineNumber(), site.getColumnNumber());
    else if (!(site.isEval() && evalOrigin(`${site.getEvalOrigin()}`) !== `${site.getEvalOrigin()}`)) continue;
    MappedCallSite ??= makeClass(site);
    if (result === trace) result = trace.slice();
    result[i] = new MappedCallSite(site, place);
  }
  return result;
}

// Call sites of util.getCallSites(), in place.
function originalFrames(frames) {
  for (const frame of frames) {
    const place = origin(frame.scriptName, frame.lineNumber, frame.columnNumber);
    if (place === undefined) continue;
    frame.lineNumber = place.line;
    frame.columnNumber = frame.column = place.column;
  }
}

// `file:line`, a source line and carets, as Rust wrote them, with the source's.
function originalArrow(arrow) {
  const parts = /^(.*):(\d+)\n([^\n]*)\n([ \t]*)(\^*)$/.exec(arrow);
  if (parts === null) return arrow;
  const [, file, line, , before, carets] = parts;
  const place = origin(file, Number(line), before.length + 1);
  const text = place && sourceLine(file, place.line);
  if (text === undefined) return arrow;
  const indent = text.slice(0, place.column - 1).replace(/[^\t]/g, ' ');
  return `${file}:${place.line}\n${text}\n${indent}${carets}`;
}

// {sourceLine, startColumn} of an error's innermost frame.
function originalPosition(position) {
  const place = origin(position.scriptResourceName, position.lineNumber, position.startColumn + 1);
  const text = place && sourceLine(position.scriptResourceName, place.line);
  return text === undefined ? position : { sourceLine: text, startColumn: place.column - 1 };
}

// The map of an embedded module as a URL, for a debugger: with the source in it, under a name of its own, because the code that runs
// has that of the file. Undefined where the module is as it was written.
function debuggerURL(scriptName) {
  const path = pathOf(scriptName)?.slice(embedded.prefix.length);
  const text = path === undefined ? undefined : internalBinding('app').sourceMap(path);
  if (text === undefined) return undefined;
  const { Buffer } = require('buffer');
  const map = { ...JSON.parse(text), sources: [`pack:///${path}`], sourcesContent: [internalBinding('app').source(path) ?? null] };
  return `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
}

module.exports = { debuggerURL, originalArrow, originalFrames, originalPosition, originalSites };
