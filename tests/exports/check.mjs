// Prints which of the names in a list (`list.mjs`) this runtime does not have, a line each: `node:fs.promises`,
// `node:fs.Stats#isFile`.
// usage: check.mjs names.json
import fs from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.execPath);
const names = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const missing = [];

function load(id) {
  try {
    return require(id);
  } catch (error) {
    return error.code === 'ERR_UNKNOWN_BUILTIN_MODULE' ? undefined : {};
  }
}

// A function of ours that only throws that it is not there.
function isPlaceholder(value) {
  const text = Function.prototype.toString.call(value);
  return text.includes('ERR_FEATURE_UNAVAILABLE_ON_PLATFORM') && text.length < 400;
}
// Some names warn when they are read.
process.removeAllListeners('warning');
for (const [id, exported] of Object.entries(names)) {
  const module = id === 'globals' ? globalThis : load(id);
  if (module === undefined) {
    missing.push(id);
    continue;
  }
  for (const [name, members] of Object.entries(exported)) {
    const value = module[name];
    if (!(name in module)) {
      missing.push(`${id}.${name}`);
    } else if (typeof value === 'function' && value.prototype != null) {
      for (const member of members) if (!(member in value.prototype)) missing.push(`${id}.${name}#${member}`);
    }
    // A placeholder counts as missing.
    if (typeof value === 'function' && members.length === 0 && isPlaceholder(value)) missing.push(`${id}.${name}`);
  }
}

console.log(missing.sort().join('\n'));
