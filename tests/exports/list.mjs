// Lists what @types/node declares: for each built-in its exported values, and for each class its methods and accessors.
// usage: node list.mjs NODE_MODULES > names.json
import { createRequire } from 'node:module';
import path from 'node:path';

const folder = path.resolve(process.argv[2]);
const ts = createRequire(path.join(folder, 'x'))('typescript');
const program = ts.createProgram([path.join(folder, '@types/node/index.d.ts')], {
  types: [],
  lib: ['lib.esnext.d.ts'],
  skipLibCheck: true,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ESNext,
});
const checker = program.getTypeChecker();

const isValue = (symbol) => (symbol.flags & ts.SymbolFlags.Value) !== 0;
const resolved = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
// What begins with an underscore is nobody's business.
const isName = (name) => /^[A-Za-z$][\w$]*$/.test(name);

// Methods and accessors of instances; fields are set by constructors, if at all.
function membersOf(symbol) {
  const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
  if (!declaration) return [];
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const [signature] = type.getConstructSignatures();
  if (!signature || signature.declaration === undefined) return [];
  const instance = checker.getReturnTypeOfSignature(signature);
  return instance.getProperties().filter((member) => {
    const own = member.declarations?.some((d) => d.getSourceFile().fileName.includes('/@types/node/'));
    return own && isName(member.name) && (member.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor)) !== 0;
  }).map((member) => member.name).sort();
}

const out = {};
for (const module of checker.getAmbientModules()) {
  const id = module.name.slice(1, -1);
  if (!id.startsWith('node:')) continue;
  const names = {};
  const symbols = checker.getExportsOfModule(module);
  const whole = module.exports?.get('export=');
  if (whole) {
    const target = resolved(whole);
    const type = checker.getTypeOfSymbolAtLocation(target, target.valueDeclaration ?? target.declarations[0]);
    symbols.push(...checker.getPropertiesOfType(type));
  }
  for (const symbol of symbols) {
    const target = resolved(symbol);
    if (!isValue(target) || !isName(symbol.name) || symbol.name === 'default' || symbol.name === 'prototype') continue;
    names[symbol.name] = membersOf(target);
  }
  out[id] = names;
}
// Globals that Node adds to the language's.
out.globals = {};
for (const symbol of checker.getSymbolsInScope(program.getSourceFiles().at(-1), ts.SymbolFlags.Value)) {
  const ours = symbol.declarations?.some((d) => d.getSourceFile().fileName.includes('/@types/node/'));
  if (ours && isName(symbol.name)) out.globals[symbol.name] = membersOf(symbol);
}
console.log(JSON.stringify(out));
