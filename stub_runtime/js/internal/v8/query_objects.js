'use strict';
// v8.queryObjects(): what of the heap has a prototype in its chain. V8's inspector looks; objects are handed to it and back under
// a key of the global object that nobody else has.

const { DirectSession } = require('internal/inspector/direct');

const kGroup = 'queryObjects';

// The objects; none where there is no prototype to look for.
function objectsOf(prototype) {
  if (prototype === null || (typeof prototype !== 'object' && typeof prototype !== 'function')) return [];
  const key = `queryObjects ${Math.random()}`;
  const place = `globalThis[${JSON.stringify(key)}]`;
  const session = new DirectSession();
  Object.defineProperty(globalThis, key, { __proto__: null, configurable: true, enumerable: false, writable: true, value: prototype });
  try {
    const { result } = session.post('Runtime.evaluate', { expression: place, objectGroup: kGroup });
    const { objects } = session.post('Runtime.queryObjects', { prototypeObjectId: result.objectId, objectGroup: kGroup });
    session.post('Runtime.callFunctionOn', {
      objectId: objects.objectId, functionDeclaration: `function() { ${place} = this; }`, returnByValue: true,
    });
    return globalThis[key];
  } finally {
    delete globalThis[key];
    session.post('Runtime.releaseObjectGroup', { objectGroup: kGroup });
    session.close();
  }
}

module.exports = { objectsOf };
