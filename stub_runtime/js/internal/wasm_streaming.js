'use strict';
// WebAssembly.compileStreaming() and instantiateStreaming() of a Response. Does not own: compiling
// (`bindings/wasm_streaming.rs`).

const { codes: { ERR_INVALID_ARG_TYPE, ERR_WEBASSEMBLY_RESPONSE } } = require('internal/errors');
const binding = internalBinding('wasm_streaming');

async function compile(id, source) {
  const response = await source;
  if (!(response instanceof require('internal/fetch').Response)) {
    throw new ERR_INVALID_ARG_TYPE('source', ['Response', 'Promise resolving to Response'], response);
  }
  const type = response.headers.get('Content-Type');
  if (type !== 'application/wasm') throw new ERR_WEBASSEMBLY_RESPONSE(`has unsupported MIME type '${type}'`);
  if (!response.ok) throw new ERR_WEBASSEMBLY_RESPONSE(`has status code ${response.status}`);
  if (response.bodyUsed) throw new ERR_WEBASSEMBLY_RESPONSE('body has already been used');
  if (response.url) binding.setURL(id, response.url);
  if (response.body === null) return;
  for await (const chunk of response.body) binding.push(id, chunk);
}

function start(id, source) {
  compile(id, source).then(() => binding.finish(id), (error) => binding.abort(id, error));
}

module.exports = { start };
