'use strict';
// Owns: how many colours a terminal shows, judged from the environment.
// Shared by tty.WriteStream and by those who only have an environment.

const { validateInteger } = require('internal/validators');

// Bits of colour: 2, 16, 256 and 16 million colours.
const MONO = 1;
const ANSI16 = 4;
const ANSI256 = 8;
const TRUECOLOR = 24;

const TERMS = {
  '__proto__': null,
  'eterm': ANSI16,
  'cons25': ANSI16,
  'console': ANSI16,
  'cygwin': ANSI16,
  'dtterm': ANSI16,
  'gnome': ANSI16,
  'hurd': ANSI16,
  'jfbterm': ANSI16,
  'konsole': ANSI16,
  'kterm': ANSI16,
  'mlterm': ANSI16,
  'mosh': TRUECOLOR,
  'putty': ANSI16,
  'st': ANSI16,
  // http://lists.schmorp.de/pipermail/rxvt-unicode/2016q2/002261.html
  'rxvt-unicode-24bit': TRUECOLOR,
  // https://bugs.launchpad.net/terminator/+bug/1030562
  'terminator': TRUECOLOR,
  'xterm-kitty': TRUECOLOR,
};

const TERM_PATTERNS = [
  /ansi/,
  /color/,
  /linux/,
  /direct/,
  /^con[0-9]*x[0-9]/,
  /^rxvt/,
  /^screen/,
  /^xterm/,
  /^vt100/,
  /^vt220/,
];

const CI_SYSTEMS = [
  ['APPVEYOR', ANSI256],
  ['BUILDKITE', ANSI256],
  ['CIRCLECI', TRUECOLOR],
  ['DRONE', ANSI256],
  ['GITEA_ACTIONS', TRUECOLOR],
  ['GITHUB_ACTIONS', TRUECOLOR],
  ['GITLAB_CI', ANSI256],
  ['TRAVIS', ANSI256],
];

let warned = false;

// FORCE_COLOR beats the variables that switch colours off; say so once.
function warnOnDeactivatedColors(env) {
  if (warned) return;
  let name = '';
  if (env.NODE_DISABLE_COLORS !== undefined && env.NODE_DISABLE_COLORS !== '') {
    name = 'NODE_DISABLE_COLORS';
  }
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') {
    if (name !== '') name += "' and '";
    name += 'NO_COLOR';
  }
  if (name !== '') {
    process.emitWarning(
      `The '${name}' env is ignored due to the 'FORCE_COLOR' env being set.`, 'Warning');
    warned = true;
  }
}

function getColorDepth(env = process.env) {
  if (env.FORCE_COLOR !== undefined) {
    switch (env.FORCE_COLOR) {
      case '':
      case '1':
      case 'true':
        warnOnDeactivatedColors(env);
        return ANSI16;
      case '2':
        warnOnDeactivatedColors(env);
        return ANSI256;
      case '3':
        warnOnDeactivatedColors(env);
        return TRUECOLOR;
      default:
        return MONO;
    }
  }

  if ((env.NODE_DISABLE_COLORS !== undefined && env.NODE_DISABLE_COLORS !== '') ||
      (env.NO_COLOR !== undefined && env.NO_COLOR !== '') ||
      env.TERM === 'dumb') {
    return MONO;
  }

  if (process.platform === 'win32') {
    // Windows 10 knows 256 colours since build 10586 and all since 14931.
    const release = require('os').release().split('.');
    if (Number(release[0]) >= 10) {
      const build = Number(release[2]);
      if (build >= 14931) return TRUECOLOR;
      if (build >= 10586) return ANSI256;
    }
    return ANSI16;
  }

  if (env.TMUX) return TRUECOLOR;

  if ('TF_BUILD' in env && 'AGENT_NAME' in env) return ANSI16;

  if ('CI' in env) {
    for (const [name, depth] of CI_SYSTEMS) {
      if (name in env) return depth;
    }
    return env.CI_NAME === 'codeship' ? ANSI256 : MONO;
  }

  if ('TEAMCITY_VERSION' in env) {
    return /^(9\.(0*[1-9]\d*)\.|\d{2,}\.)/.test(env.TEAMCITY_VERSION) ? ANSI16 : MONO;
  }

  switch (env.TERM_PROGRAM) {
    case 'iTerm.app':
      return !env.TERM_PROGRAM_VERSION || /^[0-2]\./.test(env.TERM_PROGRAM_VERSION) ?
        ANSI256 : TRUECOLOR;
    case 'HyperTerm':
    case 'MacTerm':
      return TRUECOLOR;
    case 'Apple_Terminal':
      return ANSI256;
  }

  if (env.COLORTERM === 'truecolor' || env.COLORTERM === '24bit') return TRUECOLOR;

  if (env.TERM) {
    if (/truecolor/.test(env.TERM)) return TRUECOLOR;
    if (/^xterm-256/.test(env.TERM)) return ANSI256;
    const term = env.TERM.toLowerCase();
    if (TERMS[term]) return TERMS[term];
    if (TERM_PATTERNS.some((pattern) => pattern.test(term))) return ANSI16;
  }

  return env.COLORTERM ? ANSI16 : MONO;
}

function hasColors(count, env) {
  if (env === undefined && (count === undefined || (typeof count === 'object' && count !== null))) {
    env = count;
    count = 16;
  } else {
    validateInteger(count, 'count', 2);
  }
  return count <= 2 ** this.getColorDepth(env);
}

module.exports = { getColorDepth, hasColors };
