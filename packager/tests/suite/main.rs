//! The packager from a project on disk to a payload, without a stub: each file here is a topic. One binary, because linking is slow.

mod determinism;
mod diagnostics;
mod folding;
mod resolution;
mod support;
mod typescript;
