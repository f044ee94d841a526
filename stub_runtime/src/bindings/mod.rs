//! The native half of the built-in modules, one file each. A binding is one line here.

pub mod app;
pub mod async_context_frame;
pub mod buffer;
pub mod cjs_lexer;
pub mod contextify;
pub mod crypto;
pub mod encoding;
pub mod env;
pub mod errors;
pub mod fs;
pub mod fs_event;
pub mod heap;
pub mod http2;
pub mod http_parser;
pub mod inspector;
pub mod locks;
pub mod messaging;
pub mod module_wrap;
pub mod napi;
pub mod os;
pub mod performance;
pub mod pipe;
pub mod process;
pub mod process_wrap;
pub mod signal;
pub mod socket_address;
pub mod spawn_sync;
pub mod sqlite;
pub mod stdio;
pub mod stream_handle;
pub mod tcp;
pub mod tls;
pub mod trace_events;
pub mod tty;
pub mod types;
pub mod typescript;
pub mod udp;
pub mod url;
pub mod util;
pub mod v8;
pub mod vm;
pub mod wasm_streaming;
pub mod worker;
pub mod zlib;

use crate::binding::Binding;

/// Every binding, sorted by file.
pub const ALL: &[Binding] = &[
    app::BINDING,
    async_context_frame::BINDING,
    buffer::BINDING,
    cjs_lexer::BINDING,
    contextify::BINDING,
    crypto::asymmetric::BINDING,
    crypto::cipher::BINDING,
    crypto::dh::BINDING,
    crypto::ecdh::BINDING,
    crypto::hash::BINDING,
    crypto::kdf::BINDING,
    crypto::keccak::BINDING,
    crypto::key_store::BINDING,
    crypto::keygen::BINDING,
    crypto::keys::BINDING,
    crypto::mac::BINDING,
    crypto::provider_mac::BINDING,
    crypto::random::BINDING,
    crypto::sign::BINDING,
    crypto::spkac::BINDING,
    crypto::util::BINDING,
    crypto::x509::BINDING,
    encoding::BINDING,
    env::BINDING,
    errors::BINDING,
    fs::BINDING,
    fs_event::BINDING,
    heap::BINDING,
    http2::BINDING,
    http_parser::BINDING,
    inspector::BINDING,
    locks::BINDING,
    messaging::BINDING,
    module_wrap::BINDING,
    napi::BINDING,
    os::BINDING,
    performance::BINDING,
    pipe::BINDING,
    process::BINDING,
    process_wrap::BINDING,
    signal::BINDING,
    spawn_sync::BINDING,
    sqlite::BINDING,
    stdio::BINDING,
    stream_handle::BINDING,
    tcp::BINDING,
    tls::BINDING,
    trace_events::BINDING,
    tty::BINDING,
    types::BINDING,
    typescript::BINDING,
    udp::BINDING,
    url::BINDING,
    util::BINDING,
    v8::BINDING,
    vm::BINDING,
    wasm_streaming::BINDING,
    worker::BINDING,
    zlib::BINDING,
    crate::builtins::BINDING,
    crate::options::BINDING,
    crate::tasks::BINDING,
];

/// Lets go of every handle that bindings keep of this thread's program: where an image is made none may be left.
pub fn forget() {
    crypto::native::forget();
    errors::forget();
    http2::forget();
    http_parser::forget();
    inspector::forget();
    messaging::forget();
    performance::forget();
    signal::forget();
    stream_handle::forget();
    tls::forget();
    udp::forget();
    vm::forget();
    wasm_streaming::forget();
    zlib::forget();
}
