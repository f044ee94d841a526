//! Starting another program: from a description to a running process.
//!
//! Owns: the search along PATH, descriptors, ids, signals and folder of the child, errors of its `execve`. Does not own: what the
//! parent does with its ends, how the child's end is waited for (`process_wrap.rs`, `spawn_sync.rs`).
//!
//! The child is made by `clone(CLONE_VM | CLONE_VFORK)`: it borrows the parent's memory and stops the calling thread until it is
//! another program, so a start costs the same however big the heap is, and an `execve` that fails is a number in memory, not a
//! message in a pipe. Everything the child needs is therefore prepared before; between `clone` and `execve` there are only
//! system calls.

use crate::bindings::stream_handle::last_errno;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// What one descriptor of the child is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stdio {
    /// `/dev/null` for 0 to 2, nothing for others.
    Ignore,
    /// A copy of this descriptor of the parent's.
    Inherit(RawFd),
}

/// A program to start.
pub struct Command {
    /// A path, or a name to look for in the PATH of `env`.
    pub file: CString,
    /// All of argv.
    pub args: Vec<CString>,
    /// All variables, `NAME=value`.
    pub env: Vec<CString>,
    /// Working directory; the parent's where there is none.
    pub cwd: Option<CString>,
    /// Leader of a new session.
    pub detached: bool,
    /// User to become.
    pub uid: Option<libc::uid_t>,
    /// Group to become.
    pub gid: Option<libc::gid_t>,
    /// Descriptors from 0 on; others are closed.
    pub stdio: Vec<Stdio>,
}

const STACK_SIZE: usize = 64 * 1024;
/// Where `exec` looks without a PATH.
const DEFAULT_PATH: &[u8] = b"/bin:/usr/bin";

/// What the child reads, all of it prepared by the parent. `error` and `shell_args[1]` the child writes.
struct Prepared<'a> {
    command: &'a Command,
    candidates: Vec<*const c_char>,
    args: Vec<*const c_char>,
    env: Vec<*const c_char>,
    /// argv for a script without `#!`: `/bin/sh CANDIDATE args...`.
    shell_args: Vec<*const c_char>,
    sources: Vec<RawFd>,
    error: *mut c_int,
}

/// Paths to try, in order.
fn candidates(command: &Command) -> Vec<CString> {
    let file = command.file.to_bytes();
    if file.is_empty() || file.contains(&b'/') {
        return vec![command.file.clone()];
    }
    let path = command.env.iter().find_map(|v| v.to_bytes().strip_prefix(b"PATH="));
    let join = |folder: &[u8]| {
        let mut full = folder.to_vec();
        if !folder.is_empty() && !folder.ends_with(b"/") {
            full.push(b'/');
        }
        full.extend_from_slice(file);
        CString::new(full).ok()
    };
    path.unwrap_or(DEFAULT_PATH).split(|b| *b == b':').filter_map(join).collect()
}

fn pointers<'a>(strings: impl IntoIterator<Item = &'a CString>) -> Vec<*const c_char> {
    strings.into_iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect()
}

thread_local! {
    /// The child's stack, kept for the next start. Shared memory: `start` reads the error there even where the child has its
    /// own copy of everything else.
    static STACK: Cell<*mut c_void> = const { Cell::new(std::ptr::null_mut()) };
}

fn stack() -> Result<*mut c_void, i32> {
    if STACK.get().is_null() {
        // SAFETY: a new mapping at a place of the kernel's choice.
        let map = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                STACK_SIZE,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if map == libc::MAP_FAILED {
            return Err(last_errno());
        }
        STACK.set(map);
    }
    Ok(STACK.get())
}

/// What this process was started with is not for its children: marks all descriptors close-on-exec, once.
fn hide_inherited_descriptors() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        for fd in 3.. {
            // SAFETY: fcntl on a number; EBADF where nothing is open.
            let result = unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
            if result < 0 && fd > 15 {
                break;
            }
        }
    });
}

/// Starts it. Returns the process id.
///
/// # Errors
/// A negative errno: no process was made, or what it could not do (`execve`, `chdir`, `setuid`).
pub fn start(command: &Command) -> Result<libc::pid_t, i32> {
    hide_inherited_descriptors();
    let stack = stack()?;
    let paths = candidates(command);
    let mut shell_args = vec![c"/bin/sh".as_ptr(), std::ptr::null()];
    shell_args.extend(command.args.iter().skip(1).map(|s| s.as_ptr()));
    shell_args.push(std::ptr::null());
    let error: *mut c_int = stack.cast();
    let mut prepared = Prepared {
        command,
        candidates: paths.iter().map(|p| p.as_ptr()).collect(),
        args: pointers(&command.args),
        env: pointers(&command.env),
        shell_args,
        sources: command
            .stdio
            .iter()
            .map(|s| match s {
                Stdio::Inherit(fd) => *fd,
                Stdio::Ignore => -1,
            })
            .collect(),
        error,
    };
    let ids = command.uid.is_some() || command.gid.is_some();
    // Another user's ids on shared memory would make the parent's memory unreadable to itself: such a child gets a copy.
    let memory = if ids { 0 } else { libc::CLONE_VM };
    // SAFETY: the stack is STACK_SIZE bytes of a mapping that only one child uses at a time, because CLONE_VFORK stops this
    // thread until the child has called execve or ended; for as long `prepared` and all it points to live. No signal handler
    // runs in the child: all are blocked until their actions are the default ones.
    let pid = unsafe {
        error.write_volatile(0);
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let pid = libc::clone(
            child,
            stack.byte_add(STACK_SIZE),
            memory | libc::CLONE_VFORK | libc::SIGCHLD,
            (&raw mut prepared).cast(),
        );
        let result = if pid < 0 { last_errno() } else { pid };
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        result
    };
    if pid < 0 {
        return Err(pid);
    }
    // SAFETY: the child that wrote there has ended or is another program.
    let error = unsafe { error.read_volatile() };
    if error != 0 {
        reap(pid, 0);
        return Err(-error);
    }
    Ok(pid)
}

extern "C" fn child(argument: *mut c_void) -> c_int {
    // SAFETY: `start` passes a Prepared that outlives the child's use of it, and nobody else uses it meanwhile.
    let prepared = unsafe { &mut *argument.cast::<Prepared>() };
    let errno = become_program(prepared);
    // SAFETY: `error` points into the shared mapping; _exit ends the child without running anything of the parent's.
    unsafe {
        prepared.error.write_volatile(errno);
        libc::_exit(127)
    }
}

fn errno() -> c_int {
    // SAFETY: the thread's errno; the child uses that of the thread that waits for it.
    unsafe { *libc::__errno_location() }
}

/// In the child. Returns only if it failed, with errno.
fn become_program(prepared: &mut Prepared) -> c_int {
    let command = prepared.command;
    // SAFETY: only system calls, on numbers and on C strings that `start` keeps alive.
    unsafe {
        if command.detached {
            libc::setsid();
        }
        if let Err(errno) = arrange_descriptors(&mut prepared.sources) {
            return errno;
        }
        if let Some(cwd) = &command.cwd
            && libc::chdir(cwd.as_ptr()) != 0
        {
            return errno();
        }
        // Straight to the kernel: the C library would tell every thread of the parent.
        if command.uid.is_some() || command.gid.is_some() {
            // Fails where we are not root, and then there is nothing to drop.
            libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>());
        }
        if let Some(gid) = command.gid
            && libc::syscall(libc::SYS_setgid, gid) != 0
        {
            return errno();
        }
        if let Some(uid) = command.uid
            && libc::syscall(libc::SYS_setuid, uid) != 0
        {
            return errno();
        }
        reset_signals();
        execute(prepared)
    }
}

/// Puts `sources[i]` at descriptor i.
fn arrange_descriptors(sources: &mut [RawFd]) -> Result<(), c_int> {
    let count = sources.len() as RawFd;
    let checked = |result: c_int| if result < 0 { Err(errno()) } else { Ok(result) };
    // SAFETY: system calls on descriptor numbers.
    unsafe {
        // A source that a lower number's turn would overwrite moves out of the way first.
        for (fd, source) in sources.iter_mut().enumerate() {
            if *source >= 0 && *source < fd as RawFd {
                *source = checked(libc::fcntl(*source, libc::F_DUPFD_CLOEXEC, count))?;
            }
        }
        for (fd, &source) in sources.iter().enumerate() {
            let fd = fd as RawFd;
            if source < 0 {
                if fd > 2 {
                    continue;
                }
                let flags = if fd == 0 { libc::O_RDONLY } else { libc::O_RDWR };
                let null = checked(libc::open(c"/dev/null".as_ptr(), flags | libc::O_CLOEXEC))?;
                if null == fd {
                    checked(libc::fcntl(fd, libc::F_SETFD, 0))?;
                } else {
                    checked(libc::dup2(null, fd))?;
                    // A number at which something is yet to be put is closed by that.
                    if null >= count {
                        libc::close(null);
                    }
                }
                continue;
            }
            if source == fd {
                checked(libc::fcntl(fd, libc::F_SETFD, 0))?;
            } else {
                checked(libc::dup2(source, fd))?;
            }
            if fd <= 2 {
                // Programs do not expect standard streams that refuse to wait.
                let flags = libc::fcntl(fd, libc::F_GETFL);
                if flags >= 0 && flags & libc::O_NONBLOCK != 0 {
                    libc::fcntl(fd, libc::F_SETFL, flags & !libc::O_NONBLOCK);
                }
            }
        }
    }
    Ok(())
}

/// Default actions, nothing blocked.
fn reset_signals() {
    // SAFETY: changes the child's own table of actions and mask; zeroed sigactions are valid.
    unsafe {
        let default: libc::sigaction = std::mem::zeroed();
        for signal in 1..32 {
            if signal != libc::SIGKILL && signal != libc::SIGSTOP {
                libc::sigaction(signal, &default, std::ptr::null_mut());
            }
        }
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
    }
}

/// `execvp`, with the child's PATH. Returns errno.
fn execute(prepared: &mut Prepared) -> c_int {
    let mut refused = false;
    let mut last = libc::ENOENT;
    for &path in &prepared.candidates {
        // SAFETY: C strings and null-terminated lists of them.
        unsafe {
            if *path == 0 {
                return libc::ENOENT;
            }
            libc::execve(path, prepared.args.as_ptr(), prepared.env.as_ptr());
            last = errno();
            if last == libc::ENOEXEC {
                prepared.shell_args[1] = path;
                libc::execve(prepared.shell_args[0], prepared.shell_args.as_ptr(), prepared.env.as_ptr());
                last = errno();
            }
        }
        match last {
            libc::EACCES => refused = true,
            libc::ENOENT | libc::ENOTDIR | libc::ESTALE | libc::ENODEV | libc::ETIMEDOUT => {}
            _ => return last,
        }
    }
    if refused { libc::EACCES } else { last }
}

/// Makes this process the program `file`. Returns only if it cannot, with a negative errno.
pub fn replace(file: &CStr, args: &[CString], env: &[CString]) -> i32 {
    let (args, env) = (pointers(args), pointers(env));
    crate::exit::run_at_exit();
    // SAFETY: C strings and null-terminated lists of them. The standard streams stay open in the other program.
    unsafe {
        for fd in 0..3 {
            libc::fcntl(fd, libc::F_SETFD, 0);
        }
        libc::execve(file.as_ptr(), args.as_ptr(), env.as_ptr());
    }
    last_errno()
}

/// A descriptor that becomes readable when the process ends; `None` where the kernel has none.
pub fn open_pidfd(pid: libc::pid_t) -> Option<OwnedFd> {
    // SAFETY: a new descriptor that is ours, close-on-exec from the start.
    unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        (fd >= 0).then(|| OwnedFd::from_raw_fd(fd as RawFd))
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exit {
    /// What it gave to `exit`, or a negative errno where somebody else has taken its status.
    pub code: i32,
    /// The signal that ended it, or 0.
    pub signal: i32,
}

/// Takes the status of a process that has ended. `None`: it has not (only with WNOHANG in `flags`).
pub fn reap(pid: libc::pid_t, flags: c_int) -> Option<Exit> {
    let mut status = 0;
    loop {
        // SAFETY: the status is a local.
        let result = unsafe { libc::waitpid(pid, &mut status, flags) };
        if result == pid {
            let signal = if libc::WIFSIGNALED(status) { libc::WTERMSIG(status) } else { 0 };
            let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 0 };
            return Some(Exit { code, signal });
        }
        if result == 0 {
            return None;
        }
        let error = last_errno();
        if error != -libc::EINTR {
            return Some(Exit { code: error, signal: 0 });
        }
    }
}

/// Two connected Unix sockets: the parent's end, non-blocking, and the child's. Both are close-on-exec here.
pub fn socket_pair() -> Result<(OwnedFd, OwnedFd), i32> {
    let mut fds = [-1; 2];
    // SAFETY: room for two descriptors, which are ours from here.
    unsafe {
        if libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0, fds.as_mut_ptr()) != 0 {
            return Err(last_errno());
        }
        let pair = (OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1]));
        let on: c_int = 1;
        libc::ioctl(fds[0], libc::FIONBIO, &on);
        Ok(pair)
    }
}

/// A C string of `text` up to its first NUL; JavaScript has refused such texts before.
pub fn c_string(text: &str) -> CString {
    let bytes = text.as_bytes();
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    fn command(file: &str, args: &[&str], stdio: Vec<Stdio>) -> Command {
        Command {
            file: c_string(file),
            args: args.iter().map(|a| c_string(a)).collect(),
            env: vec![c_string("PATH=/nowhere::/bin"), c_string("X=1")],
            cwd: None,
            detached: false,
            uid: None,
            gid: None,
            stdio,
        }
    }

    fn output(mut of: Command) -> (String, Exit) {
        let (ours, theirs) = socket_pair().unwrap();
        of.stdio = vec![Stdio::Ignore, Stdio::Inherit(theirs.as_raw_fd()), Stdio::Inherit(2)];
        let pid = start(&of).unwrap();
        drop(theirs);
        let exit = reap(pid, 0).unwrap();
        let mut text = vec![0; 1000];
        // SAFETY: the buffer's length.
        let n = unsafe { libc::read(ours.as_raw_fd(), text.as_mut_ptr().cast(), text.len()) };
        text.truncate(n.max(0) as usize);
        (String::from_utf8(text).unwrap(), exit)
    }

    #[test]
    fn looks_along_the_path() {
        let (text, exit) = output(command("sh", &["odd name", "-c", "echo $0 $X; exit 3"], vec![]));
        assert_eq!((text.as_str(), exit), ("odd name 1\n", Exit { code: 3, signal: 0 }));
    }

    #[test]
    fn tells_the_signal() {
        assert_eq!(output(command("/bin/sh", &["sh", "-c", "kill -9 $$"], vec![])).1, Exit { code: 0, signal: 9 });
    }

    #[test]
    fn errors_are_those_of_exec() {
        assert_eq!(start(&command("no-such-program", &[], vec![])), Err(-libc::ENOENT));
        assert_eq!(start(&command("", &[], vec![])), Err(-libc::ENOENT));
        assert_eq!(start(&command("/etc/passwd", &[], vec![])), Err(-libc::EACCES));
        let mut elsewhere = command("/bin/true", &["true"], vec![]);
        elsewhere.cwd = Some(c_string("/no/such/folder"));
        assert_eq!(start(&elsewhere), Err(-libc::ENOENT));
    }

    #[test]
    fn descriptors_may_change_places() {
        let (ours, theirs) = socket_pair().unwrap();
        let mut swapped = command("sh", &["sh", "-c", "echo out; echo err >&2"], vec![]);
        swapped.stdio = vec![Stdio::Ignore, Stdio::Inherit(2), Stdio::Inherit(theirs.as_raw_fd())];
        let pid = start(&swapped).unwrap();
        drop(theirs);
        reap(pid, 0);
        let mut text = [0u8; 10];
        // SAFETY: the buffer's length.
        let n = unsafe { libc::read(ours.as_raw_fd(), text.as_mut_ptr().cast(), text.len()) };
        assert_eq!(&text[..n as usize], b"err\n");
    }
}
