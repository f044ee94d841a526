'use strict';
// The maps of the modules that a program loaded, for whoever reads coverage files (`source-map-cache`).

const { support } = require('internal/source_map/support');

const entries = new Map();

function collect() {
  support.collect = (filename, source) => {
    const { entryOfSource, pathOf } = require('internal/source_map/enabled');
    const path = pathOf(filename);
    const entry = entryOfSource(path, source);
    if (entry !== undefined) entries.set(path, entry);
  };
}

// URL => { lineLengths, data, url }; undefined where no module named a map.
function collected() {
  if (entries.size === 0) return undefined;
  const { readMap } = require('internal/source_map/enabled');
  const { pathToFileURL } = require('internal/url');
  const cache = {};
  for (const [path, entry] of entries) {
    const data = readMap(entry)?.payload ?? null;
    cache[pathToFileURL(path).href] = {
      lineLengths: entry.lineLengths, data, url: entry.url.startsWith('data:') ? null : pathToFileURL(
        require('path').resolve(require('path').dirname(path), entry.url)).href,
    };
  }
  return cache;
}

module.exports = { collect, collected };
