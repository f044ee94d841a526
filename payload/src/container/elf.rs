//! ELF, 64 bits, little-endian.

use super::{Container, ContainerError};

pub(super) struct Elf;

impl Container for Elf {
    fn embed(&self, _stub: &[u8], _payload: &[u8]) -> Result<Vec<u8>, ContainerError> {
        Err(ContainerError::NoPlaceholder)
    }

    fn locate<'a>(&self, _executable: &'a [u8]) -> Result<&'a [u8], ContainerError> {
        Err(ContainerError::NoPlaceholder)
    }
}
