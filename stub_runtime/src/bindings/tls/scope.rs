//! V8's scope for callbacks that OpenSSL makes in the middle of a call of ours and that need an answer from JavaScript.

use std::cell::Cell;
use std::ffi::c_void;

thread_local! {
    static CURRENT: Cell<*mut c_void> = const { Cell::new(std::ptr::null_mut()) };
}

struct Restore(*mut c_void);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Runs `call`, a call into OpenSSL; callbacks inside it find `scope` with [`with_scope`].
pub fn lend<T>(scope: &mut v8::PinScope, call: impl FnOnce() -> T) -> T {
    let _restore = Restore(CURRENT.replace(std::ptr::from_mut(scope).cast()));
    call()
}

/// The scope that was lent to the current call into OpenSSL; `None` outside of one.
pub fn with_scope<T>(f: impl FnOnce(&mut v8::PinScope) -> T) -> Option<T> {
    // Taken meanwhile: nobody has it twice.
    let pointer = CURRENT.replace(std::ptr::null_mut());
    let _restore = Restore(pointer);
    // SAFETY: `lend` holds the only reference to the scope, does not use it before its call returns, and takes the pointer
    // back then; lifetimes of handles end in the scope that is opened here.
    let scope = unsafe { pointer.cast::<v8::PinScope<'_, '_>>().as_mut() }?;
    v8::scope!(let scope, scope);
    Some(f(scope))
}
