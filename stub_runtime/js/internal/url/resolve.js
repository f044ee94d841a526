'use strict';
// Url.prototype.resolveObject(): what a link on a page points to, by the rules of the legacy API.

const { Url, hostlessProtocol, slashedProtocol } = require('internal/url/legacy');

function setPath(url) {
  if (url.pathname !== null || url.search !== null) url.path = (url.pathname || '') + (url.search || '');
}

function done(url) {
  url.href = url.format();
  return url;
}

function copyExcept(target, source, skipped) {
  for (const key of Object.keys(source)) if (key !== skipped) target[key] = source[key];
}

// A protocol without slashes keeps its host at the front of the path while paths are joined. This
// takes it back, and the auth in it.
function takeHost(url, host) {
  url.hostname = url.host = host;
  const at = host ? host.indexOf('@') : -1;
  if (at > 0) {
    const parts = host.split('@');
    url.auth = parts[0];
    url.host = url.hostname = parts[1];
  }
}

function putHost(segments, host) {
  if (segments[0] === '') segments[0] = host;
  else segments.unshift(host);
}

// `relative` names another protocol than the base.
function resolveOtherProtocol(result, relative) {
  if (!slashedProtocol.has(relative.protocol)) {
    copyExcept(result, relative);
    return done(result);
  }
  result.protocol = relative.protocol;
  if (!relative.host && !/^file:?$/.test(relative.protocol) && !hostlessProtocol.has(relative.protocol)) {
    // `http:a/b`: the first segment that is not empty is the host.
    const segments = (relative.pathname || '').split('/');
    while (segments.length > 0 && !(relative.host = segments.shift()));
    relative.host ||= '';
    relative.hostname ||= '';
    if (segments[0] !== '') segments.unshift('');
    if (segments.length < 2) segments.unshift('');
    result.pathname = segments.join('/');
  } else {
    result.pathname = relative.pathname;
  }
  result.search = relative.search;
  result.query = relative.query;
  result.host = relative.host || '';
  result.auth = relative.auth;
  result.hostname = relative.hostname || relative.host;
  result.port = relative.port;
  if (result.pathname || result.search) result.path = (result.pathname || '') + (result.search || '');
  result.slashes ||= relative.slashes;
  return done(result);
}

// Removes `.` and `..`; answers how many `..` went above the start.
function removeDots(segments) {
  let up = 0;
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i];
    if (segment === '.') {
      segments.splice(i, 1);
    } else if (segment === '..') {
      segments.splice(i, 1);
      up++;
    } else if (up > 0) {
      segments.splice(i, 1);
      up--;
    }
  }
  return up;
}

function startsWithSlash(segments) {
  return segments[0] === '' || (segments[0] && segments[0][0] === '/');
}

// (Url, Url) => Url
function resolveObject(base, relative) {
  const result = new Url();
  copyExcept(result, base);
  // The hash is always the link's, even where it has none.
  result.hash = relative.hash;
  if (relative.href === '') return done(result);

  if (relative.slashes && !relative.protocol) {
    // `//host/path` takes everything but the protocol.
    copyExcept(result, relative, 'protocol');
    if (slashedProtocol.has(result.protocol) && result.hostname && !result.pathname) {
      result.path = result.pathname = '/';
    }
    return done(result);
  }
  if (relative.protocol && relative.protocol !== result.protocol) {
    return resolveOtherProtocol(result, relative);
  }

  const sourceIsAbsolute = result.pathname && result.pathname[0] === '/';
  const relativeIsAbsolute = relative.host || (relative.pathname && relative.pathname[0] === '/');
  let mustEndAbsolute = relativeIsAbsolute || sourceIsAbsolute || (result.host && relative.pathname);
  const removeAllDots = mustEndAbsolute;
  let segments = result.pathname ? result.pathname.split('/') : [];
  const added = relative.pathname ? relative.pathname.split('/') : [];
  const noSlashes = result.protocol && !slashedProtocol.has(result.protocol);

  if (noSlashes) {
    result.hostname = '';
    result.port = null;
    if (result.host) putHost(segments, result.host);
    result.host = '';
    if (relative.protocol) {
      relative.hostname = null;
      relative.port = null;
      result.auth = null;
      if (relative.host) putHost(added, relative.host);
      relative.host = null;
    }
    mustEndAbsolute = mustEndAbsolute && (added[0] === '' || segments[0] === '');
  }

  if (relativeIsAbsolute) {
    if (relative.host || relative.host === '') {
      if (result.host !== relative.host) result.auth = null;
      result.host = relative.host;
      result.port = relative.port;
    }
    if (relative.hostname || relative.hostname === '') {
      if (result.hostname !== relative.hostname) result.auth = null;
      result.hostname = relative.hostname;
    }
    result.search = relative.search;
    result.query = relative.query;
    segments = added;
  } else if (added.length > 0) {
    segments.pop();
    segments = segments.concat(added);
    result.search = relative.search;
    result.query = relative.query;
  } else if (relative.search !== null && relative.search !== undefined) {
    // `?query` only: the path stays.
    if (noSlashes) takeHost(result, segments.shift());
    result.search = relative.search;
    result.query = relative.query;
    setPath(result);
    return done(result);
  }

  if (segments.length === 0) {
    result.pathname = null;
    result.path = result.search ? `/${result.search}` : null;
    return done(result);
  }

  const last = segments.at(-1);
  const endsWithSlash = last === '' ||
    ((result.host || relative.host || segments.length > 1) && (last === '.' || last === '..'));
  let up = removeDots(segments);
  if (!mustEndAbsolute && !removeAllDots) while (up-- > 0) segments.unshift('..');
  if (mustEndAbsolute && segments[0] !== '' && (!segments[0] || segments[0][0] !== '/')) segments.unshift('');
  if (endsWithSlash && !segments.join('/').endsWith('/')) segments.push('');

  const isAbsolute = startsWithSlash(segments);
  if (noSlashes) takeHost(result, isAbsolute || segments.length === 0 ? '' : segments.shift());
  mustEndAbsolute ||= result.host && segments.length > 0;
  if (mustEndAbsolute && !isAbsolute) segments.unshift('');

  if (segments.length === 0) {
    result.pathname = null;
    result.path = null;
  } else {
    result.pathname = segments.join('/');
  }
  setPath(result);
  result.auth = relative.auth || result.auth;
  result.slashes ||= relative.slashes;
  return done(result);
}

module.exports = { resolveObject };
