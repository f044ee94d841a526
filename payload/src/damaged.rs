//! The one error of reading. Its text begins with "payload damaged", which is what the stub prints before it exits with 1.

use std::fmt;

/// Why a payload cannot be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damaged {
    /// The payload's end is not where it should be.
    Truncated,
    /// The bytes do not begin with the payload's magic number.
    Magic,
    /// A format that this version of `pack` does not read.
    Version(u32),
    /// The bytes of the named part are not those that were written.
    Checksum(&'static str),
    /// Checksums are right and the named part still does not hold together: a writer's fault.
    Layout(&'static str),
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damaged::Truncated => write!(f, "payload damaged: the file is cut off"),
            Damaged::Magic => write!(f, "payload damaged: its first bytes are not a payload's"),
            Damaged::Version(v) => write!(f, "payload damaged: unknown format version {v}"),
            Damaged::Checksum(part) => write!(f, "payload damaged: checksum of the {part} does not match"),
            Damaged::Layout(part) => write!(f, "payload damaged: the {part} is malformed"),
        }
    }
}

impl std::error::Error for Damaged {}
