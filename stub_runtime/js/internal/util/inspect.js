'use strict';
// util.inspect(): options, colours and styles. Values are formatted in inspect/value, printf-like texts in
// inspect/format; both are part of this module's interface.

const { customInspectSymbol } = require('internal/util');
const strings = require('internal/util/inspect/strings');
const width = require('internal/util/inspect/width');
const { formatValue, stylizeNoColor } = require('internal/util/inspect/value');

const inspectDefaultOptions = Object.seal({
  showHidden: false,
  depth: 2,
  colors: false,
  customInspect: true,
  showProxy: false,
  maxArrayLength: 100,
  maxStringLength: 10000,
  breakLength: 80,
  compact: 3,
  sorted: false,
  getters: false,
  numericSeparator: false,
});

// inspect(value, { depth, colors, ... }), or the old inspect(value, showHidden, depth, colors).
function inspect(value, opts) {
  // Spelled out: V8 spreads into an object that has properties by a call of its runtime.
  const defaults = inspectDefaultOptions;
  const ctx = {
    budget: {},
    indentationLvl: 0,
    seen: [],
    currentDepth: 0,
    stylize: stylizeNoColor,
    showHidden: defaults.showHidden,
    depth: defaults.depth,
    colors: defaults.colors,
    customInspect: defaults.customInspect,
    showProxy: defaults.showProxy,
    maxArrayLength: defaults.maxArrayLength,
    maxStringLength: defaults.maxStringLength,
    breakLength: defaults.breakLength,
    compact: defaults.compact,
    sorted: defaults.sorted,
    getters: defaults.getters,
    numericSeparator: defaults.numericSeparator,
  };
  if (arguments.length > 1) {
    if (arguments.length > 2) {
      if (arguments[2] !== undefined) ctx.depth = arguments[2];
      if (arguments.length > 3 && arguments[3] !== undefined) ctx.colors = arguments[3];
    }
    if (typeof opts === 'boolean') {
      ctx.showHidden = opts;
    } else if (opts) {
      for (const key of Object.keys(opts)) {
        // Custom inspect functions may pass on what is no option of ours, such as ctx.stylize.
        if (Object.hasOwn(inspectDefaultOptions, key) || key === 'stylize') {
          ctx[key] = opts[key];
        } else if (ctx.userOptions === undefined) {
          ctx.userOptions = opts;
        }
      }
    }
  }
  if (ctx.colors) ctx.stylize = stylizeWithColor;
  if (ctx.maxArrayLength === null) ctx.maxArrayLength = Infinity;
  if (ctx.maxStringLength === null) ctx.maxStringLength = Infinity;
  return formatValue(ctx, value, 0);
}
inspect.custom = customInspectSymbol;

Object.defineProperty(inspect, 'defaultOptions', {
  __proto__: null,
  get() {
    return inspectDefaultOptions;
  },
  set(options) {
    require('internal/validators').validateObject(options, 'options');
    Object.assign(inspectDefaultOptions, options);
  },
});

const kForeground = 39;
const kBackground = 49;

// SGR codes: [on, off].
inspect.colors = {
  __proto__: null,
  reset: [0, 0],
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  blink: [5, 25],
  inverse: [7, 27],
  hidden: [8, 28],
  strikethrough: [9, 29],
  doubleunderline: [21, 24],
  black: [30, kForeground],
  red: [31, kForeground],
  green: [32, kForeground],
  yellow: [33, kForeground],
  blue: [34, kForeground],
  magenta: [35, kForeground],
  cyan: [36, kForeground],
  white: [37, kForeground],
  bgBlack: [40, kBackground],
  bgRed: [41, kBackground],
  bgGreen: [42, kBackground],
  bgYellow: [43, kBackground],
  bgBlue: [44, kBackground],
  bgMagenta: [45, kBackground],
  bgCyan: [46, kBackground],
  bgWhite: [47, kBackground],
  framed: [51, 54],
  overlined: [53, 55],
  gray: [90, kForeground],
  redBright: [91, kForeground],
  greenBright: [92, kForeground],
  yellowBright: [93, kForeground],
  blueBright: [94, kForeground],
  magentaBright: [95, kForeground],
  cyanBright: [96, kForeground],
  whiteBright: [97, kForeground],
  bgGray: [100, kBackground],
  bgRedBright: [101, kBackground],
  bgGreenBright: [102, kBackground],
  bgYellowBright: [103, kBackground],
  bgBlueBright: [104, kBackground],
  bgMagentaBright: [105, kBackground],
  bgCyanBright: [106, kBackground],
  bgWhiteBright: [107, kBackground],
};

function defineColorAlias(target, alias) {
  Object.defineProperty(inspect.colors, alias, {
    __proto__: null,
    get() {
      return this[target];
    },
    set(value) {
      this[target] = value;
    },
    configurable: true,
    enumerable: false,
  });
}

defineColorAlias('gray', 'grey');
defineColorAlias('gray', 'blackBright');
defineColorAlias('bgGray', 'bgGrey');
defineColorAlias('bgGray', 'bgBlackBright');
defineColorAlias('dim', 'faint');
defineColorAlias('strikethrough', 'crossedout');
defineColorAlias('strikethrough', 'strikeThrough');
defineColorAlias('strikethrough', 'crossedOut');
defineColorAlias('hidden', 'conceal');
defineColorAlias('inverse', 'swapColors');
defineColorAlias('inverse', 'swapcolors');
defineColorAlias('doubleunderline', 'doubleUnderline');

// The colour of each kind of value.
inspect.styles = {
  __proto__: null,
  special: 'cyan',
  number: 'yellow',
  bigint: 'yellow',
  boolean: 'yellow',
  undefined: 'grey',
  null: 'bold',
  string: 'green',
  symbol: 'green',
  date: 'magenta',
  regexp: highlightRegExp,
  module: 'underline',
};

function highlightRegExp(regexpString) {
  return require('internal/util/inspect/regexp').highlightRegExp(regexpString, {
    palette: highlightRegExp.colors, colors: inspect.colors,
  });
}
highlightRegExp.colors = ['green', 'red', 'yellow', 'cyan', 'magenta'];

function stylizeWithColor(str, styleType) {
  const style = inspect.styles[styleType];
  if (style === undefined) return str;
  if (typeof style === 'function') return style(str);
  const color = inspect.colors[style];
  return color === undefined ? str : `\u001b[${color[0]}m${str}\u001b[${color[1]}m`;
}

module.exports = {
  inspect,
  inspectDefaultOptions,
  stylizeWithColor,
  formatValue,
  getStringWidth: strings.getStringWidth,
  isFullWidthCodePoint: width.isFullWidthCodePoint,
  isZeroWidthCodePoint: width.isZeroWidthCodePoint,
  stripVTControlCharacters: strings.stripVTControlCharacters,
  quote: strings.quote,
};
Object.assign(module.exports, require('internal/util/inspect/format'), {
  identicalSequenceRange: require('internal/util/inspect/errors').identicalSequenceRange,
});
