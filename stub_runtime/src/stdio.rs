//! Raw writes to the standard streams, for messages that JavaScript does not print.

/// Writes all of `bytes` to `fd`, waiting where the descriptor is non-blocking. Returns 0 or a negative errno.
pub fn write_all(fd: i32, mut bytes: &[u8]) -> i32 {
    while !bytes.is_empty() {
        // SAFETY: the pointer and length are of a live slice.
        let n = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
        if n >= 0 {
            bytes = &bytes[n as usize..];
            continue;
        }
        match std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO) {
            libc::EINTR => {}
            libc::EAGAIN => {
                let mut poll = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
                // SAFETY: one valid pollfd.
                unsafe { libc::poll(&mut poll, 1, -1) };
            }
            errno => return -errno,
        }
    }
    0
}

/// Writes a message to standard error; a failure has nowhere to go.
pub fn write_stderr(text: &str) {
    write_all(2, text.as_bytes());
}
