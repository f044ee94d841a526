//! `internalBinding('tty')`: terminals: which descriptor is one, its size, raw mode.
//!
//! Owns: the terminal settings that raw mode replaced, and their return at every kind of end: an exit, a fatal signal, a crash.
//! Does not own: reading and writing (`stdio.rs`), what Node makes of it (`js/tty.js`).

use crate::binding;
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

/// One terminal in raw mode. Read by the signal handler, so no lock and no memory of the heap.
struct Saved {
    /// A duplicate of the descriptor, -1 while the slot is free: the program may close its own.
    fd: AtomicI32,
    raw: AtomicBool,
    settings: UnsafeCell<MaybeUninit<libc::termios>>,
    /// Tells the terminals apart.
    device: UnsafeCell<libc::dev_t>,
}

// SAFETY: settings and device are written once, before `fd` is published, and only under LOCK.
unsafe impl Sync for Saved {}

#[expect(clippy::declare_interior_mutable_const, reason = "only the array's elements are made from it")]
const FREE: Saved = Saved {
    fd: AtomicI32::new(-1),
    raw: AtomicBool::new(false),
    settings: UnsafeCell::new(MaybeUninit::uninit()),
    device: UnsafeCell::new(0),
};
static SAVED: [Saved; 8] = [const { FREE }; 8];
static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
/// Whether deadly signals restore the terminals.
static RESTORERS: AtomicBool = AtomicBool::new(false);

/// The action of a signal that nobody listens to: the default one, which for a deadly signal includes giving the terminals
/// their settings back once any has been raw.
pub fn default_action(signal: i32) -> libc::sighandler_t {
    if RESTORERS.load(Ordering::Relaxed) && DEADLY.contains(&signal) {
        on_deadly as extern "C" fn(i32) as libc::sighandler_t
    } else {
        libc::SIG_DFL
    }
}

fn errno() -> i32 {
    -std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

fn int(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> i32 {
    value.int32_value(scope).unwrap_or(-1)
}

/// `isatty(fd)`.
fn isatty(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let fd = int(scope, args.get(0));
    // SAFETY: a plain system call.
    rv.set_bool(unsafe { libc::isatty(fd) } == 1);
}

/// `getWindowSize(fd, Int32Array(2))`: columns and rows; 0 or a negative errno.
fn get_window_size(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let fd = int(scope, args.get(0));
    // SAFETY: TIOCGWINSZ fills a winsize.
    let (code, size) = unsafe {
        let mut size: libc::winsize = std::mem::zeroed();
        (libc::ioctl(fd, libc::TIOCGWINSZ, &mut size), size)
    };
    if code != 0 {
        return rv.set_int32(errno());
    }
    if let Some(out) = binding::bytes(args.get(1)) {
        for (slot, value) in out.chunks_exact_mut(4).zip([size.ws_col, size.ws_row]) {
            slot.copy_from_slice(&i32::from(value).to_ne_bytes());
        }
    }
    rv.set_int32(0);
}

/// `setRawMode(fd, on)`: 0 or a negative errno.
fn set_raw_mode(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let fd = int(scope, args.get(0));
    let result = if args.get(1).is_true() { enter_raw(fd) } else { leave_raw(fd) };
    rv.set_int32(result.err().unwrap_or(0));
}

fn device_of(fd: i32) -> Result<libc::dev_t, i32> {
    // SAFETY: fstat fills a stat.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        if libc::fstat(fd, &mut stat) == 0 { Ok(stat.st_rdev) } else { Err(errno()) }
    }
}

/// The slot of the terminal behind `fd`. Under LOCK.
fn slot_of(device: libc::dev_t) -> Option<&'static Saved> {
    // SAFETY: `device` of a published slot is not written again.
    SAVED.iter().find(|s| s.fd.load(Ordering::Acquire) >= 0 && unsafe { *s.device.get() } == device)
}

fn enter_raw(fd: i32) -> Result<(), i32> {
    let _lock = LOCK.lock().unwrap();
    let mut settings = MaybeUninit::<libc::termios>::uninit();
    // SAFETY: tcgetattr fills a termios.
    if unsafe { libc::tcgetattr(fd, settings.as_mut_ptr()) } != 0 {
        return Err(errno());
    }
    // SAFETY: it was filled.
    let mut raw = unsafe { settings.assume_init() };
    let device = device_of(fd)?;
    let slot = match slot_of(device) {
        Some(slot) => slot,
        None => {
            let Some(slot) = SAVED.iter().find(|s| s.fd.load(Ordering::Relaxed) < 0) else { return Err(-libc::EMFILE) };
            // SAFETY: a plain system call.
            let copy = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3) };
            if copy < 0 {
                return Err(errno());
            }
            // SAFETY: the slot is not published and LOCK is held.
            unsafe { *slot.device.get() = device };
            slot.fd.store(copy, Ordering::Release);
            slot
        }
    };
    if !slot.raw.load(Ordering::Acquire) {
        // SAFETY: nobody reads the settings of a slot that is not raw, and LOCK is held.
        unsafe { *slot.settings.get() = settings };
        slot.raw.store(true, Ordering::Release);
    }
    install_restorers();

    raw.c_iflag &= !(libc::BRKINT | libc::ICRNL | libc::INPCK | libc::ISTRIP | libc::IXON);
    raw.c_oflag |= libc::ONLCR;
    raw.c_cflag |= libc::CS8;
    raw.c_lflag &= !(libc::ECHO | libc::ICANON | libc::IEXTEN | libc::ISIG);
    raw.c_cc[libc::VMIN] = 1;
    raw.c_cc[libc::VTIME] = 0;
    // SAFETY: a filled termios.
    if unsafe { libc::tcsetattr(fd, libc::TCSADRAIN, &raw) } != 0 {
        return Err(errno());
    }
    Ok(())
}

fn leave_raw(fd: i32) -> Result<(), i32> {
    let _lock = LOCK.lock().unwrap();
    let Some(slot) = slot_of(device_of(fd)?) else { return Ok(()) };
    if slot.raw.swap(false, Ordering::AcqRel) {
        // SAFETY: the settings were written before `raw` was set.
        if unsafe { libc::tcsetattr(fd, libc::TCSADRAIN, (*slot.settings.get()).as_ptr()) } != 0 {
            return Err(errno());
        }
    }
    Ok(())
}

/// Gives every terminal its settings back. Only system calls: also runs in signal handlers.
pub fn restore() {
    for slot in &SAVED {
        if slot.raw.swap(false, Ordering::AcqRel) {
            let fd = slot.fd.load(Ordering::Acquire);
            // SAFETY: sets are filled before use; the settings were written before `raw` was set. A process in the background
            // would be stopped by SIGTTOU.
            unsafe {
                let mut block: libc::sigset_t = std::mem::zeroed();
                let mut before: libc::sigset_t = std::mem::zeroed();
                libc::sigemptyset(&mut block);
                libc::sigaddset(&mut block, libc::SIGTTOU);
                libc::pthread_sigmask(libc::SIG_BLOCK, &block, &mut before);
                libc::tcsetattr(fd, libc::TCSANOW, (*slot.settings.get()).as_ptr());
                libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
            }
        }
    }
}

const DEADLY: [i32; 7] =
    [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGABRT, libc::SIGILL, libc::SIGTRAP];

/// Faults, which have a handler already: the one for a first touch of the payload's data, the one for a cut-off payload.
const FAULTS: [i32; 2] = [libc::SIGSEGV, libc::SIGBUS];

/// What handled the faults before; written once, before [`on_fault`] is installed.
struct Previous(UnsafeCell<[MaybeUninit<libc::sigaction>; 2]>);

// SAFETY: written under `Once` before the handler that reads it is installed.
unsafe impl Sync for Previous {}

static PREVIOUS: Previous = Previous(UnsafeCell::new([const { MaybeUninit::uninit() }; 2]));

/// Makes exits and deadly signals restore the terminals; once, when the first goes raw.
fn install_restorers() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        crate::exit::at_exit(restore);
        RESTORERS.store(true, Ordering::Relaxed);
        for signal in DEADLY {
            // SAFETY: reads and sets the action of a signal; the handler only makes system calls.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                libc::sigaction(signal, std::ptr::null(), &mut action);
                // Somebody else's handler decides itself whether the process ends.
                if action.sa_sigaction == libc::SIG_DFL {
                    action.sa_sigaction = default_action(signal);
                    action.sa_flags = libc::SA_RESTART;
                    libc::sigaction(signal, &action, std::ptr::null_mut());
                }
            }
        }
        for (i, signal) in FAULTS.into_iter().enumerate() {
            // SAFETY: as above; the slot is written before the handler can run.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                libc::sigaction(signal, std::ptr::null(), &mut action);
                (*PREVIOUS.0.get())[i].write(action);
                action.sa_sigaction = on_fault as extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) as usize;
                action.sa_flags |= libc::SA_SIGINFO;
                libc::sigaction(signal, &action, std::ptr::null_mut());
            }
        }
    });
}

/// Restores the terminals and goes on with what was there before: its action is put back, and the fault met again on return. A
/// signal that somebody sent is not met again: it is raised.
extern "C" fn on_fault(signal: i32, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid `info`.
    if crate::payload_segment::is_first_touch(signal, unsafe { &*info }) {
        return;
    }
    restore();
    let Some(i) = FAULTS.iter().position(|&s| s == signal) else { return };
    // SAFETY: all may be called from a handler; the slot was written before this handler was installed, and the kernel passes a
    // valid `info`.
    unsafe {
        libc::sigaction(signal, (*PREVIOUS.0.get())[i].as_ptr(), std::ptr::null_mut());
        if (*info).si_code <= 0 {
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal);
        }
    }
}

/// Restores the terminals and dies as the signal meant.
extern "C" fn on_deadly(signal: i32) {
    restore();
    // SAFETY: both may be called from a handler; the signal is delivered when this handler returns.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

binding!("tty", [
    isatty => isatty,
    getWindowSize => get_window_size,
    setRawMode => set_raw_mode,
]);
