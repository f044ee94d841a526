'use strict';
// SETTINGS: checks, defaults, packing, and the current values of a session.

const binding = internalBinding('http2');
const { constants } = require('internal/http2/constants');
const {
  codes: {
    ERR_HTTP2_INVALID_PACKED_SETTINGS_LENGTH,
    ERR_HTTP2_INVALID_SETTING_VALUE,
    ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS,
    ERR_INVALID_ARG_TYPE,
  },
  hideStackFrames,
} = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const { isArrayBufferView } = require('internal/util/types');
const { assertIsObject, assertWithinRange } = require('internal/http2/util');

const MAX_ADDITIONAL_SETTINGS = 10;
const MAX_UINT32 = 2 ** 32 - 1;

// Name, id, smallest and largest value; in the order in which they are sent.
const table = [
  ['headerTableSize', 1, 0, MAX_UINT32],
  ['enablePush', 2],
  ['maxConcurrentStreams', 3, 0, MAX_UINT32],
  ['initialWindowSize', 4, 0, 2 ** 31 - 1],
  ['maxFrameSize', 5, 16384, 2 ** 24 - 1],
  ['maxHeaderListSize', 6, 0, MAX_UINT32],
  ['enableConnectProtocol', 8],
];

// Throws for what no session takes.
const validateSettings = hideStackFrames((settings) => {
  if (settings === undefined) return;
  const { customSettings } = settings;
  assertIsObject.withoutStackTrace(customSettings, 'customSettings', 'Number');
  if (customSettings) {
    const entries = Object.entries(customSettings);
    if (entries.length > MAX_ADDITIONAL_SETTINGS) throw new ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS();
    for (const [id, value] of entries) {
      assertWithinRange.withoutStackTrace('customSettings:id', Number(id), 0, 0xffff);
      assertWithinRange.withoutStackTrace('customSettings:value', Number(value), 0, MAX_UINT32);
    }
  }
  const range = (name, min, max) => assertWithinRange.withoutStackTrace(name, settings[name], min, max);
  range('headerTableSize', 0, MAX_UINT32);
  range('initialWindowSize', 0, 2 ** 31 - 1);
  range('maxFrameSize', 16384, 2 ** 24 - 1);
  range('maxConcurrentStreams', 0, MAX_UINT32);
  range('maxHeaderListSize', 0, MAX_UINT32);
  range('maxHeaderSize', 0, MAX_UINT32);
  for (const name of ['enablePush', 'enableConnectProtocol']) {
    if (settings[name] !== undefined && typeof settings[name] !== 'boolean') {
      throw new ERR_HTTP2_INVALID_SETTING_VALUE.HideStackFramesError(name, settings[name]);
    }
  }
});

// Custom settings as Map; one with the id of a known setting stands for that.
function customEntries(customSettings) {
  const entries = new Map();
  if (typeof customSettings !== 'object' || customSettings === null) return entries;
  for (const key in customSettings) {
    const value = customSettings[key];
    if (typeof value !== 'number') continue;
    const id = Number(key);
    if (!(id > 0 && id <= 0xffff)) throw new ERR_HTTP2_INVALID_SETTING_VALUE.RangeError('Range Error', id, 0, 0xffff);
    if (!(value > 0 && value <= MAX_UINT32)) {
      throw new ERR_HTTP2_INVALID_SETTING_VALUE.RangeError('Range Error', value, 0, MAX_UINT32);
    }
    entries.set(id, value);
    if (entries.size > MAX_ADDITIONAL_SETTINGS) throw new ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS();
  }
  return entries;
}

// `[id, value, ...]` for the binding.
function settingsEntries(settings) {
  const custom = customEntries(settings.customSettings);
  let { maxHeaderListSize } = settings;
  if (settings.maxHeaderSize !== undefined && settings.maxHeaderSize !== maxHeaderListSize) {
    process.emitWarning('settings.maxHeaderSize overwrite settings.maxHeaderListSize');
    maxHeaderListSize = settings.maxHeaderSize;
  }
  const entries = [];
  for (const [name, id, min] of table) {
    const value = name === 'maxHeaderListSize' ? maxHeaderListSize : settings[name];
    if (typeof value === (min === undefined ? 'boolean' : 'number')) entries.push(id, Number(value));
    else if (custom.has(id)) entries.push(id, custom.get(id));
    custom.delete(id);
  }
  for (const [id, value] of custom) entries.push(id, value);
  return new Float64Array(entries);
}

// The ids of `remoteCustomSettings`, which a session remembers.
function remoteCustomIds(ids) {
  if (ids.length > MAX_ADDITIONAL_SETTINGS) throw new ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS();
  for (const id of ids) {
    if (typeof id !== 'number' || !(id >= 0 && id <= 0xffff)) {
      throw new ERR_HTTP2_INVALID_SETTING_VALUE.RangeError('Range Error', id, 0, 0xffff);
    }
  }
  return ids;
}

function getDefaultSettings() {
  return {
    __proto__: null,
    headerTableSize: constants.DEFAULT_SETTINGS_HEADER_TABLE_SIZE,
    enablePush: constants.DEFAULT_SETTINGS_ENABLE_PUSH === 1,
    initialWindowSize: constants.DEFAULT_SETTINGS_INITIAL_WINDOW_SIZE,
    maxFrameSize: constants.DEFAULT_SETTINGS_MAX_FRAME_SIZE,
    maxConcurrentStreams: constants.DEFAULT_SETTINGS_MAX_CONCURRENT_STREAMS,
    maxHeaderSize: constants.DEFAULT_SETTINGS_MAX_HEADER_LIST_SIZE,
    maxHeaderListSize: constants.DEFAULT_SETTINGS_MAX_HEADER_LIST_SIZE,
    enableConnectProtocol: constants.DEFAULT_SETTINGS_ENABLE_CONNECT_PROTOCOL === 1,
  };
}

// The object for what the binding says of a session.
function settingsObject(values) {
  const [headerTableSize, push, maxConcurrentStreams, initialWindowSize, maxFrameSize, maxHeaderListSize, extended] = values;
  const settings = {
    headerTableSize,
    enablePush: push !== 0,
    initialWindowSize,
    maxFrameSize,
    maxConcurrentStreams,
    maxHeaderListSize,
    maxHeaderSize: maxHeaderListSize,
    enableConnectProtocol: extended !== 0,
  };
  if (values.length > 7) {
    settings.customSettings = {};
    for (let i = 7; i < values.length; i += 2) settings.customSettings[values[i]] = values[i + 1];
  }
  return settings;
}

function getPackedSettings(settings) {
  assertIsObject(settings, 'settings');
  validateSettings(settings);
  const payload = binding.packSettings(settingsEntries({ ...settings }));
  return payload && Buffer.from(payload.buffer);
}

function getUnpackedSettings(buf, options = kEmptyObject) {
  if (!isArrayBufferView(buf) || buf.length === undefined) throw new ERR_INVALID_ARG_TYPE('buf', ['Buffer', 'TypedArray'], buf);
  if (buf.length % 6 !== 0) throw new ERR_HTTP2_INVALID_PACKED_SETTINGS_LENGTH();
  const settings = {};
  for (let at = 0; at < buf.length; at += 6) {
    const id = buf[at] * 256 + buf[at + 1];
    const value = ((buf[at + 2] * 256 + buf[at + 3]) * 256 + buf[at + 4]) * 256 + buf[at + 5];
    const known = table.find((entry) => entry[1] === id);
    if (known === undefined) {
      settings.customSettings ??= {};
      settings.customSettings[id] = value;
      continue;
    }
    if (id === 6) settings.maxHeaderSize = value;
    settings[known[0]] = known[2] === undefined ? value !== 0 : value;
  }
  if (options?.validate) validateSettings(settings);
  return settings;
}

module.exports = {
  MAX_ADDITIONAL_SETTINGS,
  getDefaultSettings,
  getPackedSettings,
  getUnpackedSettings,
  remoteCustomIds,
  settingsEntries,
  settingsObject,
  validateSettings,
};
