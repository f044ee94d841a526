'use strict';
// util.parseEnv(): the contents of a .env file as an object. Nothing is read from disk here.

// { NAME: value } of `content`.
function parseEnv(content) {
  const result = { __proto__: null };
  let rest = content.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  rest = rest.trimStart();

  while (rest.length > 0) {
    // Comments and empty lines.
    if (rest[0] === '\n' || rest[0] === '#') {
      rest = afterLine(rest).trimStart();
      continue;
    }
    const equal = rest.indexOf('=');
    const newline = rest.indexOf('\n');
    if (equal === -1) break;
    if (newline !== -1 && newline < equal) {
      // A line without "=".
      rest = rest.slice(newline + 1).trimStart();
      continue;
    }
    let key = rest.slice(0, equal).trim();
    rest = rest.slice(equal + 1);
    if (key.length === 0) {
      rest = afterLine(rest).trimStart();
      continue;
    }
    if (key.startsWith('export ')) key = key.slice(7).trimStart();
    // Spaces before the value, not line ends.
    rest = rest.replace(/^[^\S\n]+/, '');
    let value;
    ({ value, rest } = takeValue(rest));
    result[key] = value;
    rest = rest.trimStart();
  }
  return result;
}

function afterLine(text) {
  const newline = text.indexOf('\n');
  return newline === -1 ? '' : text.slice(newline + 1);
}

// The value at the start of `rest`, and what follows its line.
function takeValue(rest) {
  if (rest.length === 0 || rest[0] === '\n') return { value: '', rest };
  const quote = rest[0];
  if (quote === '"' || quote === "'" || quote === '`') {
    const close = rest.indexOf(quote, 1);
    if (close !== -1) {
      let value = rest.slice(1, close);
      if (quote === '"') value = value.replaceAll('\\n', '\n');
      return { value, rest: afterLine(rest.slice(close + 1)) };
    }
    // No end: the quote belongs to the value of this line.
    const newline = rest.indexOf('\n');
    const value = newline === -1 ? rest : rest.slice(0, newline);
    return { value: uncomment(value), rest: afterLine(rest) };
  }
  const newline = rest.indexOf('\n');
  const line = newline === -1 ? rest : rest.slice(0, newline);
  return { value: uncomment(line).trim(), rest: afterLine(rest) };
}

function uncomment(line) {
  const hash = line.indexOf('#');
  return hash === -1 ? line : line.slice(0, hash);
}

module.exports = { parseEnv };
