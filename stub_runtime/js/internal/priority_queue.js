'use strict';
// A binary heap, for timer lists. Items can be told where they stand, to be removed from the middle.

module.exports = class PriorityQueue {
  #compare = (a, b) => a - b;
  // From index 1, so that the children of n are 2n and 2n + 1.
  #heap = [undefined, undefined];
  #setPosition;
  #size = 0;

  // comparator(a, b): negative when a is first. setPosition(item, index) is called at each move.
  constructor(comparator, setPosition) {
    if (comparator !== undefined) this.#compare = comparator;
    if (setPosition !== undefined) this.#setPosition = setPosition;
  }

  insert(value) {
    const heap = this.#heap;
    const pos = ++this.#size;
    heap[pos] = value;
    this.percolateUp(pos);
  }

  peek() {
    return this.#heap[1];
  }

  peekBottom() {
    return this.#heap[this.#size];
  }

  // Moves the item at `pos` down to where its children are greater.
  percolateDown(pos) {
    const heap = this.#heap;
    const size = this.#size;
    const item = heap[pos];
    while (pos * 2 <= size) {
      let child = pos * 2;
      if (child < size && this.#compare(heap[child + 1], heap[child]) < 0) child++;
      if (this.#compare(item, heap[child]) <= 0) break;
      this.#place(heap[child], pos);
      pos = child;
    }
    this.#place(item, pos);
  }

  // Moves the item at `pos` up to where its parent is smaller.
  percolateUp(pos) {
    const heap = this.#heap;
    const item = heap[pos];
    while (pos > 1) {
      const parent = pos >> 1;
      if (this.#compare(heap[parent], item) <= 0) break;
      this.#place(heap[parent], pos);
      pos = parent;
    }
    this.#place(item, pos);
  }

  removeAt(pos) {
    const heap = this.#heap;
    const last = this.#size--;
    heap[pos] = heap[last];
    heap[last] = undefined;
    if (pos < last) {
      if (pos > 1 && this.#compare(heap[pos >> 1], heap[pos]) > 0) this.percolateUp(pos);
      else this.percolateDown(pos);
    }
  }

  shift() {
    const value = this.#heap[1];
    if (value === undefined) return;
    this.removeAt(1);
    return value;
  }

  #place(item, pos) {
    this.#heap[pos] = item;
    if (this.#setPosition !== undefined) this.#setPosition(item, pos);
  }
};
