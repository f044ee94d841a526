'use strict';
// Helpers around Internet addresses in text: isIP and friends.

const v4Segment = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]\\d|\\d)';
const v4 = `(?:${v4Segment}\\.){3}${v4Segment}`;
const hex = '[0-9a-fA-F]{1,4}';

// An IPv6 address with `groups` groups before "::" or none.
function v6Source() {
  const forms = [`(?:${hex}:){7}(?:${hex}|:)`, `(?:${hex}:){6}(?:${v4}|:${hex}|:)`];
  for (let before = 5; before >= 0; before--) {
    const after = 7 - before;
    const max = after;
    const mid = before === 5 ? `:${v4}` : `(?::${hex}){0,${5 - before}}:${v4}`;
    forms.push(before === 0 ?
      `:(?:(?::${hex}){0,5}:${v4}|(?::${hex}){1,7}|:)` :
      `(?:${hex}:){${before}}(?:${mid}|(?::${hex}){1,${max}}|:)`);
  }
  return `(?:${forms.join('|')})(?:%[0-9a-zA-Z\\-.:]+)?`;
}

let v6RegExp;

// Without a regular expression: V8 takes longer to compile one than to start a server.
function isIPv4(text) {
  text = `${text}`;
  let dots = 0;
  let segment = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      if (segment < 0 || ++dots > 3) return false;
      segment = -1;
    } else {
      // No zero in front of a digit.
      if (code < 0x30 || code > 0x39 || segment === 0) return false;
      segment = segment < 0 ? code - 0x30 : segment * 10 + code - 0x30;
      if (segment > 255) return false;
    }
  }
  return dots === 3 && segment >= 0;
}

function isIPv6(text) {
  text = `${text}`;
  if (!text.includes(':')) return false;
  v6RegExp ??= new RegExp(`^${v6Source()}$`);
  return v6RegExp.test(text);
}

// 4, 6 or 0.
function isIP(text) {
  if (isIPv4(text)) return 4;
  if (isIPv6(text)) return 6;
  return 0;
}

// 16 bytes as text (RFC 5952).
function formatIPv6(bytes) {
  const groups = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i] << 8) | bytes[i + 1]);
  // The longest run of two or more zeros becomes "::".
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > best.length) best = { start: i, length: end - i };
    if (end > i) i = end;
  }
  const text = (list) => list.map((group) => group.toString(16)).join(':');
  if (best.start === 0 && best.length === 6) return `::${bytes.subarray(12).join('.')}`;
  if (best.start === 0 && best.length === 5 && groups[5] === 0xffff) return `::ffff:${bytes.subarray(12).join('.')}`;
  if (best.start < 0) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

// The 16 bytes of an IPv6 address in text, its zone left out.
function parseIPv6(text) {
  const [head, tail] = text.split('%', 1)[0].split('::');
  const groups = (part) => {
    if (!part) return [];
    return part.split(':').flatMap((group) => {
      if (!group.includes('.')) return [parseInt(group, 16)];
      const [a, b, c, d] = group.split('.').map(Number);
      return [(a << 8) | b, (c << 8) | d];
    });
  };
  const before = groups(head);
  const after = groups(tail);
  const all = tail === undefined ? before : [...before, ...new Array(8 - before.length - after.length).fill(0), ...after];
  const bytes = new Uint8Array(16);
  all.forEach((group, i) => {
    bytes[i * 2] = group >> 8;
    bytes[i * 2 + 1] = group & 0xff;
  });
  return bytes;
}

// fe80::/10
function isIPv6LinkLocal(ip) {
  if (!isIPv6(ip)) return false;
  const first = parseInt(ip.split(':', 1)[0] || '0', 16);
  return (first & 0xffc0) === 0xfe80;
}

// Hosts that mean this machine, for agents and `lookup`.
function isLoopback(host) {
  const name = host.toLowerCase();
  return name === 'localhost' || name.startsWith('127.') || name.startsWith('[::1]') || name === '::1' ||
    name.startsWith('[0:0:0:0:0:0:0:1]');
}

module.exports = {
  formatIPv6,
  isIP,
  isIPv4,
  isIPv6,
  isIPv6LinkLocal,
  isLoopback,
  parseIPv6,
  normalizedArgsSymbol: Symbol('normalizedArgs'),
};
