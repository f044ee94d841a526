'use strict';
// Coverage of a run: what V8 counted in this process and in those of the test files, summed up by file.
// Owns: the folder that the counts are written to, which files are told of, the summary. Does not own: counting
// (internal/inspector/coverage), one file's figures (coverage_file.js), tables (reporters/coverage_table.js).

const fs = require('fs');
const { join, relative, resolve } = require('path');
const { fileURLToPath, pathToFileURL } = require('internal/url');
const { fileReport, linesOf } = require('internal/test_runner/coverage_file');
const { mergeScripts } = require('internal/test_runner/coverage_merge');

const isCoverageFile = (name) => /^coverage-\d+-\d{13}-\d+\.json$/.test(name);

class TestCoverage {
  #folder;
  #given = process.env.NODE_V8_COVERAGE;
  #config;
  #lines = new Map();

  // `config` has cwd, sourceMaps, coverageIncludeGlobs, coverageExcludeGlobs, coverageIncludeAll and the thresholds.
  constructor(config) {
    this.#config = config;
    this.#folder = fs.mkdtempSync(join(require('os').tmpdir(), 'node-coverage-'));
    require('internal/inspector/coverage').start(this.#folder);
  }

  // The lines of a file, read once; undefined where it cannot be read.
  #linesOf(url, source) {
    if (this.#lines.has(url)) return this.#lines.get(url);
    let lines;
    try {
      lines = linesOf(source ?? fs.readFileSync(fileURLToPath(url), 'utf8'));
    } catch {
      // It was removed, or never was a file.
    }
    this.#lines.set(url, lines);
    return lines;
  }

  summary() {
    require('internal/inspector/coverage').take();
    const { cwd, lineCoverage, branchCoverage, functionCoverage } = this.#config;
    const files = [];
    for (const [url, { functions }] of this.#scripts()) {
      const lines = this.#linesOf(url);
      if (lines !== undefined) files.push(fileReport(fileURLToPath(url), functions, lines));
    }
    files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    return {
      __proto__: null,
      workingDirectory: cwd,
      files,
      totals: totalsOf(files),
      thresholds: { __proto__: null, line: lineCoverage, branch: branchCoverage, function: functionCoverage },
    };
  }

  // URL => what all processes counted.
  #scripts() {
    const scripts = new Map();
    for (const name of fs.readdirSync(this.#folder).filter(isCoverageFile)) {
      const { result, 'source-map-cache': maps } = JSON.parse(fs.readFileSync(join(this.#folder, name), 'utf8'));
      const told = this.#config.sourceMaps && maps !== undefined ? this.#mapped(result, maps) : result;
      for (const script of told) {
        if (this.#isSkipped(script.url)) continue;
        const before = scripts.get(script.url);
        if (before === undefined) scripts.set(script.url, script);
        else mergeScripts(before, script);
      }
    }
    if (this.#config.coverageIncludeAll) this.#addUnloaded(scripts);
    return scripts;
  }

  #mapped(result, maps) {
    const { mapScript } = require('internal/test_runner/coverage_map');
    return result.flatMap((script) => {
      const map = maps[script.url];
      if (map == null || this.#isSkipped(script.url)) return [script];
      return mapScript(script, map, (url, source) => this.#linesOf(url, source));
    });
  }

  #addUnloaded(scripts) {
    const { cwd, coverageIncludeGlobs } = this.#config;
    const globs = coverageIncludeGlobs?.length > 0 ? coverageIncludeGlobs : ['**/*.{js,mjs,cjs,ts,mts,cts}'];
    const { globSync } = require('internal/fs/glob');
    const exclude = (path) => /(^|\/)node_modules(\/|$)/.test(path);
    for (const path of globs.flatMap((glob) => globSync(glob, { __proto__: null, cwd, exclude }))) {
      const file = resolve(cwd, path);
      const url = pathToFileURL(file).href;
      if (scripts.has(url) || this.#isSkipped(url) || !fs.statSync(file).isFile()) continue;
      scripts.set(url, { url, functions: [] });
    }
  }

  #isSkipped(url) {
    if (!url.startsWith('file:')) return true;
    const { cwd, coverageExcludeGlobs, coverageIncludeGlobs } = this.#config;
    const { matchGlobPattern } = require('internal/fs/glob');
    const path = fileURLToPath(url);
    const fits = (glob) => matchGlobPattern(relative(cwd, path), glob) || matchGlobPattern(path, glob);
    if (coverageExcludeGlobs?.some(fits)) return true;
    if (coverageIncludeGlobs?.length > 0) return !coverageIncludeGlobs.some(fits);
    return url.includes('/node_modules/');
  }

  // The counts go where the environment wanted them, or away.
  end() {
    const counting = require('internal/inspector/coverage');
    if (this.#given) {
      fs.mkdirSync(this.#given, { recursive: true });
      for (const name of fs.readdirSync(this.#folder)) fs.copyFileSync(join(this.#folder, name), join(this.#given, name));
      process.env.NODE_V8_COVERAGE = this.#given;
      counting.start(this.#given);
    } else {
      delete process.env.NODE_V8_COVERAGE;
      counting.stop();
    }
    fs.rmSync(this.#folder, { force: true, recursive: true });
  }
}

// Without any there is nothing uncovered.
const percent = (covered, total) => (total === 0 ? 100 : (covered / total) * 100);

function totalsOf(files) {
  const sum = (name) => files.reduce((all, file) => all + file[name], 0);
  const totals = { __proto__: null };
  for (const kind of ['Line', 'Branch', 'Function']) totals[`total${kind}Count`] = sum(`total${kind}Count`);
  for (const kind of ['Line', 'Branch', 'Function']) totals[`covered${kind}Count`] = sum(`covered${kind}Count`);
  for (const kind of ['Line', 'Branch', 'Function']) {
    totals[`covered${kind}Percent`] = percent(totals[`covered${kind}Count`], totals[`total${kind}Count`]);
  }
  return totals;
}

// The root's coverage; a failure is told and the tests run without.
function startCoverage(root) {
  try {
    return new TestCoverage(root.config);
  } catch (error) {
    root.diagnostic(`Warning: Code coverage could not be enabled. ${error}`);
    return undefined;
  }
}

// The summary, and an end to it.
function finishCoverage(root, coverage) {
  try {
    return coverage.summary();
  } catch (error) {
    root.diagnostic(`Warning: Could not report code coverage. ${error}`);
    return undefined;
  } finally {
    try {
      coverage.end();
    } catch (error) {
      root.diagnostic(`Warning: Could not clean up code coverage. ${error}`);
    }
  }
}

// What falls short of the thresholds, as messages.
function shortfalls({ totals, thresholds }) {
  return ['line', 'branch', 'function'].flatMap((name) => {
    const actual = totals[`covered${name[0].toUpperCase()}${name.slice(1)}Percent`];
    if (actual >= thresholds[name]) return [];
    return [`Error: ${actual.toFixed(2)}% ${name} coverage does not meet threshold of ${thresholds[name]}%.`];
  });
}

module.exports = { finishCoverage, percent, shortfalls, startCoverage };
