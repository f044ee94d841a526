//! `internalBinding('sqlite')`: SQLite's connections, statements, functions, sessions and backups.
//!
//! Owns: the calls of SQLite, values between it and JavaScript, errors that SQLite tells. Does not own: the classes and what they
//! check (`js/sqlite.js`, `js/internal/sqlite/`). Connections and statements are objects around [`Rc`]s: a statement keeps its
//! connection; closing a connection ends its statements.

mod backup;
mod connection;
mod function;
mod session;
mod statement;
mod value;

use crate::binding;
use connection::Connection;
use libsqlite3_sys as ffi;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_char};

unsafe extern "C" {
    /// Closes now, or once what still uses the connection has ended.
    fn sqlite3_close_v2(db: *mut ffi::sqlite3) -> i32;
}

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// What SQLite's functions give when all is well.
const OK: i32 = ffi::SQLITE_OK;

thread_local! {
    /// The scope of the call that SQLite runs in, for functions that it calls back.
    static SCOPE: Cell<*mut ()> = const { Cell::new(std::ptr::null_mut()) };
}

/// Runs `f`, which calls SQLite; functions of JavaScript that SQLite calls meanwhile run in this scope.
fn with_scope<T>(scope: &mut v8::PinScope, f: impl FnOnce() -> T) -> T {
    let before = SCOPE.replace((&raw mut *scope).cast());
    let result = f();
    SCOPE.set(before);
    result
}

/// The scope of [`with_scope`]; SQLite is inside it when it calls us.
fn current_scope<'a, 's, 'i>() -> &'a mut v8::PinScope<'s, 'i> {
    // SAFETY: set by with_scope for as long as SQLite runs; whoever set it does not use the scope meanwhile.
    unsafe { &mut *SCOPE.get().cast::<v8::PinScope<'s, 'i>>() }
}

/// Text for C; what follows a NUL is cut off.
fn c_text(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

/// Text from C.
fn rust_text(text: *const c_char) -> Option<String> {
    // SAFETY: not null, ends with NUL.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

/// Throws an `ERR_SQLITE_ERROR` with these members beside the message.
fn throw(scope: &mut v8::PinScope, message: &str, number: Option<i32>, text: Option<String>) {
    let message = v8::String::new(scope, message).unwrap();
    let error = v8::Exception::error(scope, message);
    if let Ok(object) = v8::Local::<v8::Object>::try_from(error) {
        let code = binding::string(scope, "ERR_SQLITE_ERROR");
        binding::set(scope, object, "code", code);
        if let Some(number) = number {
            binding::set_number(scope, object, "errcode", number.into());
        }
        if let Some(text) = text {
            let text = binding::string(scope, &text);
            binding::set(scope, object, "errstr", text);
        }
    }
    scope.throw_exception(error);
}

/// Throws what a connection says of its last call, unless a function of JavaScript threw in it: then that goes on.
fn throw_last(scope: &mut v8::PinScope, connection: &Connection) {
    if connection.threw.take() {
        return;
    }
    // SAFETY: the connection is open, or null, for which SQLite says "out of memory".
    let (number, message) = unsafe {
        let raw = connection.raw();
        (ffi::sqlite3_extended_errcode(raw), rust_text(ffi::sqlite3_errmsg(raw)))
    };
    // SAFETY: static text.
    let text = rust_text(unsafe { ffi::sqlite3_errstr(number) });
    throw(scope, &message.unwrap_or_default(), Some(number), text);
}

/// Throws what a number means.
fn throw_number(scope: &mut v8::PinScope, connection: &Connection, number: i32) {
    if connection.threw.take() {
        return;
    }
    // SAFETY: static text.
    let text = rust_text(unsafe { ffi::sqlite3_errstr(number) });
    throw(scope, &text.unwrap_or_default(), Some(number), None);
}

/// Throws an error with a code of Node's, of the code's class.
fn throw_coded(scope: &mut v8::PinScope, code: &str, message: &str) {
    let text = v8::String::new(scope, message).unwrap();
    let error = match code {
        "ERR_OUT_OF_RANGE" => v8::Exception::range_error(scope, text),
        "ERR_INVALID_STATE" | "ERR_LOAD_SQLITE_EXTENSION" => v8::Exception::error(scope, text),
        _ => v8::Exception::type_error(scope, text),
    };
    if let Ok(object) = v8::Local::<v8::Object>::try_from(error) {
        let code = binding::string(scope, code);
        binding::set(scope, object, "code", code);
    }
    scope.throw_exception(error);
}

binding!("sqlite", [
    open => connection::open,
    close => connection::close,
    exec => connection::exec,
    location => connection::location,
    isTransaction => connection::is_transaction,
    limit => connection::limit,
    setDefensive => connection::set_defensive,
    enableLoadExtension => connection::enable_load_extension,
    loadExtension => connection::load_extension,
    serialize => connection::serialize,
    deserialize => connection::deserialize,
    prepare => statement::prepare,
    run => statement::run,
    get => statement::get,
    all => statement::all,
    bind => statement::bind_only,
    step => statement::step,
    reset => statement::reset,
    columns => statement::columns,
    sourceSQL => statement::source_sql,
    expandedSQL => statement::expanded_sql,
    isFinalized => statement::is_finalized,
    finalize => statement::finalize,
    status => statement::status,
    createFunction => function::create_function,
    createAggregate => function::create_aggregate,
    setAuthorizer => function::set_authorizer,
    createSession => session::create,
    changeset => session::changeset,
    closeSession => session::close,
    applyChangeset => session::apply,
    backupStart => backup::start,
    backupStep => backup::step,
    backupFinish => backup::finish,
]);
