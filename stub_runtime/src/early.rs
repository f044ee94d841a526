//! What libraries do before and beside `main` at every start, and few programs need: the linker leads these calls here (`--wrap`,
//! `build.rs`).
//!
//! Owns: when OpenSSL asks the processor for its features, how V8 learns where the main thread's stack is. Does not own: OpenSSL's own
//! start (`bindings/crypto.rs`).

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

static MAIN_RUNS: AtomicBool = AtomicBool::new(false);

/// What comes now is not part of loading the program.
pub fn main_runs() {
    MAIN_RUNS.store(true, Ordering::Relaxed);
}

unsafe extern "C" {
    fn __real_OPENSSL_cpuid_setup();
    fn __real_pthread_getattr_np(thread: libc::pthread_t, attributes: *mut libc::pthread_attr_t) -> c_int;
}

/// OpenSSL calls it when the program is loaded, and again when it starts. Each question is a trap on a virtual machine.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_OPENSSL_cpuid_setup() {
    // Tests begin with Rust's own `main`.
    if cfg!(test) || MAIN_RUNS.load(Ordering::Relaxed) {
        // SAFETY: OpenSSL's own call.
        unsafe { __real_OPENSSL_cpuid_setup() };
    }
}

/// For the main thread the C library reads the process's whole memory map; V8 takes `__libc_stack_end` where this fails, which is the same.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_pthread_getattr_np(
    thread: libc::pthread_t,
    attributes: *mut libc::pthread_attr_t,
) -> c_int {
    // SAFETY: asks for numbers.
    let of_main = MAIN_RUNS.load(Ordering::Relaxed)
        && unsafe { libc::pthread_equal(thread, libc::pthread_self()) != 0 && libc::getpid() == libc::gettid() };
    if of_main {
        return libc::ENOSYS;
    }
    // SAFETY: what the caller says.
    unsafe { __real_pthread_getattr_np(thread, attributes) }
}
