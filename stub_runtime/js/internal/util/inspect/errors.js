'use strict';
// How util.inspect shows errors: the stack with its header corrected to the class, frames that the
// cause repeats left out, frames of packages and of Node told apart by colour.

const { isError } = require('internal/util');

const kCoreFrame = /^ {4}at (?:[^/\\(]+ \(|)node:(.+):\d+:\d+\)?$/;

// The stack as text, whatever a program has put there. formatValue is internal/util/inspect/value's.
function stackOf(ctx, error, formatValue) {
  let stack;
  try {
    stack = error.stack;
  } catch {
    stack = undefined;
  }
  if (!stack) return header(error);
  if (typeof stack === 'string') return stack;
  ctx.seen.push(error);
  ctx.indentationLvl += 4;
  const text = formatValue(ctx, stack);
  ctx.indentationLvl -= 4;
  ctx.seen.pop();
  return `${header(error)}\n    ${text}`;
}

function header(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch (inner) {
    // A getter of the error throws; a name that is a symbol is the caller's mistake to see.
    if (typeof safeGet(error, 'name') === 'symbol') throw inner;
    return Object.prototype.toString.call(error);
  }
}

function safeGet(object, key) {
  try {
    return object[key];
  } catch {
    return undefined;
  }
}

// The class of the error in place of, or before, the name that the stack starts with.
function improveStack(stack, constructor, name, tag, getPrefix) {
  let length = name.length;
  const startsWithName = name.endsWith('Error') && stack.startsWith(name) &&
    (stack.length === length || stack[length] === ':' || stack[length] === '\n');
  if (constructor !== null && !startsWithName) return stack;

  let fallback = 'Error';
  if (constructor === null) {
    const start = /^([A-Z][a-z_ A-Z0-9[\]()-]+)(?::|\n\s+at)/.exec(stack) ||
      /^([a-z_A-Z0-9-]*Error)$/.exec(stack);
    fallback = start?.[1] || '';
    length = fallback.length;
    fallback ||= 'Error';
  }
  const prefix = getPrefix(constructor, tag, fallback).slice(0, -1);
  if (name === prefix) return stack;
  if (prefix.includes(name)) {
    return length === 0 ? `${prefix}: ${stack}` : `${prefix}${stack.slice(length)}`;
  }
  return `${prefix} [${name}]${stack.slice(length)}`;
}

// `name`, `message` and `stack` are shown as properties only where the stack does not have them.
function removeShownKeys(ctx, keys, error, stack) {
  if (ctx.showHidden || keys.length === 0) return;
  for (const name of ['name', 'message', 'stack']) {
    const at = keys.indexOf(name);
    if (at === -1) continue;
    const value = safeGet(error, name);
    if (typeof value !== 'string' || stack.includes(value)) keys.splice(at, 1);
  }
}

// The longest run of lines that both stacks share: { length, offset } in `a`.
function identicalSequenceRange(a, b) {
  for (let i = 0; i < a.length - 3; i++) {
    // The first line of a run is looked for in b, then the run is followed.
    const at = b.indexOf(a[i]);
    if (at === -1) continue;
    const rest = b.length - at;
    if (rest <= 3) continue;
    let length = 1;
    const max = Math.min(a.length - i, rest);
    while (length < max && a[i + length] === b[at + length]) length++;
    if (length > 3) return { len: length, offset: i };
  }
  return { len: 0, offset: 0 };
}

// The text of the frames; what the cause's repeat is left out.
function framesOf(ctx, error, text, formatValue) {
  const cause = safeGet(error, 'cause');
  const hasCause = cause != null && isError(cause);
  if (!hasCause && !ctx.colors) return text;
  let frames = text.split('\n');
  if (hasCause) {
    const causeStack = stackOf(ctx, cause, formatValue);
    const start = causeStack.indexOf('\n    at');
    if (start !== -1) {
      const { len, offset } = identicalSequenceRange(frames, causeStack.slice(start + 1).split('\n'));
      if (len > 3) {
        const skipped = len - 2;
        const note = `    ... ${skipped} lines matching cause stack trace ...`;
        frames.splice(offset + 1, skipped, ctx.stylize(note, 'undefined'));
      }
    }
  }
  if (ctx.colors) frames = colorFrames(ctx, frames);
  return frames.join('\n');
}

// Underlines the names of packages in a frame.
function markNodeModules(ctx, line) {
  let result = '';
  let lastPosition = 0;
  let searchFrom = 0;
  for (;;) {
    const position = line.indexOf('node_modules', searchFrom);
    if (position === -1) break;
    // Must be a path segment of its own.
    const before = line[position - 1];
    const after = line[position + 12];
    if ((after !== '/' && after !== '\\') || (before !== '/' && before !== '\\')) {
      searchFrom = position + 1;
      continue;
    }
    const start = position + 13;
    result += line.slice(lastPosition, start);
    let end = line.indexOf(after, start);
    if (line[start] === '@') end = line.indexOf(after, end + 1);
    result += ctx.stylize(line.slice(start, end), 'module');
    lastPosition = end;
    searchFrom = end;
  }
  return lastPosition === 0 ? line : result + line.slice(lastPosition);
}

// Greys the working directory in a frame.
function markCwd(ctx, line, cwd) {
  let start = line.indexOf(cwd);
  if (start === -1) return line;
  let end = start + cwd.length;
  if (line[end] === '/') end++;
  if (line[start - 1] === '(') {
    start--;
    if (line[line.length - 1] === ')') {
      return line.slice(0, start) + ctx.stylize(line.slice(start, end), 'undefined') +
        line.slice(end, -1) + ctx.stylize(')', 'undefined');
    }
  }
  return line.slice(0, start) + ctx.stylize(line.slice(start, end), 'undefined') + line.slice(end);
}

function colorFrames(ctx, lines) {
  let cwd;
  try {
    cwd = process.cwd();
  } catch {
    // The directory is gone: nothing to mark.
  }
  let url;
  return lines.map((line) => {
    if (kCoreFrame.test(line)) return ctx.stylize(line, 'undefined');
    line = markNodeModules(ctx, line);
    if (cwd === undefined) return line;
    const marked = markCwd(ctx, line, cwd);
    if (marked !== line) return marked;
    url ??= require('internal/url').pathToFileURL(cwd).href;
    return markCwd(ctx, line, url);
  });
}

function formatError(ctx, error, constructor, tag, keys, formatValue, getPrefix) {
  let name = safeGet(error, 'name');
  name = name == null ? 'Error' : String(name);
  let stack = stackOf(ctx, error, formatValue);
  removeShownKeys(ctx, keys, error, stack);

  if ('cause' in error && !keys.includes('cause')) keys.push('cause');
  // Node shows the errors of an AggregateError as if they were enumerable.
  try {
    if (Array.isArray(error.errors) && !keys.includes('errors')) keys.push('errors');
  } catch {
    // A throwing getter shows nothing.
  }

  stack = improveStack(stack, constructor, name, tag, getPrefix);

  // The frames start after the message, which may itself look like one.
  const message = safeGet(error, 'message');
  let pos = (message && stack.indexOf(message)) || -1;
  if (pos !== -1) pos += message.length;
  const framesStart = stack.indexOf('\n    at', pos);
  if (framesStart === -1) {
    stack = `[${stack}]`;
  } else {
    stack = `${stack.slice(0, framesStart)}\n${framesOf(ctx, error, stack.slice(framesStart + 1), formatValue)}`;
  }
  if (ctx.indentationLvl !== 0) stack = stack.replaceAll('\n', `\n${' '.repeat(ctx.indentationLvl)}`);
  return stack;
}

module.exports = { formatError, identicalSequenceRange };
