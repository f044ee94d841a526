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

let v4RegExp;
let v6RegExp;

function isIPv4(text) {
  v4RegExp ??= new RegExp(`^${v4}$`);
  return v4RegExp.test(`${text}`);
}

function isIPv6(text) {
  v6RegExp ??= new RegExp(`^${v6Source()}$`);
  return v6RegExp.test(`${text}`);
}

// 4, 6 or 0.
function isIP(text) {
  if (isIPv4(text)) return 4;
  if (isIPv6(text)) return 6;
  return 0;
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
  isIP,
  isIPv4,
  isIPv6,
  isIPv6LinkLocal,
  isLoopback,
  normalizedArgsSymbol: Symbol('normalizedArgs'),
};
