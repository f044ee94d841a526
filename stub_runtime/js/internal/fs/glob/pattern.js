'use strict';
// Glob patterns: braces, segments, and the regular expression of a segment. Owns: what a name or a path
// must look like. Does not own: walking directories (internal/fs/glob).

const GLOBSTAR = Symbol('**');

// --- braces ----------------------------------------------------------------------------------------

// Index of the brace that closes the one at `open`, -1 where there is none.
function closingBrace(text, open) {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

// The alternatives between braces: `a,{b,c}` has two.
function alternatives(body) {
  const out = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < body.length; i++) {
    if (body[i] === '{') depth++;
    else if (body[i] === '}') depth--;
    else if (body[i] === ',' && depth === 0) {
      out.push(body.slice(start, i));
      start = i + 1;
    }
  }
  out.push(body.slice(start));
  return out;
}

const kNumbers = /^(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?$/;
const kLetters = /^([a-zA-Z])\.\.([a-zA-Z])(?:\.\.(-?\d+))?$/;
const kMaxExpansion = 100_000;

// `1..3` and `a..c`; undefined for anything else.
function range(body) {
  let match = kNumbers.exec(body);
  const letters = match === null;
  if (letters) match = kLetters.exec(body);
  if (match === null) return undefined;
  const from = letters ? match[1].charCodeAt(0) : +match[1];
  const to = letters ? match[2].charCodeAt(0) : +match[2];
  const step = Math.max(Math.abs(+(match[3] ?? 1)), 1) * (from <= to ? 1 : -1);
  const padded = !letters && [match[1], match[2]].some((n) => /^-?0\d/.test(n));
  const width = padded ? Math.max(match[1].length, match[2].length) : 0;
  const out = [];
  for (let n = from; step > 0 ? n <= to : n >= to; n += step) {
    if (letters) {
      out.push(String.fromCharCode(n));
    } else {
      const digits = String(Math.abs(n)).padStart(n < 0 ? width - 1 : width, '0');
      out.push(n < 0 ? `-${digits}` : digits);
    }
    if (out.length >= kMaxExpansion) break;
  }
  return out;
}

// Every pattern that a pattern with braces stands for.
function expandBraces(pattern) {
  for (let open = pattern.indexOf('{'); open >= 0; open = pattern.indexOf('{', open + 1)) {
    const close = closingBrace(pattern, open);
    if (close < 0) continue;
    const body = pattern.slice(open + 1, close);
    let parts = range(body);
    if (parts === undefined) {
      parts = alternatives(body);
      // `{a}` is no choice, but what is inside may be one.
      if (parts.length === 1) continue;
      parts = parts.flatMap(expandBraces);
    }
    const before = pattern.slice(0, open);
    const after = expandBraces(pattern.slice(close + 1));
    return parts.flatMap((part) => after.map((rest) => before + part + rest));
  }
  return [pattern];
}

// --- one segment -----------------------------------------------------------------------------------

const kClasses = {
  '__proto__': null,
  '[:alnum:]': '\\p{L}\\p{Nl}\\p{Nd}',
  '[:alpha:]': '\\p{L}\\p{Nl}',
  '[:ascii:]': '\\x00-\\x7f',
  '[:blank:]': '\\p{Zs}\\t',
  '[:cntrl:]': '\\p{Cc}',
  '[:digit:]': '\\p{Nd}',
  '[:graph:]': '\\x21-\\x7e',
  '[:lower:]': '\\p{Ll}',
  '[:print:]': '\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}',
  '[:punct:]': '\\p{P}',
  '[:space:]': '\\p{Z}\\t\\r\\n\\v\\f',
  '[:upper:]': '\\p{Lu}',
  '[:word:]': '\\p{L}\\p{Nl}\\p{Nd}\\p{Pc}',
  '[:xdigit:]': 'A-Fa-f0-9',
};

function escapeRegExp(text) { return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'); }

// A character class that starts at `start`: [regular expression, index behind it]; undefined if it does
// not end.
function parseClass(text, start) {
  let i = start + 1;
  const negated = text[i] === '!' || text[i] === '^';
  if (negated) i++;
  let out = '';
  for (let first = true; i < text.length; first = false) {
    if (text[i] === ']' && !first) {
      if (out === '') return undefined;
      return [`[${negated ? '^/' : ''}${out}]`, i + 1];
    }
    if (text.startsWith('[:', i)) {
      const end = text.indexOf(':]', i);
      const known = end < 0 ? undefined : kClasses[text.slice(i, end + 2)];
      if (known !== undefined) {
        out += known;
        i = end + 2;
        continue;
      }
    }
    const from = text.codePointAt(i);
    const fromText = String.fromCodePoint(from);
    const next = i + fromText.length;
    if (text[next] === '-' && next + 1 < text.length && text[next + 1] !== ']') {
      const to = text.codePointAt(next + 1);
      const toText = String.fromCodePoint(to);
      // A range the wrong way round holds nothing.
      if (to >= from) out += `${escapeClass(fromText)}-${escapeClass(toText)}`;
      i = next + 1 + toText.length;
    } else {
      out += escapeClass(fromText);
      i = next;
    }
  }
  return undefined;
}

function escapeClass(char) { return /[\\\]^\-[]/.test(char) ? `\\${char}` : char; }

// Index of the parenthesis that closes the one at `open`, -1 where there is none.
function closingParenthesis(text, open) {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '[') {
      const parsed = parseClass(text, i);
      if (parsed !== undefined) {
        i = parsed[1] - 1;
        continue;
      }
    }
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i;
  }
  return -1;
}

// The parts between `|` of an extended group.
function groupParts(body) {
  const out = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < body.length; i++) {
    if (body[i] === '(') depth++;
    else if (body[i] === ')') depth--;
    else if (body[i] === '|' && depth === 0) {
      out.push(body.slice(start, i));
      start = i + 1;
    }
  }
  out.push(body.slice(start));
  return out;
}

const kAny = '[^/]*?';

// The regular expression of a segment, or part of one, without anchors. `tail` is what follows it,
// `isWhole` says that it is the segment.
function compile(text, tail = '', isWhole = false) {
  let out = '';
  for (let i = 0; i < text.length;) {
    const char = text[i];
    if (text[i + 1] === '(' && '!?+*@'.includes(char)) {
      const close = closingParenthesis(text, i + 1);
      if (close >= 0) {
        const rest = compile(text.slice(close + 1), tail);
        const group = groupParts(text.slice(i + 2, close)).map((part) => compile(part)).join('|');
        if (char === '!') return `${out}(?:(?!(?:${group})${rest}${tail}$)${kAny})${rest}`;
        const repeat = { '@': '', '?': '?', '+': '+', '*': '*' }[char];
        return `${out}(?:${group})${repeat}${rest}`;
      }
    }
    if (char === '*') {
      while (text[i] === '*' && text[i + 1] !== '(') i++;
      // `*` alone stands for at least one character.
      out += isWhole && out === '' && i >= text.length ? '[^/]+?' : kAny;
    } else if (char === '?') {
      out += '[^/]';
      i++;
    } else if (char === '[') {
      const parsed = parseClass(text, i);
      if (parsed === undefined) {
        out += '\\[';
        i++;
      } else {
        out += parsed[0];
        i = parsed[1];
      }
    } else {
      const literal = String.fromCodePoint(text.codePointAt(i));
      out += escapeRegExp(literal);
      i += literal.length;
    }
  }
  return out;
}

const kMagic = /[*?[]|[!+@]\(/;

// A segment: GLOBSTAR, text, or a RegExp for a whole name.
function parseSegment(text, dot) {
  if (text === '**') return GLOBSTAR;
  if (!kMagic.test(text)) return text;
  // Hidden names are matched where the pattern says the dot.
  const hidden = dot ? '(?!\\.{1,2}$)' : '(?!\\.)';
  const says = text[0] === '.' || /^[!?+*@]\((?:[^)]*\|)?\./.test(text);
  const guard = says ? '(?!\\.{1,2}$)' : hidden;
  return new RegExp(`^${guard}(?:${compile(text, '', true)})$`, 'u');
}

// A pattern without braces as segments. The first is '' where it is absolute, the last is '' where it
// ends with a slash.
function parsePattern(pattern, dot = false) {
  const parts = pattern.replaceAll('\\', '/').split('/');
  const kept = parts.filter((part, i) => part !== '' || i === 0 || i === parts.length - 1);
  const segments = kept.map((part) => parseSegment(part, dot));
  // One `**` is as good as several in a row.
  return segments.filter((segment, i) => segment !== GLOBSTAR || segments[i - 1] !== GLOBSTAR);
}

function matchesSegment(segment, name, dot) {
  if (typeof segment === 'string') return segment === name;
  if (segment === GLOBSTAR) return dot ? name !== '.' && name !== '..' : name[0] !== '.';
  return segment.test(name);
}

// --- whole paths -----------------------------------------------------------------------------------

function matchParts(segments, s, parts, p, dot) {
  for (; s < segments.length; s++, p++) {
    const segment = segments[s];
    if (segment === GLOBSTAR) {
      const last = s === segments.length - 1;
      if (last) return p < parts.length && parts.slice(p).every((part) => part === '' || matchesSegment(segment, part, dot));
      for (let skip = p; skip <= parts.length; skip++) {
        if (matchParts(segments, s + 1, parts, skip, dot)) return true;
        if (skip < parts.length && !matchesSegment(segment, parts[skip], dot)) return false;
      }
      return false;
    }
    if (p >= parts.length || !matchesSegment(segment, parts[p], dot)) return false;
  }
  // `a/` is `a`.
  return p === parts.length || (p === parts.length - 1 && parts[p] === '');
}

// Resolves `.` and `..` of a split path as far as the text allows.
function normalizeParts(parts) {
  const out = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part === '.' && i > 0) continue;
    const before = out.at(-1);
    const named = before !== undefined && before !== '' && before !== '.' && before !== '..' && before !== GLOBSTAR;
    if (part === '..' && named) out.pop();
    else out.push(part);
  }
  return out;
}

// The segments of a pattern for a walk: what `..` takes back is not looked at.
function withoutParents(segments) {
  const out = [...segments];
  for (let i = 1; i < out.length; i++) {
    if (out[i] !== '..' || out[i - 1] === GLOBSTAR || ['', '.', '..'].includes(out[i - 1])) continue;
    out.splice(i - 1, 2, ...(i === 1 && out[2] === GLOBSTAR ? ['.'] : []));
    i = 0;
  }
  return out.length === 0 ? ['.'] : out;
}

// (pattern, { dot, matchBase, windows }) => (path) => boolean. With `matchBase` a pattern without a
// slash is about the last part of the path.
function createMatcher(pattern, { dot = false, matchBase = false, windows = false } = {}) {
  const all = expandBraces(pattern).map((one) => normalizeParts(parsePattern(one, dot)));
  return (path) => {
    if (windows) path = path.replaceAll('\\', '/');
    const split = path.split('/');
    const parts = normalizeParts(split.filter((part, i) => part !== '' || i === 0 || i === split.length - 1));
    const base = parts.findLast((part) => part !== '') ?? '';
    return all.some((segments) => {
      if (matchBase && segments.length === 1) return matchesSegment(segments[0], base, dot);
      return matchParts(segments, 0, parts, 0, dot);
    });
  };
}

module.exports = { GLOBSTAR, createMatcher, expandBraces, matchesSegment, parsePattern, withoutParents };
