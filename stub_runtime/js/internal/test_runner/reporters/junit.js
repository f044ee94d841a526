'use strict';
// The junit reporter: a tree of suites and cases, written when everything has ended.

const { inspectWithNoCustomRetry } = require('internal/errors');

const escapeText = (text = '') => text.replace(/&(?!#\d{1,7};)/g, '&amp;').replace(/</g, '&lt;');
const escapeAttribute = (text = '') => escapeText(text).replace(/\n/g, '&#10;').replace(/"/g, '&quot;');

function toXML(node) {
  if (typeof node === 'string') return `${escapeText(node)}\n`;
  const indentation = '\t'.repeat(node.nesting + 1);
  if (node.comment != null) return `${indentation}<!-- ${node.comment.replace(/--/g, '&#45;&#45;')} -->\n`;
  const attributes = Object.entries(node.attrs).map(([name, value]) => `${name}="${escapeAttribute(`${value}`)}"`);
  const open = `${indentation}<${node.tag} ${attributes.join(' ')}`;
  if (!node.children?.length) return `${open}/>\n`;
  return `${open}>\n${node.children.map(toXML).join('')}${indentation}</${node.tag}>\n`;
}

const has = (node, tag) => Boolean(node.children?.some((child) => child.tag === tag));
const isFailure = (node) => has(node, 'failure') || Boolean(node.attrs?.failures);
const isSkipped = (node) => has(node, 'skipped') || Boolean(node.attrs?.skipped);

class Tree {
  roots = [];
  // What has started and not ended, the innermost.
  open = null;

  start({ name, nesting }) {
    const node = { attrs: { __proto__: null, name }, children: [], nesting, parent: this.open };
    (this.open?.children ?? this.roots).push(node);
    this.open = node;
  }

  comment({ message, nesting }) {
    (this.open?.children ?? this.roots).push({ nesting, comment: message });
  }

  end(type, data) {
    if (this.open === null) this.start({ name: 'root', nesting: 0 });
    if (this.open.attrs.name !== data.name || this.open.nesting !== data.nesting) this.start(data);
    const node = this.open;
    this.open = node.parent;
    node.attrs.time = (data.details.duration_ms / 1000).toFixed(6);
    const parts = node.children.filter((child) => child.comment == null);
    if (parts.length > 0) this.#suite(node, parts, data);
    else this.#case(node, type, data);
  }

  #suite(node, parts, data) {
    node.tag = 'testsuite';
    Object.assign(node.attrs, {
      disabled: 0,
      errors: 0,
      tests: parts.length,
      failures: node.children.filter(isFailure).length,
      skipped: node.children.filter(isSkipped).length,
      timestamp: new Date(Date.now() - data.details.duration_ms).toISOString(),
      hostname: require('os').hostname(),
    });
  }

  #case(node, type, data) {
    const { attrs, children } = node;
    const nesting = data.nesting + 1;
    node.tag = 'testcase';
    attrs.classname = data.classname ?? 'test';
    if (data.file) attrs.file = data.file;
    if (data.skip) children.push({ nesting, tag: 'skipped', attrs: { __proto__: null, type: 'skipped', message: data.skip } });
    if (data.todo) children.push({ nesting, tag: 'skipped', attrs: { __proto__: null, type: 'todo', message: data.todo } });
    if (type !== 'test:fail') return;
    const error = data.details?.error;
    children.push({
      nesting,
      tag: 'failure',
      attrs: { __proto__: null, type: error?.failureType || error?.code, message: error?.message.trim() ?? '' },
      children: [inspectWithNoCustomRetry(error, { __proto__: null, colors: false, breakLength: Infinity })],
    });
    attrs.failure = error?.message ?? '';
  }
}

module.exports = async function* junitReporter(source) {
  yield '<?xml version="1.0" encoding="utf-8"?>\n';
  yield '<testsuites>\n';
  const tree = new Tree();
  for await (const { type, data } of source) {
    if (type === 'test:start') tree.start(data);
    else if (type === 'test:pass' || type === 'test:fail') tree.end(type, data);
    else if (type === 'test:diagnostic' || type === 'test:log') tree.comment(data);
  }
  for (const node of tree.roots) yield toXML(node);
  yield '</testsuites>\n';
};
