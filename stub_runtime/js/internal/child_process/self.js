'use strict';
// Programs that start themselves, when this executable is an app: `fork(path)`, `spawn(process.execPath, [path])`,
// `execPath -e CODE`, the name `node`, programs of the embedded tree, also in commands for a shell. Owns: which starts mean this
// executable as a `node`, and how that is written on its command line. Does not own: how the other end reads it (Rust, `Options::of_app`).
//
// The form is: Node's options, a path of the embedded tree, words. Code has the place of a script as `[eval]`, a script on the
// disk is the word after `[file]`. Everything else is the app's own command line, and goes there to the letter.

const { root, prefix, isEmbedded } = require('internal/modules/embedded');

// Names of children that have no embedded script; the same in internal/main/main_thread.
const evalMark = `${prefix}[eval]`;
const fileMark = `${prefix}[file]`;

const codeOptions = /^(?:-e|-p|-pe|--eval|--print)$|^--(?:eval|print)=/;

// On the options of a fork: its script, which is a script wherever it lies.
const kForkedScript = Symbol('kForkedScript');

const SELF = '/proc/self/exe';
const ENOENT = 2;

// What starts this program again: the file that this process runs, also when it was moved or deleted meanwhile; where a shared runtime
// runs, the app's file, which names it.
function startsSelf() {
  return internalBinding('app').attached() ?? SELF;
}

function isApp() {
  return internalBinding('app').isApp();
}

function isThisExecutable(file) {
  return file === process.execPath || file === SELF;
}

function looksLikeScript(word, cwd) {
  if (!/\.[cm]?[jt]s$/.test(word)) return false;
  const { resolve } = require('path');
  return internalBinding('fs').internalModuleStat(resolve(cwd ?? '', word)) === 0;
}

// The words after argv[0] in the form of a child, or undefined where they are no `node` command line that we must take.
// `byName`: the program is called `node`, so nothing there is the app's.
function childWords(words, { forked = false, byName = false, cwd, hasNode = () => false }) {
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-v')) {
    return byName && hasNode() ? undefined : childWords(['-p', 'process.version'], {});
  }
  const located = internalBinding('options').locateScript(words);
  if (located === undefined) {
    // Options that node refuses: the child says so and ends. The app in its place would start the same child again, and so on.
    const isNode = byName ? !hasNode() : forked || words.some((word) => codeOptions.test(word) || word.startsWith(prefix));
    return isNode ? [...words, evalMark] : undefined;
  }
  const [index, isCode] = located;
  const script = words[index];
  if (script !== undefined && script.startsWith(prefix)) return words;
  if (isCode) return words.toSpliced(index, 0, evalMark);
  if (script === undefined) return undefined;
  if (byName ? !hasNode() : forked || looksLikeScript(script, cwd)) return words.toSpliced(index, 0, fileMark);
  return undefined;
}

// Whether the child's PATH has a program `node`.
function hasNodeIn(envPairs) {
  const { accessSync, constants: { X_OK } } = require('fs');
  const path = envPairs?.find((pair) => pair.startsWith('PATH='))?.slice(5) ?? '/bin:/usr/bin';
  return path.split(':').some((folder) => {
    try {
      accessSync(`${folder || '.'}/node`, X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// The simple commands of a shell's command line: each a list of words { text, start, end }, text undefined where the shell
// computes it. Undefined where the line is more than we read (here-documents).
function simpleCommands(line) {
  const commands = [];
  let words = [];
  let i = 0;
  let isTarget = false;
  const finish = () => {
    if (words.length > 0) commands.push(words);
    words = [];
    isTarget = false;
  };
  while (i < line.length) {
    const c = line[i];
    if (c === ' ' || c === '\t') {
      i++;
    } else if (c === '#') {
      break;
    } else if (c === '<' || c === '>') {
      if (line.startsWith('<<', i)) return undefined;
      while (i < line.length && '<>&|'.includes(line[i])) i++;
      isTarget = true;
    } else if ('\n;&|()'.includes(c)) {
      finish();
      i++;
    } else {
      const word = readWord(line, i);
      // `2>file`: the number belongs to the redirection.
      const isNumber = /^\d+$/.test(line.slice(word.start, word.end)) && '<>'.includes(line[word.end] ?? ' ');
      if (!isTarget && !isNumber) words.push(word);
      isTarget = false;
      i = word.end;
    }
  }
  finish();
  return commands;
}

function readWord(line, start) {
  let text = '';
  let computed = false;
  let i = start;
  while (i < line.length && !' \t\n;&|()<>'.includes(line[i])) {
    const c = line[i];
    if (c === "'") {
      const end = line.indexOf("'", i + 1);
      if (end < 0) return { text: undefined, start, end: line.length };
      text += line.slice(i + 1, end);
      i = end + 1;
    } else if (c === '"') {
      i++;
      while (i < line.length && line[i] !== '"') {
        if (line[i] === '\\' && '$`"\\\n'.includes(line[i + 1] ?? ' ')) i++;
        else if (line[i] === '$' || line[i] === '`') computed = true;
        text += line[i++];
      }
      i++;
    } else if (c === '\\') {
      text += line[i + 1] ?? '';
      i += 2;
    } else {
      if ('$`*?[~'.includes(c)) computed = true;
      text += c;
      i++;
    }
  }
  return { text: computed ? undefined : text, start, end: Math.min(i, line.length) };
}

// A command line for a shell with the `node` commands in it that mean this executable in the child's form.
function shellCommand(line, options) {
  if (!line.includes('node') && !line.includes(process.execPath) && !line.includes(prefix)) return line;
  const edits = [];
  for (const words of simpleCommands(line) ?? []) {
    let first = 0;
    while (first < words.length && /^[A-Za-z_]\w*=/.test(line.slice(words[first].start))) first++;
    const name = words[first]?.text;
    if (name?.startsWith(prefix)) {
      const program = embeddedProgram(name);
      if (program === 'node') edits.push([words[first].start, words[first].start, `${quoted(process.execPath)} `]);
      else if (program !== undefined) edits.push([words[first].start, words[first].end, `/proc/${process.pid}/fd/${program}`]);
      continue;
    }
    if (name !== 'node' && (name === undefined || !isThisExecutable(name))) continue;
    const rest = words.slice(first + 1);
    // What the shell computes is no option and no embedded path.
    const texts = rest.map((word) => word.text ?? '$');
    const byName = name === 'node';
    const child = childWords(texts, { byName, cwd: options.cwd, hasNode: () => hasNodeIn(options.envPairs) });
    if (child === undefined) continue;
    edits.push([words[first].start, words[first].end, quoted(process.execPath)]);
    const at = child.findIndex((word, i) => word !== texts[i]);
    if (child.length > texts.length + 1) {
      edits.push([rest[0].start, rest.at(-1).end, child.map(quoted).join(' ')]);
    } else if (at >= 0) {
      const place = rest[at - 1]?.end ?? words[first].end;
      edits.push([place, place, ` ${quoted(child[at])}`]);
    }
  }
  for (const [start, end, text] of edits.reverse()) line = line.slice(0, start) + text + line.slice(end);
  return line;
}

function refuseFolder(options) {
  const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
  const { resolve } = require('path');
  if (typeof options.cwd === 'string' && isEmbedded(resolve(options.cwd))) {
    throw new ERR_INVALID_ARG_VALUE(
      'options.cwd', options.cwd,
      `is embedded in this executable, where no other process can go; ${root} is visible to this program's fs only. ` +
      'Use a folder on the disk');
  }
}

function refuseProgram(file) {
  const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
  throw new ERR_INVALID_ARG_VALUE(
    'file', file,
    'is embedded in this executable and cannot be started from there. Copy it to the disk first, with fs.copyFileSync()');
}

// The descriptor of a program of the embedded tree, which the kernel runs from memory; 'node' where it is a script for node,
// undefined where there is no such file.
function embeddedProgram(file) {
  const found = internalBinding('process_wrap').embeddedProgram(file);
  if (found === -ENOENT) return undefined;
  if (typeof found === 'number' && found >= 0) return found;
  if (/^\s*(\S*\/)?(env\s+(-S\s+)?)?node(\s|$)/.test(found)) return 'node';
  return refuseProgram(file);
}

// What starts `options.file` of the embedded tree.
function fromTree(options) {
  const { file, args } = options;
  const program = embeddedProgram(file);
  if (program === 'node') {
    return { __proto__: null, ...options, file: startsSelf(), args: [args[0], file, ...args.slice(1)] };
  }
  // The kernel would say ENOTDIR of a file that is not there.
  return { __proto__: null, ...options, file: `/proc/self/fd/${program ?? 'none'}` };
}

// An app reads no NODE_OPTIONS: its child is told on its command line what it may do.
function permissionsOf(words) {
  if (process.permission === undefined || words.includes('--permission')) return [];
  return require('internal/process/permission').words();
}

// What is started instead of `options` { file, args, cwd, envPairs, shell, ... } where they mean this executable.
function forThisProgram(options) {
  if (!isApp()) return options;
  refuseFolder(options);
  const { file, args } = options;
  if (isEmbedded(file)) return fromTree(options);
  if (options.shell && args[1] === '-c') {
    return { __proto__: null, ...options, args: args.with(2, shellCommand(args[2], options)) };
  }
  const byName = file === 'node';
  if (!byName && !isThisExecutable(file)) return options;
  const child = childWords(args.slice(1), {
    forked: options[kForkedScript] !== undefined,
    byName,
    cwd: options.cwd,
    hasNode: () => hasNodeIn(options.envPairs),
  });
  if (child === undefined) return byName ? options : { __proto__: null, ...options, file: startsSelf() };
  return { __proto__: null, ...options, file: startsSelf(), args: [args[0], ...permissionsOf(child), ...child] };
}

module.exports = { evalMark, fileMark, forThisProgram, kForkedScript, shellCommand };
