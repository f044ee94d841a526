//! An addon's environment: what Node-API calls `napi_env`, one for each addon and thread.
//!
//! Owns: the environment's state (pending exception, last error, references, instance data, clean-up) and how a call of the C
//! interface becomes a scope. Does not own: the calls themselves (the files beside this one).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_void};

/// `napi_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Status {
    Ok,
    InvalidArg,
    ObjectExpected,
    StringExpected,
    NameExpected,
    FunctionExpected,
    NumberExpected,
    BooleanExpected,
    ArrayExpected,
    GenericFailure,
    PendingException,
    Cancelled,
    EscapeCalledTwice,
    HandleScopeMismatch,
    CallbackScopeMismatch,
    QueueFull,
    Closing,
    BigintExpected,
    DateExpected,
    ArrayBufferExpected,
    DetachableArrayBufferExpected,
}

/// What `napi_get_last_error_info` says of each status.
const MESSAGES: [Option<&CStr>; 21] = [
    None,
    Some(c"Invalid argument"),
    Some(c"An object was expected"),
    Some(c"A string was expected"),
    Some(c"A string or symbol was expected"),
    Some(c"A function was expected"),
    Some(c"A number was expected"),
    Some(c"A boolean was expected"),
    Some(c"An array was expected"),
    Some(c"Unknown failure"),
    Some(c"An exception is pending"),
    Some(c"The async work item was cancelled"),
    Some(c"napi_escape_handle already called on scope"),
    Some(c"Invalid handle scope usage"),
    Some(c"Invalid callback scope usage"),
    Some(c"Thread-safe function queue is full"),
    Some(c"Thread-safe function handle is closing"),
    Some(c"A bigint was expected"),
    Some(c"A date was expected"),
    Some(c"An arraybuffer was expected"),
    Some(c"A detachable arraybuffer was expected"),
];

/// `napi_extended_error_info`.
#[repr(C)]
pub struct ErrorInfo {
    error_message: *const c_char,
    engine_reserved: *mut c_void,
    engine_error_code: u32,
    error_code: Status,
}

/// `napi_value`: a handle of the innermost handle scope.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Value(*const c_void);

impl Value {
    /// No value.
    pub const NULL: Value = Value(std::ptr::null());

    /// The handle that the addon gave; an error where it gave none.
    pub fn local<'s>(self) -> Result<v8::Local<'s, v8::Value>, Status> {
        self.optional().ok_or(Status::InvalidArg)
    }

    /// The handle that the addon gave, if it gave one.
    pub fn optional<'s>(self) -> Option<v8::Local<'s, v8::Value>> {
        // SAFETY: a handle is one pointer, not null; the addon keeps it no longer than its scope.
        (!self.0.is_null()).then(|| unsafe { std::mem::transmute::<*const c_void, v8::Local<'s, v8::Value>>(self.0) })
    }

    /// As [`Value::local`], of one kind; `otherwise` where it is of another.
    pub fn cast<'s, T>(self, otherwise: Status) -> Result<v8::Local<'s, T>, Status>
    where
        v8::Local<'s, T>: TryFrom<v8::Local<'s, v8::Value>>,
    {
        v8::Local::<T>::try_from(self.local()?).map_err(|_| otherwise)
    }

    /// An object, or what `ToObject` makes of it.
    pub fn object<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> Result<v8::Local<'s, v8::Object>, Status> {
        self.local()?.to_object(scope).ok_or(Status::ObjectExpected)
    }
}

impl<'s, T> From<v8::Local<'s, T>> for Value
where
    v8::Local<'s, T>: Into<v8::Local<'s, v8::Value>>,
{
    fn from(local: v8::Local<'s, T>) -> Self {
        // SAFETY: as in `optional`.
        Value(unsafe { std::mem::transmute::<v8::Local<'s, v8::Value>, *const c_void>(local.into()) })
    }
}

/// A place for a result; an error where the addon gave none.
pub fn out<'a, T>(place: *mut T) -> Result<&'a mut T, Status> {
    // SAFETY: the addon's own variable, alive during the call.
    unsafe { place.as_mut() }.ok_or(Status::InvalidArg)
}

/// Gives a value to the addon.
pub fn give<'s, T>(place: *mut Value, value: v8::Local<'s, T>) -> Result<(), Status>
where
    v8::Local<'s, T>: Into<v8::Local<'s, v8::Value>>,
{
    *out(place)? = Value::from(value);
    Ok(())
}

/// `napi_finalize`.
pub type FinalizeCallback = unsafe extern "C" fn(env: *mut Env, data: *mut c_void, hint: *mut c_void);

/// A finalizer with what it gets.
#[derive(Clone, Copy)]
pub struct Finalizer {
    /// The addon's function.
    pub callback: FinalizeCallback,
    /// Its data.
    pub data: *mut c_void,
    /// Its hint.
    pub hint: *mut c_void,
}

impl Finalizer {
    /// Calls it from the loop; an exception that it leaves is uncaught.
    pub fn run(self, scope: &mut v8::PinScope, env: *mut Env) {
        from_loop(scope, env, |env| {
            // SAFETY: the addon's own function with its own data, on the thread of its environment.
            unsafe { (self.callback)(env, self.data, self.hint) }
        });
    }
}

/// Calls into the addon from the loop, then drains; an exception that it leaves is uncaught.
pub fn from_loop(scope: &mut v8::PinScope, env: *mut Env, call: impl FnOnce(*mut Env)) {
    // SAFETY: environments live as long as their thread.
    let state = unsafe { &*env };
    crate::tasks::together(scope, |scope| {
        v8::scope!(let scope, scope);
        call(env);
        if let Some(exception) = state.take_exception() {
            let exception = v8::Local::new(scope, exception);
            crate::tasks::report(scope, exception, false);
        }
    });
}

/// See the head of this file.
pub struct Env {
    context: v8::Global<v8::Context>,
    exception: RefCell<Option<v8::Global<v8::Value>>>,
    last_error: RefCell<ErrorInfo>,
    /// Whether finalizers at the end of the thread have begun: nothing calls JavaScript any more.
    pub ending: Cell<bool>,
    /// References that are not deleted, oldest first, by number.
    pub references: RefCell<BTreeMap<u64, *mut super::references::Reference>>,
    next_reference: Cell<u64>,
    /// `napi_set_instance_data`.
    pub instance_data: Cell<Option<(*mut c_void, Option<Finalizer>)>>,
    /// The module's file URL.
    pub file_name: CString,
    /// Version of Node-API that the addon asks for.
    pub version: i32,
    /// Where an object keeps what it wraps.
    pub wrap_key: v8::Global<v8::Private>,
    /// Where an object keeps its type tag.
    pub tag_key: v8::Global<v8::Private>,
    /// Handle scopes that are open.
    pub handle_scopes: Cell<usize>,
    /// Callback scopes that are open.
    pub callback_scopes: Cell<usize>,
}

thread_local! {
    /// The environments of this thread, in the order they were made.
    static ENVS: RefCell<Vec<*mut Env>> = const { RefCell::new(Vec::new()) };
    /// Clean-up hooks in the order they were added.
    static CLEANUP: RefCell<Vec<Cleanup>> = const { RefCell::new(Vec::new()) };
}

/// A function that runs when the thread's JavaScript ends.
pub struct Cleanup {
    /// Tells hooks apart: the function's address and its argument, or an async hook's handle.
    pub key: (usize, usize),
    /// Calls it.
    pub run: Box<dyn FnOnce()>,
}

impl Env {
    /// A new environment, which lives until the thread ends.
    pub fn new(scope: &mut v8::PinScope, file_name: CString, version: i32) -> *mut Env {
        let context = scope.get_current_context();
        let key = |scope: &mut v8::PinScope, name: &str| {
            let name = v8::String::new(scope, name);
            let private = v8::Private::for_api(scope, name);
            v8::Global::new(scope, private)
        };
        let env = Env {
            context: v8::Global::new(scope, context),
            exception: RefCell::default(),
            last_error: RefCell::new(ErrorInfo {
                error_message: std::ptr::null(),
                engine_reserved: std::ptr::null_mut(),
                engine_error_code: 0,
                error_code: Status::Ok,
            }),
            ending: Cell::new(false),
            references: RefCell::default(),
            next_reference: Cell::new(1),
            instance_data: Cell::new(None),
            file_name,
            version,
            wrap_key: key(scope, "napi.wrap"),
            tag_key: key(scope, "napi.type_tag"),
            handle_scopes: Cell::new(0),
            callback_scopes: Cell::new(0),
        };
        let env = Box::into_raw(Box::new(env));
        ENVS.with_borrow_mut(|envs| envs.push(env));
        env
    }

    /// The context the addon was loaded in.
    pub fn context(&self) -> v8::Local<'_, v8::Context> {
        // SAFETY: a global and a local handle are both a pointer to a slot that holds the object; this one lives as long as the
        // environment.
        unsafe { std::mem::transmute_copy(&self.context) }
    }

    /// Notes how a call ended and gives it to the addon.
    pub fn finish(&self, result: Result<(), Status>) -> Status {
        let status = result.err().unwrap_or(Status::Ok);
        self.last_error.borrow_mut().error_code = status;
        status
    }

    /// The last call's end, for `napi_get_last_error_info`.
    pub fn error_info(&self) -> *const ErrorInfo {
        let mut info = self.last_error.borrow_mut();
        info.error_message = MESSAGES[info.error_code as usize].map_or(std::ptr::null(), CStr::as_ptr);
        &raw const *info
    }

    /// Keeps an exception until the addon returns to JavaScript or takes it.
    pub fn set_exception(&self, scope: &v8::PinScope, exception: v8::Local<v8::Value>) {
        *self.exception.borrow_mut() = Some(v8::Global::new(scope, exception));
    }

    /// Whether one is kept.
    pub fn has_exception(&self) -> bool {
        self.exception.borrow().is_some()
    }

    /// Takes the one that is kept.
    pub fn take_exception(&self) -> Option<v8::Global<v8::Value>> {
        self.exception.borrow_mut().take()
    }

    /// A number for a reference.
    pub fn next_reference(&self) -> u64 {
        let id = self.next_reference.get();
        self.next_reference.set(id + 1);
        id
    }
}

/// Adds a clean-up hook of this thread.
pub fn add_cleanup(hook: Cleanup) {
    CLEANUP.with_borrow_mut(|hooks| hooks.push(hook));
}

/// Takes a clean-up hook back.
pub fn remove_cleanup(key: (usize, usize)) {
    CLEANUP.with_borrow_mut(|hooks| {
        if let Some(index) = hooks.iter().rposition(|h| h.key == key) {
            hooks.remove(index);
        }
    });
}

/// The thread's JavaScript ends: hooks, last added first, then finalizers of what was never collected.
pub fn teardown(scope: &mut v8::PinScope) {
    while let Some(hook) = CLEANUP.with_borrow_mut(Vec::pop) {
        (hook.run)();
    }
    let envs = ENVS.with_borrow_mut(std::mem::take);
    for env in envs.into_iter().rev() {
        v8::scope!(let scope, scope);
        // SAFETY: environments live until here.
        let state = unsafe { &*env };
        state.ending.set(true);
        super::references::finalize_all(env);
        if let Some((_, Some(finalizer))) = state.instance_data.take() {
            // SAFETY: as in `Finalizer::run`; nothing is drained any more.
            unsafe { (finalizer.callback)(env, finalizer.data, finalizer.hint) };
        }
        let _ = scope;
    }
}

/// Defines calls of the C interface. `plain` ones get a scope; `js` ones may run JavaScript: they fail while an exception is
/// pending, and what is thrown in them becomes pending.
#[macro_export]
macro_rules! napi {
    ($($(#[$meta:meta])* $kind:ident fn $name:ident($env:ident, $scope:ident $(, $arg:ident: $type:ty)* $(,)?) $body:block)*) => {$(
        $(#[$meta])*
        #[doc = concat!("`", stringify!($name), "` of Node-API.")]
        /// # Safety
        /// Called by addons with the arguments that Node-API documents.
        #[unsafe(no_mangle)]
        #[allow(clippy::too_many_arguments)]
        pub unsafe extern "C" fn $name(env: *mut $crate::bindings::napi::env::Env $(, $arg: $type)*) -> $crate::bindings::napi::env::Status {
            // SAFETY: null, or the environment that the addon was given.
            let Some($env) = (unsafe { env.as_ref() }) else {
                return $crate::bindings::napi::env::Status::InvalidArg;
            };
            $crate::napi!(@$kind $env, $scope, $body)
        }
    )*};
    (@plain $env:ident, $scope:ident, $body:block) => {{
        v8::callback_scope!(unsafe scope, $env.context());
        let $scope: &mut v8::PinScope = scope;
        let _ = &$scope;
        #[allow(unused_mut)]
        let mut body = || -> Result<(), $crate::bindings::napi::env::Status> { $body };
        let result = body();
        $env.finish(result)
    }};
    (@js $env:ident, $scope:ident, $body:block) => {{
        if $env.has_exception() {
            return $env.finish(Err($crate::bindings::napi::env::Status::PendingException));
        }
        if $env.ending.get() {
            return $env.finish(Err($crate::bindings::napi::env::Status::GenericFailure));
        }
        v8::callback_scope!(unsafe scope, $env.context());
        v8::tc_scope!(let scope, scope);
        let result = {
            let $scope: &mut v8::PinScope = scope;
            let _ = &$scope;
            #[allow(unused_mut)]
            let mut body = || -> Result<(), $crate::bindings::napi::env::Status> { $body };
            body()
        };
        let result = if scope.has_caught() {
            if let Some(exception) = scope.exception().filter(|_| !scope.has_terminated()) {
                $env.set_exception(scope, exception);
            }
            Err($crate::bindings::napi::env::Status::PendingException)
        } else {
            result
        };
        $env.finish(result)
    }};
}
