//! What a process inherits and a `node` does not want: ignored signals, closed standard streams, a low limit on descriptors.
//!
//! Owns: what is put right once, before anything else runs. Does not own: signals that JavaScript watches
//! (`bindings/signal.rs`), what children inherit (`bindings/process_wrap/launch.rs`).

/// Puts it right.
pub fn put_right() {
    open_standard_streams();
    reset_signals();
    raise_descriptor_limit();
    name_by_file();
}

/// A closed standard stream would be the number of the next file that is opened.
fn open_standard_streams() {
    for fd in 0..3 {
        // SAFETY: system calls on a number; the lowest free number, which `open` gives, is `fd` itself.
        unsafe {
            if libc::fcntl(fd, libc::F_GETFD) < 0 {
                libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
            }
        }
    }
}

/// Signals that the parent ignored have their default action again, except those that only say what `write` says too.
fn reset_signals() {
    // SAFETY: reads and sets the actions of signals; a zeroed sigaction is the default one.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_IGN;
        libc::sigaction(libc::SIGPIPE, &action, std::ptr::null_mut());
        libc::sigaction(libc::SIGXFSZ, &action, std::ptr::null_mut());
        let default: libc::sigaction = std::mem::zeroed();
        for signal in 1..32 {
            if matches!(signal, libc::SIGKILL | libc::SIGSTOP | libc::SIGPIPE | libc::SIGXFSZ) {
                continue;
            }
            if libc::sigaction(signal, std::ptr::null(), &mut action) == 0 && action.sa_sigaction == libc::SIG_IGN {
                libc::sigaction(signal, &default, std::ptr::null_mut());
            }
        }
    }
}

/// Servers hold many connections.
fn raise_descriptor_limit() {
    // SAFETY: reads and sets a limit through a local.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 && limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}

/// A program that was started through `/proc/self/exe` is called "exe" in `ps`: gives it the name of its file.
fn name_by_file() {
    let mut name = [0u8; 16];
    // SAFETY: PR_GET_NAME fills 16 bytes, PR_SET_NAME reads a C string.
    unsafe {
        libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr());
        if !name.starts_with(b"exe\0") {
            return;
        }
        let file = std::env::current_exe().ok().and_then(|p| Some(p.file_name()?.to_string_lossy().into_owned()));
        if let Some(file) = file.and_then(|f| std::ffi::CString::new(f).ok()) {
            libc::prctl(libc::PR_SET_NAME, file.as_ptr());
        }
    }
}
