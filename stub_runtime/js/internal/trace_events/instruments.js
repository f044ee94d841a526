'use strict';
// What trace events tell of besides files (`internal/trace_events/files`), and which of it is on.
//
// An instrument has a category group and `install(tell)`, which is called when the group is enabled for the first time. `tell(phase,
// name, id, args, at)` emits while the group is enabled; `tell.isOn()` says whether it is.

const binding = internalBinding('trace_events');

const PHASES = { __proto__: null };
for (const phase of 'BEXIbneCM') PHASES[phase] = phase.charCodeAt(0);

let lastId = 0;
const nextId = () => ++lastId;

// Calls `holder[name]` through `around(bare, receiver, args)` while the group is enabled.
function wrap(tell, holder, name, around) {
  const bare = holder[name];
  holder[name] = function(...args) {
    return tell.isOn() ? around(bare, this, args) : Reflect.apply(bare, this, args);
  };
}

// One event for the time that a call takes.
function timed(tell, holder, name, told) {
  wrap(tell, holder, name, (bare, receiver, args) => {
    const start = internalBinding('process').now();
    try {
      return Reflect.apply(bare, receiver, args);
    } finally {
      tell('X', told, undefined, {}, start);
    }
  });
}

// Promises are none of them, as in Node; what Node makes in JavaScript (names in small letters) is by `node.async_hooks` alone.
function asyncHooks(tell) {
  const { createHook, executionAsyncId } = require('async_hooks');
  const types = new Map();
  createHook({
    trackPromises: false,
    init(id, type, triggerAsyncId) {
      if (!tell.isOn() || (type !== type.toUpperCase() && !binding.isTraceCategoryEnabled('node.async_hooks'))) return;
      types.set(id, type);
      const current = executionAsyncId();
      tell('b', type, id, { data: { executionAsyncId: current, triggerAsyncId: triggerAsyncId ?? current } });
    },
    before(id) {
      if (types.has(id)) tell('b', `${types.get(id)}_CALLBACK`, id, {});
    },
    after(id) {
      if (types.has(id)) tell('e', `${types.get(id)}_CALLBACK`, id, {});
    },
    destroy(id) {
      if (!types.has(id)) return;
      tell('e', types.get(id), id, {});
      types.delete(id);
    },
  }).enable();
}

function consoleCalls(tell) {
  require('internal/console/constructor').setTrace((phase, name, value) => {
    if (phase === 'C') tell('C', `count::${name}`, 0, { data: value });
    else tell(phase, `time::${name}`, 0, {});
  });
}

function rejections(tell) {
  require('internal/process/promises').setTrace((unhandled, handledAfter) => {
    tell('C', 'rejections', undefined, { unhandled, handledAfter });
  });
}

function scripts(tell) {
  const vm = internalBinding('vm');
  wrap(tell, vm, 'compileScript', (bare, receiver, args) => {
    tell('B', 'ContextifyScript::New', undefined, { filename: args[1] });
    try {
      return Reflect.apply(bare, receiver, args);
    } finally {
      tell('E', 'ContextifyScript::New', undefined, {});
    }
  });
  timed(tell, vm, 'runScript', 'RunInContext');
}

function environment(tell) {
  require('internal/bootstrap/prepare').wrapRunners(({ timers, immediates }) => ({
    timers(...args) {
      const start = internalBinding('process').now();
      try {
        return timers(...args);
      } finally {
        tell('X', 'RunTimers', undefined, {}, start);
      }
    },
    immediates(...args) {
      const start = internalBinding('process').now();
      try {
        return immediates(...args);
      } finally {
        tell('X', 'CheckImmediate', undefined, {}, start);
        // What Node's own code waits with is Rust's here.
        tell('X', 'RunAndClearNativeImmediates', undefined, {}, internalBinding('process').now());
      }
    },
  }));
  if (internalBinding('worker').threadId() === 0) timed(tell, require('internal/main/main_thread'), 'beforeExit', 'BeforeExit');
}

const FAMILIES = { __proto__: null, 0: 'unspec', 4: 'ipv4', 6: 'ipv6' };
const ORDERS = ['verbatim', 'ipv4first', 'ipv6first'];

function names(tell) {
  const lookup = require('internal/dns/lookup');
  wrap(tell, lookup, 'getaddrinfo', (bare, receiver, [hostname, family, hints, order, callback]) => {
    const id = nextId();
    tell('b', 'lookup', id, { hostname, family: FAMILIES[family] });
    bare(hostname, family, hints, order, (error, addresses) => {
      tell('e', 'lookup', id, { count: addresses?.length ?? 0, order: ORDERS.indexOf(order) });
      callback(error, addresses);
    });
  });
  wrap(tell, lookup, 'getnameinfo', (bare, receiver, [ip, port, callback]) => {
    const id = nextId();
    tell('b', 'lookupService', id, { ip, port });
    bare(ip, port, (error, hostname, service) => {
      tell('e', 'lookupService', id, error ? {} : { hostname, service });
      callback(error, hostname, service);
    });
  });
}

function connections(tell) {
  const connect = (describe) => (bare, receiver, args) => {
    const id = nextId();
    const request = args[1];
    const { oncomplete } = request;
    request.oncomplete = function(status, ...rest) {
      tell('e', 'connect', id, { status });
      return Reflect.apply(oncomplete, this, [status, ...rest]);
    };
    tell('b', 'connect', id, describe(args));
    return Reflect.apply(bare, receiver, args);
  };
  wrap(tell, internalBinding('tcp'), 'connect', connect(([, , ip, port]) => ({ ip, port })));
  wrap(tell, internalBinding('pipe'), 'connect', connect(([, , path]) => {
    const isAbstract = path.startsWith('\0');
    return { path_type: isAbstract ? 'abstract socket' : 'file', pipe_path: isAbstract ? path.slice(1) : path };
  }));
}

function http(tell) {
  const { subscribe } = require('diagnostics_channel');
  const ids = new WeakMap();
  const begin = (name) => ({ request }) => {
    ids.set(request, nextId());
    tell('b', name, ids.get(request), {});
  };
  const end = (name, describe) => (message) => {
    if (ids.has(message.request)) tell('e', name, ids.get(message.request), { data: describe(message) });
  };
  subscribe('http.client.request.start', begin('http.client.request'));
  subscribe('http.client.response.finish', end('http.client.request',
    ({ request: { path }, response: { statusCode } }) => ({ path, statusCode })));
  subscribe('http.server.request.start', begin('http.server.request'));
  subscribe('http.server.response.finish', end('http.server.request',
    ({ request: { url }, response: { statusCode } }) => ({ url, statusCode })));
}

function modules(tell) {
  require('diagnostics_channel').tracingChannel('module.require').subscribe({
    start: ({ id }) => tell('b', `require('${id}')`, 0, {}),
    end: ({ id }) => tell('e', `require('${id}')`, 0, {}),
  });
}

const files = (kind) => (tell) => require('internal/trace_events/files')[kind](tell, wrap, nextId);

const instruments = [
  { group: 'node,node.async_hooks', install: asyncHooks },
  { group: 'node,node.console', install: consoleCalls },
  { group: 'node,node.dns,node.dns.native', install: names },
  { group: 'node,node.environment', install: environment },
  { group: 'node,node.fs,node.fs.sync', install: files('sync') },
  { group: 'node,node.fs,node.fs.async', install: files('async') },
  { group: 'node,node.fs_dir,node.fs_dir.sync', install: files('folderSync') },
  { group: 'node,node.fs_dir,node.fs_dir.async', install: files('folderAsync') },
  // Not by `node` alone, as in Node.
  { group: 'node,node.http', asked: 'node.http', install: http },
  { group: 'node,node.module_timer', install: modules },
  { group: 'node,node.net,node.net.native', install: connections },
  { group: 'node,node.promises,node.promises.rejections', install: rejections },
  { group: 'node,node.vm,node.vm.script', install: scripts },
];

// The enabled categories have changed.
function update() {
  for (const instrument of instruments) {
    instrument.isOn = binding.isTraceCategoryEnabled(instrument.asked ?? instrument.group);
    if (!instrument.isOn || instrument.isInstalled) continue;
    instrument.isInstalled = true;
    const tell = (phase, name, id, args, at) => {
      if (instrument.isOn) binding.emit(PHASES[phase], instrument.group, name, id, args, at);
    };
    tell.isOn = () => instrument.isOn;
    instrument.install(tell);
  }
}

module.exports = { update };
