//! Runs one file operation: at once, or on the pool where JavaScript gave a callback. Each operation is written once.
//!
//! Owns: how arguments come from JavaScript and how results go back. Does not own: the operations (`bindings/fs.rs`).

use super::place::Place;
use crate::event_loop;
use crate::tasks::Callback;

/// An errno of the kernel, positive, with the number of the step of a composite operation that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(i32);

/// What an operation gives.
pub type Outcome<T> = Result<T, Errno>;

/// Added to an errno for each step before the one that failed (`internal/fs/utils` takes it apart).
const STEP: i32 = 10_000;

impl Errno {
    /// Of this kernel errno.
    pub const fn new(errno: i32) -> Self {
        Errno(errno)
    }

    /// The calling thread's last one.
    pub fn last() -> Self {
        Errno(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO))
    }

    /// The kernel's number.
    pub fn number(self) -> i32 {
        self.0 % STEP
    }

    /// The same error, from step `step` of a composite operation.
    pub fn at(self, step: i32) -> Self {
        Errno(self.number() + step * STEP)
    }

    /// libuv's way: negative.
    pub fn code(self) -> i32 {
        -self.0
    }
}

impl From<std::io::Error> for Errno {
    fn from(error: std::io::Error) -> Self {
        Errno(error.raw_os_error().unwrap_or(libc::EIO))
    }
}

/// A type that an argument becomes. `keep` says that it will be used after the call, by another thread.
pub trait FromArg {
    /// Takes the argument; JavaScript has validated it.
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, keep: bool) -> Self;
}

impl FromArg for i32 {
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, _: bool) -> Self {
        value.int32_value(scope).unwrap_or(0)
    }
}

impl FromArg for u32 {
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, _: bool) -> Self {
        value.uint32_value(scope).unwrap_or(0)
    }
}

/// Numbers, bigints; anything else is -1, the file's own position.
impl FromArg for i64 {
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, _: bool) -> Self {
        if value.is_number() {
            return value.integer_value(scope).unwrap_or(-1);
        }
        v8::Local::<v8::BigInt>::try_from(value).map_or(-1, |big| big.i64_value().0)
    }
}

impl FromArg for f64 {
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, _: bool) -> Self {
        value.number_value(scope).unwrap_or(0.0)
    }
}

impl FromArg for bool {
    fn from_arg(_: &mut v8::PinScope, value: v8::Local<v8::Value>, _: bool) -> Self {
        value.is_true()
    }
}

impl FromArg for usize {
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, _: bool) -> Self {
        value.integer_value(scope).map_or(0, |n| n.max(0) as usize)
    }
}

impl FromArg for String {
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, _: bool) -> Self {
        value.to_rust_string_lossy(scope)
    }
}

/// A file: by path, or a descriptor that is open already.
pub enum File {
    /// To be opened.
    Path(Place),
    /// Open, stays open.
    Descriptor(i32),
}

impl FromArg for File {
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, keep: bool) -> Self {
        if value.is_number() {
            File::Descriptor(i32::from_arg(scope, value, keep))
        } else {
            File::Path(Place::from_arg(scope, value, keep))
        }
    }
}

/// The memory of an ArrayBufferView; kept alive where an operation on another thread uses it.
pub struct Region {
    _store: Option<v8::SharedRef<v8::BackingStore>>,
    data: *mut u8,
    length: usize,
}

// SAFETY: the memory belongs to the store that the region holds; JavaScript may write to it meanwhile, as it may under libuv,
// and the kernel or a copy of bytes is all that touches it here.
unsafe impl Send for Region {}

impl Region {
    /// `length` bytes from `offset`, cut where the view ends.
    pub fn part(&self, offset: usize, length: usize) -> (*mut u8, usize) {
        let offset = offset.min(self.length);
        // SAFETY: offset is at most the length of the view.
        (unsafe { self.data.add(offset) }, length.min(self.length - offset))
    }

    /// All of it.
    pub fn all(&self) -> (*mut u8, usize) {
        (self.data, self.length)
    }
}

impl FromArg for Region {
    fn from_arg(_: &mut v8::PinScope, value: v8::Local<v8::Value>, keep: bool) -> Self {
        let Ok(view) = v8::Local::<v8::ArrayBufferView>::try_from(value) else {
            return Region { _store: None, data: std::ptr::dangling_mut(), length: 0 };
        };
        // First the store: asking for it moves the bytes of a small array off V8's heap.
        let store = if keep { view.get_backing_store() } else { None };
        // An empty view may have no memory at all.
        let data = if view.data().is_null() { std::ptr::dangling_mut() } else { view.data().cast() };
        Region { _store: store, data, length: view.byte_length() }
    }
}

/// Several of them, for readv and writev.
impl FromArg for Vec<Region> {
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, keep: bool) -> Self {
        let Ok(array) = v8::Local::<v8::Array>::try_from(value) else { return Vec::new() };
        let mut out = Vec::with_capacity(array.length() as usize);
        for i in 0..array.length() {
            if let Some(item) = array.get_index(scope, i) {
                out.push(Region::from_arg(scope, item, keep));
            }
        }
        out
    }
}

/// A type that a result is.
pub trait IntoJs {
    /// The value that JavaScript sees.
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value>;
}

impl IntoJs for () {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        v8::undefined(scope).into()
    }
}

impl IntoJs for bool {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        v8::Boolean::new(scope, self).into()
    }
}

impl IntoJs for i32 {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        v8::Integer::new(scope, self).into()
    }
}

impl IntoJs for usize {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        v8::Number::new(scope, self as f64).into()
    }
}

impl IntoJs for f64 {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        v8::Number::new(scope, self).into()
    }
}

impl<T: IntoJs> IntoJs for Option<T> {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        match self {
            Some(value) => value.into_js(scope),
            None => v8::undefined(scope).into(),
        }
    }
}

/// Bytes: a Uint8Array without a copy.
impl IntoJs for Vec<u8> {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        crate::binding::uint8_array(scope, self).into()
    }
}

/// A name that the kernel gave: a string, or its very bytes where JavaScript wants another encoding.
pub struct Name {
    /// As the kernel has it.
    pub bytes: Vec<u8>,
    /// Whether JavaScript gets a Uint8Array.
    pub raw: bool,
}

impl IntoJs for Name {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        if self.raw { self.bytes.into_js(scope) } else { text(scope, &self.bytes) }
    }
}

/// A string from UTF-8, with U+FFFD for what is not.
pub fn text<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> v8::Local<'s, v8::Value> {
    match v8::String::new_from_utf8(scope, bytes, v8::NewStringType::Normal) {
        Some(text) => text.into(),
        None => v8::undefined(scope).into(),
    }
}

/// Runs `work`: now, its result being the call's, or where `callback` is a function on the pool, followed by
/// `callback(errno or 0, result)`. `deliver` makes the value that JavaScript sees.
pub fn run_with<T: Send + 'static>(
    scope: &mut v8::PinScope,
    callback: v8::Local<v8::Value>,
    mut rv: v8::ReturnValue,
    work: impl FnOnce() -> Outcome<T> + Send + 'static,
    deliver: impl for<'s> FnOnce(T, &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> + 'static,
) {
    let Some(callback) = Callback::from_value(scope, callback) else {
        match work() {
            Ok(value) => {
                let value = deliver(value, scope);
                rv.set(value);
            }
            Err(errno) => rv.set_int32(errno.code()),
        }
        return;
    };
    event_loop::current().run_on_pool("FSReqCallback", work, move |scope, outcome| {
        match outcome {
            Ok(value) => {
                let value = deliver(value, scope);
                let zero = v8::Integer::new(scope, 0).into();
                callback.call(scope, &[zero, value]);
            }
            Err(errno) => {
                let errno = v8::Integer::new(scope, errno.code()).into();
                callback.call(scope, &[errno]);
            }
        };
    });
}

/// As [`run_with`], for results that are values of their own.
pub fn run<T: IntoJs + Send + 'static>(
    scope: &mut v8::PinScope,
    callback: v8::Local<v8::Value>,
    rv: v8::ReturnValue,
    work: impl FnOnce() -> Outcome<T> + Send + 'static,
) {
    run_with(scope, callback, rv, work, |value, scope| value.into_js(scope));
}

/// Defines operations: V8 callbacks whose arguments are taken by type and whose body runs at once or on the pool.
macro_rules! operations {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) -> $result:ty $body:block)*) => {$(
        $(#[$doc])*
        fn $name(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
            const ARGS: i32 = [$(stringify!($arg)),*].len() as i32;
            let callback = args.get(ARGS);
            let keep = callback.is_function();
            let mut index = 0;
            $(
                let $arg = <$type as $crate::bindings::fs::job::FromArg>::from_arg(scope, args.get(index), keep);
                index += 1;
            )*
            let _ = index;
            let work = move || -> $crate::bindings::fs::job::Outcome<$result> { $body };
            $crate::bindings::fs::job::run(scope, callback, rv, work);
        }
    )*};
}
pub(crate) use operations;
