'use strict';
// Users and groups of this process: process.setuid() and the like. Owns: names and validation. Does not own: the system calls
// (Rust, `bindings/process.rs`).

const { codes: { ERR_INVALID_ARG_TYPE, ERR_UNKNOWN_CREDENTIAL } } = require('internal/errors');
const { validateArray, validateUint32 } = require('internal/validators');
const { nativeErrnoError } = require('internal/process/errno');
const binding = internalBinding('process');

function validateId(id, name) {
  if (typeof id === 'number') validateUint32(id, name);
  else if (typeof id !== 'string') throw new ERR_INVALID_ARG_TYPE(name, ['number', 'string'], id);
}

// The number of a user or group that is given by name or number.
function numberOf(id, isGroup) {
  if (typeof id === 'number') return id;
  const number = binding.lookupId(id, isGroup);
  if (number === undefined) throw new ERR_UNKNOWN_CREDENTIAL(isGroup ? 'Group' : 'User', id);
  return number;
}

function setter(name, isGroup) {
  return function(id) {
    validateId(id, 'id');
    const errno = binding[name](numberOf(id, isGroup));
    if (errno < 0) throw nativeErrnoError(errno, name);
  };
}

function setgroups(groups) {
  validateArray(groups, 'groups');
  groups.forEach((group, i) => validateId(group, `groups[${i}]`));
  const errno = binding.setgroups(groups.map((group) => numberOf(group, true)));
  if (errno < 0) throw nativeErrnoError(errno, 'setgroups');
}

function initgroups(user, extraGroup) {
  validateId(user, 'user');
  validateId(extraGroup, 'extraGroup');
  const group = numberOf(extraGroup, true);
  const name = typeof user === 'number' ? binding.userName(user) : user;
  if (name === undefined || binding.lookupId(name, false) === undefined) throw new ERR_UNKNOWN_CREDENTIAL('User', user);
  const errno = binding.setgroups([group, ...binding.groupsOf(name).filter((id) => id !== group)]);
  if (errno < 0) throw nativeErrnoError(errno, 'initgroups');
}

module.exports = {
  getuid: () => binding.getuid(),
  geteuid: () => binding.geteuid(),
  getgid: () => binding.getgid(),
  getegid: () => binding.getegid(),
  getgroups() {
    const groups = binding.getgroups();
    if (typeof groups === 'number') throw nativeErrnoError(groups, 'getgroups');
    return groups;
  },
  initgroups,
  setgroups,
  setuid: setter('setuid', false),
  seteuid: setter('seteuid', false),
  setgid: setter('setgid', true),
  setegid: setter('setegid', true),
};
