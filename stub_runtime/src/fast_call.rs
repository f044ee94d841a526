//! Functions that optimised JavaScript calls as C functions, without the frame of V8's API: the second form of a binding's
//! function, beside the one that takes anything.
//!
//! Owns: how such a form is declared. Does not own: when V8 takes it: where the arguments are of the declared types (a string
//! that lies in one piece, one byte a character; numbers), else it calls the other form.
//!
//! A fast form must not allocate in V8's heap, throw, or call JavaScript: strings are addresses in the heap. Nor may it make
//! handles: nothing lets go of them before the JavaScript that calls it has returned to Rust.

use std::ffi::c_void;
use v8::fast_api::{CFunction, CFunctionInfo, FastApiOneByteString};

/// The fast form of a function; V8 keeps its address, also in an image.
#[repr(transparent)]
pub struct FastCall(CFunction);

// SAFETY: addresses of code and of constants, never written.
unsafe impl Sync for FastCall {}

impl FastCall {
    /// From the address of an `extern "C"` function of that signature.
    pub const fn new(function: *const c_void, signature: &'static CFunctionInfo) -> Self {
        FastCall(CFunction::new(function, signature))
    }

    /// What V8 takes: the one form.
    pub fn overloads(&'static self) -> &'static [CFunction] {
        std::slice::from_ref(&self.0)
    }

    /// What an image refers to.
    pub fn reference(&'static self) -> v8::ExternalReference {
        v8::ExternalReference { pointer: std::ptr::from_ref(&self.0).cast_mut().cast() }
    }
}

/// Declares the fast form of a binding's function: `fast_call!(COMPARE = compare(V8Value, V8Value) -> Int32)`, with the names of
/// `v8::fast_api::Type`. The function takes the receiver first.
#[macro_export]
macro_rules! fast_call {
    ($name:ident = $function:path, ($($argument:ident),*) -> $result:ident) => {
        pub static $name: $crate::fast_call::FastCall = {
            use v8::fast_api::{CFunctionInfo, CTypeInfo, Int64Representation, Type};
            const ARGUMENTS: &[CTypeInfo] = &[Type::V8Value.as_info(), $(Type::$argument.as_info()),*];
            const SIGNATURE: &CFunctionInfo =
                &CFunctionInfo::new(Type::$result.as_info(), ARGUMENTS, Int64Representation::Number);
            $crate::fast_call::FastCall::new($function as *const std::ffi::c_void, SIGNATURE)
        };
    };
}

/// The characters of a string argument.
///
/// # Safety
/// `string` is the argument that V8 gave.
pub unsafe fn characters<'a>(string: *const FastApiOneByteString) -> &'a [u8] {
    // SAFETY: the caller's; V8 keeps it on its stack during the call.
    unsafe { &*string }.as_bytes()
}
