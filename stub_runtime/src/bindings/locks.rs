//! `internalBinding('locks')`: named locks that all threads of the process share (`navigator.locks`).
//!
//! Owns: who holds a lock and who waits for it. Does not own: callbacks and promises (`js/internal/locks.js`).

use crate::event_loop::{self, LoopHandle};
use crate::tasks::Callback;
use crate::{binding, bindings::worker};
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::{LazyLock, Mutex};

struct Request {
    id: u32,
    thread: u32,
    shared: bool,
    wake: LoopHandle,
}

#[derive(Default)]
struct Lock {
    held: Vec<Request>,
    pending: VecDeque<Request>,
}

#[derive(Default)]
struct Locks {
    last: u32,
    /// By the name's UTF-16, which may be no valid text.
    by_name: HashMap<Vec<u16>, Lock>,
}

static LOCKS: LazyLock<Mutex<Locks>> = LazyLock::new(Mutex::default);

thread_local! {
    /// Who is told of a request's fate; it keeps the loop alive while the request waits.
    static WAITING: RefCell<HashMap<u32, Callback>> = RefCell::default();
}

const GRANTED: i32 = 1;
const STOLEN: i32 = 2;

impl Request {
    fn tell(&self, what: i32) {
        let id = self.id;
        self.wake.post(move |scope| tell(scope, id, what));
    }
}

fn tell(scope: &mut v8::PinScope, id: u32, what: i32) {
    let Some(callback) = WAITING.with_borrow_mut(|waiting| waiting.remove(&id)) else { return };
    let fate = v8::Integer::new(scope, what).into();
    if what == GRANTED {
        // It may still be stolen.
        callback.alive.set_ref(false);
    }
    callback.call(scope, &[fate]);
    if what == GRANTED {
        WAITING.with_borrow_mut(|waiting| waiting.insert(id, callback));
    }
}

impl Lock {
    fn is_free_for(&self, shared: bool) -> bool {
        self.held.is_empty() || (shared && self.held.iter().all(|held| held.shared))
    }

    fn grant_next(&mut self) {
        while self.pending.front().is_some_and(|next| self.is_free_for(next.shared)) {
            let Some(next) = self.pending.pop_front() else { break };
            next.tell(GRANTED);
            self.held.push(next);
        }
    }
}

fn name_of(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Vec<u16> {
    let Some(text) = value.to_string(scope) else { return Vec::new() };
    let mut units = vec![0; text.length()];
    text.write_v2(scope, 0, &mut units, v8::WriteFlags::default());
    units
}

/// `request(name, shared, steal, ifAvailable, callback(fate))`: the request's number, negative where it was granted at once, 0
/// where the lock is not available. The fate is 1 granted later, then perhaps 2 stolen.
fn request(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let name = name_of(scope, args.get(0));
    let (shared, steal, if_available) = (args.get(1).is_true(), args.get(2).is_true(), args.get(3).is_true());
    let Some(callback) = Callback::from_value(scope, args.get(4)) else { return };
    let mut locks = LOCKS.lock().unwrap();
    locks.last += 1;
    let id = locks.last;
    let lock = locks.by_name.entry(name).or_default();
    if if_available && !(lock.pending.is_empty() && lock.is_free_for(shared)) {
        return rv.set_uint32(0);
    }
    let request = Request { id, thread: worker::current_thread(), shared, wake: event_loop::current().handle() };
    if steal {
        lock.held.drain(..).for_each(|held| held.tell(STOLEN));
        lock.pending.push_front(request);
    } else {
        lock.pending.push_back(request);
    }
    // Nobody waits before it: no need to go through the loop.
    if lock.pending.len() == 1 && lock.is_free_for(shared) {
        lock.held.extend(lock.pending.pop_front());
        callback.alive.set_ref(false);
        rv.set_double(-f64::from(id));
    } else {
        lock.grant_next();
        rv.set_uint32(id);
    }
    WAITING.with_borrow_mut(|waiting| waiting.insert(id, callback));
}

/// `release(name, id)`: of a lock that is held, or of a request that waits no more.
fn release(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let name = name_of(scope, args.get(0));
    let id = args.get(1).uint32_value(scope).unwrap_or(0);
    WAITING.with_borrow_mut(|waiting| waiting.remove(&id));
    drop_requests(Some(&name), |request| request.id == id);
}

/// This thread ends: its locks go to who waits.
pub fn release_all() {
    let thread = worker::current_thread();
    WAITING.with_borrow_mut(HashMap::clear);
    drop_requests(None, |request| request.thread == thread);
}

fn drop_requests(name: Option<&[u16]>, is_over: impl Fn(&Request) -> bool) {
    let mut locks = LOCKS.lock().unwrap();
    for (_, lock) in locks.by_name.iter_mut().filter(|(n, _)| name.is_none_or(|name| name == n.as_slice())) {
        lock.held.retain(|request| !is_over(request));
        lock.pending.retain(|request| !is_over(request));
        lock.grant_next();
    }
    locks.by_name.retain(|_, lock| !lock.held.is_empty() || !lock.pending.is_empty());
}

/// `query()`: `[held, name, shared, thread, ...]` of every request, `held` false for those that wait.
fn query(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let locks = LOCKS.lock().unwrap();
    let mut rows: Vec<(u32, bool, &Vec<u16>, bool, u32)> = Vec::new();
    for (name, lock) in &locks.by_name {
        rows.extend(lock.held.iter().map(|r| (r.id, true, name, r.shared, r.thread)));
        rows.extend(lock.pending.iter().map(|r| (r.id, false, name, r.shared, r.thread)));
    }
    rows.sort_by_key(|row| row.0);
    let mut values: Vec<v8::Local<v8::Value>> = Vec::new();
    for (_, held, name, shared, thread) in rows {
        values.push(v8::Boolean::new(scope, held).into());
        values.push(v8::String::new_from_two_byte(scope, name, v8::NewStringType::Normal).unwrap().into());
        values.push(v8::Boolean::new(scope, shared).into());
        values.push(v8::Integer::new_from_unsigned(scope, thread).into());
    }
    rv.set(v8::Array::new_with_elements(scope, &values).into());
}

binding!("locks", [request => request, release => release, query => query]);
