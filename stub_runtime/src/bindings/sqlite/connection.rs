//! Connections: opening, closing, and what is set or asked of one.

use super::session::Session;
use super::statement::Statement;
use super::{Args, OK, c_text, rust_text, throw, throw_coded, throw_last, with_scope};
use crate::binding;
use crate::bindings::crypto::native;
use libsqlite3_sys as ffi;
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_uint};
use std::ptr::{null, null_mut};
use std::rc::{Rc, Weak};

/// A connection; null once it is closed.
pub struct Connection {
    raw: Cell<*mut ffi::sqlite3>,
    /// Those that closing ends.
    pub statements: RefCell<Vec<Weak<Statement>>>,
    /// As above.
    pub sessions: RefCell<Vec<Weak<Session>>>,
    /// What `setAuthorizer` was given; JavaScript's database keeps it alive.
    pub authorizer: RefCell<Option<v8::Weak<v8::Function>>>,
    /// Whether a function of JavaScript threw in a call of SQLite: its exception goes on instead of SQLite's error.
    pub threw: Cell<bool>,
}

impl Connection {
    /// SQLite's connection, null once it is closed.
    pub fn raw(&self) -> *mut ffi::sqlite3 {
        self.raw.get()
    }

    fn end_statements(&self) {
        for statement in self.statements.take() {
            if let Some(statement) = statement.upgrade() {
                statement.finalize();
            }
        }
    }

    /// Ends everything; SQLite's result.
    fn close(&self) -> c_int {
        for session in self.sessions.take() {
            if let Some(session) = session.upgrade() {
                session.close();
            }
        }
        self.end_statements();
        // SAFETY: everything on the connection has ended.
        let result = unsafe { super::sqlite3_close_v2(self.raw.get()) };
        if result == OK {
            self.raw.set(null_mut());
        }
        result
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.raw.get().is_null() {
            self.close();
        }
    }
}

/// The open connection in the first argument; JavaScript checks that it is open.
pub fn connection_of(scope: &mut v8::PinScope, args: &Args) -> Option<Rc<Connection>> {
    native::unwrap::<Rc<Connection>>(scope, args.get(0)).cloned().filter(|connection| !connection.raw().is_null())
}

fn configure(raw: *mut ffi::sqlite3, option: c_int, on: bool) {
    // SAFETY: options of this kind take an int and the address of one, or null.
    unsafe { ffi::sqlite3_db_config(raw, option, c_int::from(on), null_mut::<c_int>()) };
}

const READ_ONLY: i32 = 1;
const FOREIGN_KEYS: i32 = 2;
const DOUBLE_QUOTED: i32 = 4;
const ALLOW_EXTENSION: i32 = 8;
const DEFENSIVE: i32 = 16;

/// `open(path, bits, timeout)`
pub fn open(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let path = args.get(0).to_rust_string_lossy(scope);
    let bits = args.get(1).int32_value(scope).unwrap_or(0);
    let timeout = args.get(2).int32_value(scope).unwrap_or(0);
    let mode = if bits & READ_ONLY != 0 {
        ffi::SQLITE_OPEN_READONLY
    } else {
        ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE
    };
    let mut raw = null_mut();
    // SAFETY: the connection is ours, also where opening failed.
    let result =
        unsafe { ffi::sqlite3_open_v2(c_text(&path).as_ptr(), &raw mut raw, mode | ffi::SQLITE_OPEN_URI, null()) };
    let connection = Rc::new(Connection {
        raw: Cell::new(raw),
        statements: RefCell::default(),
        sessions: RefCell::default(),
        authorizer: RefCell::default(),
        threw: Cell::new(false),
    });
    if result != OK {
        return throw_last(scope, &connection);
    }
    configure(raw, ffi::SQLITE_DBCONFIG_DQS_DML, bits & DOUBLE_QUOTED != 0);
    configure(raw, ffi::SQLITE_DBCONFIG_DQS_DDL, bits & DOUBLE_QUOTED != 0);
    configure(raw, ffi::SQLITE_DBCONFIG_ENABLE_FKEY, bits & FOREIGN_KEYS != 0);
    configure(raw, ffi::SQLITE_DBCONFIG_DEFENSIVE, bits & DEFENSIVE != 0);
    if bits & ALLOW_EXTENSION != 0 {
        configure(raw, ffi::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, true);
    }
    // SAFETY: the connection is open.
    unsafe { ffi::sqlite3_busy_timeout(raw, timeout) };
    rv.set(native::hold(scope, connection));
}

/// `close(connection)`
pub fn close(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    if with_scope(scope, || connection.close()) != OK {
        throw_last(scope, &connection);
    }
}

/// `exec(connection, sql)`
pub fn exec(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let sql = c_text(&args.get(1).to_rust_string_lossy(scope));
    let Some(connection) = connection_of(scope, &args) else { return };
    let raw = connection.raw();
    // SAFETY: the connection is open; no callback is given.
    let result = with_scope(scope, || unsafe { ffi::sqlite3_exec(raw, sql.as_ptr(), None, null_mut(), null_mut()) });
    if result != OK {
        throw_last(scope, &connection);
    }
}

/// `location(connection, name)`: the file of a database, null where it has none.
pub fn location(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let name = c_text(&args.get(1).to_rust_string_lossy(scope));
    let Some(connection) = connection_of(scope, &args) else { return };
    // SAFETY: the connection is open; the name belongs to it.
    let file = rust_text(unsafe { ffi::sqlite3_db_filename(connection.raw(), name.as_ptr()) });
    match file.filter(|file| !file.is_empty()) {
        Some(file) => rv.set(binding::string(scope, &file)),
        None => rv.set_null(),
    }
}

/// `isTransaction(connection)`
pub fn is_transaction(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(connection) = connection_of(scope, &args) {
        // SAFETY: the connection is open.
        rv.set_bool(unsafe { ffi::sqlite3_get_autocommit(connection.raw()) } == 0);
    }
}

/// `limit(connection, which, value)`: what it was; -1 only asks.
pub fn limit(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let (which, value) = (args.get(1).int32_value(scope).unwrap_or(0), args.get(2).int32_value(scope).unwrap_or(-1));
    if let Some(connection) = connection_of(scope, &args) {
        // SAFETY: the connection is open.
        rv.set_int32(unsafe { ffi::sqlite3_limit(connection.raw(), which, value) });
    }
}

/// `setDefensive(connection, on)`
pub fn set_defensive(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(connection) = connection_of(scope, &args) {
        configure(connection.raw(), ffi::SQLITE_DBCONFIG_DEFENSIVE, args.get(1).is_true());
    }
}

/// `enableLoadExtension(connection, on)`
pub fn enable_load_extension(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(connection) = connection_of(scope, &args) {
        configure(connection.raw(), ffi::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, args.get(1).is_true());
    }
}

/// `loadExtension(connection, path, entryPoint | undefined)`
pub fn load_extension(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let path = c_text(&args.get(1).to_rust_string_lossy(scope));
    let entry = args.get(2).is_string().then(|| c_text(&args.get(2).to_rust_string_lossy(scope)));
    let Some(connection) = connection_of(scope, &args) else { return };
    let mut message = null_mut();
    let entry = entry.as_ref().map_or(null(), |entry| entry.as_ptr());
    // SAFETY: the texts outlive the call; SQLite's message is freed here.
    unsafe {
        let result = ffi::sqlite3_load_extension(connection.raw(), path.as_ptr(), entry, &raw mut message);
        if result != OK {
            let text = rust_text(message).unwrap_or_default();
            throw_coded(scope, "ERR_LOAD_SQLITE_EXTENSION", &text);
        }
        ffi::sqlite3_free(message.cast());
    }
}

/// `serialize(connection, name)`: a database's bytes.
pub fn serialize(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let name = c_text(&args.get(1).to_rust_string_lossy(scope));
    let Some(connection) = connection_of(scope, &args) else { return };
    let mut size: ffi::sqlite3_int64 = 0;
    // SAFETY: SQLite allocates the bytes, which are copied and freed.
    unsafe {
        let data = ffi::sqlite3_serialize(connection.raw(), name.as_ptr(), &raw mut size, 0);
        if data.is_null() {
            if size == 0 {
                rv.set(binding::uint8_array(scope, Vec::new()).into());
                return;
            }
            return throw_last(scope, &connection);
        }
        let bytes = std::slice::from_raw_parts(data, size as usize).to_vec();
        ffi::sqlite3_free(data.cast());
        rv.set(binding::uint8_array(scope, bytes).into());
    }
}

/// `deserialize(connection, bytes, name)`: replaces a database; statements end.
pub fn deserialize(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let name = c_text(&args.get(2).to_rust_string_lossy(scope));
    let Some(connection) = connection_of(scope, &args) else { return };
    let bytes = binding::bytes(args.get(1)).unwrap_or_default();
    connection.end_statements();
    let size = bytes.len() as ffi::sqlite3_int64;
    // SAFETY: SQLite takes over memory of its own allocator, also where it fails.
    let result = unsafe {
        let data = ffi::sqlite3_malloc64(bytes.len() as u64).cast::<u8>();
        if data.is_null() {
            return throw(scope, "out of memory", None, None);
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
        let how = (ffi::SQLITE_DESERIALIZE_FREEONCLOSE | ffi::SQLITE_DESERIALIZE_RESIZEABLE) as c_uint;
        ffi::sqlite3_deserialize(connection.raw(), name.as_ptr(), data, size, size, how)
    };
    if result != OK {
        throw_last(scope, &connection);
    }
}
