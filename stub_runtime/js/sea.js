'use strict';
// node:sea: what a program asks that may be one of Node's single executables. An executable of `pack` is none: it runs as
// `node main.js` does, and its assets are files.

const { codes: { ERR_NOT_IN_SINGLE_EXECUTABLE_APPLICATION } } = require('internal/errors');

function isSea() {
  return false;
}

function none(key) {
  require('internal/validators').validateString(key, 'key');
  throw new ERR_NOT_IN_SINGLE_EXECUTABLE_APPLICATION();
}

module.exports = {
  isSea,
  getAsset: { getAsset(key, encoding) { none(key, encoding); } }.getAsset,
  getRawAsset: { getRawAsset(key) { none(key); } }.getRawAsset,
  getAssetAsBlob: { getAssetAsBlob(key, options) { none(key, options); } }.getAssetAsBlob,
  getAssetKeys: { getAssetKeys() { none(''); } }.getAssetKeys,
};
