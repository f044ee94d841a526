//! The stub: the program that every executable made by `pack` is, and without an app in its payload a `node`.
//!
//! Owns: the order of a start. Does not own: any Node semantics (bindings and `js/`), the payload's format (crate `payload`).

#![cfg_attr(not(test), no_main)]

mod app;
mod array_buffers;
mod binding;
mod bindings;
mod builtins;
mod cache_report;
mod early;
mod embedded_data;
mod event_loop;
mod exit;
mod fast_call;
mod heap;
mod heap_image;
mod image;
mod inheritance;
mod large_pages;
mod left_out;
mod memory_file;
mod milestones;
mod number_map;
mod options;
mod payload_segment;
mod platform;
mod pool;
mod reactor;
mod runtime;
mod script_table;
mod stdio;
mod tasks;
mod trace_log;
mod training;
mod v8_trace;

/// What the C library calls: of what Rust's own `main` does first, descriptors and SIGPIPE are `inheritance`'s, and its guard of the
/// stack, which reads the process's whole memory map, has nothing to tell: V8 checks the stack.
#[cfg(not(test))]
#[unsafe(no_mangle)]
extern "C" fn main(_: std::ffi::c_int, _: *const *const std::ffi::c_char) -> std::ffi::c_int {
    start();
    0
}

#[cfg_attr(test, allow(dead_code))]
fn start() {
    milestones::node_start();
    early::main_runs();
    array_buffers::keep_freed_memory();
    inheritance::put_right();
    payload_segment::install_damage_handler();
    let mut argv: Vec<String> = std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect();
    if let [_, flag, file, ..] = argv.as_slice()
        && flag == "--attached"
        && app::app().is_none()
    {
        app::attach(file);
        argv.drain(..2);
    }
    if let [_, flag, out, v8_flags @ ..] = argv.as_slice()
        && flag == "--build-image"
        && app::app().is_none()
    {
        exit::exit_process(image::build_base(out, v8_flags));
    }
    if let [_, flag, image, out, node_options @ ..] = argv.as_slice()
        && flag == "--build-caches"
        && app::app().is_none()
    {
        exit::exit_process(training::build_caches(image, out, node_options));
    }
    let options = match app::app() {
        Some(app) => options::Options::of_app(&argv, &app.manifest().exec_argv),
        None => options::Options::of_node(&argv),
    };
    let options = match options {
        Ok(options) => options,
        Err(message) => {
            stdio::write_stderr(&format!("{}: {message}\n", argv.first().map_or("node", String::as_str)));
            exit::exit_process(9);
        }
    };
    if options.version {
        println!("{}", runtime::NODE_VERSION);
        return;
    }
    exit::exit_process(match training::mode() {
        Some("heap") => heap::build(options),
        Some("warm") => heap::warm(options),
        Some("builtins") => training::build_heap_caches(options),
        Some(mode @ ("compile" | "eager" | "whole")) => training::compile_app(options, mode),
        _ => runtime::run_main(options),
    });
}
