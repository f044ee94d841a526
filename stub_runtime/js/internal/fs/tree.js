'use strict';
// Results of a recursive readdir. The binding walks the tree and gives
// [names, kinds, index of each name's directory, directories relative to the root].

const { join } = require('path');
const { Dirent, joinPath } = require('internal/fs/dirent');

// Paths relative to the root, or Dirents.
function recursiveResult(root, { 0: names, 1: kinds, 2: owners, 3: directories }, encoding, withFileTypes) {
  const { decodeName } = require('internal/fs/utils');
  const bytes = names.length > 0 && typeof names[0] !== 'string';
  const out = new Array(names.length);
  if (withFileTypes) {
    const parents = directories.map((dir) => {
      if (dir.length === 0) return root;
      return bytes || typeof root !== 'string' ? joinPath(root, asPath(dir)) : join(root, dir);
    });
    for (let i = 0; i < names.length; i++) {
      out[i] = new Dirent(decodeName(names[i], encoding), kinds[i], parents[owners[i]]);
    }
    return out;
  }
  for (let i = 0; i < names.length; i++) {
    const directory = directories[owners[i]];
    if (bytes) {
      const path = directory.length === 0 ? names[i] : joinPath(asPath(directory), asPath(names[i]));
      out[i] = decodeName(path, encoding);
    } else {
      out[i] = directory === '' ? names[i] : `${directory}/${names[i]}`;
    }
  }
  return out;
}

function asPath(part) {
  if (typeof part === 'string') return part;
  return require('internal/fs/utils').toBuffer(part);
}

module.exports = { recursiveResult };
