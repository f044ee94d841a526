//! `internalBinding('process_wrap')`: starts other programs, tells their end, sends them signals.
//!
//! Owns: the processes that were started asynchronously, and what keeps the loop alive for them. Does not own: the start itself
//! (`process_wrap/launch.rs`), programs of the embedded tree (`process_wrap/embedded.rs`), Node's `ChildProcess` (`js/internal/child_process.js`), waiting for a child (`spawn_sync.rs`).

mod embedded;
pub mod launch;

use super::stream_handle::{check, last_errno};
use crate::reactor::{READABLE, Registration, Source};
use crate::tasks::Callback;
use crate::{binding, event_loop};
use launch::{Command, Stdio};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// A process that has not been reaped.
struct Process {
    id: i32,
    pid: libc::pid_t,
    /// Readable when the process has ended; `None` where the kernel has no such thing and a thread waits instead.
    pidfd: Option<OwnedFd>,
    registration: RefCell<Option<Registration>>,
    callback: Callback,
}

thread_local! {
    static PROCESSES: RefCell<HashMap<i32, Rc<Process>>> = RefCell::default();
    static NEXT_ID: Cell<i32> = const { Cell::new(1) };
}

impl Source for Process {
    fn ready(self: Rc<Self>, _: &mut v8::PinScope, _: u32) {
        self.registration.borrow_mut().take();
        // After everything else that is ready in this turn: what the process wrote comes before its end.
        event_loop::current().enqueue(move |scope| self.ended(scope));
    }
}

impl Process {
    fn watch(self: &Rc<Self>) {
        if let Some(pidfd) = &self.pidfd {
            let registration = Registration::new(pidfd.as_raw_fd(), self.clone());
            if registration.set(READABLE).is_ok() {
                *self.registration.borrow_mut() = Some(registration);
                return;
            }
        }
        let (id, pid, handle) = (self.id, self.pid, event_loop::current().handle());
        let waiter = std::thread::Builder::new().name("child".into()).stack_size(1 << 16).spawn(move || {
            wait_without_reaping(pid);
            handle.post(move |scope| {
                if let Some(process) = PROCESSES.with_borrow(|p| p.get(&id).cloned()) {
                    process.ended(scope);
                }
            });
        });
        if waiter.is_err() {
            // No thread either: asks in every turn of the loop.
            let this = self.clone();
            event_loop::current().enqueue(move |scope| this.ended(scope));
        }
    }

    fn ended(self: Rc<Self>, scope: &mut v8::PinScope) {
        let Some(exit) = launch::reap(self.pid, libc::WNOHANG) else {
            return event_loop::current().enqueue(move |scope| self.ended(scope));
        };
        PROCESSES.with_borrow_mut(|p| p.remove(&self.id));
        let code = v8::Integer::new(scope, exit.code).into();
        let signal = v8::Integer::new(scope, exit.signal).into();
        self.callback.alive.set_ref(false);
        self.callback.call(scope, &[code, signal]);
    }
}

fn wait_without_reaping(pid: libc::pid_t) {
    loop {
        // SAFETY: siginfo_t is plain data that waitid fills.
        let result = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            check(libc::waitid(libc::P_PID, pid as libc::id_t, &mut info, libc::WEXITED | libc::WNOWAIT))
        };
        if result != -libc::EINTR {
            return;
        }
    }
}

/// Reads the fields of a JavaScript object that describes a start.
pub struct Spec<'s>(v8::Local<'s, v8::Object>);

impl<'s> Spec<'s> {
    /// From an argument; `None` where it is not an object.
    pub fn new(scope: &mut v8::PinScope<'s, '_>, value: v8::Local<v8::Value>) -> Option<Self> {
        let object = v8::Local::<v8::Object>::try_from(value).ok()?;
        Some(Spec(v8::Local::new(scope, object)))
    }

    /// The field, `None` where it is undefined or null.
    pub fn get(&self, scope: &mut v8::PinScope<'s, '_>, name: &str) -> Option<v8::Local<'s, v8::Value>> {
        let key = v8::String::new(scope, name)?;
        self.0.get(scope, key.into()).filter(|v| !v.is_null_or_undefined())
    }

    /// A number.
    pub fn number(&self, scope: &mut v8::PinScope<'s, '_>, name: &str) -> Option<f64> {
        self.get(scope, name)?.number_value(scope)
    }

    fn strings(&self, scope: &mut v8::PinScope<'s, '_>, name: &str) -> Vec<std::ffi::CString> {
        let Some(list) = self.get(scope, name).and_then(|v| v8::Local::<v8::Array>::try_from(v).ok()) else {
            return Vec::new();
        };
        let item = |scope: &mut v8::PinScope<'s, '_>, i| {
            let text = list.get_index(scope, i)?.to_rust_string_lossy(scope);
            Some(launch::c_string(&text))
        };
        (0..list.length()).filter_map(|i| item(scope, i)).collect()
    }

    /// `{file, args, envPairs, cwd, detached, uid, gid}`; `stdio` is left empty.
    pub fn command(&self, scope: &mut v8::PinScope<'s, '_>) -> Command {
        let text = |scope: &mut v8::PinScope<'s, '_>, name| {
            self.get(scope, name).map(|v| launch::c_string(&v.to_rust_string_lossy(scope)))
        };
        Command {
            file: text(scope, "file").unwrap_or_default(),
            args: self.strings(scope, "args"),
            env: self.strings(scope, "envPairs"),
            cwd: text(scope, "cwd").filter(|cwd| !cwd.is_empty()),
            detached: self.get(scope, "detached").is_some_and(|v| v.boolean_value(scope)),
            uid: self.number(scope, "uid").map(|id| id as i64 as u32),
            gid: self.number(scope, "gid").map(|id| id as i64 as u32),
            stdio: Vec::new(),
        }
    }
}

const IGNORE: i32 = -1;
const PIPE: i32 = -2;

/// `spawn(spec, fds, onExit)`: `fds` has for each descriptor of the child a descriptor of ours, IGNORE or PIPE. Gives
/// `[pid | errno, id, ...]`, then for each of `fds` our end of a new pipe or -1; a bare errno where pipes could not be made.
/// `onExit(code, signal)` is called once if there is a pid.
fn spawn(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(spec) = Spec::new(scope, args.get(0)) else { return rv.set_int32(-libc::EINVAL) };
    let Ok(fds) = v8::Local::<v8::Array>::try_from(args.get(1)) else { return rv.set_int32(-libc::EINVAL) };
    let Some(callback) = Callback::from_value(scope, args.get(2)) else { return rv.set_int32(-libc::EINVAL) };
    let mut command = spec.command(scope);
    let mut ours: Vec<Option<OwnedFd>> = Vec::new();
    let mut theirs: Vec<OwnedFd> = Vec::new();
    for i in 0..fds.length() {
        let fd: RawFd = fds.get_index(scope, i).and_then(|fd| fd.int32_value(scope)).unwrap_or(IGNORE);
        if fd == PIPE {
            match launch::socket_pair() {
                Ok((our, their)) => {
                    command.stdio.push(Stdio::Inherit(their.as_raw_fd()));
                    ours.push(Some(our));
                    theirs.push(their);
                }
                Err(error) => return rv.set_int32(error),
            }
        } else {
            command.stdio.push(if fd < 0 { Stdio::Ignore } else { Stdio::Inherit(fd) });
            ours.push(None);
        }
    }
    let started = launch::start(&command);
    drop(theirs);
    let (result, id) = match started {
        Ok(pid) => {
            let id = NEXT_ID.replace(NEXT_ID.get() + 1);
            let pidfd = launch::open_pidfd(pid);
            let process = Rc::new(Process { id, pid, pidfd, registration: RefCell::default(), callback });
            process.watch();
            PROCESSES.with_borrow_mut(|p| p.insert(id, process));
            (pid, id)
        }
        Err(error) => (error, 0),
    };
    let numbers = [result, id].into_iter().chain(ours.into_iter().map(|o| o.map_or(-1, IntoRawFd::into_raw_fd)));
    let numbers: Vec<v8::Local<v8::Value>> = numbers.map(|n| v8::Integer::new(scope, n).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &numbers).into());
}

fn find(scope: &mut v8::PinScope, args: &Args) -> Option<Rc<Process>> {
    let id = args.get(0).int32_value(scope)?;
    PROCESSES.with_borrow(|p| p.get(&id).cloned())
}

/// `kill(id, signal)`: 0 or a negative errno. The process is not reaped, so its number is nobody else's.
fn kill(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(process) = find(scope, &args) else { return rv.set_int32(-libc::ESRCH) };
    let signal = args.get(1).int32_value(scope).unwrap_or(libc::SIGTERM);
    // SAFETY: a plain system call.
    rv.set_int32(if unsafe { libc::kill(process.pid, signal) } < 0 { last_errno() } else { 0 });
}

/// `setRef(id, on)`: whether it keeps the loop alive.
fn set_ref(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(process) = find(scope, &args) {
        process.callback.alive.set_ref(args.get(1).is_true());
    }
}

fn has_ref(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    rv.set_bool(find(scope, &args).is_some_and(|p| p.callback.alive.is_ref()));
}

/// `isSocket(fd)`: whether it is open and a socket, as a channel from a parent is.
fn is_socket(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let fd = args.get(0).int32_value(scope).unwrap_or(-1);
    // SAFETY: a zeroed stat is valid and fstat fills it.
    rv.set_bool(unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        libc::fstat(fd, &mut stat) == 0 && stat.st_mode & libc::S_IFMT == libc::S_IFSOCK
    });
}

fn constants(scope: &mut v8::PinScope, target: v8::Local<v8::Object>) {
    for (name, value) in [("IGNORE", IGNORE), ("PIPE", PIPE)] {
        let target = v8::Local::new(scope, target);
        binding::set_number(scope, target, name, f64::from(value));
    }
}

/// `execve(file, args, envPairs)`: this process becomes another program. Returns a negative errno if it cannot.
fn execve(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let file = launch::c_string(&args.get(0).to_rust_string_lossy(scope));
    let list = |scope: &mut v8::PinScope, value: v8::Local<v8::Value>| {
        let mut strings = Vec::new();
        if let Ok(list) = v8::Local::<v8::Array>::try_from(value) {
            for i in 0..list.length() {
                let text = list.get_index(scope, i).map(|s| s.to_rust_string_lossy(scope));
                strings.push(launch::c_string(&text.unwrap_or_default()));
            }
        }
        strings
    };
    let words = list(scope, args.get(1));
    let env = list(scope, args.get(2));
    rv.set_int32(launch::replace(&file, &words, &env));
}

binding!("process_wrap", [
    spawn => spawn,
    kill => kill,
    setRef => set_ref,
    hasRef => has_ref,
    isSocket => is_socket,
    execve => execve,
    embeddedProgram => embedded::program,
], init = constants);
