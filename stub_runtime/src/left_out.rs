//! Parts of V8 that are not linked, because no flag's default reaches them.
//!
//! Owns: what happens to who asks for one. Does not own: which they are (`build/left_out.rs`).

use std::ffi::{c_char, c_int};

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

#[cfg(test)]
mod tests {
    use super::is_asked_for;

    #[test]
    fn flags_that_lead_nowhere_are_known() {
        assert!(["--turbolev", "--turbolev_future", "--wasm-revectorize=1"].into_iter().all(is_asked_for));
        assert!(!["--maglev", "--no-turbolev", "--turbofan", "turbolev"].into_iter().any(is_asked_for));
    }
}
