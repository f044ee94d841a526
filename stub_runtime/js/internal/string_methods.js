'use strict';
// Methods of String.prototype as functions of the string, for code that is hot and sees strings of every making (flat, sums,
// parts of others, one or two bytes a character): V8 gives up on `text.slice` at the fifth kind and looks the property up
// each time; these it compiles to the operation itself.

const { bind, call } = Function.prototype;
const uncurry = bind.bind(call);
const {
  charCodeAt, codePointAt, endsWith, includes, indexOf, lastIndexOf, slice, startsWith,
} = String.prototype;

module.exports = {
  charCodeAt: uncurry(charCodeAt),
  codePointAt: uncurry(codePointAt),
  endsWith: uncurry(endsWith),
  includes: uncurry(includes),
  indexOf: uncurry(indexOf),
  lastIndexOf: uncurry(lastIndexOf),
  slice: uncurry(slice),
  startsWith: uncurry(startsWith),
};
