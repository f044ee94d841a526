//! `internalBinding('v8')`: the engine's own figures, flags, snapshots of the heap, and serializers.
//!
//! Owns: statistics, flags, heap snapshots, garbage collection records; serializers are in [`serdes`]. Does not own: Node's
//! objects (`js/v8.js`, `js/internal/v8/`).

mod gc_profiler;
mod serdes;

use crate::binding;
use std::io::Write;

/// The figures of the heap, in the order of `js/internal/v8/statistics.js`.
pub fn heap_figures(isolate: &mut v8::Isolate) -> [f64; 15] {
    let s = isolate.get_heap_statistics();
    [
        s.total_heap_size() as f64,
        s.total_heap_size_executable() as f64,
        s.total_physical_size() as f64,
        s.total_available_size() as f64,
        s.used_heap_size() as f64,
        s.heap_size_limit() as f64,
        s.malloced_memory() as f64,
        s.peak_malloced_memory() as f64,
        f64::from(u8::from(s.does_zap_garbage())),
        s.number_of_native_contexts() as f64,
        s.number_of_detached_contexts() as f64,
        s.total_global_handles_size() as f64,
        s.used_global_handles_size() as f64,
        s.external_memory() as f64,
        s.total_allocated_bytes() as f64,
    ]
}

/// A space of the heap: its name; size, used, available, physical size.
type Space = (&'static str, [f64; 4]);

fn spaces(isolate: &mut v8::Isolate) -> Vec<Space> {
    let count = isolate.number_of_heap_spaces();
    (0..count)
        .filter_map(|i| {
            let s = isolate.get_heap_space_statistics(i)?;
            let figures = [s.space_size(), s.space_used_size(), s.space_available_size(), s.physical_space_size()];
            Some((s.space_name().to_str().unwrap_or_default(), figures.map(|f| f as f64)))
        })
        .collect()
}

fn numbers<'s>(scope: &mut v8::PinScope<'s, '_>, numbers: &[f64]) -> v8::Local<'s, v8::Value> {
    let values: Vec<v8::Local<v8::Value>> = numbers.iter().map(|&n| v8::Number::new(scope, n).into()).collect();
    v8::Array::new_with_elements(scope, &values).into()
}

/// `[name, size, used, available, physical, name, ...]`.
fn space_array<'s>(scope: &mut v8::PinScope<'s, '_>, spaces: &[Space]) -> v8::Local<'s, v8::Value> {
    let mut values: Vec<v8::Local<v8::Value>> = Vec::new();
    for (name, figures) in spaces {
        values.push(binding::string(scope, name));
        values.extend(figures.iter().map(|&f| v8::Local::<v8::Value>::from(v8::Number::new(scope, f))));
    }
    v8::Array::new_with_elements(scope, &values).into()
}

fn heap_statistics(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let figures = heap_figures(scope);
    rv.set(numbers(scope, &figures));
}

fn heap_space_statistics(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let spaces = spaces(scope);
    rv.set(space_array(scope, &spaces));
}

/// `heapCodeStatistics()`: code and metadata, bytecode and metadata, external sources, profiler metadata.
fn heap_code_statistics(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let figures = match scope.get_heap_code_and_metadata_statistics() {
        Some(s) => [
            s.code_and_metadata_size(),
            s.bytecode_and_metadata_size(),
            s.external_script_source_size(),
            s.cpu_profiler_metadata_size(),
        ],
        None => [0; 4],
    };
    rv.set(numbers(scope, &figures.map(|f| f as f64)));
}

/// `setFlagsFromString(flags)`.
fn set_flags(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    v8::V8::set_flags_from_string(&args.get(0).to_rust_string_lossy(scope));
}

/// `cachedDataVersionTag()`: what code caches are checked with.
fn version_tag(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_uint32(v8::script_compiler::cached_data_version_tag());
}

/// `isOneByte(string)`: whether V8 keeps it with one byte a character.
fn is_one_byte(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(v8::Local::<v8::String>::try_from(args.get(0)).is_ok_and(|s| s.is_onebyte()));
}

/// The JSON of a snapshot as chunks of bytes.
pub fn heap_snapshot_chunks(isolate: &mut v8::Isolate) -> Vec<Vec<u8>> {
    let mut chunks: Vec<Vec<u8>> = vec![Vec::new()];
    isolate.take_heap_snapshot(|part| {
        if chunks.last().is_some_and(|last| last.len() > 1 << 16) {
            chunks.push(Vec::new());
        }
        chunks.last_mut().unwrap().extend_from_slice(part);
        true
    });
    chunks
}

/// `heapSnapshot()`: the JSON of a snapshot as chunks of bytes.
fn heap_snapshot(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let chunks: Vec<v8::Local<v8::Value>> =
        heap_snapshot_chunks(scope).into_iter().map(|chunk| binding::uint8_array(scope, chunk).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &chunks).into());
}

/// Writes a snapshot to a file.
fn write_snapshot(isolate: &mut v8::Isolate, path: &str) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut result = Ok(());
    isolate.take_heap_snapshot(|part| {
        if result.is_ok() {
            result = file.write_all(part);
        }
        result.is_ok()
    });
    result.and_then(|()| file.flush())
}

/// `writeHeapSnapshot(path)`: 0 or an errno.
fn write_heap_snapshot(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let path = args.get(0).to_rust_string_lossy(scope);
    let errno = write_snapshot(scope, &path).err().map_or(0, |e| -e.raw_os_error().unwrap_or(libc::EIO));
    rv.set_int32(errno);
}

binding!("v8", [
    heapStatistics => heap_statistics,
    heapSpaceStatistics => heap_space_statistics,
    heapCodeStatistics => heap_code_statistics,
    setFlagsFromString => set_flags,
    cachedDataVersionTag => version_tag,
    isOneByte => is_one_byte,
    heapSnapshot => heap_snapshot,
    writeHeapSnapshot => write_heap_snapshot,
    startGcProfiler => gc_profiler::start,
    stopGcProfiler => gc_profiler::stop,
    createSerializer => serdes::create_serializer,
    freeSerializer => serdes::free_serializer,
    writeHeader => serdes::write_header,
    writeValue => serdes::write_value,
    releaseBuffer => serdes::release_buffer,
    writeTransfer => serdes::write_transfer,
    writeUint32 => serdes::write_uint32,
    writeUint64 => serdes::write_uint64,
    writeDouble => serdes::write_double,
    writeRawBytes => serdes::write_raw_bytes,
    viewsAsHostObjects => serdes::views_as_host_objects,
    createDeserializer => serdes::create_deserializer,
    freeDeserializer => serdes::free_deserializer,
    readHeader => serdes::read_header,
    readValue => serdes::read_value,
    readTransfer => serdes::read_transfer,
    readUint32 => serdes::read_uint32,
    readUint64 => serdes::read_uint64,
    readDouble => serdes::read_double,
    readRawBytes => serdes::read_raw_bytes,
    wireFormatVersion => serdes::wire_format_version,
]);
