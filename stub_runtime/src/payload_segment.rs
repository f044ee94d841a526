//! Where the payload is in this process: the read-only segment that the linker places last and the packager grows. Owns the
//! placeholder, finding the segment, the check of what others read in place, and the exit when its pages cannot be read. What the bytes mean is the crate `payload`'s,
//! how the segment is grown is `payload::container`'s.
//!
//! Nothing is opened or read: the kernel has mapped the payload with the program.

use std::ffi::c_int;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

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

// Read by the signal handlers, which may only touch what is already there.
static PAYLOAD: Span = Span::empty();
/// The pages that nobody had touched at first; see [`check_at_first_touch`].
static UNTOUCHED: Span = Span::empty();
static BLOCKS: OnceLock<Blocks> = OnceLock::new();
static FIRST_CHECKED: AtomicBool = AtomicBool::new(false);

struct Blocks {
    start: usize,
    len: usize,
    size: usize,
    is_whole: fn(usize) -> bool,
}

/// A range of addresses that a signal handler reads.
struct Span {
    start: AtomicUsize,
    end: AtomicUsize,
}

impl Span {
    const fn empty() -> Self {
        Self { start: AtomicUsize::new(0), end: AtomicUsize::new(0) }
    }

    fn set(&self, range: Range<usize>) {
        self.start.store(range.start, Ordering::Release);
        self.end.store(range.end, Ordering::Release);
    }

    fn get(&self) -> Range<usize> {
        self.start.load(Ordering::Acquire)..self.end.load(Ordering::Acquire)
    }
}

/// From now on SIGBUS inside the payload (a cut file, a disk that fails) says "payload damaged" and exits with status 1; anywhere
/// else it does what it always did. Call it once, first in `main`. A SIGSEGV does not blame the file: what is past the end of the
/// file raises SIGBUS.
pub fn install_damage_handler() {
    let payload = bytes().as_ptr_range();
    PAYLOAD.set(payload.start.addr()..payload.end.addr());
    handle(libc::SIGBUS);
}

/// For a part of the payload that somebody else reads in place, and most programs little of: the first touch of a block of `size`
/// bytes, where it is not the part's first page, runs `is_whole` with the block's number, and ends the process as a cut file does where
/// that is false. Until then the pages cannot be read. Does nothing where `part` is not in the payload. Call it at most once.
///
/// `is_whole` runs in a signal handler, on any thread and more than one: it may only compute.
#[allow(dead_code)] // the crate `payload` has an example that includes this file
pub fn check_at_first_touch(part: &'static [u8], size: usize, is_whole: fn(usize) -> bool) {
    let payload = PAYLOAD.get();
    let range = part.as_ptr_range();
    let start = (range.start.addr() + 1).next_multiple_of(payload::PAGE);
    let end = range.end.addr() / payload::PAGE * payload::PAGE;
    let blocks = Blocks { start: range.start.addr(), len: part.len(), size, is_whole };
    if !payload.contains(&range.start.addr()) || end <= start || BLOCKS.set(blocks).is_err() {
        return;
    }
    UNTOUCHED.set(start..end);
    handle(libc::SIGSEGV);
    protect(&(start..end), libc::PROT_NONE);
}

/// Checks now what [`check_at_first_touch`] was asked for, and no touch later: for who replaces the handler of SIGSEGV.
#[allow(dead_code)]
pub fn check_now() {
    let Some(blocks) = BLOCKS.get() else { return };
    for address in UNTOUCHED.get().step_by(blocks.size) {
        first_touch(address);
    }
    first_touch(UNTOUCHED.get().end.saturating_sub(1));
}

/// Whether the fault was the first touch of what [`check_at_first_touch`] was told of, which can be read now. For other handlers of
/// SIGSEGV; async-signal-safe.
pub fn is_first_touch(signal: c_int, info: &libc::siginfo_t) -> bool {
    // SAFETY: `si_addr` is set where the kernel itself raised the signal, that is where `si_code` is above zero.
    signal == libc::SIGSEGV && info.si_code > 0 && first_touch(unsafe { info.si_addr() }.addr())
}

fn first_touch(address: usize) -> bool {
    let range = UNTOUCHED.get();
    if !range.contains(&address) {
        return false;
    }
    let Some(blocks) = BLOCKS.get() else { return false };
    // The pages at the part's ends can always be read: their blocks are checked with the first one that is touched.
    let index = (address - blocks.start) / blocks.size;
    if !FIRST_CHECKED.swap(true, Ordering::AcqRel) {
        let last = (blocks.len - 1) / blocks.size;
        for end in [0, last].into_iter().filter(|end| *end != index) {
            blocks.check(end, &range);
        }
    }
    blocks.check(index, &range);
    true
}

impl Blocks {
    /// Lets the block be read where it is whole, else ends the process. Another thread may be here too: both find the same.
    fn check(&self, index: usize, untouched: &Range<usize>) {
        let start = self.start + index * self.size;
        let begin = untouched.start.max(start);
        let block = begin..untouched.end.min(start + self.size).max(begin);
        protect(&block, libc::PROT_READ);
        if !(self.is_whole)(index) {
            damaged();
        }
        // The check has read all of it; what the program needs comes back page by page.
        // SAFETY: pages of a file that nobody writes to: they are read anew.
        unsafe {
            libc::madvise(std::ptr::with_exposed_provenance_mut(block.start), block.len(), libc::MADV_DONTNEED);
        }
    }
}

fn protect(range: &Range<usize>, protection: c_int) {
    // SAFETY: whole pages of the payload, mapped as long as the process lives; who reads them meets the handler.
    unsafe { libc::mprotect(std::ptr::with_exposed_provenance_mut(range.start), range.len(), protection) };
}

fn handle(signal: c_int) {
    // SAFETY: zero is a valid value of every field of `sigaction`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = on_fault_aligned as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: `action` is whole, and `on_fault` does only what a signal handler may.
    unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) };
}

/// Calls [`on_fault`] with the stack aligned as a function may expect: QEMU's user mode (before 8.1) does not align it, and the
/// check's vector instructions fault then.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
extern "C" fn on_fault_aligned() {
    std::arch::naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "and rsp, -16",
        "call {handler}",
        "leave",
        "ret",
        handler = sym on_fault
    )
}

#[cfg(not(target_arch = "x86_64"))]
use on_fault as on_fault_aligned;

fn damaged() -> ! {
    const MESSAGE: &[u8] =
        b"payload damaged: the file is cut off, changed or cannot be read; copy or build the program again\n";
    // SAFETY: both calls may be made in a signal handler, and the message is static.
    unsafe {
        libc::write(libc::STDERR_FILENO, MESSAGE.as_ptr().cast(), MESSAGE.len());
        libc::_exit(1);
    }
}

/// Async-signal-safe: computing and system calls, or the default action put back.
extern "C" fn on_fault(signal: c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: with SA_SIGINFO the kernel passes a valid `info`.
    let info = unsafe { &*info };
    if is_first_touch(signal, info) {
        return;
    }
    // SAFETY: `si_addr` is set where the kernel itself raised the signal, that is where `si_code` is above zero.
    if signal == libc::SIGBUS && info.si_code > 0 && PAYLOAD.get().contains(&unsafe { info.si_addr() }.addr()) {
        damaged();
    }
    // SAFETY: both calls may be made in a signal handler. A fault is met again on return; a signal that somebody sent is not, so
    // it is raised anew.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        if info.si_code <= 0 {
            libc::raise(signal);
        }
    }
}
