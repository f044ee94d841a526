'use strict';
// Tags of tests, and the expressions that choose tests by them: names with `*`, `and`/`&&`, `or`/`||`, `not`/`!`, parentheses.
// An expression is parsed to a function (tags) -> whether they fit.

const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { validateArray, validateString } = require('internal/validators');

const kNoTags = Object.freeze([]);
const reserved = new Set(['and', 'or', 'not']);

// What a test may declare as `tags`: in lower case, each once.
function canonicalTags(tags, name) {
  validateArray(tags, name);
  if (tags.length === 0) return kNoTags;
  require('internal/util').emitExperimentalWarning('Test tags');
  const found = new Set();
  tags.forEach((tag, i) => {
    const element = `${name}[${i}]`;
    validateString(tag, element);
    if (tag === '') throw new ERR_INVALID_ARG_VALUE(element, tag, 'must not be empty');
    if (/[\t-\r &|!()*]/.test(tag)) {
      throw new ERR_INVALID_ARG_VALUE(
        element, tag, 'contains a forbidden character. Tags must not contain whitespace, operator characters (&, |, !, (, ), *), ' +
        "or be the reserved words 'and', 'or', or 'not'");
    }
    const lower = tag.toLowerCase();
    if (reserved.has(lower)) {
      throw new ERR_INVALID_ARG_VALUE(element, tag, "must not be the reserved word 'and', 'or', or 'not'");
    }
    found.add(lower);
  });
  return Object.freeze([...found]);
}

const operators = { '__proto__': null, '&&': 'AND', '||': 'OR', '!': 'NOT', '(': 'LPAREN', ')': 'RPAREN', 'and': 'AND', 'or': 'OR', 'not': 'NOT' };

function tokenize(text, name) {
  const tokens = [];
  for (const match of text.matchAll(/&&|\|\||[&|!()]|[^\t-\r &|!()]+/g)) {
    const { 0: word, index: pos } = match;
    if (word === '&' || word === '|') {
      const other = word === '&' ? "'&&' or 'and'" : "'||' or 'or'";
      throw new ERR_INVALID_ARG_VALUE(name, text, `unexpected '${word}' at position ${pos}; use ${other}`);
    }
    tokens.push({ type: operators[word.toLowerCase()] ?? 'IDENT', word, pos });
  }
  tokens.push({ type: 'EOF', pos: text.length });
  return tokens;
}

function matcher(word) {
  const lower = word.toLowerCase();
  if (!lower.includes('*')) return (tags) => tags.has(lower);
  const escaped = lower.split('*').map((part) => part.replace(/[[\](){}^$.+?\\|]/g, '\\$&'));
  const pattern = new RegExp(`^${escaped.join('.*')}$`);
  return (tags) => [...tags].some((tag) => pattern.test(tag));
}

function parseTagFilter(text, name) {
  validateString(text, name);
  const fail = (reason) => {
    throw new ERR_INVALID_ARG_VALUE(name, text, reason);
  };
  if (text.trim() === '') fail('must not be empty');
  const tokens = tokenize(text, name);
  let next = 0;
  const is = (type) => tokens[next].type === type;

  function operand() {
    const token = tokens[next++];
    switch (token.type) {
      case 'NOT': {
        if (is('EOF')) fail(`expected operand after 'not' at position ${token.pos}`);
        const inner = operand();
        return (tags) => !inner(tags);
      }
      case 'LPAREN': {
        if (is('EOF')) fail(`unmatched '(' at position ${token.pos}`);
        const inner = either();
        if (!is('RPAREN')) fail(`expected ')' at position ${tokens[next].pos}`);
        next++;
        return inner;
      }
      case 'IDENT':
        return matcher(token.word);
      default:
        return fail(`unexpected token '${token.type}' at position ${token.pos}`);
    }
  }

  function both() {
    let left = operand();
    while (is('AND')) {
      next++;
      const first = left;
      const second = operand();
      left = (tags) => first(tags) && second(tags);
    }
    return left;
  }

  function either() {
    let left = both();
    while (is('OR')) {
      next++;
      const first = left;
      const second = both();
      left = (tags) => first(tags) || second(tags);
    }
    return left;
  }

  const filter = either();
  if (!is('EOF')) fail(`unexpected token at position ${tokens[next].pos}`);
  return filter;
}

module.exports = { canonicalTags, kNoTags, parseTagFilter };
