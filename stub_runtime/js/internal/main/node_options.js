'use strict';
// Rare options of the command line that act before the program does: `--env-file`, `--disable-proto`, `--check`, `--trace-exit`,
// `--entry-url`.
// Does not own: the grammar (Rust, `options.rs`), options that one module asks for.

const { getOptionValue } = require('internal/options');
const { writeStderr } = internalBinding('errors');

// 9: an option is wrong.
const kInvalidArgument = 9;
// 12: its value is.
const kInvalidValue = 12;

// Variables of files: a later file wins over an earlier one, the environment over both.
function loadEnvFiles() {
  const { readFileSync } = require('fs');
  const { parseEnv } = require('util');
  const found = { __proto__: null };
  for (const [option, isOptional] of [['--env-file', false], ['--env-file-if-exists', true]]) {
    for (const file of getOptionValue(option)) {
      let text;
      try {
        text = readFileSync(file, 'utf8');
      } catch {
        writeStderr(isOptional ? `${file} not found. Continuing without it.\n` : `${process.argv0}: ${file}: not found\n`);
        if (isOptional) continue;
        process.reallyExit(kInvalidArgument);
      }
      Object.assign(found, parseEnv(text));
    }
  }
  for (const name of Object.keys(found)) process.env[name] ??= found[name];
}

function disableProto(mode) {
  if (mode === 'delete') {
    delete Object.prototype.__proto__;
  } else if (mode === 'throw') {
    const refuse = () => {
      const { codes: { ERR_PROTO_ACCESS } } = require('internal/errors');
      throw new ERR_PROTO_ACCESS();
    };
    Object.defineProperty(Object.prototype, '__proto__', { configurable: true, enumerable: false, get: refuse, set: refuse });
  } else {
    writeStderr(`${process.argv0}: invalid mode passed to --disable-proto\n`);
    process.reallyExit(kInvalidValue);
  }
}

function traceExit() {
  const { reallyExit } = process;
  process.reallyExit = function(code) {
    const error = new Error(`Exited the environment with code ${code}`);
    error.name = 'WARNING';
    Error.captureStackTrace(error, process.reallyExit);
    writeStderr(`(${process.release.name}:${process.pid}) ${error.stack}\n`);
    return Reflect.apply(reallyExit, process, [code]);
  };
}

function apply() {
  loadEnvFiles();
  if (getOptionValue('--disable-proto')) disableProto(getOptionValue('--disable-proto'));
  if (getOptionValue('--trace-exit')) traceExit();
}

// --entry-url: the script is a URL, by itself or from the current folder.
function runURL(script, preload) {
  const { pathToFileURL } = require('internal/url');
  require('internal/util').emitExperimentalWarning('--entry-url');
  preload();
  const { href } = new URL(script, pathToFileURL(`${process.cwd()}/`));
  require('internal/modules/esm/loader').runMainModule(href);
}

// --check: compiles the script and runs nothing.
function checkSyntax(script) {
  const resolver = require('internal/modules/resolve');
  const { Module, readSource } = require('internal/modules/cjs/loader');
  const filename = Module._resolveFilename(script, null, true);
  const format = resolver.formatOfPath(filename);
  const source = readSource(filename);
  const compileModule = () =>
    internalBinding('module_wrap').compile(source, resolver.pathToURL(filename).href, 0, 0, undefined, undefined);
  if (format?.startsWith('module')) {
    compileModule();
    return;
  }
  try {
    const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];
    internalBinding('contextify').compileFunction(source, filename, 0, 0, undefined, parameters, undefined);
  } catch (err) {
    if (format !== undefined || !resolver.looksLikeModule(err, source, filename)) throw err;
    compileModule();
  }
}

module.exports = { apply, checkSyntax, runURL };
