//! Statements: parameters, rows, columns.

use super::connection::{Connection, connection_of};
use super::value::{Given, Value};
use super::{Args, OK, c_text, rust_text, throw_coded, throw_last, with_scope};
use crate::binding;
use crate::bindings::crypto::native;
use libsqlite3_sys as ffi;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;
use std::rc::Rc;

/// A statement of a connection; null once it was ended.
pub struct Statement {
    raw: Cell<*mut ffi::sqlite3_stmt>,
    connection: Rc<Connection>,
}

impl Statement {
    /// Ends it.
    pub fn finalize(&self) {
        // SAFETY: SQLite's own statement, ended once; null is allowed.
        unsafe { ffi::sqlite3_finalize(self.raw.replace(null_mut())) };
    }

    fn reset(&self) -> c_int {
        // SAFETY: the statement is valid.
        unsafe { ffi::sqlite3_reset(self.raw.get()) }
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        self.finalize();
    }
}

/// How values are read and parameters are named: bits that JavaScript keeps.
#[derive(Clone, Copy)]
struct Mode(i32);

impl Mode {
    const fn big_ints(self) -> bool {
        self.0 & 1 != 0
    }

    const fn bare_names(self) -> bool {
        self.0 & 2 != 0
    }

    const fn unknown_names(self) -> bool {
        self.0 & 4 != 0
    }

    const fn arrays(self) -> bool {
        self.0 & 8 != 0
    }
}

fn statement_of(scope: &mut v8::PinScope, args: &Args) -> Option<(Rc<Statement>, Mode)> {
    let statement = native::unwrap::<Rc<Statement>>(scope, args.get(0))?.clone();
    let mode = Mode(args.get(1).int32_value(scope).unwrap_or(0));
    (!statement.raw.get().is_null()).then_some((statement, mode))
}

/// `prepare(connection, sql)`: undefined where the text has no statement.
pub fn prepare(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let sql = c_text(&args.get(1).to_rust_string_lossy(scope));
    let Some(connection) = connection_of(scope, &args) else { return };
    let mut raw = null_mut();
    let db = connection.raw();
    // SAFETY: the connection is open; the new statement is ours.
    let result =
        with_scope(scope, || unsafe { ffi::sqlite3_prepare_v2(db, sql.as_ptr(), -1, &raw mut raw, null_mut()) });
    if result != OK {
        return throw_last(scope, &connection);
    }
    if raw.is_null() {
        return;
    }
    let statement = Rc::new(Statement { raw: Cell::new(raw), connection: connection.clone() });
    let mut statements = connection.statements.borrow_mut();
    if statements.len() == statements.capacity() {
        statements.retain(|statement| statement.strong_count() > 0);
    }
    statements.push(Rc::downgrade(&statement));
    rv.set(native::hold(scope, statement));
}

/// Binds one value; `None`: it threw.
fn bind_value(
    scope: &mut v8::PinScope,
    statement: &Statement,
    value: v8::Local<v8::Value>,
    index: c_int,
) -> Option<()> {
    let raw = statement.raw.get();
    // SAFETY: SQLite copies texts and bytes.
    let result = unsafe {
        match Given::of(scope, value, true) {
            Given::Null => ffi::sqlite3_bind_null(raw, index),
            Given::Integer(number) => ffi::sqlite3_bind_int64(raw, index, number),
            Given::Float(number) => ffi::sqlite3_bind_double(raw, index, number),
            Given::Text(text) => {
                let (data, length) = (text.as_ptr().cast(), text.len() as u64);
                let utf8 = ffi::SQLITE_UTF8 as u8;
                ffi::sqlite3_bind_text64(raw, index, data, length, ffi::SQLITE_TRANSIENT(), utf8)
            }
            Given::Blob(bytes) => {
                let (data, length) = (bytes.as_ptr().cast::<c_void>(), bytes.len() as u64);
                ffi::sqlite3_bind_blob64(raw, index, data, length, ffi::SQLITE_TRANSIENT())
            }
            Given::TooLarge => {
                throw_coded(scope, "ERR_INVALID_ARG_VALUE", "BigInt value is too large to bind.");
                return None;
            }
            Given::Unfit => {
                let text = format!("Provided value cannot be bound to SQLite parameter {index}.");
                throw_coded(scope, "ERR_INVALID_ARG_TYPE", &text);
                return None;
            }
        }
    };
    if result != OK {
        throw_last(scope, &statement.connection);
        return None;
    }
    Some(())
}

/// The parameter that a key means: its name, or without the first character where that is allowed.
fn parameter(scope: &mut v8::PinScope, raw: *mut ffi::sqlite3_stmt, key: &str, mode: Mode) -> Option<c_int> {
    // SAFETY: the statement is valid; names belong to it.
    unsafe {
        let index = ffi::sqlite3_bind_parameter_index(raw, c_text(key).as_ptr());
        if index != 0 || !mode.bare_names() {
            return Some(index);
        }
        let mut found: Option<(c_int, String)> = None;
        for i in 1..=ffi::sqlite3_bind_parameter_count(raw) {
            let Some(name) = rust_text(ffi::sqlite3_bind_parameter_name(raw, i)) else { continue };
            if name.get(1..) != Some(key) {
                continue;
            }
            match &found {
                None => found = Some((i, name)),
                Some((_, first)) if *first != name => {
                    let text = format!(
                        "Cannot create bare named parameter '{key}' because of conflicting names '{first}' and '{name}'."
                    );
                    throw_coded(scope, "ERR_INVALID_STATE", &text);
                    return None;
                }
                Some(_) => {}
            }
        }
        Some(found.map_or(0, |(index, _)| index))
    }
}

/// Binds arguments from `first` on; an object that is no bytes, there, has named ones. `None`: it threw.
fn bind<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    statement: &Statement,
    args: &Args<'s>,
    first: c_int,
    mode: Mode,
) -> Option<()> {
    let raw = statement.raw.get();
    // SAFETY: the statement is valid.
    unsafe { ffi::sqlite3_clear_bindings(raw) };
    let mut next = first;
    let value = args.get(first);
    if value.is_object() && binding::bytes(value).is_none() {
        let object = value.to_object(scope)?;
        let keys = object.get_own_property_names(scope, v8::GetPropertyNamesArgs::default())?;
        for i in 0..keys.length() {
            let key = keys.get_index(scope, i)?;
            let name = key.to_rust_string_lossy(scope);
            let index = parameter(scope, raw, &name, mode)?;
            if index == 0 {
                if mode.unknown_names() {
                    continue;
                }
                throw_coded(scope, "ERR_INVALID_STATE", &format!("Unknown named parameter '{name}'"));
                return None;
            }
            let value = object.get(scope, key)?;
            bind_value(scope, statement, value, index)?;
        }
        next += 1;
    }
    let mut index = 1;
    for i in next..args.length() {
        // SAFETY: the statement is valid.
        while !unsafe { ffi::sqlite3_bind_parameter_name(raw, index) }.is_null() {
            index += 1;
        }
        bind_value(scope, statement, args.get(i), index)?;
        index += 1;
    }
    Some(())
}

/// Whether there is a row; `None`: it threw.
fn advance(scope: &mut v8::PinScope, statement: &Statement) -> Option<bool> {
    let raw = statement.raw.get();
    // SAFETY: the statement is valid.
    match with_scope(scope, || unsafe { ffi::sqlite3_step(raw) }) {
        ffi::SQLITE_ROW => Some(true),
        ffi::SQLITE_DONE if !statement.connection.threw.get() => Some(false),
        _ => {
            throw_last(scope, &statement.connection);
            None
        }
    }
}

/// Names of the columns, made once for all rows.
fn names<'s>(scope: &mut v8::PinScope<'s, '_>, statement: &Statement) -> Vec<v8::Local<'s, v8::Name>> {
    let raw = statement.raw.get();
    // SAFETY: the statement is valid; names belong to it.
    let count = unsafe { ffi::sqlite3_column_count(raw) };
    (0..count)
        .map(|i| {
            // SAFETY: as above.
            let name = rust_text(unsafe { ffi::sqlite3_column_name(raw, i) }).unwrap_or_default();
            v8::String::new(scope, &name).unwrap().into()
        })
        .collect()
}

/// The row that a step gave; `None`: it threw.
fn row<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    statement: &Statement,
    names: &[v8::Local<'s, v8::Name>],
    mode: Mode,
) -> Option<v8::Local<'s, v8::Value>> {
    let raw = statement.raw.get();
    // SAFETY: the statement is valid.
    let count = unsafe { ffi::sqlite3_column_count(raw) };
    let mut values = Vec::with_capacity(count as usize);
    for i in 0..count {
        // SAFETY: the statement has a row with this column.
        let value = unsafe { Value::of_column(raw, i) };
        values.push(value.to_js(scope, mode.big_ints())?);
    }
    if mode.arrays() {
        return Some(v8::Array::new_with_elements(scope, &values).into());
    }
    let null = v8::null(scope).into();
    Some(v8::Object::with_prototype_and_properties(scope, null, names, &values).into())
}

/// `run(statement, mode, ...parameters)`: `[changes, lastInsertRowid]`.
pub fn run<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut rv: v8::ReturnValue) {
    let Some((statement, mode)) = statement_of(scope, &args) else { return };
    statement.reset();
    if bind(scope, &statement, &args, 2, mode).is_none() {
        return;
    }
    let done = advance(scope, &statement);
    statement.reset();
    if done.is_none() {
        return;
    }
    let db = statement.connection.raw();
    // SAFETY: the connection is open.
    let (changes, id) = unsafe { (ffi::sqlite3_changes64(db), ffi::sqlite3_last_insert_rowid(db)) };
    let numbers = [changes, id].map(|number| Value::Integer(number).to_js(scope, mode.big_ints()));
    if let [Some(changes), Some(id)] = numbers {
        rv.set(v8::Array::new_with_elements(scope, &[changes, id]).into());
    }
}

/// `get(statement, mode, ...parameters)`: the first row or undefined.
pub fn get<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut rv: v8::ReturnValue) {
    let Some((statement, mode)) = statement_of(scope, &args) else { return };
    statement.reset();
    if bind(scope, &statement, &args, 2, mode).is_none() {
        return;
    }
    if advance(scope, &statement) == Some(true) {
        let names = names(scope, &statement);
        // SAFETY: the statement is valid.
        if unsafe { ffi::sqlite3_column_count(statement.raw.get()) } > 0
            && let Some(row) = row(scope, &statement, &names, mode)
        {
            rv.set(row);
        }
    }
    statement.reset();
}

/// `all(statement, mode, ...parameters)`: a list of rows.
pub fn all<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut rv: v8::ReturnValue) {
    let Some((statement, mode)) = statement_of(scope, &args) else { return };
    statement.reset();
    if bind(scope, &statement, &args, 2, mode).is_none() {
        return;
    }
    let mut rows = Vec::new();
    let mut columns = None;
    let whole = loop {
        match advance(scope, &statement) {
            Some(true) => {}
            other => break other.is_some(),
        }
        let names = columns.get_or_insert_with(|| names(scope, &statement));
        match row(scope, &statement, names, mode) {
            Some(row) => rows.push(row),
            None => break false,
        }
    };
    statement.reset();
    if whole {
        rv.set(v8::Array::new_with_elements(scope, &rows).into());
    }
}

/// `bind(statement, mode, ...parameters)`: for `step`; true.
pub fn bind_only<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut rv: v8::ReturnValue) {
    let Some((statement, mode)) = statement_of(scope, &args) else { return };
    statement.reset();
    rv.set_bool(bind(scope, &statement, &args, 2, mode).is_some());
}

/// `step(statement, mode)`: the next row; at the end undefined, and the statement is reset.
pub fn step(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some((statement, mode)) = statement_of(scope, &args) else { return };
    match advance(scope, &statement) {
        Some(true) => {
            let names = names(scope, &statement);
            if let Some(row) = row(scope, &statement, &names, mode) {
                rv.set(row);
            }
        }
        _ => {
            statement.reset();
        }
    }
}

/// `reset(statement)`
pub fn reset(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some((statement, _)) = statement_of(scope, &args) {
        statement.reset();
    }
}

/// `columns(statement)`: for each, in this order of keys: column, database, name, table, type.
pub fn columns(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some((statement, _)) = statement_of(scope, &args) else { return };
    let raw = statement.raw.get();
    // SAFETY: the statement is valid; texts belong to it.
    let list: Vec<v8::Local<v8::Value>> = unsafe {
        (0..ffi::sqlite3_column_count(raw))
            .map(|i| {
                let values = [
                    ("column", ffi::sqlite3_column_origin_name(raw, i)),
                    ("database", ffi::sqlite3_column_database_name(raw, i)),
                    ("name", ffi::sqlite3_column_name(raw, i)),
                    ("table", ffi::sqlite3_column_table_name(raw, i)),
                    ("type", ffi::sqlite3_column_decltype(raw, i)),
                ];
                let null = v8::null(scope).into();
                let column = v8::Object::with_prototype_and_properties(scope, null, &[], &[]);
                for (key, text) in values {
                    let value = match rust_text(text) {
                        Some(text) => binding::string(scope, &text),
                        None => v8::null(scope).into(),
                    };
                    binding::set(scope, column, key, value);
                }
                column.into()
            })
            .collect()
    };
    rv.set(v8::Array::new_with_elements(scope, &list).into());
}

/// `sourceSQL(statement)`
pub fn source_sql(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some((statement, _)) = statement_of(scope, &args) else { return };
    // SAFETY: the text belongs to the statement.
    if let Some(sql) = rust_text(unsafe { ffi::sqlite3_sql(statement.raw.get()) }) {
        rv.set(binding::string(scope, &sql));
    }
}

/// `expandedSQL(statement)`: with the values that are bound.
pub fn expanded_sql(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some((statement, _)) = statement_of(scope, &args) else { return };
    // SAFETY: SQLite allocates the text, which is copied and freed.
    let sql = unsafe {
        let text = ffi::sqlite3_expanded_sql(statement.raw.get());
        let sql = rust_text(text);
        ffi::sqlite3_free(text.cast());
        sql
    };
    match sql {
        Some(sql) => rv.set(binding::string(scope, &sql)),
        None => super::throw(scope, "Expanded SQL text would exceed configured limits", None, None),
    }
}

/// `isFinalized(statement)`
pub fn is_finalized(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    rv.set_bool(statement_of(scope, &args).is_none());
}

/// `finalize(statement)`
pub fn finalize(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some((statement, _)) = statement_of(scope, &args) {
        statement.finalize();
    }
}

/// `status(statement, which, reset)`: one of SQLite's counters.
pub fn status(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some((statement, which)) = statement_of(scope, &args) else { return };
    // SAFETY: the statement is valid.
    rv.set_int32(unsafe { ffi::sqlite3_stmt_status(statement.raw.get(), which.0, args.get(2).is_true().into()) });
}
