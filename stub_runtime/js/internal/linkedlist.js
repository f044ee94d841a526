'use strict';
// Doubly linked list whose links lie in the items: a list is an item that points to itself when empty.
// _idleNext leads to the newest item, _idlePrev to the oldest.

function init(list) {
  list._idleNext = list;
  list._idlePrev = list;
}

// The oldest item.
function peek(list) {
  return list._idlePrev === list ? null : list._idlePrev;
}

function remove(item) {
  if (item._idleNext) item._idleNext._idlePrev = item._idlePrev;
  if (item._idlePrev) item._idlePrev._idleNext = item._idleNext;
  item._idleNext = null;
  item._idlePrev = null;
}

// Appends, after taking the item out of the list it is in.
function append(list, item) {
  if (item._idleNext || item._idlePrev) remove(item);
  item._idleNext = list._idleNext;
  item._idlePrev = list;
  list._idleNext._idlePrev = item;
  list._idleNext = item;
}

function isEmpty(list) {
  return list._idleNext === list;
}

module.exports = { append, init, isEmpty, peek, remove };
