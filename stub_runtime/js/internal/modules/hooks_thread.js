'use strict';
// The thread of module.register's hooks: runs their chains and answers, while the thread that asks sleeps.

const {
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_RETURN_PROPERTY_VALUE, ERR_INVALID_RETURN_VALUE,
    ERR_LOADER_CHAIN_INCOMPLETE,
  },
} = require('internal/errors');
const { validateObject, validateString } = require('internal/validators');
const loader = require('internal/modules/esm/loader');

const chains = {
  __proto__: null,
  resolve: [{ fn: defaultResolve, url: 'node:internal/modules/esm/resolve' }],
  load: [{ fn: defaultLoad, url: 'node:internal/modules/esm/load' }],
};

function defaultResolve(specifier, { conditions, parentURL }) {
  const url = loader.defaultResolve(specifier, parentURL, conditions);
  return { __proto__: null, url, format: loader.formatOf(url) ?? undefined };
}

// CommonJS is left to its own loader, built-ins have no source.
function defaultLoad(url, context) {
  require('internal/modules/resolve').checkLoadable(url);
  let format = context.format ?? loader.formatOf(url) ?? undefined;
  let source = null;
  if (format !== 'builtin' && format !== 'commonjs') {
    const { Buffer } = require('buffer');
    const text = loader.readBytes(url);
    format ??= require('internal/modules/esm/translators').detect(text, url);
    if (format !== 'commonjs') source = Buffer.from(text);
  }
  loader.checkAttributes(url, format, context.importAttributes);
  return { __proto__: null, format, responseURL: url, source };
}

function canParse(url) {
  return require('internal/url').URL.canParse(url);
}

const checkArgument = {
  __proto__: null,
  resolve: (caller, specifier) => validateString(specifier, `${caller} specifier`),
  load(caller, url) {
    if (typeof url !== 'string') throw new ERR_INVALID_ARG_TYPE(`${caller} url`, 'a URL string', url);
    if (!canParse(url)) throw new ERR_INVALID_ARG_VALUE(`${caller} url`, url, 'should be a URL string');
  },
};

function checkResult(caller, result) {
  if (typeof result !== 'object' || result === null) throw new ERR_INVALID_RETURN_VALUE('an object', caller, result);
}

// Runs the hooks of one kind, last registered first. Gives the result and who gave it.
async function runChain(name, first, context) {
  const entries = chains[name];
  const nextName = name === 'resolve' ? 'nextResolve' : 'nextLoad';
  const state = { finished: false, meant: false, hook: '' };
  function step(i) {
    const { fn, url } = entries[i];
    return async (value, given) => {
      state.hook = `${url} '${name}'`;
      const caller = `${state.hook} hook's ${nextName}()`;
      checkArgument[name](caller, value);
      if (given) {
        validateObject(given, `${caller} context`);
        Object.assign(context, given);
      }
      if (i === 0) state.finished = true;
      const result = await fn(value, context, i === 0 ? undefined : step(i - 1));
      checkResult(caller, result);
      if (result.shortCircuit === true) state.meant = true;
      return result;
    };
  }
  const result = await step(entries.length - 1)(first, context);
  checkResult(state.hook, result);
  if (!state.finished && !state.meant) throw new ERR_LOADER_CHAIN_INCOMPLETE(state.hook);
  const wrong = (expected, property) => {
    throw new ERR_INVALID_RETURN_PROPERTY_VALUE(expected, state.hook, property, result[property]);
  };
  return { result, wrong };
}

const requests = {
  __proto__: null,
  async register(specifier, parentURL, data) {
    const { initialize, load, resolve } = await loader.importFrom(specifier, parentURL);
    if (resolve) chains.resolve.push({ fn: resolve, url: specifier });
    if (load) chains.load.push({ fn: load, url: specifier });
    await initialize?.(data);
  },
  async resolve(specifier, context) {
    const { result, wrong } = await runChain('resolve', specifier, context);
    const { format, importAttributes, url } = result;
    if (typeof url !== 'string' || !canParse(url)) wrong('a URL string', 'url');
    if (importAttributes != null && typeof importAttributes !== 'object') wrong('an object', 'importAttributes');
    if (format != null && typeof format !== 'string') wrong('a string', 'format');
    return { format, importAttributes, url };
  },
  async load(url, context) {
    const { result, wrong } = await runChain('load', url, context);
    const { format, responseURL = url, source } = result;
    if (typeof responseURL !== 'string' || !canParse(responseURL) || new URL(responseURL).href !== responseURL) {
      wrong('undefined or a fully resolved URL string', 'responseURL');
    }
    if (format == null) {
      const { codes: { ERR_UNKNOWN_MODULE_FORMAT } } = require('internal/errors');
      throw new ERR_UNKNOWN_MODULE_FORMAT(format, url);
    }
    if (typeof format !== 'string') wrong('a string', 'format');
    const { isAnyArrayBuffer } = require('internal/util/types');
    if (source != null && typeof source !== 'string' && !isAnyArrayBuffer(source) && !ArrayBuffer.isView(source)) {
      wrong('a string, an ArrayBuffer, or a TypedArray', 'source');
    }
    return { format, source };
  },
};

// What hooks print is written at once: the thread that would pass it on sleeps.
function printDirectly() {
  const { Writable } = require('stream');
  const { writeSync } = require('fs');
  for (const [name, fd] of [['stdout', 1], ['stderr', 2]]) {
    const stream = new Writable({
      decodeStrings: false,
      write(chunk, encoding, callback) {
        writeSync(fd, chunk);
        callback();
      },
    });
    Object.defineProperty(process, name, { __proto__: null, configurable: true, enumerable: true, get: () => stream });
  }
}

function start({ lock, port }) {
  printDirectly();
  let pending = false;
  const answer = (message) => {
    pending = false;
    port.postMessage(message);
    Atomics.store(lock, 0, 1);
    Atomics.notify(lock, 0);
  };
  port.on('message', async ({ name, args }) => {
    pending = true;
    // Only what the hook waits for keeps the loop while it is asked.
    port.unref();
    let message;
    try {
      message = { value: await requests[name](...args) };
    } catch (error) {
      message = { error: require('internal/errors/wire').writeError(error) };
    }
    port.ref();
    try {
      answer(message);
    } catch (error) {
      answer({ error: require('internal/errors/wire').writeError(error) });
    }
  });
  process.on('beforeExit', () => {
    if (!pending) return;
    port.ref();
    answer({ neverSettled: true });
  });
  process.on('exit', (code) => {
    if (pending) answer({ exit: code });
  });
}

module.exports = { start };
