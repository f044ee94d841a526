'use strict';
// Hooks of programs in the loaders: module.registerHooks (synchronous, here), and where those of module.register are asked
// (a thread of their own: register.js). Last registered first.

const { codes: { ERR_INVALID_RETURN_PROPERTY_VALUE } } = require('internal/errors');
const { validateFunction } = require('internal/validators');

const chains = { __proto__: null, resolve: [], load: [] };
// Hooks of module.register, once there are any: { resolve(specifier, context), load(url, context) }. For `import` only.
let onThread;

class ModuleHooks {
  constructor(hooks) {
    this.resolve = hooks.resolve;
    this.load = hooks.load;
    if (this.resolve) chains.resolve.push(this);
    if (this.load) chains.load.push(this);
  }

  deregister() {
    for (const chain of [chains.resolve, chains.load]) {
      const i = chain.indexOf(this);
      if (i !== -1) chain.splice(i, 1);
    }
  }
}
ModuleHooks.prototype[Symbol.dispose] = ModuleHooks.prototype.deregister;

function registerHooks({ resolve, load }) {
  if (resolve) validateFunction(resolve, 'hooks.resolve');
  if (load) validateFunction(load, 'hooks.load');
  return new ModuleHooks({ resolve, load });
}

function wrong(expected, hook, property, value) {
  throw new ERR_INVALID_RETURN_PROPERTY_VALUE(expected, hook, property, value);
}

function checkResolve(specifier, { url, format, importAttributes }) {
  if (typeof url !== 'string') wrong('a URL string', 'resolve', 'url', url);
  if (format && typeof format !== 'string') wrong('a string', 'resolve', 'format', format);
  if (importAttributes && typeof importAttributes !== 'object') wrong('an object', 'resolve', 'importAttributes', importAttributes);
  return { __proto__: null, url, format, importAttributes };
}

// `lenient`: the default step of `import` leaves reading CommonJS to its own loader.
function checkLoad(url, result, lenient) {
  const { source, format } = result;
  const { isAnyArrayBuffer } = require('internal/util/types');
  const isSource = typeof source === 'string' || isAnyArrayBuffer(source) || ArrayBuffer.isView(source) ||
    (lenient && source == null && format === 'commonjs');
  if (!url.startsWith('node:') && !isSource && format !== 'addon') {
    wrong('a string, an ArrayBuffer, or a TypedArray', 'load', 'source', source);
  }
  if (typeof format !== 'string' && format !== undefined) wrong('a string', 'load', 'format', format);
  return result;
}

// The hooks of one kind as one function. A hook that does not call the next one has to say that it means it.
function chain(name, last, check, context) {
  const hooks = chains[name];
  let innermost = hooks.length;
  function step(index, fn, next) {
    return (value, given) => {
      innermost = index;
      if (given && given !== context) Object.assign(context, given);
      const result = fn(value, context, next);
      if (innermost > 0 && innermost === index && !result.shortCircuit) {
        wrong('true', name, 'shortCircuit', result.shortCircuit);
      }
      return check(value, result);
    };
  }
  let first = step(0, last);
  hooks.forEach((entry, i) => {
    first = step(i + 1, entry[name], first);
  });
  return first;
}

// last(specifier, context) -> { url, format }
function resolve(specifier, context, last) {
  if (chains.resolve.length === 0) return last(specifier, context);
  return chain('resolve', last, checkResolve, context)(specifier, context);
}

const textFormats = new Set([undefined, 'module', 'commonjs', 'json', 'module-typescript', 'commonjs-typescript']);

// last(url, context) -> { format, source }
function load(url, context, last, lenient = false) {
  if (chains.load.length === 0) return last(url, context);
  const result = chain('load', last, (target, found) => checkLoad(target, found, lenient), context)(url, context);
  if (typeof result.source === 'string' || result.source == null || !textFormats.has(result.format)) return result;
  const { TextDecoder } = require('internal/encoding');
  return { __proto__: null, ...result, source: new TextDecoder().decode(result.source) };
}

module.exports = {
  registerHooks,
  any: () => chains.resolve.length > 0 || chains.load.length > 0,
  // Also those that `import` alone asks.
  anyForImport: () => onThread !== undefined || chains.resolve.length > 0 || chains.load.length > 0,
  load,
  resolve,
  setThread(hooks) {
    onThread = hooks;
  },
  thread: () => onThread,
};
