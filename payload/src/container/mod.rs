//! What carries a payload: an executable of some format. Nothing above this module knows which. ELF now, Mach-O and PE later.

mod elf;

use std::fmt;

/// An executable format that can carry a payload.
pub trait Container {
    /// What becomes of the stub when a payload takes the place of its placeholder.
    fn frame(&self, stub: &[u8], payload: &[u8]) -> Result<Frame, ContainerError>;

    /// The bytes of an executable from the start of its payload (or placeholder) on, as `Payload::open` takes them. They may
    /// go on after the payload, and end too early in a file that was cut off.
    fn locate<'a>(&self, executable: &'a [u8]) -> Result<&'a [u8], ContainerError>;
}

/// An executable in parts: `head`, the stub's bytes from the end of `head` to `kept`, `between`, the payload. Most of it is the stub's, as
/// it lies there: whoever writes a file can copy that from another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The stub's first bytes, changed.
    pub head: Vec<u8>,
    /// Where the stub's unchanged part ends.
    pub kept: usize,
    /// What lies in front of the payload.
    pub between: Vec<u8>,
}

impl Frame {
    /// All of the executable, in order.
    pub fn parts<'a>(&'a self, stub: &'a [u8], payload: &'a [u8]) -> [&'a [u8]; 4] {
        [&self.head, &stub[self.head.len()..self.kept], &self.between, payload]
    }
}

/// Why an executable cannot carry a payload, or has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerError {
    /// Of no format that is known here.
    UnknownFormat,
    /// Of a known format and broken, or of a layout that cannot grow; says how.
    Malformed(&'static str),
    /// An executable that was not made for a payload.
    NoPlaceholder,
    /// The stub already has a payload.
    Occupied,
}

impl fmt::Display for ContainerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ContainerError::UnknownFormat => write!(f, "not an executable of a known format (ELF x86-64)"),
            ContainerError::Malformed(how) => write!(f, "the executable cannot carry a payload: {how}"),
            ContainerError::NoPlaceholder => {
                write!(f, "the executable has no place for a payload: it is not a stub of pack")
            }
            ContainerError::Occupied => write!(f, "the executable already carries a payload"),
        }
    }
}

impl std::error::Error for ContainerError {}

/// The container that these bytes are.
pub fn of(executable: &[u8]) -> Result<&'static dyn Container, ContainerError> {
    if executable.starts_with(b"\x7fELF\x02\x01") { Ok(&elf::Elf) } else { Err(ContainerError::UnknownFormat) }
}

/// `Container::frame` of whichever container the stub is.
pub fn frame(stub: &[u8], payload: &[u8]) -> Result<Frame, ContainerError> {
    of(stub)?.frame(stub, payload)
}

/// The stub with the payload in the place of its placeholder.
pub fn embed(stub: &[u8], payload: &[u8]) -> Result<Vec<u8>, ContainerError> {
    Ok(frame(stub, payload)?.parts(stub, payload).concat())
}

/// `Container::locate` of whichever container the executable is.
pub fn locate(executable: &[u8]) -> Result<&[u8], ContainerError> {
    of(executable)?.locate(executable)
}
