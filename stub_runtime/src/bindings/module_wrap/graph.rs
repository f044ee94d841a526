//! The embedded ES modules that a module imports, and what they import in turn: compiled and linked in one go, by the requests that the
//! build resolved. A program of thousands of modules has no JavaScript run for each of them.
//!
//! Owns: which record belongs to which file of the tree. Does not own: requests that lead to anything but an embedded ES module, which
//! JavaScript's loader gets back.

use super::{MODULES, add, attributes, record, source};
use crate::{app, binding, embedded_data, training};
use payload::{EdgeKind, Edges, Entry, EntryKind, FileKind, Payload, Target};
use v8::script_compiler::{self, NoCacheReason};

/// The place of a request that JavaScript has yet to answer.
const UNKNOWN: usize = usize::MAX;

/// `loadGraph(id, path)`: loads what the module of the embedded file imports. The requests that are left, as `[id, index, specifier,
/// attributes]`; undefined where there is no such file. Throws SyntaxError; nothing that was loaded on the way counts then.
pub fn load<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, mut rv: v8::ReturnValue) {
    let Some((root, _)) = record(scope, args.get(0)) else { return };
    let path = args.get(1).to_rust_string_lossy(scope);
    let Some(app) = app::app() else { return };
    let Some(entry) = app.tree().lookup(&path) else { return };
    let mut graph = Graph { app, new: Vec::new(), todo: vec![root], left: Vec::new(), url: url(""), folder: 0 };
    graph.folder = graph.url.len();
    if MODULES.with_borrow(|m| m.records[root].entry.is_none()) {
        graph.owns(root, entry.index());
    }
    let table = crate::script_table::off();
    while let Some(id) = graph.todo.pop() {
        v8::scope!(let scope, scope);
        if graph.link(scope, id).is_none() {
            return graph.forget();
        }
    }
    drop(table);
    let mut left: Vec<v8::Local<v8::Value>> = Vec::new();
    for (id, index) in graph.left {
        let module = MODULES.with_borrow(|m| m.records[id].module.clone());
        let requests = v8::Local::new(scope, module).get_module_requests();
        let Some(request) = request(scope, requests, index) else { continue };
        let number =
            |scope: &mut v8::PinScope<'s, '_>, n: usize| v8::Integer::new_from_unsigned(scope, n as u32).into();
        let (id, index) = (number(scope, id), number(scope, index));
        let parts = [id, index, request.get_specifier().into(), attributes(scope, request.get_import_attributes(), 3)];
        left.push(v8::Array::new_with_elements(scope, &parts).into());
    }
    rv.set(v8::Array::new_with_elements(scope, &left).into());
}

fn request<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    requests: v8::Local<'s, v8::FixedArray>,
    index: usize,
) -> Option<v8::Local<'s, v8::ModuleRequest>> {
    v8::Local::<v8::ModuleRequest>::try_from(requests.get(scope, index)?).ok()
}

struct Graph {
    app: &'static Payload<'static>,
    /// Records that belong to files since this began.
    new: Vec<usize>,
    /// Records that are not linked, the next one last.
    todo: Vec<usize>,
    /// Record and index of each request that leads elsewhere.
    left: Vec<(usize, usize)>,
    /// A module's URL behind that of the tree, which ends at `folder`.
    url: String,
    folder: usize,
}

impl Graph {
    fn owns(&mut self, id: usize, entry: u32) {
        self.new.push(id);
        own(id, entry);
    }

    fn forget(self) {
        MODULES.with_borrow_mut(|m| {
            for id in self.new {
                m.records[id].loaded = false;
                if let Some(entry) = m.records[id].entry.take() {
                    m.by_entry.remove(&entry);
                }
            }
        });
    }

    /// Compiles what a record imports; `None` where that throws.
    fn link(&mut self, scope: &mut v8::PinScope, id: usize) -> Option<()> {
        let (importer, module) = MODULES
            .with_borrow(|m| {
                let record = &m.records[id];
                Some((record.entry.filter(|_| !record.loaded)?, record.module.clone()))
            })
            .unzip();
        let (Some(importer), Some(module)) = (importer, module) else { return Some(()) };
        let requests = v8::Local::new(scope, module).get_module_requests();
        let edges = self.app.edges().only_of(importer);
        let mut linked = Vec::with_capacity(requests.length());
        for index in 0..requests.length() {
            let request = request(scope, requests, index)?;
            let plain = request.get_import_attributes().length() == 0
                && request.get_phase() == v8::ModuleImportPhase::kEvaluation;
            let target = match self.target(scope, &edges, request).filter(|_| plain) {
                Some(entry) => self.record_of(scope, &entry)?,
                None => {
                    self.left.push((id, index));
                    UNKNOWN
                }
            };
            linked.push(target);
        }
        MODULES.with_borrow_mut(|m| {
            let more = linked.iter().rev().filter(|&&id| m.records.get(id).is_some_and(|record| !record.loaded));
            self.todo.extend(more);
            m.records[id].linked = linked;
            m.records[id].loaded = true;
        });
        Some(())
    }

    /// The embedded ES module that a request leads to.
    fn target(
        &self,
        scope: &mut v8::PinScope,
        edges: &Edges<'static>,
        request: v8::Local<v8::ModuleRequest>,
    ) -> Option<Entry<'static>> {
        let specifier = request.get_specifier().to_rust_string_lossy(scope);
        let Target::File(index) = edges.target_of(EdgeKind::Import, &specifier)? else { return None };
        let entry = self.app.tree().entry(index)?;
        let is_module = matches!(entry.kind(), EntryKind::File(FileKind::EsModule));
        (is_module && entry.path().bytes().all(is_plain)).then_some(entry)
    }

    fn record_of(&mut self, scope: &mut v8::PinScope, entry: &Entry<'static>) -> Option<usize> {
        if let Some(known) = MODULES.with_borrow(|m| m.by_entry.get(&entry.index()).copied()) {
            return Some(known);
        }
        let id = self.compile(scope, entry)?;
        self.owns(id, entry.index());
        Some(id)
    }

    fn compile(&mut self, scope: &mut v8::PinScope, entry: &Entry<'static>) -> Option<usize> {
        let path = entry.path();
        let code = embedded_data::code(scope, entry)?;
        self.url.truncate(self.folder);
        self.url.push_str(path);
        let url = v8::String::new_from_one_byte(scope, self.url.as_bytes(), v8::NewStringType::Normal)?;
        let map = crate::bindings::inspector::source_map_url(scope, url.into());
        let origin = v8::ScriptOrigin::new(scope, url.into(), 0, 0, false, -1, map, false, false, true, None);
        let cache = crate::training::code_cache(entry);
        let (mut source, options) = source(code, &origin, cache.as_deref());
        let module = script_compiler::compile_module2(scope, &mut source, options, NoCacheReason::NoReason)?;
        crate::cache_report::note(path, &source);
        if training::lacks_code(scope, path, &source) {
            return None;
        }
        training::record_module(scope, path, module);
        Some(add(scope, module, None, None))
    }
}

/// The same in a path and in its URL.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/._-~@+=,;:()!$&'*".contains(&byte)
}

fn url(path: &str) -> String {
    format!("file://{}/{path}", app::ROOT)
}

fn own(id: usize, entry: u32) {
    MODULES.with_borrow_mut(|m| {
        m.records[id].entry = Some(entry);
        m.by_entry.insert(entry, id);
    });
}

/// Path in the tree of the file that a record belongs to.
pub fn path_of(entry: Option<u32>) -> Option<&'static str> {
    Some(app::app()?.tree().entry(entry?)?.path())
}

/// Takes a record of an image back: it belongs to the file of this path.
pub fn restore(id: usize, path: &str) {
    if let Some(entry) = app::app().and_then(|app| app.tree().lookup(path)) {
        own(id, entry.index());
        MODULES.with_borrow_mut(|m| m.records[id].loaded = true);
    }
}

/// `recordOf(path)`: the record of an embedded file, where the graph has one.
pub fn record_of(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    if MODULES.with_borrow(|m| m.by_entry.is_empty()) {
        return;
    }
    let path = args.get(0).to_rust_string_lossy(scope);
    let Some(entry) = app::app().and_then(|app| app.tree().lookup(&path)) else { return };
    if let Some(id) = MODULES.with_borrow(|m| m.by_entry.get(&entry.index()).copied()) {
        rv.set_uint32(id as u32);
    }
}

/// `urlOf(id)`: the URL of a record that belongs to an embedded file.
pub fn url_of(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((id, _)) = record(scope, args.get(0)) else { return };
    if let Some(path) = path_of(MODULES.with_borrow(|m| m.records[id].entry)) {
        let url = binding::string(scope, &url(path));
        rv.set(url);
    }
}

/// `setLinked(id, index, target)`: answers one request.
pub fn set_linked(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some((id, _)) = record(scope, args.get(0)) else { return };
    let (index, target) = (args.get(1).uint32_value(scope), args.get(2).uint32_value(scope));
    let (Some(index), Some(target)) = (index, target) else { return };
    MODULES.with_borrow_mut(|m| {
        if let Some(place) = m.records[id].linked.get_mut(index as usize) {
            *place = target as usize;
        }
    });
}

/// `getLinked(id)`: the records that the requests mean, in their order.
pub fn get_linked<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let Some((id, _)) = record(scope, args.get(0)) else { return };
    let linked = MODULES.with_borrow(|m| m.records[id].linked.clone());
    let linked: Vec<v8::Local<v8::Value>> =
        linked.into_iter().map(|id| v8::Integer::new_from_unsigned(scope, id as u32).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &linked).into());
}

/// `forgetGraph(id)`: a request of the graph that was loaded for this record cannot be answered. What was compiled since the record was
/// belongs to no file any more: the next import reads it anew.
pub fn forget(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some((root, _)) = record(scope, args.get(0)) else { return };
    MODULES.with_borrow_mut(|m| {
        for record in &mut m.records[root..] {
            record.loaded = false;
            if let Some(entry) = record.entry.take() {
                m.by_entry.remove(&entry);
            }
        }
    });
}
