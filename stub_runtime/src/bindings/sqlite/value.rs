//! Values between SQLite and JavaScript.

use super::throw_coded;
use crate::binding;
use crate::bindings::fs::job::text as utf8;
use libsqlite3_sys as ffi;

/// The largest integer that a JavaScript number has without its neighbours.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// A value of SQLite's, read out.
pub enum Value<'a> {
    Integer(i64),
    Float(f64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
    Null,
}

/// # Safety
/// `data` has `length` bytes, or is null where there are none.
unsafe fn bytes<'a>(data: *const u8, length: i32) -> &'a [u8] {
    if data.is_null() || length <= 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(data, length as usize) }
}

impl<'a> Value<'a> {
    /// A column of a statement's row; good until the next step.
    ///
    /// # Safety
    /// The statement has a row with this column.
    pub unsafe fn of_column(statement: *mut ffi::sqlite3_stmt, column: i32) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            match ffi::sqlite3_column_type(statement, column) {
                ffi::SQLITE_INTEGER => Value::Integer(ffi::sqlite3_column_int64(statement, column)),
                ffi::SQLITE_FLOAT => Value::Float(ffi::sqlite3_column_double(statement, column)),
                ffi::SQLITE_TEXT => {
                    let data = ffi::sqlite3_column_text(statement, column);
                    Value::Text(bytes(data, ffi::sqlite3_column_bytes(statement, column)))
                }
                ffi::SQLITE_BLOB => {
                    let data = ffi::sqlite3_column_blob(statement, column).cast();
                    Value::Blob(bytes(data, ffi::sqlite3_column_bytes(statement, column)))
                }
                _ => Value::Null,
            }
        }
    }

    /// An argument of a function; good as long as the call.
    ///
    /// # Safety
    /// The value is valid.
    pub unsafe fn of_argument(value: *mut ffi::sqlite3_value) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            match ffi::sqlite3_value_type(value) {
                ffi::SQLITE_INTEGER => Value::Integer(ffi::sqlite3_value_int64(value)),
                ffi::SQLITE_FLOAT => Value::Float(ffi::sqlite3_value_double(value)),
                ffi::SQLITE_TEXT => {
                    let data = ffi::sqlite3_value_text(value);
                    Value::Text(bytes(data, ffi::sqlite3_value_bytes(value)))
                }
                ffi::SQLITE_BLOB => {
                    let data = ffi::sqlite3_value_blob(value).cast();
                    Value::Blob(bytes(data, ffi::sqlite3_value_bytes(value)))
                }
                _ => Value::Null,
            }
        }
    }

    /// As JavaScript has it; `None`: it threw, for an integer that is no safe number.
    pub fn to_js<'s>(&self, scope: &mut v8::PinScope<'s, '_>, big: bool) -> Option<v8::Local<'s, v8::Value>> {
        Some(match self {
            Value::Integer(number) if big => v8::BigInt::new_from_i64(scope, *number).into(),
            Value::Integer(number) if (-MAX_SAFE..=MAX_SAFE).contains(number) => {
                v8::Number::new(scope, *number as f64).into()
            }
            Value::Integer(number) => {
                let text = format!("Value is too large to be represented as a JavaScript number: {number}");
                throw_coded(scope, "ERR_OUT_OF_RANGE", &text);
                return None;
            }
            Value::Float(number) => v8::Number::new(scope, *number).into(),
            Value::Text(text) => utf8(scope, text),
            Value::Blob(bytes) => binding::uint8_array(scope, bytes.to_vec()).into(),
            Value::Null => v8::null(scope).into(),
        })
    }
}

/// A value of JavaScript's that SQLite can have.
pub enum Given {
    Null,
    Integer(i64),
    Float(f64),
    Text(String),
    Blob(Vec<u8>),
    /// A bigint beyond 64 bits.
    TooLarge,
    /// Something that SQLite has no type for.
    Unfit,
}

impl Given {
    /// Of a value that is bound (`undefined` is null, booleans are 0 and 1) or that a function gave (neither is).
    pub fn of(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, bound: bool) -> Self {
        if value.is_null() || value.is_undefined() {
            Given::Null
        } else if value.is_number() {
            Given::Float(value.number_value(scope).unwrap_or(0.0))
        } else if value.is_string() {
            Given::Text(value.to_rust_string_lossy(scope))
        } else if bound && value.is_boolean() {
            Given::Integer(value.is_true().into())
        } else if let Ok(big) = v8::Local::<v8::BigInt>::try_from(value) {
            match big.i64_value() {
                (number, true) => Given::Integer(number),
                _ => Given::TooLarge,
            }
        } else {
            match binding::bytes(value) {
                Some(bytes) => Given::Blob(bytes.to_vec()),
                None => Given::Unfit,
            }
        }
    }
}
