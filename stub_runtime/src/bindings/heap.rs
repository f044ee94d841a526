//! `internalBinding('heap')`: what the program makes while its heap is to become an image, and an image cannot hold.
//!
//! Owns: which such objects are still alive. Does not own: what they are (`js/internal/heap.js`, `bindings/crypto/native.rs`), making
//! the image (`heap.rs`).

use crate::{app, binding};
use std::cell::RefCell;

struct Watched {
    object: v8::Weak<v8::Object>,
    text: String,
}

thread_local! {
    static WATCHED: RefCell<Vec<Watched>> = const { RefCell::new(Vec::new()) };
}

/// Remembers an object, with the stack that makes it.
pub fn watch(scope: &mut v8::PinScope, object: v8::Local<v8::Object>, what: &str) {
    let stack = v8::StackTrace::current_stack_trace(scope, 32);
    let mut text = format!("{what} cannot be kept in an executable's heap:\n");
    for i in 0..stack.map_or(0, |s| s.get_frame_count()) {
        let Some(frame) = stack.and_then(|s| s.get_frame(scope, i)) else { continue };
        let name = |s: Option<v8::Local<v8::String>>| s.map(|s| s.to_rust_string_lossy(scope)).unwrap_or_default();
        let (function, script) = (name(frame.get_function_name(scope)), name(frame.get_script_name(scope)));
        if script.starts_with("node:internal/") {
            continue;
        }
        let place = format!("{script}:{}:{}", frame.get_line_number(), frame.get_column());
        text.push_str(&if function.is_empty() {
            format!("    at {place}\n")
        } else {
            format!("    at {function} ({place})\n")
        });
    }
    let object = v8::Weak::new(scope, object);
    WATCHED.with_borrow_mut(|watched| watched.push(Watched { object, text }));
}

/// What of it the program still holds; after a collection.
pub fn alive() -> Vec<String> {
    let watched = WATCHED.take();
    watched.into_iter().filter(|w| !w.object.is_empty()).map(|w| w.text).collect()
}

/// `watch(object, what)`.
fn watch_object(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) {
        let what = args.get(1).to_rust_string_lossy(scope);
        watch(scope, object, &what);
    }
}

/// `modules()`: paths in the tree of what is evaluated at build time instead of the entry.
fn modules(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let names = app::app().and_then(|app| app.manifest().extra.get(crate::heap::MODULES)).map_or("", String::as_str);
    let names: Vec<v8::Local<v8::Value>> = names.lines().map(|name| binding::string(scope, name)).collect();
    rv.set(v8::Array::new_with_elements(scope, &names).into());
}

/// `refuse(text)`: the image cannot be made; ends the process.
fn refuse(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let text = args.get(0).to_rust_string_lossy(scope);
    crate::stdio::write_stderr(&text);
    crate::exit::exit_process(crate::heap::REFUSED);
}

binding!("heap", [watch => watch_object, modules => modules, refuse => refuse]);
