'use strict';
// Executables built with `--no-source`: their modules' text is white space of the same length, with the line ends that places in
// traces are counted by. Owns: what `toString` of a function says then. Does not own: making such modules (the packager).

const { toString } = Function.prototype;

// What the language has for functions without a text; a class says that it is one, because programs look for the word.
function nativeText(fn) {
  const { name } = fn;
  const shown = typeof name === 'string' ? name : '';
  const isClass = Object.getOwnPropertyDescriptor(fn, 'prototype')?.writable === false;
  return isClass ? `class ${shown} { [native code] }` : `function ${shown}() { [native code] }`;
}

function install() {
  const replacement = {
    toString() {
      const text = Reflect.apply(toString, this, []);
      return this === replacement || /^\s*$/.test(text) ? nativeText(this) : text;
    },
  }.toString;
  Object.defineProperty(Function.prototype, 'toString', { __proto__: null, value: replacement, writable: true, configurable: true, enumerable: false });
}

module.exports = { install };
