//! An executable in parts: a stub, what the payload changes in it, the payload. Owns: putting them into a file; what is the stub's own is
//! copied by the kernel where the stub has a file, and shared with it where the file system can. Does not own: what the parts are
//! (`payload::container`).

use crate::Stub;
use payload::container::{ContainerError, Frame, frame};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;

/// A stub with a payload in the place of its placeholder.
#[derive(Clone, Debug)]
pub struct Executable<'a> {
    stub: &'a Stub,
    frame: Frame,
    payload: &'a [u8],
}

impl<'a> Executable<'a> {
    /// Fails where the stub cannot carry a payload.
    pub fn new(stub: &'a Stub, payload: &'a [u8]) -> Result<Self, ContainerError> {
        Ok(Self { frame: frame(&stub.executable, payload)?, stub, payload })
    }

    /// Bytes of the file.
    #[allow(clippy::len_without_is_empty)] // it never is
    pub fn len(&self) -> u64 {
        self.parts().iter().map(|part| part.len() as u64).sum()
    }

    /// Writes it to a new file, from its beginning.
    pub fn write_to(&self, file: &mut File) -> io::Result<()> {
        let [head, kept, between, payload] = self.parts();
        let copied = self.stub.file.as_deref().is_some_and(|stub| copy(stub, file, self.frame.kept).is_ok());
        if copied {
            file.write_all_at(head, 0)?;
        } else {
            io::Seek::rewind(file)?;
            file.write_all(head)?;
            file.write_all(kept)?;
        }
        file.write_all(between)?;
        file.write_all(payload)
    }

    fn parts(&self) -> [&[u8]; 4] {
        self.frame.parts(&self.stub.executable, self.payload)
    }
}

/// Copies the first `length` bytes, and leaves `to` behind them. Fails where the kernel or a file system cannot; what is written then is
/// written again.
fn copy(from: &File, to: &File, length: usize) -> io::Result<()> {
    let mut at: libc::off64_t = 0;
    while (at as usize) < length {
        let left = length - at as usize;
        // SAFETY: open descriptors, and an offset that lives across the call.
        let copied = unsafe {
            libc::copy_file_range(from.as_raw_fd(), &raw mut at, to.as_raw_fd(), std::ptr::null_mut(), left, 0)
        };
        match copied {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            copied if copied < 0 => return Err(io::Error::last_os_error()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_first_bytes_are_copied() {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join("from"), [7; 9000]).unwrap();
        let from = File::open(folder.path().join("from")).unwrap();
        let path = folder.path().join("to");
        let mut to = File::create(&path).unwrap();
        if copy(&from, &to, 8192).is_ok() {
            to.write_all(b"end").unwrap();
            let mut written = Vec::new();
            File::open(&path).unwrap().read_to_end(&mut written).unwrap();
            assert!(written.len() == 8195 && written.starts_with(&[7; 8192]) && written.ends_with(b"end"));
        }
        assert!(copy(&from, &to, 9001).is_err(), "the file ends before that");
    }
}
