'use strict';
// Error numbers of WASI preview 1, in their order from 0.

const names = [
  'SUCCESS', '2BIG', 'ACCES', 'ADDRINUSE', 'ADDRNOTAVAIL', 'AFNOSUPPORT', 'AGAIN', 'ALREADY', 'BADF', 'BADMSG', 'BUSY', 'CANCELED',
  'CHILD', 'CONNABORTED', 'CONNREFUSED', 'CONNRESET', 'DEADLK', 'DESTADDRREQ', 'DOM', 'DQUOT', 'EXIST', 'FAULT', 'FBIG',
  'HOSTUNREACH', 'IDRM', 'ILSEQ', 'INPROGRESS', 'INTR', 'INVAL', 'IO', 'ISCONN', 'ISDIR', 'LOOP', 'MFILE', 'MLINK', 'MSGSIZE',
  'MULTIHOP', 'NAMETOOLONG', 'NETDOWN', 'NETRESET', 'NETUNREACH', 'NFILE', 'NOBUFS', 'NODEV', 'NOENT', 'NOEXEC', 'NOLCK', 'NOLINK',
  'NOMEM', 'NOMSG', 'NOPROTOOPT', 'NOSPC', 'NOSYS', 'NOTCONN', 'NOTDIR', 'NOTEMPTY', 'NOTRECOVERABLE', 'NOTSOCK', 'NOTSUP', 'NOTTY',
  'NXIO', 'OVERFLOW', 'OWNERDEAD', 'PERM', 'PIPE', 'PROTO', 'PROTONOSUPPORT', 'PROTOTYPE', 'RANGE', 'ROFS', 'SPIPE', 'SRCH', 'STALE',
  'TIMEDOUT', 'TXTBSY', 'XDEV', 'NOTCAPABLE',
];
const numbers = { __proto__: null };
names.forEach((name, number) => { numbers[name] = number; });

// An error that a call answers with.
class WasiError extends Error {
  constructor(name) {
    super(name);
    this.number = numbers[name];
  }
}

// The number for whatever a call of `fs` threw; undefined for what is no error of the system's.
function numberOf(error) {
  if (error instanceof WasiError) return error.number;
  if (typeof error?.code !== 'string' || typeof error.errno !== 'number') return undefined;
  return numbers[error.code.slice(1)] ?? numbers.IO;
}

module.exports = { WasiError, numberOf, numbers };
