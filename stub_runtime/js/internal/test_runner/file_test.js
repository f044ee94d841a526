'use strict';
// A test file as a test: another process runs it, and what it tells is told on, in the order of the files.

const { Buffer } = require('buffer');
const { DefaultDeserializer, DefaultSerializer } = require('v8');
const { count } = require('internal/test_runner/harness');
const { readError } = require('internal/errors/wire');
const { Test } = require('internal/test_runner/test');

const kHeader = (() => {
  const serializer = new DefaultSerializer();
  serializer.writeHeader();
  return Buffer.from(serializer.releaseBuffer());
})();
const kHeadLength = 6;
// Told at once; the others wait for the files before this one.
const immediate = new Set(['test:enqueue', 'test:dequeue', 'test:complete', 'test:log']);
const cancellations = new Set(['cancelledByParent', 'testAborted', 'testTimeoutFailure']);
// The file's own totals, which are part of ours.
const isTotal = (message) => /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) \S+$/.test(message);

class FileTest extends Test {
  #waiting = [];
  #input = Buffer.alloc(0);
  #results = 0;
  failedSubtests = false;

  constructor(options) {
    super(options);
    this.loc ??= { __proto__: null, line: 1, column: 1, file: require('path').resolve(this.name) };
    this.timeout = null;
  }

  // The tests in the file have tags.
  willBeFilteredByTags() {
    return false;
  }

  // The file's tests tell its result.
  #isSilent() {
    return this.#results > 0 && (!this.error || this.error.failureType === 'subtestsFailed');
  }

  #tell({ type, data }) {
    // Without a name it is all files in one process.
    if (this.name !== '') data.entryFile = this.loc.file;
    const isTop = data.nesting === 0;
    if (isTop && type === 'test:plan' && this.#isSilent()) return;
    if (isTop && type === 'test:diagnostic' && isTotal(data.message)) return;
    if (data.details?.error) data.details.error = readError(data.details.error);
    if (type === 'test:pass' || type === 'test:fail') {
      const { harness } = this.root;
      if (isTop) data.testNumber = harness.counters.topLevel + 1;
      count({
        nesting: data.nesting,
        reportedType: data.details?.type,
        skipped: data.skip !== undefined,
        isTodo: data.todo !== undefined,
        passed: type === 'test:pass',
        cancelled: cancellations.has(data.details?.error?.failureType),
      }, harness);
    }
    this.reporter.send(type, data);
  }

  add(item) {
    if (immediate.has(item.type)) {
      this.#tell(item);
      return;
    }
    if (item.type === 'test:pass' || item.type === 'test:fail') {
      this.#results++;
      if (item.data.nesting === 0 && item.type === 'test:fail') this.failedSubtests = true;
    }
    this.#waiting.push(item);
    if (this.isClearToSend()) this.#tellWaiting();
  }

  #tellWaiting() {
    const items = this.#waiting;
    this.#waiting = [];
    for (const item of items) this.#tell(item);
  }

  #addText(bytes) {
    if (bytes.length > 0) this.add({ type: 'test:stdout', data: { __proto__: null, file: this.name, message: bytes.toString('utf8') } });
  }

  // Bytes of the child's output: events among whatever the program prints.
  receive(bytes) {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    this.#read(false);
  }

  #read(ended) {
    while (this.#input.length > 0) {
      const at = this.#input.indexOf(kHeader);
      if (at !== 0) {
        // The last byte may be the first of a header.
        const partial = at === -1 && !ended && this.#input[this.#input.length - 1] === kHeader[0];
        const end = at === -1 ? this.#input.length - (partial ? 1 : 0) : at;
        this.#addText(this.#input.subarray(0, end));
        this.#input = this.#input.subarray(end);
        if (at === -1) return;
        continue;
      }
      const end = this.#input.length < kHeadLength ? Infinity : kHeadLength + this.#input.readUInt32BE(kHeader.length);
      if (this.#input.length < end) {
        if (!ended) return;
        // No event after all.
        this.#addText(this.#input.subarray(0, 1));
        this.#input = this.#input.subarray(1);
        continue;
      }
      const deserializer = new DefaultDeserializer(this.#input.subarray(kHeadLength, end));
      deserializer.readHeader();
      const item = deserializer.readValue();
      this.#input = this.#input.subarray(end);
      this.add(item);
    }
  }

  reportStart() {}

  report() {
    this.#read(true);
    this.#tellWaiting();
    if (this.#isSilent()) return;
    super.reportStart();
    super.report();
  }
}

module.exports = { FileTest };
