'use strict';
// Colours for regular expressions in util.inspect: each token takes its colour from a palette, shifted by
// the depth of the group it stands in. The names of the palette are highlightRegExp.colors, which
// programs may change.

const kDefaultPalette = ['green', 'red', 'yellow', 'cyan', 'magenta'];

// Offsets into the palette, before the depth is added.
const kSlash = 0;
const kBracket = 1;
const kChar = 2;
const kRange = 3;
const kOperator = 4;

const kQuantifier = /^\{(?=[\d,])(\d*)(?:(,)(\d*))?\}/;
const kGroupStart = /^\?(?:[:=!]|<[=!])/;
const kGroupName = /^\?<([^>]+)>/;
const kCodePoint = /^\\(u\{|[pP]\{)([^}]*)\}/;
const kBackReference = /^\\k<([^>]*)>/;

// One piece of output per token; `text` starts with the slash (whatever it is) of the literal.
class Highlighter {
  constructor(text, palette, colors) {
    this.text = text;
    this.palette = palette;
    this.colors = colors;
    this.output = '';
    this.depth = 0;
    this.pos = 0;
  }

  write(text, offset) {
    // Groups that close what none opened end below the palette: its first colour.
    const index = Math.max((this.depth + offset) % this.palette.length, 0);
    const color = this.colors[this.palette[index]];
    this.output += color === undefined ? text : `\u001b[${color[0]}m${text}\u001b[${color[1]}m`;
    this.pos += text.length;
  }

  rest() {
    return this.text.slice(this.pos);
  }

  // An escape; those with braces or angle brackets are several tokens.
  escape() {
    const rest = this.rest();
    let match = kCodePoint.exec(rest);
    if (match !== null) {
      this.write(`\\${match[1]}`, kBracket);
      if (match[2] !== '') this.write(match[2], kChar);
      this.write('}', kBracket);
      return;
    }
    match = kBackReference.exec(rest);
    if (match !== null) {
      this.write('\\k<', kSlash);
      if (match[1] !== '') this.write(match[1], kBracket);
      this.write('>', kSlash);
      return;
    }
    match = /^\\(?:x[0-9a-fA-F]{2}|[1-9]\d*|k<|[pPu]\{)/.exec(rest);
    this.write(match !== null ? match[0] : rest.slice(0, 2), kChar);
  }

  characterClass() {
    this.write('[', kBracket);
    if (this.text[this.pos] === '^') this.write('^', kChar);
    let first = true;
    while (this.pos < this.text.length) {
      const char = this.text[this.pos];
      if (char === ']') {
        this.write(']', kBracket);
        return;
      }
      if (char === '\\') {
        // Properties of characters stand a level deeper.
        const isProperty = kCodePoint.test(this.rest());
        if (isProperty) this.depth++;
        this.escape();
        if (isProperty) this.depth--;
      } else if (char === '-' && !first && this.text[this.pos + 1] !== ']') this.write('-', kRange);
      else this.write(char, kChar);
      first = false;
    }
  }

  openGroup() {
    this.write('(', kBracket);
    const rest = this.rest();
    let match = kGroupStart.exec(rest);
    if (match !== null) {
      this.write(match[0], kBracket);
    } else if ((match = kGroupName.exec(rest)) !== null) {
      this.write('?<', kBracket);
      this.write(match[1], kChar);
      this.write('>', kBracket);
    } else if (rest[0] === '?') {
      this.write('?', kChar);
    }
    this.depth++;
  }

  quantifier(match) {
    this.write('{', kBracket);
    if (match[1] !== '') this.write(match[1], kRange);
    if (match[2] !== undefined) {
      this.write(',', kChar);
      if (match[3] !== '') this.write(match[3], kRange);
    }
    this.write('}', kBracket);
  }

  run() {
    this.write('/', kSlash);
    while (this.pos < this.text.length) {
      const char = this.text[this.pos];
      if (char === '/') {
        this.depth = 0;
        this.write('/', kSlash);
        const flags = this.rest();
        if (flags !== '') this.write(flags, kBracket);
        break;
      }
      this.token(char);
    }
    return this.output;
  }

  token(char) {
    switch (char) {
      case '\\':
        this.escape();
        break;
      case '[':
        this.characterClass();
        break;
      case '(':
        this.openGroup();
        break;
      case ')':
        this.depth--;
        this.write(')', kBracket);
        break;
      case '{': {
        const match = kQuantifier.exec(this.rest());
        if (match === null) this.write('{', kChar);
        else this.quantifier(match);
        break;
      }
      case '.':
        this.write('.', kRange);
        break;
      case '|': case '^': case '$': case '+': case '*': case '?': case ',':
        this.write(char, kOperator);
        break;
      default:
        this.write(char, kChar);
    }
  }
}

function highlightRegExp(text, { palette, colors }) {
  return new Highlighter(text, palette?.length > 0 ? palette : kDefaultPalette, colors).run();
}

module.exports = { highlightRegExp };
