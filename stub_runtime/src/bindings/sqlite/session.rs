//! Sessions, which record changes, and applying what they recorded.

use super::connection::{Connection, connection_of};
use super::{Args, OK, c_text, current_scope, rust_text, throw_last, throw_number, with_scope};
use crate::binding;
use crate::bindings::crypto::native;
use libsqlite3_sys as ffi;
use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::rc::Rc;

/// A session of a connection; null once it was closed.
pub struct Session {
    raw: Cell<*mut ffi::sqlite3_session>,
    connection: Rc<Connection>,
}

impl Session {
    /// Ends it.
    pub fn close(&self) {
        let raw = self.raw.replace(null_mut());
        if !raw.is_null() {
            // SAFETY: SQLite's own session, ended once.
            unsafe { ffi::sqlite3session_delete(raw) };
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.close();
    }
}

/// `createSession(connection, table | undefined, database)`
pub fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let table = args.get(1).is_string().then(|| c_text(&args.get(1).to_rust_string_lossy(scope)));
    let database = c_text(&args.get(2).to_rust_string_lossy(scope));
    let Some(connection) = connection_of(scope, &args) else { return };
    let mut raw = null_mut();
    // SAFETY: the connection is open; the new session is ours.
    let result = unsafe {
        match ffi::sqlite3session_create(connection.raw(), database.as_ptr(), &raw mut raw) {
            OK => ffi::sqlite3session_attach(raw, table.as_ref().map_or(null(), |table| table.as_ptr())),
            other => other,
        }
    };
    let session = Rc::new(Session { raw: Cell::new(raw), connection: connection.clone() });
    if result != OK {
        return throw_last(scope, &connection);
    }
    connection.sessions.borrow_mut().push(Rc::downgrade(&session));
    rv.set(native::hold(scope, session));
}

/// `changeset(session, patch)`: bytes; undefined where the session is closed.
pub fn changeset(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(session) = native::unwrap::<Rc<Session>>(scope, args.get(0)).cloned() else { return };
    if session.raw.get().is_null() {
        return;
    }
    let make = if args.get(1).is_true() { ffi::sqlite3session_patchset } else { ffi::sqlite3session_changeset };
    let (mut size, mut data): (c_int, *mut c_void) = (0, null_mut());
    // SAFETY: SQLite allocates the bytes, which are copied and freed.
    unsafe {
        if make(session.raw.get(), &raw mut size, &raw mut data) != OK {
            return throw_last(scope, &session.connection);
        }
        let bytes = if data.is_null() {
            Vec::new()
        } else {
            std::slice::from_raw_parts(data.cast::<u8>(), size as usize).to_vec()
        };
        ffi::sqlite3_free(data);
        rv.set(binding::uint8_array(scope, bytes).into());
    }
}

/// `closeSession(session)`: whether it was open.
pub fn close(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(session) = native::unwrap::<Rc<Session>>(scope, args.get(0)) {
        rv.set_bool(!session.raw.get().is_null());
        session.close();
    }
}

/// What decides while changes are applied.
struct Deciders {
    connection: Rc<Connection>,
    on_conflict: Option<v8::Global<v8::Function>>,
    filter: Option<v8::Global<v8::Function>>,
}

impl Deciders {
    /// What a function says; `None`: it threw, now or before.
    fn ask<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        function: &v8::Global<v8::Function>,
        arg: v8::Local<'s, v8::Value>,
    ) -> Option<v8::Local<'s, v8::Value>> {
        if self.connection.threw.get() {
            return None;
        }
        let function = v8::Local::new(scope, function);
        let recv = v8::undefined(scope).into();
        let answer = function.call(scope, recv, &[arg]);
        self.connection.threw.set(answer.is_none());
        answer
    }
}

unsafe extern "C" fn filter_table(user: *mut c_void, table: *const c_char) -> c_int {
    // SAFETY: `apply` gave it and waits.
    let deciders = unsafe { &*user.cast::<Deciders>() };
    let Some(filter) = &deciders.filter else { return 1 };
    let scope = current_scope();
    v8::scope!(let scope, scope);
    let table = binding::string(scope, &rust_text(table).unwrap_or_default());
    deciders.ask(scope, filter, table).is_some_and(|answer| answer.boolean_value(scope)).into()
}

unsafe extern "C" fn decide(user: *mut c_void, conflict: c_int, _: *mut ffi::sqlite3_changeset_iter) -> c_int {
    // SAFETY: `apply` gave it and waits.
    let deciders = unsafe { &*user.cast::<Deciders>() };
    let Some(on_conflict) = &deciders.on_conflict else { return ffi::SQLITE_CHANGESET_ABORT };
    let scope = current_scope();
    v8::scope!(let scope, scope);
    let conflict = v8::Integer::new(scope, conflict).into();
    match deciders.ask(scope, on_conflict, conflict) {
        Some(answer) if answer.is_int32() => answer.int32_value(scope).unwrap_or(-1),
        // No decision: SQLite calls it misuse.
        Some(_) => -1,
        None => ffi::SQLITE_CHANGESET_ABORT,
    }
}

/// `applyChangeset(connection, bytes, onConflict | undefined, filter | undefined)`: false where it was aborted.
pub fn apply(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let mut bytes = binding::bytes(args.get(1)).map(|bytes| bytes.to_vec()).unwrap_or_default();
    let function = |scope: &mut v8::PinScope, value: v8::Local<v8::Value>| {
        v8::Local::<v8::Function>::try_from(value).ok().map(|function| v8::Global::new(scope, function))
    };
    let deciders = Deciders {
        connection: connection.clone(),
        on_conflict: function(scope, args.get(2)),
        filter: function(scope, args.get(3)),
    };
    let db = connection.raw();
    let user = (&raw const deciders).cast_mut().cast();
    // SAFETY: the bytes and the deciders outlive the call.
    let result = with_scope(scope, || unsafe {
        let (size, data) = (bytes.len() as c_int, bytes.as_mut_ptr().cast());
        ffi::sqlite3changeset_apply(db, size, data, Some(filter_table), Some(decide), user)
    });
    match result {
        _ if connection.threw.take() => {}
        OK => rv.set_bool(true),
        ffi::SQLITE_ABORT => rv.set_bool(false),
        number => throw_number(scope, &connection, number),
    }
}
