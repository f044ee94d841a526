//! The native half of the built-in modules, one file each. A binding is one line here.

pub mod async_context_frame;
pub mod buffer;
pub mod contextify;
pub mod errors;
pub mod fs;
pub mod module_wrap;
pub mod pipe;
pub mod process;
pub mod socket_address;
pub mod stdio;
pub mod stream_handle;
pub mod tcp;
pub mod tty;
pub mod types;
pub mod util;

use crate::binding::Binding;

/// Every binding. The order is part of an image: append.
pub const ALL: &[Binding] = &[
    crate::tasks::BINDING,
    crate::options::BINDING,
    types::BINDING,
    util::BINDING,
    errors::BINDING,
    process::BINDING,
    contextify::BINDING,
    module_wrap::BINDING,
    async_context_frame::BINDING,
    buffer::BINDING,
    stream_handle::BINDING,
    tcp::BINDING,
    pipe::BINDING,
    stdio::BINDING,
    tty::BINDING,
    fs::BINDING,
];
