//! Functions of JavaScript that SQLite calls: scalar ones, aggregates and window functions, the authorizer.

use super::connection::{Connection, connection_of};
use super::value::{Given, Value};
use super::{Args, OK, c_text, current_scope, rust_text, throw_last};
use libsqlite3_sys as ffi;
use std::ffi::{c_char, c_int, c_void};
use std::ptr::null_mut;
use std::rc::{Rc, Weak};

/// A function that a query can call.
struct UserFunction {
    connection: Weak<Connection>,
    big_ints: bool,
    /// The function, or an aggregate's `step`.
    call: v8::Global<v8::Function>,
    aggregate: Option<Aggregate>,
}

/// What an aggregate has beside `step`.
struct Aggregate {
    /// The first value, or the function that makes it.
    start: v8::Global<v8::Value>,
    inverse: Option<v8::Global<v8::Function>>,
    result: Option<v8::Global<v8::Function>>,
}

fn function_argument(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Option<v8::Global<v8::Function>> {
    let function = v8::Local::<v8::Function>::try_from(value).ok()?;
    Some(v8::Global::new(scope, function))
}

unsafe extern "C" fn destroy(user: *mut c_void) {
    // SAFETY: the box that was given to SQLite, which is done with it.
    drop(unsafe { Box::from_raw(user.cast::<UserFunction>()) });
}

/// Tells SQLite that the call failed; the exception goes on when SQLite returns.
fn failed(context: *mut ffi::sqlite3_context, user: &UserFunction) {
    if let Some(connection) = user.connection.upgrade() {
        connection.threw.set(true);
    }
    // SAFETY: the context of this call.
    unsafe { ffi::sqlite3_result_error(context, c"".as_ptr(), 0) };
}

/// Calls a function with first argument and SQLite's arguments; `None`: it threw, now or before.
fn invoke<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    user: &UserFunction,
    function: &v8::Global<v8::Function>,
    first: Option<v8::Local<'s, v8::Value>>,
    values: &[*mut ffi::sqlite3_value],
) -> Option<v8::Local<'s, v8::Value>> {
    if user.connection.upgrade().is_none_or(|connection| connection.threw.get()) {
        return None;
    }
    let mut args: Vec<v8::Local<v8::Value>> = first.into_iter().collect();
    for value in values {
        // SAFETY: SQLite's arguments are valid during the call.
        args.push(unsafe { Value::of_argument(*value) }.to_js(scope, user.big_ints)?);
    }
    let function = v8::Local::new(scope, function);
    let recv = v8::undefined(scope).into();
    function.call(scope, recv, &args)
}

/// Gives SQLite the result of a call.
fn give(scope: &mut v8::PinScope, context: *mut ffi::sqlite3_context, value: v8::Local<v8::Value>) {
    let error = |text: &str| {
        // SAFETY: SQLite copies the text.
        unsafe { ffi::sqlite3_result_error(context, c_text(text).as_ptr(), -1) };
    };
    if value.is_promise() {
        return error("Asynchronous user-defined functions are not supported");
    }
    // SAFETY: the context of this call; SQLite copies texts and bytes.
    unsafe {
        match Given::of(scope, value, false) {
            Given::Null => ffi::sqlite3_result_null(context),
            Given::Integer(number) => ffi::sqlite3_result_int64(context, number),
            Given::Float(number) => ffi::sqlite3_result_double(context, number),
            Given::Text(text) => {
                let (data, length) = (text.as_ptr().cast(), text.len() as u64);
                let utf8 = ffi::SQLITE_UTF8 as u8;
                ffi::sqlite3_result_text64(context, data, length, ffi::SQLITE_TRANSIENT(), utf8);
            }
            Given::Blob(bytes) => {
                let (data, length) = (bytes.as_ptr().cast(), bytes.len() as u64);
                ffi::sqlite3_result_blob64(context, data, length, ffi::SQLITE_TRANSIENT());
            }
            Given::TooLarge => error("BigInt value is too large for SQLite"),
            Given::Unfit => error("Returned JavaScript value cannot be converted to a SQLite value"),
        }
    }
}

/// # Safety
/// SQLite calls it: the context has our user data, the arguments are valid.
unsafe fn parts<'a>(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) -> (&'a UserFunction, &'a [*mut ffi::sqlite3_value]) {
    // SAFETY: the caller's promise.
    unsafe {
        let user = &*ffi::sqlite3_user_data(context).cast::<UserFunction>();
        let values = if count > 0 { std::slice::from_raw_parts(values, count as usize) } else { &[] };
        (user, values)
    }
}

unsafe extern "C" fn call_scalar(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: SQLite calls it.
    let (user, values) = unsafe { parts(context, count, values) };
    let scope = current_scope();
    v8::scope!(let scope, scope);
    match invoke(scope, user, &user.call, None, values) {
        Some(value) => give(scope, context, value),
        None => failed(context, user),
    }
}

/// What an aggregate has of one group.
struct Group {
    value: v8::Global<v8::Value>,
    /// A window moves over it: the result was told row by row, and the end tells nothing.
    is_window: bool,
}

/// A slot in memory that SQLite keeps for each group.
type Slot = *mut Group;

/// The group's value, made where there is none; `None`: `start` threw.
fn accumulated<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    context: *mut ffi::sqlite3_context,
    user: &UserFunction,
) -> Option<(*mut Slot, v8::Local<'s, v8::Value>)> {
    // SAFETY: SQLite gives zeroed memory of that size, the same one for the group.
    let slot = unsafe { ffi::sqlite3_aggregate_context(context, size_of::<Slot>() as c_int) }.cast::<Slot>();
    // SAFETY: null, or a box that this module put there.
    if let Some(group) = unsafe { (*slot).as_ref() } {
        return Some((slot, v8::Local::new(scope, &group.value)));
    }
    let start = v8::Local::new(scope, &user.aggregate.as_ref()?.start);
    let value = match v8::Local::<v8::Function>::try_from(start) {
        Ok(function) => {
            if user.connection.upgrade().is_none_or(|connection| connection.threw.get()) {
                return None;
            }
            let recv = v8::undefined(scope).into();
            function.call(scope, recv, &[])?
        }
        Err(_) => start,
    };
    store(scope, slot, value);
    Some((slot, value))
}

fn store(scope: &mut v8::PinScope, slot: *mut Slot, value: v8::Local<v8::Value>) {
    let value = v8::Global::new(scope, value);
    // SAFETY: the slot is SQLite's memory for the group; what it points at is a box of this module's.
    unsafe {
        match (*slot).as_mut() {
            Some(group) => group.value = value,
            None => *slot = Box::into_raw(Box::new(Group { value, is_window: false })),
        }
    }
}

/// `step` or `inverse`: the group's next value.
fn advance(
    context: *mut ffi::sqlite3_context,
    user: &UserFunction,
    function: &v8::Global<v8::Function>,
    values: &[*mut ffi::sqlite3_value],
) {
    let scope = current_scope();
    v8::scope!(let scope, scope);
    let next = accumulated(scope, context, user)
        .and_then(|(slot, value)| invoke(scope, user, function, Some(value), values).map(|next| (slot, next)));
    match next {
        Some((slot, value)) => store(scope, slot, value),
        None => failed(context, user),
    }
}

unsafe extern "C" fn call_step(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls it.
    let (user, values) = unsafe { parts(context, count, values) };
    advance(context, user, &user.call, values);
}

unsafe extern "C" fn call_inverse(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: SQLite calls it.
    let (user, values) = unsafe { parts(context, count, values) };
    if let Some(inverse) = user.aggregate.as_ref().and_then(|aggregate| aggregate.inverse.as_ref()) {
        advance(context, user, inverse, values);
    }
}

/// The group's result, of its value so far.
fn tell(context: *mut ffi::sqlite3_context, user: &UserFunction, last: bool) {
    let scope = current_scope();
    v8::scope!(let scope, scope);
    let found = accumulated(scope, context, user);
    let mut result = user.aggregate.as_ref().and_then(|aggregate| aggregate.result.as_ref());
    // SAFETY: the slot has a box of this module's.
    if let Some(group) = found.and_then(|(slot, _)| unsafe { (*slot).as_mut() }) {
        group.is_window |= !last;
        if last && group.is_window {
            result = None;
        }
    }
    let value = found.and_then(|(_, value)| match result {
        Some(function) => invoke(scope, user, function, Some(value), &[]),
        None => Some(value),
    });
    match value {
        Some(value) => give(scope, context, value),
        None => failed(context, user),
    }
    if last {
        // SAFETY: null where nothing was stored; otherwise a box of this module's, which nobody uses after this.
        unsafe {
            let slot = ffi::sqlite3_aggregate_context(context, 0).cast::<Slot>();
            if !slot.is_null() && !(*slot).is_null() {
                drop(Box::from_raw(*slot));
                *slot = null_mut();
            }
        }
    }
}

unsafe extern "C" fn call_final(context: *mut ffi::sqlite3_context) {
    // SAFETY: SQLite calls it.
    let (user, _) = unsafe { parts(context, 0, null_mut()) };
    tell(context, user, true);
}

unsafe extern "C" fn call_value(context: *mut ffi::sqlite3_context) {
    // SAFETY: SQLite calls it.
    let (user, _) = unsafe { parts(context, 0, null_mut()) };
    tell(context, user, false);
}

const DETERMINISTIC: i32 = 1;
const DIRECT_ONLY: i32 = 2;
const BIG_INTS: i32 = 4;

/// SQLite's flags of our bits.
fn flags_of(bits: i32) -> c_int {
    let mut flags = ffi::SQLITE_UTF8;
    if bits & DETERMINISTIC != 0 {
        flags |= ffi::SQLITE_DETERMINISTIC;
    }
    if bits & DIRECT_ONLY != 0 {
        flags |= ffi::SQLITE_DIRECTONLY;
    }
    flags
}

/// `createFunction(connection, name, argumentCount, bits, function)`
pub fn create_function(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let name = c_text(&args.get(1).to_rust_string_lossy(scope));
    let count = args.get(2).int32_value(scope).unwrap_or(-1);
    let bits = args.get(3).int32_value(scope).unwrap_or(0);
    let (Some(connection), Some(call)) = (connection_of(scope, &args), function_argument(scope, args.get(4))) else {
        return;
    };
    let user =
        UserFunction { connection: Rc::downgrade(&connection), big_ints: bits & BIG_INTS != 0, call, aggregate: None };
    let user = Box::into_raw(Box::new(user)).cast();
    // SAFETY: SQLite takes over the box, also where it fails.
    let result = unsafe {
        let (db, name, flags) = (connection.raw(), name.as_ptr(), flags_of(bits));
        ffi::sqlite3_create_function_v2(db, name, count, flags, user, Some(call_scalar), None, None, Some(destroy))
    };
    if result != OK {
        throw_last(scope, &connection);
    }
}

/// `createAggregate(connection, name, argumentCount, bits, start, step, inverse | undefined, result | undefined)`
pub fn create_aggregate(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let name = c_text(&args.get(1).to_rust_string_lossy(scope));
    let count = args.get(2).int32_value(scope).unwrap_or(-1);
    let bits = args.get(3).int32_value(scope).unwrap_or(0);
    let (Some(connection), Some(call)) = (connection_of(scope, &args), function_argument(scope, args.get(5))) else {
        return;
    };
    let inverse = function_argument(scope, args.get(6));
    let is_window = inverse.is_some();
    let aggregate = Aggregate {
        start: v8::Global::new(scope, args.get(4)),
        inverse,
        result: function_argument(scope, args.get(7)),
    };
    let user = UserFunction {
        connection: Rc::downgrade(&connection),
        big_ints: bits & BIG_INTS != 0,
        call,
        aggregate: Some(aggregate),
    };
    let user = Box::into_raw(Box::new(user)).cast();
    type Tell = unsafe extern "C" fn(*mut ffi::sqlite3_context);
    type Call = unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);
    let (value, inverse) =
        if is_window { (Some(call_value as Tell), Some(call_inverse as Call)) } else { (None, None) };
    // SAFETY: SQLite takes over the box, also where it fails.
    let result = unsafe {
        ffi::sqlite3_create_window_function(
            connection.raw(),
            name.as_ptr(),
            count,
            flags_of(bits),
            user,
            Some(call_step),
            Some(call_final),
            value,
            inverse,
            Some(destroy),
        )
    };
    if result != OK {
        throw_last(scope, &connection);
    }
}

unsafe extern "C" fn authorize(
    user: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    database: *const c_char,
    trigger: *const c_char,
) -> c_int {
    // SAFETY: the connection outlives SQLite's.
    let connection = unsafe { &*user.cast::<Connection>() };
    if connection.threw.get() {
        return ffi::SQLITE_DENY;
    }
    let scope = current_scope();
    v8::scope!(let scope, scope);
    let function = connection.authorizer.borrow().as_ref().and_then(|function| function.to_local(scope));
    let Some(function) = function else { return OK };
    let mut args = vec![v8::Integer::new(scope, action).into()];
    for text in [first, second, database, trigger] {
        args.push(match rust_text(text) {
            Some(text) => crate::binding::string(scope, &text),
            None => v8::null(scope).into(),
        });
    }
    let recv = v8::undefined(scope).into();
    let answer = function.call(scope, recv, &args);
    let refused = match answer {
        Some(value) if value.is_int32() => match value.int32_value(scope) {
            Some(code @ (OK | ffi::SQLITE_DENY | ffi::SQLITE_IGNORE)) => return code,
            _ => {
                let text = "Authorizer callback returned a invalid authorization code";
                let text = v8::String::new(scope, text).unwrap();
                Some(v8::Exception::range_error(scope, text))
            }
        },
        Some(_) => {
            let text = v8::String::new(scope, "Authorizer callback must return an integer authorization code").unwrap();
            Some(v8::Exception::type_error(scope, text))
        }
        None => None,
    };
    if let Some(error) = refused {
        scope.throw_exception(error);
    }
    connection.threw.set(true);
    ffi::SQLITE_DENY
}

/// `setAuthorizer(connection, function | null)`: JavaScript's database keeps the function, which may know the database.
pub fn set_authorizer(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let function = v8::Local::<v8::Function>::try_from(args.get(1)).ok();
    let callback = function.is_some().then_some(authorize as _);
    connection.authorizer.replace(function.map(|function| v8::Weak::new(scope, function)));
    let user = Rc::as_ptr(&connection).cast_mut().cast();
    // SAFETY: the connection closes SQLite's before it goes.
    unsafe { ffi::sqlite3_set_authorizer(connection.raw(), callback, user) };
}
