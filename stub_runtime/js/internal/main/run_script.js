'use strict';
// `--run NAME`: a script of the nearest package.json, run by the shell with the packages' commands in its PATH. Owns: finding it, its
// environment, what is told where it is not there. Does not own: the words after `--` (Rust, `options.rs`).

const { dirname, join } = require('path');
const fs = internalBinding('fs');

const kFailure = 1;
const kInvalidArgument = 9;

// A script that a signal ended counts as one that did well, as in Node.
function exitCode({ status }) {
  return status > 0 ? kFailure : 0;
}

function fail(message, code = kFailure) {
  internalBinding('errors').writeStderr(message);
  process.reallyExit(code);
}

function* foldersFrom(folder) {
  for (;; folder = dirname(folder)) {
    yield folder;
    if (folder === '/') return;
  }
}

function readManifest(path) {
  let manifest;
  try {
    manifest = JSON.parse(fs.readOwnFile(path));
  } catch {
    fail(`Can't parse ${path}\n`);
  }
  if (manifest === null || typeof manifest !== 'object' || Array.isArray(manifest)) {
    fail(`Root value unexpected not an object for ${path}\n\n`);
  }
  return manifest;
}

function listed(scripts) {
  let text = 'Available scripts are:\n';
  for (const [name, command] of Object.entries(scripts)) if (typeof command === 'string') text += `  ${name}: ${command}\n`;
  return text;
}

function quoted(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function run(name, words) {
  const folders = [...foldersFrom(process.cwd())];
  const folder = folders.find((each) => fs.internalModuleStat(join(each, 'package.json')) === 0);
  if (folder === undefined) fail(`Can't find package.json for directory ${process.cwd()}\n`);
  const path = join(folder, 'package.json');
  const { scripts } = readManifest(path);
  if (scripts === null || typeof scripts !== 'object' || Array.isArray(scripts)) fail(`Can't find "scripts" field in ${path}\n`);
  if (name === '') fail(listed(scripts), kInvalidArgument);
  if (!Object.hasOwn(scripts, name)) fail(`Missing script: "${name}" for ${path}\n\n${listed(scripts)}`);
  const command = scripts[name];
  if (typeof command !== 'string') fail(`Script "${name}" is unexpectedly not a string for ${path}\n\n`);
  const commands = folders.map((each) => join(each, 'node_modules/.bin')).filter((each) => fs.internalModuleStat(each) === 1);
  const env = {
    ...process.env,
    PATH: [...commands, process.env.PATH ?? ''].join(':'),
    NODE_RUN_SCRIPT_NAME: name,
    NODE_RUN_PACKAGE_JSON_PATH: path,
  };
  const { spawnSync } = require('child_process');
  const result = spawnSync('/bin/sh', ['-c', [command, ...words.map(quoted)].join(' ')], { cwd: folder, env, stdio: 'inherit' });
  process.reallyExit(exitCode(result));
}

module.exports = { run };
