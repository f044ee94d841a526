//! Where the payload is in this process: the read-only segment that the linker places last and the packager grows. Owns the
//! placeholder, finding the segment, and the exit when its pages cannot be read. What the bytes mean is the crate `payload`'s,
//! how the segment is grown is `payload::container`'s.
//!
//! Nothing is opened or read: the kernel has mapped the payload with the program.

use std::ffi::c_int;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One page that says "empty". Its name puts it into `.lrodata`, which `-z lrodata-after-bss` makes the last segment.
#[repr(C, align(4096))]
struct Placeholder([u8; payload::PAGE]);

#[used]
#[unsafe(link_section = ".lrodata.pack_payload")]
static PLACEHOLDER: Placeholder = Placeholder(payload::PLACEHOLDER);

/// Everything that is mapped from the placeholder's address to the end of its segment: the payload, and nothing but it in an
/// executable that `pack` wrote. `Payload::open` tells whether there is one.
pub fn bytes() -> &'static [u8] {
    let start = placeholder_address();
    let len = segment_end(start).saturating_sub(start);
    // SAFETY: the program header says that `start..start + len` is mapped, and it is: read-only, as long as the process lives.
    // Where the file was cut off a touch raises SIGBUS, which `install_damage_handler` answers.
    unsafe { std::slice::from_raw_parts(std::ptr::with_exposed_provenance(start), len) }
}

/// The address, kept from the optimiser: it knows what the placeholder holds at link time and would answer from that.
fn placeholder_address() -> usize {
    let mut address = (&raw const PLACEHOLDER).expose_provenance();
    // SAFETY: no instruction at all; the compiler has to believe that any address may come out.
    unsafe { std::arch::asm!("/* {0} */", inout(reg) address, options(pure, nomem, nostack, preserves_flags)) };
    address
}

/// Where the loadable segment that holds `address` ends. From the program headers in memory: the length in the payload's own
/// header is not believed, a damaged one would lead past the mapping.
fn segment_end(address: usize) -> usize {
    let mut search = Search { address, end: 0 };
    // SAFETY: `visit` gets the pointer that is passed here, to a `Search` that outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut search).cast()) };
    search.end
}

struct Search {
    address: usize,
    end: usize,
}

/// Called for the program first, then for each shared library; a result other than 0 ends the walk.
unsafe extern "C" fn visit(info: *mut libc::dl_phdr_info, _size: usize, search: *mut libc::c_void) -> c_int {
    // SAFETY: libc passes a valid `info`, and `search` is what `segment_end` passed.
    let (info, search) = unsafe { (&*info, &mut *search.cast::<Search>()) };
    // SAFETY: libc promises `dlpi_phnum` headers at `dlpi_phdr`.
    let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    for header in headers {
        let start = (info.dlpi_addr as usize).wrapping_add(header.p_vaddr as usize);
        let end = start.wrapping_add(header.p_memsz as usize);
        if header.p_type == libc::PT_LOAD && (start..end).contains(&search.address) {
            search.end = end;
            return 1;
        }
    }
    0
}

// Read by the signal handler, which may only touch what is already there.
static START: AtomicUsize = AtomicUsize::new(0);
static END: AtomicUsize = AtomicUsize::new(0);

/// From now on SIGBUS inside the payload (a cut file, a disk that fails) says "payload damaged" and exits with status 1; anywhere
/// else it does what it always did. Call it once, first in `main`. SIGSEGV stays as it is: what is past the end of the file
/// raises SIGBUS, so a SIGSEGV in the payload would be a bug of ours and must not blame the file.
pub fn install_damage_handler() {
    let payload = bytes().as_ptr_range();
    START.store(payload.start.addr(), Ordering::Relaxed);
    END.store(payload.end.addr(), Ordering::Relaxed);
    // SAFETY: zero is a valid value of every field of `sigaction`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = on_fault as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: `action` is whole, and `on_fault` does only what a signal handler may.
    unsafe { libc::sigaction(libc::SIGBUS, &action, std::ptr::null_mut()) };
}

/// Async-signal-safe: two system calls, or the default action put back.
extern "C" fn on_fault(signal: c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    const MESSAGE: &[u8] = b"payload damaged: the file is cut off or cannot be read; copy or build the program again\n";
    // SAFETY: with SA_SIGINFO the kernel passes a valid `info`; `si_addr` is set where the kernel itself raised the signal, that
    // is where `si_code` is above zero.
    let (code, address) = unsafe { ((*info).si_code, (*info).si_addr().addr()) };
    if code > 0 && (START.load(Ordering::Relaxed)..END.load(Ordering::Relaxed)).contains(&address) {
        // SAFETY: both calls may be made in a signal handler, and the message is static.
        unsafe {
            libc::write(libc::STDERR_FILENO, MESSAGE.as_ptr().cast(), MESSAGE.len());
            libc::_exit(1);
        }
    }
    // SAFETY: both calls may be made in a signal handler. A fault is met again on return; a signal that somebody sent is not, so
    // it is raised anew.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        if code <= 0 {
            libc::raise(signal);
        }
    }
}
