//! Backups: a database copied to a file, some pages at a time, on the pool.

use super::connection::{Connection, connection_of};
use super::{Args, OK, c_text, rust_text, throw};
use crate::bindings::crypto::native;
use crate::event_loop;
use crate::tasks::Callback;
use libsqlite3_sys as ffi;
use std::cell::Cell;
use std::ffi::c_int;
use std::ptr::{null, null_mut};
use std::rc::Rc;

/// A backup under way; null once it is finished. It keeps the source open.
struct Backup {
    raw: Cell<*mut ffi::sqlite3_backup>,
    target: Cell<*mut ffi::sqlite3>,
    _source: Rc<Connection>,
}

impl Backup {
    fn finish(&self) {
        let (raw, target) = (self.raw.replace(null_mut()), self.target.replace(null_mut()));
        // SAFETY: both are ours, ended once; null is allowed.
        unsafe {
            if !raw.is_null() {
                ffi::sqlite3_backup_finish(raw);
            }
            super::sqlite3_close_v2(target);
        }
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        self.finish();
    }
}

fn throw_of(scope: &mut v8::PinScope, db: *mut ffi::sqlite3) {
    // SAFETY: the connection is valid, or null; texts are copied.
    let (number, message, text) = unsafe {
        let number = ffi::sqlite3_extended_errcode(db);
        (number, rust_text(ffi::sqlite3_errmsg(db)), rust_text(ffi::sqlite3_errstr(number)))
    };
    throw(scope, &message.unwrap_or_default(), Some(number), text);
}

/// `backupStart(connection, path, sourceName, targetName)`
pub fn start(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(source) = connection_of(scope, &args) else { return };
    let [path, from, to] = [1, 2, 3].map(|i| c_text(&args.get(i).to_rust_string_lossy(scope)));
    let mut target = null_mut();
    let mode = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE | ffi::SQLITE_OPEN_URI;
    // SAFETY: the new connection is ours, also where opening failed.
    let opened = unsafe { ffi::sqlite3_open_v2(path.as_ptr(), &raw mut target, mode, null()) };
    let backup = Backup { raw: Cell::new(null_mut()), target: Cell::new(target), _source: source.clone() };
    if opened != OK {
        return throw_of(scope, target);
    }
    // SAFETY: both connections are open.
    let raw = unsafe { ffi::sqlite3_backup_init(target, to.as_ptr(), source.raw(), from.as_ptr()) };
    if raw.is_null() {
        return throw_of(scope, target);
    }
    backup.raw.set(raw);
    rv.set(native::hold(scope, backup));
}

/// The backup's address on its way to the pool.
struct Address(*mut ffi::sqlite3_backup);

// SAFETY: SQLite is built for threads: it locks both connections in a step. Who asked waits for the step before the next call.
unsafe impl Send for Address {}

impl Address {
    fn step(self, pages: c_int) -> (c_int, c_int, c_int) {
        // SAFETY: the backup is finished only after the step was told.
        unsafe {
            let result = ffi::sqlite3_backup_step(self.0, pages);
            (result, ffi::sqlite3_backup_remaining(self.0), ffi::sqlite3_backup_pagecount(self.0))
        }
    }
}

/// `backupStep(backup, pages, callback)`: `callback(result, remaining, total)`; results are SQLite's.
pub fn step(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let pages = args.get(1).int32_value(scope).unwrap_or(100);
    let Some(backup) = native::unwrap::<Backup>(scope, args.get(0)) else { return };
    let address = Address(backup.raw.get());
    // Not collected while the pool works on it.
    let object = v8::Global::new(scope, args.get(0));
    let Some(callback) = Callback::from_value(scope, args.get(2)) else { return };
    let work = move || address.step(pages);
    event_loop::current().run_on_pool("SQLITEBACKUP", work, move |scope, (result, remaining, total)| {
        drop(object);
        let numbers = [result, remaining, total].map(|number| v8::Integer::new(scope, number).into());
        callback.call(scope, &numbers);
    });
}

/// `backupFinish(backup, failed)`: throws what the target says where it failed.
pub fn finish(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(backup) = native::unwrap::<Backup>(scope, args.get(0)) else { return };
    let target = backup.target.get();
    // SAFETY: the result is told by the target's connection.
    unsafe { ffi::sqlite3_backup_finish(backup.raw.replace(null_mut())) };
    if args.get(1).is_true() {
        throw_of(scope, target);
    }
    backup.finish();
}
