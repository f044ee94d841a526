//! `internalBinding('app')`: the app of this executable as the module loader needs it.

use crate::{app, binding, embedded_data};
use payload::{Blob, EdgeKind, Entry, EntryKind, FileKind, Target};
use std::sync::OnceLock;

fn is_app(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(app::app().is_some());
}

/// `attached()`: the app's own file, where it is not this executable.
fn attached(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    if let Some(file) = app::attached() {
        let file = binding::string(scope, &file.to_string_lossy());
        rv.set(file);
    }
}

/// `entry()`: the main module's path in the tree.
fn entry(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    if let Some(app) = app::app() {
        let entry = binding::string(scope, &app.manifest().entry);
        rv.set(entry);
    }
}

/// `externals()`: names that the build left to the disk.
fn externals(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let names = app::app().map(|a| a.manifest().externals.as_slice()).unwrap_or_default();
    let names: Vec<v8::Local<v8::Value>> = names.iter().map(|n| binding::string(scope, n)).collect();
    rv.set(v8::Array::new_with_elements(scope, &names).into());
}

/// `edge(importer, kind, request)`: an absolute embedded path, 'node:x', an array with the name of an external, null where the
/// build found nothing, undefined where it did not see the request. Kinds are those of the payload: 0 import, 1 require, 2 URL.
fn edge(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(app) = app::app() else { return };
    let importer = args.get(0).to_rust_string_lossy(scope);
    let kind = match args.get(1).uint32_value(scope) {
        Some(0) => EdgeKind::Import,
        Some(1) => EdgeKind::Require,
        _ => EdgeKind::Url,
    };
    let request = args.get(2).to_rust_string_lossy(scope);
    let Some(importer) = app.tree().lookup(&importer) else { return };
    match app.edges().lookup(importer.index(), kind, &request) {
        None => {}
        Some(Target::Missing) => rv.set_null(),
        Some(Target::Builtin(name)) => {
            let name = binding::string(scope, &format!("node:{name}"));
            rv.set(name);
        }
        Some(Target::External(name)) => {
            let name = binding::string(scope, name);
            rv.set(v8::Array::new_with_elements(scope, &[name]).into());
        }
        Some(Target::File(index)) => {
            let Some(entry) = app.tree().entry(index) else { return };
            let path = binding::string(scope, &format!("{}/{}", app::ROOT, entry.path()));
            rv.set(path);
        }
    }
}

/// `kind(path)`: the format that the build gave an embedded file; undefined where there is no such file.
fn kind(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(app) = app::app() else { return };
    let path = args.get(0).to_rust_string_lossy(scope);
    let Ok(entry) = app.tree().resolve(&path, true) else { return };
    let EntryKind::File(kind) = entry.kind() else { return };
    let name = binding::string(
        scope,
        match kind {
            FileKind::CommonJs => "commonjs",
            FileKind::EsModule => "module",
            FileKind::Json | FileKind::PackageJson => "json",
            FileKind::NativeAddon => "addon",
            FileKind::Wasm => "wasm",
            _ => "asset",
        },
    );
    rv.set(name);
}

/// `content(path)`: the JavaScript of an embedded module, which for TypeScript is not what `fs` shows; undefined where there is no
/// such file.
fn content(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(app) = app::app() else { return };
    let path = args.get(0).to_rust_string_lossy(scope);
    let Ok(entry) = app.tree().resolve(&path, true) else { return };
    if let Some(text) = embedded_data::code(scope, &entry) {
        rv.set(text.into());
    }
}

/// `source(path)`: the text of an embedded module as it was written, where the build kept it.
fn source(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
    piece(scope, &args, rv, |entry| entry.file());
}

/// `sourceMap(path)`: the way back from the code of an embedded module to its source, as JSON.
fn source_map(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
    piece(scope, &args, rv, |entry| entry.source_map());
}

/// `names(path)`: what an embedded CommonJS module exports, as JSON, where its text is not there to look into.
fn names(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(app) = app::app() else { return };
    let key = format!("names:{}", args.get(0).to_rust_string_lossy(scope));
    if let Some(found) = app.manifest().extra.get(&key) {
        rv.set(binding::string(scope, found));
    }
}

/// `builtinImports(id)`: the names that embedded ES modules import of a built-in; undefined where it may be all of them.
fn builtin_imports<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let Some(lines) = app::app().and_then(|app| app.manifest().extra.get("builtin-imports")) else { return };
    let id = args.get(0).to_rust_string_lossy(scope);
    let Some((_, names)) = lines.lines().filter_map(|line| line.split_once('\t')).find(|(known, _)| *known == id)
    else {
        return;
    };
    let names: Vec<v8::Local<v8::Value>> = names.split(',').map(|name| binding::string(scope, name)).collect();
    rv.set(v8::Array::new_with_elements(scope, &names).into());
}

/// `isSourceless()`: whether the modules' text was left out.
fn is_sourceless(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(app::app().is_some_and(|app| app.manifest().extra.contains_key("no-source")));
}

fn piece(
    scope: &mut v8::PinScope,
    args: &v8::FunctionCallbackArguments,
    mut rv: v8::ReturnValue,
    which: fn(&Entry<'static>) -> Option<Blob<'static>>,
) {
    let Some(app) = app::app() else { return };
    let path = args.get(0).to_rust_string_lossy(scope);
    let Ok(entry) = app.tree().resolve(&path, true) else { return };
    if let Some(text) = which(&entry).and_then(|blob| embedded_data::string(scope, blob)) {
        rv.set(text.into());
    }
}

/// `hasSourceMaps()`: whether any embedded module has one.
fn has_source_maps(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    static ANY: OnceLock<bool> = OnceLock::new();
    let any = || app::app().is_some_and(|app| app.tree().entries().any(|entry| entry.source_map().is_some()));
    rv.set_bool(*ANY.get_or_init(any));
}

binding!("app", [
    isApp => is_app,
    attached => attached,
    entry => entry,
    externals => externals,
    edge => edge,
    kind => kind,
    content => content,
    source => source,
    sourceMap => source_map,
    hasSourceMaps => has_source_maps,
    names => names,
    builtinImports => builtin_imports,
    isSourceless => is_sourceless,
]);
