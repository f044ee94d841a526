'use strict';
// module.registerHooks: synchronous resolve and load hooks of user programs, last registered first.

const { validateFunction } = require('internal/validators');

const chain = [];

class ModuleHooks {
  constructor({ resolve, load }) {
    this.resolve = resolve;
    this.load = load;
  }

  deregister() {
    const i = chain.indexOf(this);
    if (i !== -1) chain.splice(i, 1);
  }
}

function registerHooks(hooks) {
  const { resolve, load } = hooks;
  if (resolve !== undefined) validateFunction(resolve, 'hooks.resolve');
  if (load !== undefined) validateFunction(load, 'hooks.load');
  const made = new ModuleHooks({ resolve, load });
  chain.push(made);
  return made;
}

function run(name, first, context, last) {
  function next(i) {
    while (i >= 0 && typeof chain[i][name] !== 'function') i--;
    if (i < 0) return (value, ctx) => last(value, ctx === undefined ? context : { ...context, ...ctx });
    const hook = chain[i][name];
    return (value, ctx) => hook(value, ctx === undefined ? context : { ...context, ...ctx }, next(i - 1));
  }
  return next(chain.length - 1)(first, context);
}

module.exports = {
  registerHooks,
  any: () => chain.length > 0,
  // last(specifier, context) -> { url, format }
  resolve: (specifier, context, last) => run('resolve', specifier, context, last),
  // last(url, context) -> { format, source }
  load: (url, context, last) => run('load', url, context, last),
};
