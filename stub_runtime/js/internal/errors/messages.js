'use strict';
// The messages of the ERR_* codes that are computed from their arguments. Each entry is
// [base class name, function]; the function gets the arguments of `new ERR_X(...)`, and the error
// itself as `this` to hang further properties on. Fixed texts lie in internal/errors/table.

const kPrimitiveTypes = new Set([
  'string', 'function', 'number', 'object', 'Function', 'Object', 'boolean', 'bigint', 'symbol',
]);
const kClassName = /^[A-Z][a-zA-Z0-9]*$/;

function inspect(value, options) {
  return require('internal/util/inspect').inspect(value, options);
}

// ['a', 'b', 'c'], 'or' -> "a, b, or c"
function formatList(array, type = 'and') {
  switch (array.length) {
    case 0: return '';
    case 1: return `${array[0]}`;
    case 2: return `${array[0]} ${type} ${array[1]}`;
    default: return `${array.slice(0, -1).join(', ')}, ${type} ${array[array.length - 1]}`;
  }
}

// The "Received ..." half of ERR_INVALID_ARG_TYPE: what `value` is, in words.
function determineSpecificType(value) {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  const type = typeof value;
  switch (type) {
    case 'bigint':
      return `type bigint (${value}n)`;
    case 'number':
      return Object.is(value, -0) ? 'type number (-0)' : `type number (${value})`;
    case 'boolean':
      return `type boolean (${value})`;
    case 'symbol':
      return `type symbol (${String(value)})`;
    case 'function':
      return `function ${value.name}`;
    case 'object':
      if (value.constructor && 'name' in value.constructor && value.constructor.name) {
        return `an instance of ${value.constructor.name}`;
      }
      return inspect(value, { depth: -1 });
    case 'string':
      if (value.length > 28) value = `${value.slice(0, 25)}...`;
      return value.includes("'") ? `type string (${JSON.stringify(value)})` : `type string ('${value}')`;
    default:
      return `type ${type} (${inspect(value, { colors: false })})`;
  }
}

// "1234567" -> "1_234_567"
function addNumericalSeparator(text) {
  let result = '';
  let i = text.length;
  const start = text[0] === '-' ? 1 : 0;
  for (; i >= start + 4; i -= 3) result = `_${text.slice(i - 3, i)}${result}`;
  return text.slice(0, i) + result;
}

// The list of accepted types of ERR_INVALID_ARG_TYPE: primitives, then classes, then anything else.
function expectedTypes(expected) {
  const types = [];
  const instances = [];
  const other = [];
  for (const value of Array.isArray(expected) ? expected : [expected]) {
    if (kPrimitiveTypes.has(value)) types.push(value.toLowerCase());
    else if (kClassName.test(value)) instances.push(value);
    else other.push(value);
  }
  // With classes beside it, "object" reads better as one of the instances.
  if (instances.length > 0) {
    const at = types.indexOf('object');
    if (at !== -1) {
      types.splice(at, 1);
      instances.push('Object');
    }
  }
  let text = '';
  if (types.length > 0) {
    text += `${types.length > 1 ? 'one of type' : 'of type'} ${formatList(types, 'or')}`;
    if (instances.length > 0 || other.length > 0) text += ' or ';
  }
  if (instances.length > 0) {
    text += `an instance of ${formatList(instances, 'or')}`;
    if (other.length > 0) text += ' or ';
  }
  if (other.length > 1) {
    text += `one of ${formatList(other, 'or')}`;
  } else if (other.length === 1) {
    if (other[0].toLowerCase() !== other[0]) text += 'an ';
    text += other[0];
  }
  return text;
}

function argumentOrProperty(name) {
  return name.includes('.') ? 'property' : 'argument';
}

function shorten(text) {
  return text.length > 128 ? `${text.slice(0, 128)}...` : text;
}

function basename(path) {
  return path.slice(path.lastIndexOf('/') + 1);
}

const importedFrom = (base) => (base ? ` imported from ${base}` : '');

// What a worker's file that is a URL in a string should have been.
function wrapHint(filename) {
  const scheme = ['file://', 'data:'].find((start) => filename.startsWith(start));
  return scheme === undefined ? '' : ` Wrap ${scheme} URLs with \`new URL\`.`;
}

const messages = {
  __proto__: null,
  ERR_ACCESS_DENIED: ['Error', function(message, permission = '', resource = '') {
    this.permission = permission;
    this.resource = resource;
    return message;
  }],
  ERR_BUFFER_OUT_OF_BOUNDS: ['RangeError', (name) => (name ?
    `"${name}" is outside of buffer bounds` : 'Attempt to access memory outside buffer bounds')],
  ERR_ENCODING_INVALID_ENCODED_DATA: ['TypeError', function(encoding, errno) {
    this.errno = errno;
    return `The encoded data was not valid for encoding ${encoding}`;
  }],
  ERR_FALSY_VALUE_REJECTION: ['Error', function(reason) {
    this.reason = reason;
    return 'Promise was rejected with falsy value';
  }],
  ERR_HTTP2_INVALID_SETTING_VALUE: ['TypeError', function(name, actual, min, max) {
    this.actual = actual;
    if (min !== undefined) {
      this.min = min;
      this.max = max;
    }
    return `Invalid value for setting "${name}": ${actual}`;
  }],
  ERR_HTTP2_STREAM_CANCEL: ['Error', function(cause) {
    let text = 'The pending stream has been canceled';
    if (cause) {
      if (typeof cause.message === 'string') text += ` (caused by: ${cause.message})`;
      this.cause = cause;
    }
    return text;
  }],
  ERR_IMPORT_ATTRIBUTE_UNSUPPORTED: ['TypeError', (attribute, value, url) =>
    `Import attribute "${attribute}" with value "${value}" is not supported${url === undefined ? '' : ` in ${url}`}`],
  ERR_INSPECTOR_COMMAND: ['Error', (code, message) => `Inspector error ${Number(code)}: ${message}`],
  ERR_INTERNAL_ASSERTION: ['Error', (message) => {
    const text = 'This is caused by either a bug in Node.js or incorrect usage of Node.js internals.\n' +
      'Please open an issue with this stack trace at https://github.com/nodejs/node/issues\n';
    return message === undefined ? text : `${message}\n${text}`;
  }],
  ERR_INVALID_ADDRESS_FAMILY: ['RangeError', function(family, host, port) {
    this.host = host;
    this.port = port;
    return `Invalid address family: ${family} ${host}:${port}`;
  }],
  ERR_INVALID_ARG_TYPE: ['TypeError', (name, expected, actual) => {
    const subject = name.endsWith(' argument') ? name : `"${name}" ${argumentOrProperty(name)}`;
    return `The ${subject} must be ${expectedTypes(expected)}. Received ${determineSpecificType(actual)}`;
  }],
  ERR_INVALID_ARG_VALUE: ['TypeError', (name, value, reason = 'is invalid') =>
    `The ${argumentOrProperty(name)} '${name}' ${reason}. Received ${shorten(inspect(value))}`],
  ERR_INVALID_CHAR: ['TypeError', (name, field) =>
    `Invalid character in ${name}${field === undefined ? '' : ` ["${field}"]`}`],
  ERR_INVALID_FILE_URL_HOST: ['TypeError', (platform) =>
    `File URL host must be "localhost" or empty on ${platform}`],
  ERR_INVALID_FILE_URL_PATH: ['TypeError', function(reason, input) {
    this.input = input;
    return `File URL path ${reason}`;
  }],
  ERR_INVALID_HTTP_TOKEN: ['TypeError', (name, field) => `${name} must be a valid HTTP token ["${String(field)}"]`],
  ERR_INVALID_MIME_SYNTAX: ['TypeError', (production, text, index) =>
    `The MIME syntax for a ${production} in ${JSON.stringify(text)} is invalid${index === -1 ? '' : ` at ${index}`}`],
  ERR_INVALID_MODULE_SPECIFIER: ['TypeError', (request, reason, base = undefined) =>
    `Invalid module "${request}" ${reason}${importedFrom(base)}`],
  ERR_INVALID_PACKAGE_CONFIG: ['Error', (path, base, message) =>
    `Invalid package config ${path}${base ? ` while importing ${base}` : ''}${message ? `. ${message}` : ''}`],
  ERR_INVALID_PACKAGE_TARGET: ['Error', (packagePath, key, target, isImport = false, base = undefined) => {
    const relative = typeof target === 'string' && !isImport && target.length > 0 && !target.startsWith('./');
    const field = isImport ? 'imports' : 'exports';
    const subject = key === '.' ?
      `Invalid "exports" main target ${JSON.stringify(target)} defined` :
      `Invalid "${field}" target ${JSON.stringify(target)} defined for '${key}'`;
    return `${subject} in the package config ${packagePath}package.json${importedFrom(base)}` +
      (relative ? '; targets must start with "./"' : '');
  }],
  ERR_INVALID_RETURN_PROPERTY: ['TypeError', (input, name, property, value) =>
    `Expected a valid ${input} to be returned for the "${property}" from the "${name}" hook` +
    ` but got ${determineSpecificType(value)}.`],
  ERR_INVALID_RETURN_PROPERTY_VALUE: ['TypeError', (input, name, property, value) =>
    `Expected ${input} to be returned for the "${property}" from the "${name}" hook` +
    ` but got ${determineSpecificType(value)}.`],
  ERR_INVALID_RETURN_VALUE: ['TypeError', (input, name, value) =>
    `Expected ${input} to be returned from the "${name}" function but got ${determineSpecificType(value)}.`],
  ERR_INVALID_URL: ['TypeError', function(input, base = null) {
    this.input = input;
    if (base != null) this.base = base;
    // The message must not hold the input: it may carry credentials.
    return 'Invalid URL';
  }],
  ERR_INVALID_URL_SCHEME: ['TypeError', (expected) => {
    const list = Array.isArray(expected) ? expected : [expected];
    return `The URL must be ${list.length > 1 ? 'one of scheme' : 'of scheme'} ${formatList(list, 'or')}`;
  }],
  ERR_MISSING_ARGS: ['TypeError', (...args) => {
    const names = args.map((arg) => (Array.isArray(arg) ? arg.map((a) => `"${a}"`).join(' or ') : `"${arg}"`));
    return `The ${formatList(names)} argument${names.length > 1 ? 's' : ''} must be specified`;
  }],
  ERR_MODULE_NOT_FOUND: ['Error', function(path, base, exactUrl) {
    if (exactUrl) this.url = `${exactUrl}`;
    return `Cannot find ${exactUrl ? 'module' : 'package'} '${path}' imported from ${base}`;
  }],
  ERR_OUT_OF_RANGE: ['RangeError', (name, range, value, replaceDefaultMessage = false) => {
    let received;
    if (Number.isInteger(value) && Math.abs(value) > 2 ** 32) {
      received = addNumericalSeparator(String(value));
    } else if (typeof value === 'bigint') {
      received = String(value);
      if (value > 2n ** 32n || value < -(2n ** 32n)) received = addNumericalSeparator(received);
      received += 'n';
    } else {
      received = inspect(value);
    }
    const subject = replaceDefaultMessage ? name : `The value of "${name}" is out of range.`;
    return `${subject} It must be ${range}. Received ${received}`;
  }],
  ERR_PACKAGE_IMPORT_NOT_DEFINED: ['TypeError', (specifier, packagePath, base) =>
    `Package import specifier "${specifier}" is not defined` +
    `${packagePath ? ` in package ${packagePath}package.json` : ''} imported from ${base}`],
  ERR_PACKAGE_PATH_NOT_EXPORTED: ['Error', (packagePath, subpath, base = undefined) => {
    const subject = subpath === '.' ?
      'No "exports" main defined in' : `Package subpath '${subpath}' is not defined by "exports" in`;
    return `${subject} ${packagePath}package.json${importedFrom(base)}`;
  }],
  ERR_PARSE_ARGS_UNKNOWN_OPTION: ['TypeError', (option, allowPositionals) =>
    `Unknown option '${option}'${allowPositionals ? '. To specify a positional argument starting with ' +
      `a '-', place it at the end of the command after '--', as in '-- "${option}"` : ''}`],
  ERR_QUIC_ENDPOINT_CLOSED: ['Error', (reason, code) => `QUIC endpoint closed: ${reason} (${code})`],
  ERR_REQUIRE_ASYNC_MODULE: ['Error', (filename, parent) => {
    let text = 'require() cannot be used on an ESM graph with top-level await. Use import() instead. ' +
      'To see where the top-level await comes from, use --experimental-print-required-tla.';
    if (filename) text += `\nRequired module: ${filename}`;
    if (parent) {
      const stack = [];
      for (let module = parent; module; module = module.parent) stack.push(module.filename || module.id);
      text += `\nRequire stack:\n- ${stack.join('\n- ')}`;
    }
    return text;
  }],
  ERR_REQUIRE_CYCLE_MODULE: ['Error', (message) => message],
  ERR_REQUIRE_ESM: ['Error', function(filename, hasEsmSyntax, parentPath = null, packageJsonPath = null) {
    let text = `require() of ES Module ${filename}${parentPath ? ` from ${parentPath}` : ''} not supported.`;
    if (!packageJsonPath) {
      if (!filename.endsWith('.mjs')) return text;
      return `${text}\nInstead change the require of ${filename} to a dynamic import() which is available in all CommonJS modules.`;
    }
    const name = parentPath && basename(filename) === basename(parentPath) ? filename : basename(filename);
    if (hasEsmSyntax) {
      return `${text}\nInstead change the require of ${name} in ${parentPath} to a dynamic import() ` +
        'which is available in all CommonJS modules.';
    }
    text += `\n${name} is treated as an ES module file as it is a .js file whose nearest parent package.json ` +
      'contains "type": "module" which declares all .js files in that package scope as ES modules.\n' +
      `Instead either rename ${name} to end in .cjs, change the requiring code to use dynamic import() which ` +
      'is available in all CommonJS modules, or change "type": "module" to "type": "commonjs" in ' +
      `${packageJsonPath} to treat all .js files as CommonJS (using .mjs for all ES modules instead).\n`;
    return text;
  }],
  ERR_REQUIRE_ESM_RACE_CONDITION: ['Error', (filename, parent, isForAsyncLoaderHookWorker) =>
    `Cannot require() ES Module ${filename} because it is not yet fully loaded.\n` +
    'This may be caused by a race condition if the module is simultaneously dynamically ' +
    'import()-ed via Promise.all().\nTry await-ing the import() sequentially in a loop instead.\n' +
    ` (From ${parent ? `${parent} in ` : ' '}${isForAsyncLoaderHookWorker ?
      'loader hook worker thread' : 'non-loader-hook thread'})`],
  ERR_SOCKET_BAD_PORT: ['RangeError', (name, port, allowZero = true) =>
    `${name} should be ${allowZero ? '>=' : '>'} 0 and < 65536. Received ${determineSpecificType(port)}.`],
  ERR_SRI_PARSE: ['SyntaxError', (text, char, position) =>
    `Subresource Integrity string "${text}" had an unexpected "${char}" at position ${position}`],
  ERR_TEST_FAILURE: ['Error', function(error, failureType) {
    const { hideInternalStackFrames, inspectWithNoCustomRetry } = require('internal/errors');
    hideInternalStackFrames(this);
    this.failureType = failureType;
    this.cause = error;
    const text = error?.message ?? error;
    return typeof text === 'string' ? text : inspectWithNoCustomRetry(text);
  }],
  ERR_TLS_ALPN_CALLBACK_INVALID_RESULT: ['TypeError', (value, protocols) =>
    `ALPN callback returned a value (${value}) that did not match any of the client's offered protocols ` +
    `(${protocols.join(', ')})`],
  ERR_TLS_CERT_ALTNAME_INVALID: ['Error', function(reason, host, cert) {
    this.reason = reason;
    this.host = host;
    this.cert = cert;
    return `Hostname/IP does not match certificate's altnames: ${reason}`;
  }],
  ERR_UNHANDLED_ERROR: ['Error', (err = undefined) =>
    (err === undefined ? 'Unhandled error.' : `Unhandled error. (${err})`)],
  ERR_UNSUPPORTED_DIR_IMPORT: ['Error', function(path, base, exactUrl) {
    this.url = exactUrl;
    return `Directory import '${path}' is not supported resolving ES modules imported from ${base}`;
  }],
  ERR_UNSUPPORTED_ESM_URL_SCHEME: ['Error', (url, supported) =>
    `Only URLs with a scheme in: ${formatList(supported)} are supported by the default ESM loader.` +
    ` Received protocol '${url.protocol}'`],
  ERR_VM_MODULE_LINK_FAILURE: ['Error', function(message, cause) {
    this.cause = cause;
    return message;
  }],
  ERR_WORKER_INVALID_EXEC_ARGV: ['Error', (errors, what = 'invalid execArgv flags') =>
    `Initiated Worker with ${what}: ${errors.join(', ')}`],
  ERR_WORKER_PATH: ['TypeError', (filename) =>
    'The worker script or module filename must be an absolute path or a relative path starting with ' +
    `'./' or '../'.${wrapHint(filename)}` +
    ` Received "${filename}"`],
};

module.exports = { addNumericalSeparator, determineSpecificType, formatList, messages };
