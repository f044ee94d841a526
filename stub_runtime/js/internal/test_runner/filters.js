'use strict';
// Which tests run: by name, by tag, by `only`.

function noop() {}

function matches(test, patterns) {
  if (patterns.some((pattern) => pattern.exec(test.name) !== null)) return true;
  if (test.parent !== null && matches(test.parent, patterns)) return true;
  const path = test.path.trim();
  return patterns.some((pattern) => pattern.exec(path) !== null);
}

function filteredByName(test) {
  const { testNamePatterns, testSkipPatterns } = test.config;
  if (testNamePatterns && !matches(test, testNamePatterns)) return true;
  return Boolean(testSkipPatterns) && matches(test, testSkipPatterns);
}

// A test that is chosen keeps its parents.
function keepParents(test, key) {
  for (let up = test.parent; up !== null && up[key]; up = up.parent) up[key] = false;
}

// When a test is made.
function choose(test) {
  const { parent, root } = test;
  const { isFilteringByName, isFilteringByOnly, isFilteringByTags } = root.harness;
  if (isFilteringByName) {
    test.filteredByName = filteredByName(test);
    if (!test.filteredByName) keepParents(test, 'filteredByName');
  }
  if (isFilteringByTags) {
    test.filteredByTag = test.willBeFilteredByTags();
    if (!test.filteredByTag) keepParents(test, 'filteredByTag');
  }
  if (!isFilteringByOnly) {
    if (test.only || parent.runOnlySubtests) test.diagnostic("'only' and 'runOnly' require the --test-only command-line option.");
    return;
  }
  if (test.only) {
    // The parent runs only such tests, where it has any.
    parent.runOnlySubtests = true;
    if (parent !== root && parent.startTime !== null) return;
    for (let up = parent; up !== null && !up.hasOnlyTests; up = up.parent) up.hasOnlyTests = true;
  } else if (test.only === false) {
    test.fn = noop;
  }
}

// When a test starts: whether it runs. What went wrong is always told.
function apply(test) {
  if (test.error) return;
  if (test.filteredByName || test.filteredByTag) {
    test.filtered = true;
  } else if (test.root.harness.isFilteringByOnly && !test.only && !test.hasOnlyTests) {
    const { parent } = test;
    test.filtered = Boolean(parent.runOnlySubtests || parent.hasOnlyTests || test.only === false);
  }
}

module.exports = { apply, choose };
