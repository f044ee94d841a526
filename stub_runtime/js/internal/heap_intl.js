'use strict';
// Objects of Intl that a program makes while it is evaluated at build time. They hold memory of ICU's, which no heap image can: the
// program gets objects of the same classes that make the real one when they are used, in the process that starts from the heap with
// that process's locale and time zone.

const names = ['Collator', 'DateTimeFormat', 'DisplayNames', 'DurationFormat', 'ListFormat', 'Locale', 'NumberFormat', 'PluralRules',
  'RelativeTimeFormat', 'Segmenter'];
// Getters that give a function bound to its object: given away without making one.
const bound = new Set(['compare', 'format']);
const originals = new Map();
// Each drops the real object that its stand-in has made.
const drops = [];
let building = false;

function standIn(Class, args, newTarget) {
  // Now, so that wrong arguments throw where they are given.
  let real = Reflect.construct(Class, args);
  drops.push(() => {
    real = undefined;
  });
  const get = () => real ??= Reflect.construct(Class, args);
  const object = Object.create(newTarget.prototype);
  for (const name of Reflect.ownKeys(Class.prototype)) {
    if (name === 'constructor' || name === Symbol.toStringTag) continue;
    const { get: getter, value } = Object.getOwnPropertyDescriptor(Class.prototype, name);
    const hidden = { __proto__: null, configurable: true, enumerable: false };
    if (typeof value === 'function' || bound.has(name)) {
      const method = { [name](...words) {
        const result = get()[name](...words);
        // An iterator over a text, say: it holds ICU's memory itself.
        if (building && typeof result === 'object' && result !== null && !Array.isArray(result) &&
            Object.getPrototypeOf(result) !== Object.prototype) {
          internalBinding('heap').watch(result, `what Intl.${Class.name}.${String(name)}() gave`);
        }
        return result;
      } }[name];
      Object.defineProperty(object, name, { ...hidden, writable: true, value: method });
    } else if (getter !== undefined) {
      Object.defineProperty(object, name, { ...hidden, get: () => get()[name] });
    }
  }
  return object;
}

function begin() {
  building = true;
  for (const name of names) {
    const original = Intl[name];
    if (original === undefined) continue;
    originals.set(name, original);
    Intl[name] = new Proxy(original, {
      apply(target, receiver, args) {
        return building ? standIn(target, args, target) : Reflect.apply(target, receiver, args);
      },
      construct(target, args, newTarget) {
        return building ? standIn(target, args, newTarget) : Reflect.construct(target, args, newTarget);
      },
    });
  }
}

function end() {
  building = false;
  for (const [name, original] of originals) Intl[name] = original;
  originals.clear();
  for (const drop of drops.splice(0)) drop();
}

module.exports = { begin, end };
