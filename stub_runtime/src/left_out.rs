//! Parts of V8 that are not linked, because no flag's default reaches them, and of OpenSSL, because nothing does.
//!
//! Owns: what happens to who asks for one. Does not own: which they are (`build/left_out.rs`).

use std::ffi::{c_char, c_int, c_void};

include!(concat!(env!("OUT_DIR"), "/left_out.rs"));

/// Whether a word of the command line turns on what is not there.
pub fn is_asked_for(word: &str) -> bool {
    let word = word.replace('_', "-");
    FLAGS.contains(&word.split_once('=').map_or(word.as_str(), |(name, _)| name))
}

/// Where `v8.setFlagsFromString()` turned it on: on any thread of V8's, with no way back into JavaScript.
fn refuse(asked: &str) -> ! {
    crate::stdio::write_stderr(&format!("{asked} is not part of this runtime\n"));
    // SAFETY: ends the process.
    unsafe { libc::_exit(9) }
}

/// `abi::__cxa_demangle` with its answer for "no such name".
#[unsafe(export_name = "__wrap___cxa_demangle")]
extern "C" fn demangle(_: *const c_char, _: *mut c_char, _: *mut usize, status: *mut c_int) -> *mut c_char {
    // SAFETY: null, or where the caller wants the status.
    if let Some(status) = unsafe { status.as_mut() } {
        *status = -2;
    }
    std::ptr::null_mut()
}

/// The methods by which libssl knows a connection of QUIC: no connection has this one.
macro_rules! no_method {
    ($($function:ident: $name:literal)*) => {
        $(#[unsafe(export_name = $name)]
        extern "C" fn $function() -> *const c_void {
            std::ptr::null()
        })*
    };
}

no_method! {
    quic_client: "__wrap_OSSL_QUIC_client_method"
    quic_client_thread: "__wrap_OSSL_QUIC_client_thread_method"
    quic_server: "__wrap_OSSL_QUIC_server_method"
}

#[cfg(test)]
mod tests {
    use super::is_asked_for;

    #[test]
    fn flags_that_lead_nowhere_are_known() {
        assert!(["--turbolev", "--turbolev_future", "--wasm-revectorize=1"].into_iter().all(is_asked_for));
        assert!(!["--maglev", "--no-turbolev", "--turbofan", "turbolev"].into_iter().any(is_asked_for));
    }
}
