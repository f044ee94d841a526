//! The app inside this executable: its payload, opened once in a process.
//!
//! Owns: opening, and the end where it is damaged. Does not own: where the bytes lie (`payload_segment`), the format (crate
//! `payload`).

use payload::Payload;
use std::sync::OnceLock;

static PAYLOAD: OnceLock<Option<Payload<'static>>> = OnceLock::new();

/// The payload, `None` in a bare stub. Ends the process where it is damaged.
pub fn payload() -> Option<&'static Payload<'static>> {
    let open = || Payload::open(crate::payload_segment::bytes()).unwrap_or_else(|_| damaged());
    PAYLOAD.get_or_init(open).as_ref()
}

/// Says that the executable's data is not what `pack` wrote, and ends the process.
pub fn damaged() -> ! {
    crate::stdio::write_stderr("payload damaged: copy or build the program again\n");
    crate::exit::exit_process(1);
}
