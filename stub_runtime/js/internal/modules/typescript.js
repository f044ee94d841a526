'use strict';
// TypeScript that is loaded from disk at run time: types become blanks, as Node does it by default. Owns: errors and the shape of
// `module.stripTypeScriptTypes()`. Does not own: stripping (npm package amaro, see `bindings/typescript.rs`), what `pack build` does
// with a program's own TypeScript.

let amaro;

function compiler() {
  if (amaro !== undefined) return amaro;
  const { source, wasm } = internalBinding('typescript');
  const module = { exports: {}, wasm };
  const compile = internalBinding('contextify').compileFunction(
    source(), 'node:internal/deps/amaro', 0, 0, undefined, ['exports', 'require', 'module'], undefined);
  const realm = require('internal/bootstrap/realm');
  compile(module.exports, (id) => require(realm.normalize(id) ?? id), module);
  amaro = module.exports;
  return amaro;
}

function strip(source, filename) {
  const { codes: { ERR_INVALID_TYPESCRIPT_SYNTAX, ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX } } = require('internal/errors');
  try {
    return compiler().transformSync(source, { mode: 'strip-only', sourceMap: false, filename }).code;
  } catch (error) {
    const classes = { UnsupportedSyntax: ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX, InvalidSyntax: ERR_INVALID_TYPESCRIPT_SYNTAX };
    const Class = classes[error?.code];
    if (Class === undefined) throw error;
    const told = new Class(error.message);
    told.stack = `${error.filename}:${error.startLine}\n${error.snippet}\n${told.stack}`;
    throw told;
  }
}

// A module: `name` is its path or URL, `label` what errors call it.
function stripModuleTypes(source, name, label = undefined) {
  if (/[/\\]node_modules[/\\]/.test(name)) {
    const { codes: { ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING } } = require('internal/errors');
    const path = name.startsWith('file:') ? require('internal/modules/resolve').urlToPath(name) : name;
    throw new ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING(path);
  }
  label ??= name.startsWith('file:') ? name : require('internal/modules/resolve').pathToURL(name).href;
  return strip(source, label);
}

// Code of the command line that did not compile: without types, if it was TypeScript; else `original` is thrown, which tells both.
function stripEvaluated(source, name, original, decorate) {
  try {
    return strip(source, name);
  } catch (error) {
    if (error.code !== 'ERR_INVALID_TYPESCRIPT_SYNTAX' && error.code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') throw error;
    original.stack = decorate(original.stack, error.message);
    throw original;
  }
}

function stripTypeScriptTypes(code, options = {}) {
  const { validateObject, validateOneOf, validateString } = require('internal/validators');
  require('internal/util').emitExperimentalWarning('stripTypeScriptTypes');
  validateString(code, 'code');
  validateObject(options, 'options');
  const { mode = 'strip', sourceUrl = '', sourceMap = false } = options;
  validateOneOf(mode, 'options.mode', ['strip']);
  validateString(sourceUrl, 'options.sourceUrl');
  validateOneOf(sourceMap, 'options.sourceMap', [false, undefined]);
  const stripped = strip(code, sourceUrl);
  return sourceUrl === '' ? stripped : `${stripped}\n\n//# sourceURL=${sourceUrl}`;
}

module.exports = { stripEvaluated, stripModuleTypes, stripTypeScriptTypes };
