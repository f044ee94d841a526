//! Starts V8, an isolate and its context, and runs a program in it to its end.
//!
//! Owns: platform, flags, isolate, context, the calls into JavaScript's bootstrap. Does not own: the loop (`event_loop`).

use crate::{binding, builtins, event_loop, heap, heap_image, options, tasks};
use std::cell::RefCell;
use std::sync::Once;
use v8::MapFnTo;

/// The version of Node that this runtime follows.
pub const NODE_VERSION: &str = "v26.10.0";

static V8: Once = Once::new();

/// Starts V8 once in this process, with these flags.
pub fn initialize_v8(flags: &[String]) {
    V8.call_once(|| {
        let mut all = vec![
            "--no-flush-bytecode".to_owned(),
            "--js-float16array".to_owned(),
            // Each process has hashes of its own: with those of the image anybody could make keys that all collide.
            "--rehash-snapshot".to_owned(),
            // Four times V8's own: at that a hello world already starts a thread to compile what it has run.
            "--baseline-batch-compilation-threshold=16384".to_owned(),
            // `v8.setFlagsFromString` may come at any time.
            "--no-freeze-flags-after-init".to_owned(),
        ];
        all.extend(young_generation());
        if crate::training::mode().is_some() {
            // The hashes in the caches that are made: what is built twice is the same twice.
            all.push("--random-seed=42".to_owned());
        }
        set_icu_data();
        crate::milestones::v8_start();
        v8::V8::set_flags_from_string(&all.join(" "));
        set_user_flags(flags);
        // V8 alone opens /dev/urandom for each seed, and reads a page of it.
        v8::V8::set_entropy_source(entropy);
        v8::V8::initialize_platform(crate::platform::new(pool_size()));
        v8::V8::initialize();
    });
}

/// Threads that V8 may start: as many as `--v8-pool-size` says, of which 0 leaves it to the number of processors; Node's 4.
fn pool_size() -> usize {
    const MOST: usize = 64;
    let given = options::known().and_then(|o| o.values.iter().rfind(|(name, _)| name == "--v8-pool-size"));
    match given {
        Some((_, options::Value::Text(text))) => match text.parse() {
            Ok(0) => std::thread::available_parallelism().map_or(1, |n| (n.get() - 1).max(1)),
            Ok(size) => MOST.min(size),
            Err(_) => 4,
        },
        _ => 4,
    }
}

/// Options that are not ours are V8's; what V8 does not know ends the process as in Node.
fn set_user_flags(flags: &[String]) {
    let argv0 = std::env::args().next().unwrap_or_default();
    let words = std::iter::once(argv0.clone()).chain(flags.iter().cloned()).collect();
    let unknown = &v8::V8::set_flags_from_command_line(words)[1..];
    if !unknown.is_empty() {
        let lines: String = unknown.iter().map(|word| format!("{argv0}: bad option: {word}\n")).collect();
        crate::stdio::write_stderr(&lines);
        crate::exit::exit_process(9);
    }
}

/// A program of megabytes makes as many objects as it starts: with V8's first young generation of 1 MB it is collected several times
/// before the program runs, a tenth of the time.
fn young_generation() -> Option<String> {
    const LARGE_PROGRAM: u64 = 2 << 20;
    let data = crate::app::app()?.sections().into_iter().find(|s| s.kind == payload::SectionKind::Data)?;
    (data.len > LARGE_PROGRAM).then(|| "--min-semi-space-size=4".to_owned())
}

fn entropy(seed: &mut [u8]) -> bool {
    // SAFETY: fills the slice, or says that it did not.
    let filled = unsafe { libc::getrandom(seed.as_mut_ptr().cast(), seed.len(), 0) };
    usize::try_from(filled) == Ok(seed.len())
}

/// Gives ICU its data, from the payload; a debug stub without one has it linked in. Without data `Intl` throws.
fn set_icu_data() {
    let embedded = crate::app::base().map(|p| p.icu_unchecked()).unwrap_or_default();
    let data: &'static [u8] = match embedded {
        [] if cfg!(debug_assertions) => deno_core_icudata::ICU_DATA,
        data => data,
    };
    if !data.is_empty() {
        let taken = v8::icu::set_common_data_78(data);
        if !embedded.is_empty() {
            // ICU has looked at the first page; of eleven megabytes most programs touch no other.
            if taken.is_err() {
                crate::app::damaged();
            }
            let is_whole = |block| crate::app::base().is_some_and(|p| p.check_icu_block(block).is_ok());
            // Without a list of blocks all of it is one.
            let listed = crate::app::base().is_some_and(|p| p.manifest().extra.contains_key(payload::ICU_BLOCKS));
            let size = if listed { payload::BLOCK } else { embedded.len() };
            crate::payload_segment::check_at_first_touch(embedded, size, is_whole);
        }
    }
}

/// Where an isolate's heap comes from.
pub enum Origin {
    /// Evaluate the built-ins now.
    Scratch,
    /// Read it from an image.
    Image(&'static [u8]),
}

/// Where this process's isolates come from: the payload's image, if there is one and built-ins are not taken from disk.
pub fn origin() -> Origin {
    match crate::app::base().map(|p| p.image()) {
        Some(image) if !image.is_empty() && builtins::dev_folder().is_none() => Origin::Image(image),
        _ => Origin::Scratch,
    }
}

/// A new isolate with the settings every one of ours has.
pub fn new_isolate(origin: &Origin) -> v8::OwnedIsolate {
    new_isolate_with(origin, [0.0; 3])
}

/// As [`new_isolate`], with limits in megabytes of old generation, young generation and code; 0 is V8's default.
pub fn new_isolate_with(origin: &Origin, [old, young, code]: [f64; 3]) -> v8::OwnedIsolate {
    let bytes = |megabytes: f64| (megabytes * 1024.0 * 1024.0) as usize;
    let mut params = v8::CreateParams::default()
        .external_references(binding::external_references().into())
        .array_buffer_allocator(crate::array_buffers::allocator());
    if let Origin::Image(image) = origin {
        // Of a program's heap only the program itself is made: its workers, and children that run something else, read the snapshot.
        // Options of V8's may lead there too.
        let is_program = crate::bindings::worker::current_thread() == 0 && !options::current().child;
        let takes_heap = is_program || !heap::is_heap();
        if !takes_heap || !options::current().v8_flags.is_empty() {
            crate::app::check_image();
        }
        if takes_heap {
            heap_image::offer(image);
        }
        params = params.snapshot_blob(v8::StartupData::from(payload::Image::read(image).snapshot));
    }
    if old > 0.0 {
        params = params.set_max_old_generation_size_in_bytes(bytes(old));
    }
    if young > 0.0 {
        params = params.set_max_young_generation_size_in_bytes(bytes(young));
    }
    if code > 0.0 {
        params = params.set_code_range_size_in_bytes(bytes(code));
    }
    let mut isolate = v8::Isolate::new(params);
    if let Origin::Image(image) = origin {
        heap_image::release(image);
    }
    configure(&mut isolate);
    isolate
}

/// Callbacks that an image does not hold.
pub fn configure(isolate: &mut v8::Isolate) {
    isolate.set_microtasks_policy(v8::MicrotasksPolicy::Explicit);
    let traces = crate::options::current().flag("--trace-uncaught");
    isolate.set_capture_stack_trace_for_uncaught_exceptions(traces, if traces { 10 } else { 0 });
    crate::bindings::module_wrap::install(isolate);
    crate::bindings::vm::install(isolate);
    crate::bindings::errors::install(isolate);
    crate::bindings::wasm_streaming::install(isolate);
}

/// Evaluates `internal/bootstrap/realm` in the current context and returns the built-ins' `require`.
pub fn bootstrap<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Function>> {
    let realm = builtins::compile(scope, "internal/bootstrap/realm")?;
    let get = |scope: &mut v8::PinScope<'s, '_>, callback: v8::FunctionCallback| {
        v8::Function::builder_raw(callback).build(scope)
    };
    let internal_binding = get(scope, binding::internal_binding.map_fn_to())?;
    let compile = get(scope, builtins::compile_builtin.map_fn_to())?;
    let process = v8::Object::new(scope);
    let exports = v8::Object::new(scope);
    let ids: Vec<v8::Local<v8::Value>> = builtins::ids().iter().map(|id| binding::string(scope, id)).collect();
    let ids = v8::Array::new_with_elements(scope, &ids);
    let recv = v8::undefined(scope).into();
    let require = realm.call(
        scope,
        recv,
        &[exports.into(), compile.into(), ids.into(), process.into(), internal_binding.into()],
    )?;
    v8::Local::<v8::Function>::try_from(require).ok()
}

thread_local! {
    /// The built-ins' `require` of this thread's program.
    static REQUIRE: RefCell<Option<v8::Global<v8::Function>>> = const { RefCell::new(None) };
}

/// Index of `require` among the data that the image keeps of the program's context.
const REQUIRE_INDEX: usize = 0;

/// The context a program runs in, from the image or made now, in which nothing has run but built-ins; its `require` becomes the
/// thread's.
pub fn new_context<'s>(scope: &mut v8::PinScope<'s, '_, ()>, origin: &Origin) -> v8::Local<'s, v8::Context> {
    context_at(scope, origin, if heap::is_heap() { heap::UNTOUCHED } else { 0 })
}

/// As [`new_context`], of the image's contexts the one with this index.
pub fn context_at<'s>(
    scope: &mut v8::PinScope<'s, '_, ()>,
    origin: &Origin,
    index: usize,
) -> v8::Local<'s, v8::Context> {
    let context = match origin {
        Origin::Image(_) => {
            v8::Context::from_snapshot(scope, index, v8::ContextOptions::default()).expect("context of the image")
        }
        Origin::Scratch => v8::Context::new(scope, v8::ContextOptions::default()),
    };
    let scope = &mut v8::ContextScope::new(scope, context);
    let require = match origin {
        Origin::Image(_) => {
            scope.get_context_data_from_snapshot_once::<v8::Function>(REQUIRE_INDEX).expect("require of the image")
        }
        Origin::Scratch => require_of_new_context(scope),
    };
    let require = v8::Global::new(scope, require);
    REQUIRE.with(|r| *r.borrow_mut() = Some(require));
    context
}

/// Evaluates the built-ins that every start needs; returns their `require`.
fn require_of_new_context<'s>(scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Function> {
    v8::tc_scope!(let tc, scope);
    match bootstrap(tc) {
        Some(require) => require,
        None => fail(tc),
    }
}

/// Evaluates the built-ins, `ids` among them, in a context that becomes the program's context of an image.
pub fn prepare_image_context(scope: &mut v8::PinScope, context: v8::Local<v8::Context>, ids: &[String]) {
    let require = require_of_new_context(scope);
    {
        v8::tc_scope!(let tc, scope);
        let recv = v8::undefined(tc).into();
        for id in ids {
            let id = binding::string(tc, id);
            if require.call(tc, recv, &[id]).is_none() {
                fail(tc);
            }
        }
    }
    let index = scope.add_context_data(context, require);
    assert_eq!(index, REQUIRE_INDEX);
}

/// Makes the thread's `require` that of the context in an image.
pub fn keep_require(scope: &mut v8::PinScope, context: v8::Local<v8::Context>) {
    let require = REQUIRE.take().expect("a context with built-ins");
    let require = v8::Local::new(scope, require);
    let index = scope.add_context_data(context, require);
    assert_eq!(index, REQUIRE_INDEX);
}

/// A built-in failed while starting: a bug of ours, told with its stack.
fn fail(tc: &mut v8::PinnedRef<'_, v8::TryCatch<'_, '_, v8::HandleScope<'_>>>) -> ! {
    let stack = tc.stack_trace().or(tc.exception()).map(|s| s.to_rust_string_lossy(tc)).unwrap_or_default();
    crate::stdio::write_stderr(&format!("the runtime could not start: {stack}\n"));
    crate::exit::exit_process(70);
}

/// The exports of a built-in.
pub fn require_builtin<'s>(scope: &mut v8::PinScope<'s, '_>, id: &str) -> Option<v8::Local<'s, v8::Object>> {
    let require = REQUIRE.with(|r| r.borrow().clone())?;
    let require = v8::Local::new(scope, require);
    let recv = v8::undefined(scope).into();
    let id = binding::string(scope, id);
    require.call(scope, recv, &[id])?.to_object(scope)
}

/// Calls the export `name` of a built-in.
pub fn call_builtin<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    id: &str,
    name: &str,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    let module = require_builtin(scope, id)?;
    let key = v8::String::new(scope, name)?;
    let function = module.get(scope, key.into())?;
    let function = v8::Local::<v8::Function>::try_from(function).ok()?;
    tasks::call(scope, module.into(), function, args)
}

/// Runs the program that `options` name, on this thread, and returns the exit code.
pub fn run_main(options: options::Options) -> i32 {
    crate::cache_report::begin(&options);
    options::set_current(options);
    initialize_v8(&options::current().v8_flags);
    crate::trace_log::start(options::current());
    let origin = origin();
    // A child that the program started of itself runs another one.
    let from_heap = heap::is_heap() && !options::current().child;
    let mut isolate = new_isolate(&origin);
    let code = {
        v8::scope!(let scope, &mut isolate);
        let context = if from_heap { context_at(scope, &origin, heap::PROGRAM) } else { new_context(scope, &origin) };
        let scope = &mut v8::ContextScope::new(scope, context);
        if crate::training::mode().is_some() {
            crate::training::start();
        }
        let code = if heap::is_building() {
            run_program(scope, "internal/main/warm_heap")
        } else if from_heap {
            crate::bindings::module_wrap::restore(scope);
            run_program(scope, "internal/main/from_heap")
        } else {
            run_program(scope, "internal/main/main_thread")
        };
        crate::training::finish(scope);
        code
    };
    // The process ends at once: tearing an isolate down would only cost time.
    std::mem::forget(isolate);
    code
}

/// Calls `start()` of `entry`, runs the loop until nothing is alive, and asks JavaScript for the exit code.
pub fn run_program(scope: &mut v8::PinScope, entry: &str) -> i32 {
    crate::platform::attach(scope);
    crate::milestones::environment();
    crate::milestones::bootstrap_complete();
    crate::bindings::worker::register_thread();
    crate::bindings::inspector::signal::install(scope);
    call_builtin(scope, entry, "start", &[]);
    loop {
        event_loop::current().run(scope);
        if event_loop::current().is_stopping() || scope.is_execution_terminating() {
            return crate::exit::worker_code().unwrap_or(0);
        }
        // V8 posts what it does with an empty stack: its inspector, and a collection that has something to tell.
        if crate::bindings::inspector::current().is_some() || crate::platform::has_tasks() {
            event_loop::current().run_posted(scope);
            if event_loop::current().has_work() {
                continue;
            }
        }
        // `beforeExit` may start new work.
        let more = call_builtin(scope, entry, "beforeExit", &[]).is_some_and(|more| more.is_true());
        if !more && !event_loop::current().has_work() {
            break;
        }
    }
    let code = call_builtin(scope, entry, "exit", &[]);
    crate::bindings::inspector::finish(scope);
    crate::bindings::napi::teardown(scope);
    code.and_then(|c| c.int32_value(scope)).unwrap_or(0)
}
