//! `internalBinding('spawn_sync')`: starts a program and waits for its end, with a poll loop of its own; the event loop stands
//! still meanwhile.
//!
//! Owns: feeding input, collecting output, the time and size limits. Does not own: the start (`process_wrap/launch.rs`),
//! defaults and errors (`js/child_process.js`).

use super::process_wrap::Spec;
use super::process_wrap::launch::{self, Exit, Stdio};
use super::stream_handle::{check, last_errno};
use crate::binding;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// Bytes read with one system call.
const READ_SIZE: usize = 64 * 1024;
/// How often the end is asked for where no descriptor tells it.
const ASK_AGAIN: Duration = Duration::from_millis(2);

/// Our end of a descriptor of the child that is a pipe.
struct Pipe {
    fd: Option<OwnedFd>,
    input: Vec<u8>,
    sent: usize,
    /// The child's end of input was told.
    ended: bool,
    /// The child may write to it.
    collects: bool,
    output: Vec<u8>,
}

impl Pipe {
    fn interest(&self) -> libc::c_short {
        let mut events = 0;
        if !self.ended {
            events |= libc::POLLOUT;
        }
        if self.collects {
            events |= libc::POLLIN;
        }
        events
    }

    /// Sends what the kernel takes; closes our half after the last byte.
    fn send(&mut self) -> Result<(), i32> {
        let Some(fd) = self.fd.as_ref().map(AsRawFd::as_raw_fd) else { return Ok(()) };
        while self.sent < self.input.len() {
            let rest = &self.input[self.sent..];
            // SAFETY: a live slice. MSG_NOSIGNAL: the end of the child is an error, no signal.
            let n = unsafe { libc::send(fd, rest.as_ptr().cast(), rest.len(), libc::MSG_NOSIGNAL) };
            if n >= 0 {
                self.sent += n as usize;
                continue;
            }
            match last_errno() {
                e if e == -libc::EAGAIN => return Ok(()),
                e if e == -libc::EINTR => {}
                e => {
                    self.finish();
                    return Err(e);
                }
            }
        }
        self.finish();
        Ok(())
    }

    fn finish(&mut self) {
        self.ended = true;
        if let Some(fd) = &self.fd {
            // SAFETY: our own descriptor.
            unsafe { libc::shutdown(fd.as_raw_fd(), libc::SHUT_WR) };
        }
        if !self.collects {
            self.fd = None;
        }
    }

    /// Reads what is there, at most READ_SIZE bytes; gives their number.
    fn receive(&mut self) -> Result<usize, i32> {
        let Some(fd) = self.fd.as_ref().map(AsRawFd::as_raw_fd) else { return Ok(0) };
        self.output.reserve(READ_SIZE);
        let spare = self.output.spare_capacity_mut();
        // SAFETY: the kernel fills at most the spare capacity and says how much.
        let n = unsafe { libc::read(fd, spare.as_mut_ptr().cast(), READ_SIZE) };
        if n < 0 {
            return match last_errno() {
                e if e == -libc::EAGAIN || e == -libc::EINTR => Ok(0),
                e => {
                    self.fd = None;
                    Err(e)
                }
            };
        }
        if n == 0 {
            self.fd = None;
            return Ok(0);
        }
        // SAFETY: the kernel wrote these n bytes.
        unsafe { self.output.set_len(self.output.len() + n as usize) };
        Ok(n as usize)
    }
}

/// A child that is waited for.
struct Runner {
    pid: libc::pid_t,
    pidfd: Option<OwnedFd>,
    pipes: Vec<Option<Pipe>>,
    deadline: Option<Instant>,
    /// Bytes of output of all pipes together.
    max_buffer: f64,
    collected: usize,
    kill_signal: i32,
    killed: bool,
    error: i32,
    pipe_error: i32,
    exit: Option<Exit>,
}

impl Runner {
    fn fail(&mut self, error: i32) {
        if self.error == 0 {
            self.error = error;
        }
    }

    fn kill(&mut self) {
        if self.killed {
            return;
        }
        self.killed = true;
        for pipe in self.pipes.iter_mut().flatten() {
            pipe.fd = None;
        }
        self.deadline = None;
        if self.exit.is_some() {
            return;
        }
        // SAFETY: our child, not reaped yet.
        let error = check(unsafe { libc::kill(self.pid, self.kill_signal) });
        if error < 0 && error != -libc::ESRCH {
            self.fail(error);
            // SAFETY: as above.
            unsafe { libc::kill(self.pid, libc::SIGKILL) };
        }
    }

    fn is_done(&self) -> bool {
        self.exit.is_some() && self.pipes.iter().flatten().all(|p| p.fd.is_none())
    }

    /// How long `poll` may wait, in milliseconds; -1: for ever.
    fn wait_time(&self) -> i32 {
        let left = self.deadline.map(|d| d.saturating_duration_since(Instant::now()));
        let blind = (self.pidfd.is_none() && self.exit.is_none()).then_some(ASK_AGAIN);
        match left.into_iter().chain(blind).min() {
            // Rounded up: a poll that returns early would turn for nothing.
            Some(left) => i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX),
            None => -1,
        }
    }

    fn run(&mut self) {
        while !self.is_done() {
            let mut polls: Vec<libc::pollfd> = Vec::new();
            let mut owners: Vec<Option<usize>> = Vec::new();
            let mut add = |fd: RawFd, events, owner| {
                polls.push(libc::pollfd { fd, events, revents: 0 });
                owners.push(owner);
            };
            for (i, pipe) in self.pipes.iter().enumerate() {
                if let Some((pipe, fd)) = pipe.as_ref().and_then(|p| Some((p, p.fd.as_ref()?))) {
                    add(fd.as_raw_fd(), pipe.interest(), Some(i));
                }
            }
            if let (Some(pidfd), None) = (&self.pidfd, self.exit) {
                add(pidfd.as_raw_fd(), libc::POLLIN, None);
            }
            // SAFETY: pointer and length of a live vector.
            unsafe { libc::poll(polls.as_mut_ptr(), polls.len() as libc::nfds_t, self.wait_time()) };
            for (poll, owner) in polls.iter().zip(&owners) {
                if let (Some(i), true) = (owner, poll.revents != 0) {
                    self.serve(*i, poll.revents);
                }
            }
            if self.exit.is_none() {
                self.exit = launch::reap(self.pid, libc::WNOHANG);
            }
            if self.deadline.is_some_and(|d| d <= Instant::now()) && !self.is_done() {
                self.fail(-libc::ETIMEDOUT);
                self.kill();
            }
        }
    }

    fn serve(&mut self, i: usize, events: libc::c_short) {
        let Some(pipe) = &mut self.pipes[i] else { return };
        if events & (libc::POLLIN | libc::POLLHUP | libc::POLLERR) != 0 && pipe.collects {
            match pipe.receive() {
                Ok(n) => {
                    self.collected += n;
                    if self.max_buffer > 0.0 && self.collected as f64 > self.max_buffer {
                        self.fail(-libc::ENOBUFS);
                        return self.kill();
                    }
                }
                Err(error) => self.pipe_error = error,
            }
        }
        let Some(pipe) = &mut self.pipes[i] else { return };
        if events & (libc::POLLOUT | libc::POLLHUP | libc::POLLERR) != 0
            && !pipe.ended
            && let Err(error) = pipe.send()
        {
            self.pipe_error = error;
        }
    }
}

/// The child's descriptors, by the list of `{type: 'pipe', input, readable, writable} | {type: 'fd', fd} | {type: 'ignore'}`.
#[allow(clippy::type_complexity)]
fn arrange<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    spec: &Spec<'s>,
) -> Result<(Vec<Stdio>, Vec<Option<Pipe>>, Vec<OwnedFd>), i32> {
    let list = spec.get(scope, "stdio").and_then(|v| v8::Local::<v8::Array>::try_from(v).ok());
    let (mut stdio, mut pipes, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..list.map_or(0, |l| l.length()) {
        let entry = list.and_then(|l| l.get_index(scope, i)).and_then(|e| Spec::new(scope, e)).ok_or(-libc::EINVAL)?;
        let kind = entry.get(scope, "type").map(|t| t.to_rust_string_lossy(scope)).unwrap_or_default();
        match kind.as_str() {
            "pipe" => {
                let (our, their) = launch::socket_pair()?;
                stdio.push(Stdio::Inherit(their.as_raw_fd()));
                theirs.push(their);
                let input = entry.get(scope, "input").and_then(binding::bytes).map(|b| b.to_vec());
                let readable = entry.get(scope, "readable").is_some_and(|v| v.is_true());
                let collects = entry.get(scope, "writable").is_some_and(|v| v.is_true());
                pipes.push(Some(Pipe {
                    fd: Some(our),
                    input: input.unwrap_or_default(),
                    sent: 0,
                    ended: !readable,
                    collects,
                    output: Vec::new(),
                }));
            }
            "fd" => {
                let fd = entry.number(scope, "fd").map_or(-1, |fd| fd as RawFd);
                stdio.push(Stdio::Inherit(fd));
                pipes.push(None);
            }
            _ => {
                stdio.push(Stdio::Ignore);
                pipes.push(None);
            }
        }
    }
    Ok((stdio, pipes, theirs))
}

fn run<'s>(scope: &mut v8::PinScope<'s, '_>, spec: &Spec<'s>) -> Result<Runner, i32> {
    let mut command = spec.command(scope);
    let (stdio, pipes, theirs) = arrange(scope, spec)?;
    command.stdio = stdio;
    let limit = |scope: &mut v8::PinScope<'s, '_>, name| spec.number(scope, name).unwrap_or(0.0);
    let timeout = limit(scope, "timeout");
    let kill_signal = match limit(scope, "killSignal") as i32 {
        0 => libc::SIGTERM,
        signal => signal,
    };
    let max_buffer = limit(scope, "maxBuffer");
    let pid = launch::start(&command)?;
    drop(theirs);
    let mut runner = Runner {
        pid,
        pidfd: launch::open_pidfd(pid),
        pipes,
        deadline: (timeout > 0.0).then(|| Instant::now() + Duration::from_secs_f64((timeout / 1e3).min(1e9))),
        max_buffer,
        collected: 0,
        kill_signal,
        killed: false,
        error: 0,
        pipe_error: 0,
        exit: None,
    };
    runner.run();
    Ok(runner)
}

/// `spawn(spec)`: `{pid, status, signal, output, error}`; `signal` is a number or 0, `output` a list with a Uint8Array for each
/// pipe of the child's that it could write to and null for others, `error` a negative errno if something failed.
fn spawn(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(spec) = Spec::new(scope, args.get(0)) else { return };
    let result = v8::Object::new(scope);
    match run(scope, &spec) {
        Err(error) => {
            binding::set_number(scope, result, "pid", 0.0);
            binding::set_number(scope, result, "error", f64::from(error));
            let null = v8::null(scope).into();
            for name in ["status", "signal", "output"] {
                binding::set(scope, result, name, null);
            }
        }
        Ok(runner) => {
            binding::set_number(scope, result, "pid", f64::from(runner.pid));
            let exit = runner.exit.unwrap_or(Exit { code: 0, signal: 0 });
            binding::set_number(scope, result, "status", f64::from(exit.code));
            binding::set_number(scope, result, "signal", f64::from(exit.signal));
            let error = if runner.error == 0 { runner.pipe_error } else { runner.error };
            if error != 0 {
                binding::set_number(scope, result, "error", f64::from(error));
            }
            let mut output: Vec<v8::Local<v8::Value>> = Vec::new();
            for pipe in runner.pipes {
                output.push(match pipe {
                    Some(pipe) if pipe.collects => binding::uint8_array(scope, pipe.output).into(),
                    _ => v8::null(scope).into(),
                });
            }
            let output = v8::Array::new_with_elements(scope, &output).into();
            binding::set(scope, result, "output", output);
        }
    }
    rv.set(result.into());
}

binding!("spawn_sync", [spawn => spawn]);
