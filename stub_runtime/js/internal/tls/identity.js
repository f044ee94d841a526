'use strict';
// tls.checkServerIdentity (RFC 2818, RFC 6125) and the names of ALPN.

const {
  codes: { ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE, ERR_TLS_CERT_ALTNAME_FORMAT, ERR_TLS_CERT_ALTNAME_INVALID },
} = require('internal/errors');
const { formatIPv6, isIP, isIPv4, isIPv6, parseIPv6 } = require('internal/net');
const { isArrayBufferView } = require('internal/util/types');

const withoutDot = (host) => (host.endsWith('.') ? host.slice(0, -1) : host);

// Only ASCII letters change: what toLowerCase() does depends on more than that.
function labels(host) {
  return withoutDot(host).replace(/[A-Z]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 32)).split('.');
}

function canonicalIP(text) {
  if (isIPv4(text)) return text;
  return isIPv6(text) ? formatIPv6(parseIPv6(text)) : undefined;
}

// Whether a name of a certificate, which may begin with a wildcard label, is that of the host.
function matches(host, pattern) {
  if (!pattern) return false;
  const parts = labels(pattern);
  if (parts.length !== host.length || parts.includes('')) return false;
  // U-labels and control characters cannot be compared safely.
  if (parts.some((part) => /[^\u0021-\u007f]/u.test(part))) return false;
  for (let i = host.length - 1; i > 0; i--) {
    if (host[i] !== parts[i]) return false;
  }
  const [label] = parts;
  const around = label.split('*', 3);
  // A wildcard does not stand inside of an A-label.
  if (around.length === 1 || label.includes('xn--')) return host[0] === label;
  if (around.length > 2 || parts.length <= 2) return false;
  const [prefix, suffix] = around;
  return prefix.length + suffix.length <= host[0].length && host[0].startsWith(prefix) && host[0].endsWith(suffix);
}

// A JSON string at the start of the text.
// eslint-disable-next-line no-control-regex
const quoted = /^"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/;

// Names that hold commas or quotes are written as JSON strings.
function splitAltNames(text) {
  if (!text.includes('"')) return text.split(', ');
  const names = [];
  let name = '';
  let at = 0;
  while (at !== text.length) {
    const comma = text.indexOf(',', at);
    const quote = text.indexOf('"', at);
    if (quote !== -1 && (comma === -1 || quote < comma)) {
      name += text.slice(at, quote);
      const match = quoted.exec(text.slice(quote));
      if (!match) throw new ERR_TLS_CERT_ALTNAME_FORMAT();
      name += JSON.parse(match[0]);
      at = quote + match[0].length;
    } else if (comma !== -1) {
      names.push(name + text.slice(at, comma));
      name = '';
      at = comma + 2;
    } else {
      name += text.slice(at);
      at = text.length;
    }
  }
  names.push(name);
  return names;
}

// Undefined, or an error that says why the certificate is not the host's.
function checkServerIdentity(hostname, cert) {
  const { subject, subjectaltname: altNames } = cert;
  hostname = `${hostname}`;
  const { domainToASCII } = require('internal/url');
  const ascii = withoutDot(domainToASCII(hostname));
  hostname = withoutDot(hostname);

  const dnsNames = [];
  const addresses = [];
  if (altNames) {
    for (const name of splitAltNames(altNames)) {
      if (name.startsWith('DNS:')) dnsNames.push(name.slice(4));
      else if (name.startsWith('IP Address:')) addresses.push(canonicalIP(name.slice(11)));
    }
  }

  let reason;
  if (isIP(hostname)) {
    if (addresses.includes(canonicalIP(hostname))) return undefined;
    reason = `IP: ${hostname} is not in the cert's list: ${addresses.join(', ')}`;
  } else if (dnsNames.length > 0) {
    const host = labels(ascii);
    if (dnsNames.some((name) => matches(host, name))) return undefined;
    reason = `Host: ${hostname}. is not in the cert's altnames: ${altNames}`;
  } else if (subject?.CN) {
    // The common name counts only where there are no other names.
    const host = labels(ascii);
    const { CN: names } = subject;
    if (Array.isArray(names) ? names.some((name) => matches(host, name)) : matches(host, names)) return undefined;
    reason = `Host: ${hostname}. is not cert's CN: ${names}`;
  } else {
    reason = 'Cert does not contain a DNS name';
  }
  return new ERR_TLS_CERT_ALTNAME_INVALID(reason, hostname, cert);
}

// Names with their lengths, as they go over the wire.
function encodeProtocols(protocols) {
  const parts = protocols.map((protocol, i) => {
    const length = Buffer.byteLength(protocol);
    if (length === 0) throw new ERR_INVALID_ARG_VALUE(`protocols[${i}]`, protocol, 'must be a non-empty string');
    if (length > 255) {
      throw new ERR_OUT_OF_RANGE(
        `The byte length of the protocol at index ${i} exceeds the maximum length.`, '<= 255', length, true);
    }
    return Buffer.from([length, ...Buffer.from(protocol)]);
  });
  return Buffer.concat(parts);
}

function checkEncodedProtocols(bytes) {
  for (let at = 0; at < bytes.length; at += 1 + bytes[at]) {
    if (bytes[at] === 0) {
      throw new ERR_INVALID_ARG_VALUE('ALPNProtocols', bytes, 'must not contain zero-length protocol');
    }
    if (at + 1 + bytes[at] > bytes.length) {
      throw new ERR_INVALID_ARG_VALUE('ALPNProtocols', bytes, 'contains truncated protocol');
    }
  }
}

function convertALPNProtocols(protocols, out) {
  if (Array.isArray(protocols)) {
    out.ALPNProtocols = encodeProtocols(protocols);
  } else if (isArrayBufferView(protocols)) {
    // A copy: the program may change its own.
    const bytes = Buffer.from(new Uint8Array(protocols.buffer, protocols.byteOffset, protocols.byteLength));
    checkEncodedProtocols(bytes);
    out.ALPNProtocols = bytes;
  }
}

module.exports = { checkServerIdentity, convertALPNProtocols };
