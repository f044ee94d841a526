'use strict';
// --watch: runs the program as a child and starts it anew when a file changes that it loaded, or below --watch-path.

const { spawn } = require('child_process');
const { once } = require('events');
const { resolve } = require('path');
const { inspect } = require('internal/util/inspect');
const { getOptionValue } = require('internal/options');
const { FilesWatcher } = require('internal/watch/files_watcher');
const colors = require('internal/util/colors');

// Milliseconds after which a child that does not end is told of.
const kGrace = 1000;
const waiting = 'Waiting for file changes before restarting...';

const say = (color, text) => process.stdout.write(`${colors[color]}${text}${colors.white}\n`);

// The child's options: ours without those of watching.
function childOptions() {
  const out = [];
  const { execArgv } = process;
  for (let i = 0; i < execArgv.length; i++) {
    const [word] = execArgv[i].split('=', 1);
    if (word === '--watch') continue;
    if (word === '--watch-path' || word === '--watch-kill-signal') {
      if (word === execArgv[i]) i++;
      continue;
    }
    out.push(execArgv[i]);
  }
  return out;
}

class Watch {
  #words;
  #shown;
  #byPaths = getOptionValue('--watch-path');
  #watcher = new FilesWatcher({ debounce: 200, mode: this.#byPaths.length === 0 ? 'filter' : 'all' });
  #child;
  #exited = true;
  #restarting = false;
  #killSignal;

  constructor(words) {
    this.#words = words;
    this.#shown = inspect(words.join(' '));
    this.#killSignal = getOptionValue('--watch-kill-signal');
    require('internal/validators').validateSignalName(this.#killSignal, '--watch-kill-signal');
  }

  start() {
    colors.refresh();
    this.#byPaths.forEach((path) => this.#watcher.watchPath(resolve(path)));
    this.#run();
    this.#watcher.on('changed', ({ trigger }) => this.#restart(trigger));
    for (const signal of ['SIGTERM', 'SIGINT']) {
      process.on(signal, async () => {
        this.#watcher.clear();
        process.exit(await this.#kill(signal, true) ?? 0);
      });
    }
  }

  #run() {
    this.#exited = false;
    const reports = this.#byPaths.length === 0;
    const child = spawn(process.execPath, [...childOptions(), ...this.#words], {
      stdio: reports ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
      env: { ...process.env, WATCH_REPORT_DEPENDENCIES: '1' },
    });
    this.#child = child;
    if (reports) this.#watcher.watchChildProcessModules(child);
    for (const name of ['--env-file', '--env-file-if-exists']) {
      for (const file of getOptionValue(name)) this.#watcher.filterFile(resolve(file));
    }
    child.once('exit', (code) => {
      this.#exited = true;
      if (code === 0) say('blue', `Completed running ${this.#shown}. ${waiting}`);
      else say('red', `Failed running ${this.#shown}. ${waiting}`);
    });
  }

  // The exit code.
  async #kill(signal, force = false) {
    const child = this.#child;
    child.removeAllListeners();
    if (this.#exited) return child.exitCode;
    if (child.killed && !force) return undefined;
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code] = await exit;
    return code;
  }

  async #restart(trigger) {
    if (this.#restarting) return;
    this.#restarting = true;
    if (!getOptionValue('--watch-preserve-output')) process.stdout.write(colors.clear);
    if (trigger !== undefined) say('blue', `Change detected in ${inspect(trigger)}`);
    say('green', `Restarting ${this.#shown}`);
    this.#watcher.destroyIPC(this.#child);
    let told = false;
    const timer = setTimeout(() => {
      told = true;
      say('blue', 'Waiting for graceful termination...');
    }, kGrace);
    await this.#kill(this.#killSignal);
    clearTimeout(timer);
    if (told) say('green', `${colors.clear}Gracefully restarted ${this.#shown}`);
    this.#run();
    this.#restarting = false;
  }
}

// `words` are the script and its arguments.
function start(words) {
  if (words.length === 0 && getOptionValue('--watch-path').length === 0) {
    say('blue', `Completed running ''. ${waiting}`);
    return;
  }
  new Watch(words).start();
}

module.exports = { start };
