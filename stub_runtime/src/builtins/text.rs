//! The text of a built-in module as V8 refers to it: a resource of an external string, in place or packed.
//!
//! Owns: unpacking, once a process, when V8 first asks for the characters; it does for functions that it has to compile, for `toString` and
//! for the lines of a stack trace. Does not own: which are packed (`build/builtins.rs`).

use std::cell::Cell;
use std::ffi::c_char;
use std::sync::OnceLock;

use super::{PACKED, PLAIN};

thread_local! {
    /// While a string is made: V8 checks that there are characters and looks at none.
    static ASKED_FOR_NOTHING: Cell<bool> = const { Cell::new(false) };
}

/// A text, one for the process: strings of all isolates, and images, refer to its address.
pub enum Text {
    Plain(v8::OneByteConst),
    Packed(Packed),
}

/// What V8 takes for a `v8::String::ExternalOneByteStringResource`, and the `v8` crate for a [`v8::OneByteConst`], whose fields these
/// begin with. It says that it cannot be cached, so V8 asks for the characters each time that it needs them and never before.
#[repr(C)]
pub struct Packed {
    table: &'static Table,
    /// V8's own, for resources that can be cached.
    cached: usize,
    length: usize,
    at: usize,
    packed: usize,
    text: OnceLock<Box<[u8]>>,
}

impl Text {
    /// `length` bytes of the texts that are not packed.
    pub const fn plain(at: usize, length: usize) -> Self {
        let text = PLAIN.split_at(at).1.split_at(length).0;
        // SAFETY: build.rs refuses a file that is not ASCII.
        Self::Plain(unsafe { v8::String::create_external_onebyte_const_unchecked(text) })
    }

    /// A text of `length` bytes in a frame of `packed`.
    pub const fn packed(length: usize, at: usize, packed: usize) -> Self {
        Self::Packed(Packed { table: &TABLE_OF_PACKED, cached: 0, length, at, packed, text: OnceLock::new() })
    }

    /// What V8 refers to.
    pub fn resource(&'static self) -> *const v8::OneByteConst {
        match self {
            Self::Plain(text) => text,
            Self::Packed(text) => (&raw const *text).cast(),
        }
    }

    pub fn to_string<'s>(&'static self, scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::String>> {
        ASKED_FOR_NOTHING.set(true);
        // SAFETY: both begin with the fields of a `OneByteConst`, live as long as the process, and nobody but V8 looks into this one.
        let string = v8::String::new_from_onebyte_const(scope, unsafe { &*self.resource() });
        ASKED_FOR_NOTHING.set(false);
        string
    }
}

impl Packed {
    fn text(&self) -> &[u8] {
        self.text.get_or_init(|| {
            let mut text = Vec::with_capacity(self.length);
            let packed = &PACKED[self.at..self.at + self.packed];
            let length = zstd::zstd_safe::DCtx::create().decompress_using_dict(&mut text, packed, &PLAIN);
            assert_eq!(length, Ok(self.length), "a built-in's text is damaged");
            text.into_boxed_slice()
        })
    }
}

/// C++'s table of the resource's virtual functions, as the `v8` crate has it for its own (`string.rs`).
#[repr(C)]
struct Table {
    delete_complete: extern "C" fn(&Packed),
    delete: extern "C" fn(&Packed),
    is_cacheable: extern "C" fn(&Packed) -> bool,
    unaccount: extern "C" fn(&Packed, *mut ()),
    estimate_memory_usage: extern "C" fn(&Packed) -> usize,
    estimate_shared_memory_usage: extern "C" fn(&Packed, *mut ()),
    dispose: extern "C" fn(&Packed),
    lock: extern "C" fn(&Packed),
    unlock: extern "C" fn(&Packed),
    data: extern "C" fn(&Packed) -> *const c_char,
    length: extern "C" fn(&Packed) -> usize,
}

static TABLE_OF_PACKED: Table = Table {
    delete_complete: nothing,
    delete: nothing,
    is_cacheable: is_not,
    unaccount: nothing_to,
    estimate_memory_usage: unknown,
    estimate_shared_memory_usage: nothing_to,
    dispose: nothing,
    lock: nothing,
    unlock: nothing,
    data,
    length,
};

extern "C" fn nothing(_: &Packed) {}

extern "C" fn nothing_to(_: &Packed, _: *mut ()) {}

extern "C" fn is_not(_: &Packed) -> bool {
    false
}

/// `kDefaultMemoryEstimate`
extern "C" fn unknown(_: &Packed) -> usize {
    usize::MAX
}

extern "C" fn data(text: &Packed) -> *const c_char {
    if ASKED_FOR_NOTHING.get() { PACKED.as_ptr().cast() } else { text.text().as_ptr().cast() }
}

extern "C" fn length(text: &Packed) -> usize {
    text.length
}
