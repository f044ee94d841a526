'use strict';
// util.parseArgs(): command-line arguments by a table of options.

const {
  codes: {
    ERR_INVALID_ARG_VALUE,
    ERR_PARSE_ARGS_INVALID_OPTION_VALUE,
    ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL,
    ERR_PARSE_ARGS_UNKNOWN_OPTION,
  },
} = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const {
  validateArray,
  validateBoolean,
  validateBooleanArray,
  validateObject,
  validateString,
  validateStringArray,
  validateUnion,
} = require('internal/validators');

// An own property, or undefined: prototypes do not configure options.
function own(object, key) {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isOptionLike(value) {
  return value != null && value.length > 1 && value[0] === '-';
}

function typeOf(options, name) {
  return own(own(options, name) ?? kEmptyObject, 'type') ?? (Object.hasOwn(options, name) ? undefined : 'boolean');
}

// The arguments of the program itself.
function mainArgs() {
  const { execArgv } = process;
  if (execArgv.includes('-e') || execArgv.includes('--eval') ||
      execArgv.includes('-p') || execArgv.includes('--print')) {
    return process.argv.slice(1);
  }
  return process.argv.slice(2);
}

function longOfShort(short, options) {
  for (const { 0: name, 1: config } of Object.entries(options)) {
    if (own(config, 'short') === short) return name;
  }
  return short;
}

// '-a'
function isLoneShort(arg) {
  return arg.length === 2 && arg[0] === '-' && arg[1] !== '-';
}

// '-abc', of which all but the last are flags.
function isShortGroup(arg, options) {
  if (arg.length <= 2 || arg[0] !== '-' || arg[1] === '-') return false;
  return typeOf(options, longOfShort(arg[1], options)) !== 'string';
}

// '-fVALUE'
function isShortAndValue(arg, options) {
  if (arg.length <= 2 || arg[0] !== '-' || arg[1] === '-') return false;
  return typeOf(options, longOfShort(arg[1], options)) === 'string';
}

// What the arguments are, without judging them: options, positionals, the terminator, each with its index.
function tokenize(args, options) {
  const tokens = [];
  let index = -1;
  let fromGroup = 0;
  const rest = [...args];
  while (rest.length > 0) {
    const arg = rest.shift();
    const next = rest[0];
    if (fromGroup > 0) fromGroup--;
    else index++;

    if (arg === '--') {
      tokens.push({ kind: 'option-terminator', index });
      for (const positional of rest) tokens.push({ kind: 'positional', index: ++index, value: positional });
      break;
    }
    if (isLoneShort(arg)) {
      const name = longOfShort(arg[1], options);
      let value;
      let inlineValue;
      if (typeOf(options, name) === 'string' && next != null) {
        value = rest.shift();
        inlineValue = false;
      }
      tokens.push({ kind: 'option', name, rawName: arg, index, value, inlineValue });
      if (value != null) ++index;
      continue;
    }
    if (isShortGroup(arg, options)) {
      const expanded = [];
      for (let i = 1; i < arg.length; i++) {
        const short = arg[i];
        if (typeOf(options, longOfShort(short, options)) !== 'string' || i === arg.length - 1) {
          expanded.push(`-${short}`);
        } else {
          // The rest of the group is the value.
          expanded.push(`-${arg.slice(i)}`);
          break;
        }
      }
      rest.unshift(...expanded);
      fromGroup = expanded.length;
      continue;
    }
    if (isShortAndValue(arg, options)) {
      const name = longOfShort(arg[1], options);
      tokens.push({ kind: 'option', name, rawName: `-${arg[1]}`, index, value: arg.slice(2), inlineValue: true });
      continue;
    }
    if (arg.length > 2 && arg.startsWith('--')) {
      const equal = arg.indexOf('=', 3);
      if (equal === -1) {
        const name = arg.slice(2);
        let value;
        let inlineValue;
        if (typeOf(options, name) === 'string' && next != null) {
          value = rest.shift();
          inlineValue = false;
        }
        tokens.push({ kind: 'option', name, rawName: arg, index, value, inlineValue });
        if (value != null) ++index;
      } else {
        const name = arg.slice(2, equal);
        tokens.push({
          kind: 'option', name, rawName: `--${name}`, index, value: arg.slice(equal + 1), inlineValue: true,
        });
      }
      continue;
    }
    tokens.push({ kind: 'positional', index, value: arg });
  }
  return tokens;
}

// --name VALUE where VALUE looks like an option: the author must say what is meant.
function checkAmbiguous(token) {
  if (token.inlineValue || !isOptionLike(token.value)) return;
  const example = token.rawName.startsWith('--') ?
    `'${token.rawName}=-XYZ'` : `'--${token.name}=-XYZ' or '${token.rawName}-XYZ'`;
  throw new ERR_PARSE_ARGS_INVALID_OPTION_VALUE(
    `Option '${token.rawName}' argument is ambiguous.\n` +
    `Did you forget to specify the option argument for '${token.rawName}'?\n` +
    `To specify an option argument starting with a dash use ${example}.`);
}

// Whether the option is known and has the value it needs, or none.
function checkUsage(config, token) {
  let { name } = token;
  let isKnown = Object.hasOwn(config.options, name);
  let isNegated = false;
  if (!isKnown && config.allowNegative && name.startsWith('no-')) {
    // --no-x of a flag x.
    const positive = name.slice(3);
    if (Object.hasOwn(config.options, positive) && own(config.options[positive], 'type') === 'boolean') {
      isNegated = true;
      isKnown = true;
      name = positive;
    }
  }
  if (!isKnown) throw new ERR_PARSE_ARGS_UNKNOWN_OPTION(token.rawName, config.allowPositionals);

  const option = config.options[name];
  const short = own(option, 'short');
  const shown = `${short ? `-${short}, ` : ''}--${name}`;
  const type = own(option, 'type');
  if (type === 'string' && typeof token.value !== 'string') {
    throw new ERR_PARSE_ARGS_INVALID_OPTION_VALUE(`Option '${shown} <value>' argument missing`);
  }
  if (type === 'boolean' && token.value != null) {
    throw new ERR_PARSE_ARGS_INVALID_OPTION_VALUE(
      `Option '${isNegated ? `--no-${name}` : shown}' does not take an argument`);
  }
}

function store(token, options, values, allowNegative) {
  const { value } = token;
  let { name } = token;
  if (name === '__proto__') return;
  let optionValue = value === undefined ? true : value;
  if (allowNegative && name.startsWith('no-') && value === undefined) {
    // Also where `no-x` is an option itself.
    name = name.slice(3);
    token.name = name;
    optionValue = false;
  }
  if (own(own(options, name) ?? kEmptyObject, 'multiple')) {
    values[name] ??= [];
    values[name].push(optionValue);
  } else {
    values[name] = optionValue;
  }
}

function checkOptions(options) {
  for (const { 0: name, 1: option } of Object.entries(options)) {
    validateObject(option, `options.${name}`);
    const type = own(option, 'type');
    validateUnion(type, `options.${name}.type`, ['string', 'boolean']);
    if (Object.hasOwn(option, 'short')) {
      const { short } = option;
      validateString(short, `options.${name}.short`);
      if (short.length !== 1) {
        throw new ERR_INVALID_ARG_VALUE(`options.${name}.short`, short, 'must be a single character');
      }
    }
    const multiple = own(option, 'multiple');
    if (Object.hasOwn(option, 'multiple')) validateBoolean(multiple, `options.${name}.multiple`);
    const def = own(option, 'default');
    if (def !== undefined) {
      const validate = type === 'string' ?
        (multiple ? validateStringArray : validateString) :
        (multiple ? validateBooleanArray : validateBoolean);
      validate(def, `options.${name}.default`);
    }
  }
}

// { values, positionals, tokens? }
function parseArgs(config = kEmptyObject) {
  const args = own(config, 'args') ?? mainArgs();
  const strict = own(config, 'strict') ?? true;
  const allowPositionals = own(config, 'allowPositionals') ?? !strict;
  const returnTokens = own(config, 'tokens') ?? false;
  const allowNegative = own(config, 'allowNegative') ?? false;
  const options = own(config, 'options') ?? { __proto__: null };
  const settings = { args, strict, options, allowPositionals, allowNegative };

  validateArray(args, 'args');
  validateBoolean(strict, 'strict');
  validateBoolean(allowPositionals, 'allowPositionals');
  validateBoolean(returnTokens, 'tokens');
  validateBoolean(allowNegative, 'allowNegative');
  validateObject(options, 'options');
  checkOptions(options);

  const tokens = tokenize(args, options);
  const result = { values: { __proto__: null }, positionals: [] };
  if (returnTokens) result.tokens = tokens;
  for (const token of tokens) {
    if (token.kind === 'option') {
      if (strict) {
        checkUsage(settings, token);
        checkAmbiguous(token);
      }
      store(token, options, result.values, allowNegative);
    } else if (token.kind === 'positional') {
      if (!allowPositionals) throw new ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL(token.value);
      result.positionals.push(token.value);
    }
  }
  for (const { 0: name, 1: option } of Object.entries(options)) {
    const def = own(option, 'default');
    if (def !== undefined && result.values[name] === undefined) result.values[name] = def;
  }
  return result;
}

module.exports = { parseArgs };
