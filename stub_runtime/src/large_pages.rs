//! The memory that every start writes to, in large pages: a page of 2 MB costs the kernel as much as 40 of 4 KB, and a start writes
//! to 1,000 of those.
//!
//! Owns: such pages, each taken where the kernel gives large pages to who asks for them (`transparent_hugepage` is `madvise` or
//! `always`), and of small ones otherwise: the program's own data, which is relocated; the first 2 MB of the C library's heap; the
//! first 16 MB of V8's, as it grows; texts that are unpacked ([`room`]). Does not own: what is put there.
//!
//! Nobody else has to know. The linker leads calls here (`--wrap`, `build.rs`) that V8 and the C library make; they behave as the ones
//! that they replace.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

const LARGE: usize = 2 << 20;

// The entry point, before relocation: nothing here may need a relocated address, and the stack is the kernel's. The linker gives the
// data 2 MB of addresses of their own (`build/discard.ld`), and kernels since 6.7 map large files at such a boundary; where one did
// not, nothing is done. Of tables and code a start reads little, and would have all of it in its memory where the file's own pages are
// large: 7 MB that nobody asked for. The data are copied into a large page, which is then moved to where they were. `_start` finds rsp and rdx as the
// kernel left them.
#[cfg(all(target_arch = "x86_64", target_feature = "crt-static"))]
std::arch::global_asm!(
    ".section .text.pack_entry,\"ax\",@progbits",
    ".globl pack_entry",
    ".type pack_entry,@function",
    "pack_entry:",
    "mov r12, rdx",
    // madvise(tables and code, length, NOHUGEPAGE)
    "lea rbx, [rip + pack_data]",
    "lea rdi, [rip + __ehdr_start]",
    "mov rsi, rbx",
    "sub rsi, rdi",
    "mov edx, 15",
    "mov eax, 28",
    "syscall",
    "test rbx, {mask}",
    "jnz 9f",
    "lea rax, [rip + pack_data_end]",
    "sub rax, rbx",
    "cmp rax, {large}",
    "jne 9f",
    // What the file has of it.
    "lea r13, [rip + _edata]",
    "sub r13, rbx",
    // mmap(0, 4 MB, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0)
    "mov eax, 9",
    "xor edi, edi",
    "mov esi, 2 * {large}",
    "mov edx, 3",
    "mov r10d, 0x22",
    "mov r8, -1",
    "xor r9d, r9d",
    "syscall",
    "cmp rax, -4096",
    "ja 9f",
    "mov r14, rax",
    "lea r15, [rax + {mask}]",
    "and r15, -{large}",
    // madvise(page, 2 MB, HUGEPAGE)
    "mov eax, 28",
    "mov rdi, r15",
    "mov esi, {large}",
    "mov edx, 14",
    "syscall",
    "test rax, rax",
    "jnz 7f",
    "mov rsi, rbx",
    "mov rdi, r15",
    "mov rcx, r13",
    "rep movsb",
    // mremap(page, 2 MB, 2 MB, MAYMOVE | FIXED, data)
    "mov eax, 25",
    "mov rdi, r15",
    "mov esi, {large}",
    "mov edx, {large}",
    "mov r10d, 3",
    "mov r8, rbx",
    "syscall",
    // munmap(what is left of the 4 MB)
    "7:",
    "mov eax, 11",
    "mov rdi, r14",
    "mov esi, 2 * {large}",
    "syscall",
    "9:",
    "mov rdx, r12",
    "jmp _start",
    ".size pack_entry, . - pack_entry",
    ".text",
    large = const LARGE,
    mask = const LARGE - 1,
);

// A dynamic executable's loader has relocated it.
#[cfg(all(target_arch = "x86_64", not(target_feature = "crt-static")))]
std::arch::global_asm!(
    ".section .text.pack_entry,\"ax\",@progbits",
    ".globl pack_entry",
    "pack_entry:",
    "jmp _start",
    ".text",
);

/// Asks for large pages. By itself, not the C library's function: that sets `errno`, which is not there yet when memory for it is taken.
fn advise_large(address: usize, length: usize) {
    // SAFETY: the call changes how memory is given, not what is in it; the kernel clobbers what is named.
    unsafe {
        std::arch::asm!("syscall", inlateout("rax") libc::SYS_madvise => _, in("rdi") address, in("rsi") length,
            in("rdx") libc::MADV_HUGEPAGE, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
}

/// Memory for `length` bytes that stays as long as the process, zeros, aligned to 16. Its whole large pages are such.
pub fn room(length: usize) -> &'static mut [u8] {
    let whole = length & !(LARGE - 1);
    if whole != 0 {
        // SAFETY: new memory, aligned to a large page by giving up less than one before it; it is never given back.
        unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let start =
                __real_mmap64(std::ptr::null_mut(), length + LARGE, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
            if start != libc::MAP_FAILED {
                let start = start.byte_add(start.align_offset(LARGE));
                advise_large(start.expose_provenance(), whole);
                return std::slice::from_raw_parts_mut(start.cast(), length);
            }
        }
    }
    let room = vec![0u128; length.div_ceil(16)].leak();
    // SAFETY: any bytes are what they were made of, and nobody else has them.
    unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast(), length) }
}

/// The C library's heap.
#[cfg(target_feature = "crt-static")]
mod heap {
    use super::*;

    /// The end of the heap as the C library knows it, and as the kernel does: that one is ahead while the first large page is not used up.
    static END: AtomicUsize = AtomicUsize::new(0);
    static REAL_END: AtomicUsize = AtomicUsize::new(0);
    /// Where the first large page ends: the heap does not shrink below.
    static LEAST: AtomicUsize = AtomicUsize::new(0);
    const FAILED: usize = usize::MAX;
    /// A heap that is larger grows by large pages: who makes megabytes of buffers and strings waits for pages otherwise, and 2 MB
    /// more are little then.
    const MUCH: usize = 32 << 20;

    unsafe extern "C" {
        fn __real___sbrk(increment: isize) -> usize;
    }

    /// Moves the end of the heap; returns where it was. The C library calls it under a lock of its own, the first time before there are
    /// threads and thread-locals.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __wrap___sbrk(increment: isize) -> usize {
        // SAFETY: as the function that is replaced.
        unsafe {
            if END.load(Relaxed) == 0 && !begin() {
                return __real___sbrk(increment);
            }
            let end = END.load(Relaxed);
            let new = end.wrapping_add_signed(increment);
            let least = LEAST.load(Relaxed);
            let is_much = new > least.saturating_add(MUCH);
            let wanted = if is_much { new.next_multiple_of(LARGE) } else { new.max(least) };
            let real = REAL_END.load(Relaxed);
            let missing = wanted.wrapping_sub(real) as isize;
            if missing != 0 {
                if __real___sbrk(missing) == FAILED {
                    return FAILED;
                }
                REAL_END.store(wanted, Relaxed);
                if is_much && missing > 0 {
                    advise_large(real & !(LARGE - 1), wanted - (real & !(LARGE - 1)));
                }
            }
            END.store(new, Relaxed);
            end
        }
    }

    /// Takes the first large page.
    unsafe fn begin() -> bool {
        // SAFETY: nobody has used the heap.
        unsafe {
            let start = __real___sbrk(0);
            if start == FAILED {
                return false;
            }
            let page = start.next_multiple_of(LARGE);
            if __real___sbrk((page + LARGE - start) as isize) == FAILED {
                return false;
            }
            advise_large(page, LARGE);
            END.store(page, Relaxed);
            REAL_END.store(page + LARGE, Relaxed);
            LEAST.store(page + LARGE, Relaxed);
        }
        true
    }
}

/// V8's heap: pieces of 256 KB, each asked for with room to choose one that is aligned, the rest of which is given back.
const CHUNK: usize = 256 << 10;
const REQUEST: usize = 2 * CHUNK - 4096;
/// As many pieces are in large pages, eight in each: more than most programs need to start.
const MOST: usize = 64;

/// Where the pieces come from, as long as there are any; 0 before.
static CHUNKS: AtomicUsize = AtomicUsize::new(0);
static GIVEN: AtomicUsize = AtomicUsize::new(0);
/// V8 has closed a piece of its read-only heap. Those are made first, and a large page would be split when they are closed.
static CLOSED: AtomicBool = AtomicBool::new(false);

unsafe extern "C" {
    fn __real_mmap64(
        address: *mut c_void,
        length: usize,
        access: c_int,
        flags: c_int,
        fd: c_int,
        at: i64,
    ) -> *mut c_void;
    fn __real_munmap(address: *mut c_void, length: usize) -> c_int;
    fn __real_mprotect(address: *mut c_void, length: usize, access: c_int) -> c_int;
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mmap64(
    address: *mut c_void,
    length: usize,
    access: c_int,
    flags: c_int,
    fd: c_int,
    at: i64,
) -> *mut c_void {
    let is_chunk = length == REQUEST
        && access == libc::PROT_READ | libc::PROT_WRITE
        && flags == libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    if is_chunk
        && CLOSED.load(Relaxed)
        && let Some(chunk) = next_chunk()
    {
        return std::ptr::with_exposed_provenance_mut(chunk);
    }
    // SAFETY: what the caller says.
    unsafe { __real_mmap64(address, length, access, flags, fd, at) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_munmap(address: *mut c_void, length: usize) -> c_int {
    let start = CHUNKS.load(Relaxed);
    // The room behind a piece is the next one.
    if start != 0 && length == REQUEST - CHUNK && (start..start + (MOST + 1) * CHUNK).contains(&address.addr()) {
        return 0;
    }
    // SAFETY: what the caller says.
    unsafe { __real_munmap(address, length) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mprotect(address: *mut c_void, length: usize, access: c_int) -> c_int {
    if length == CHUNK && access == libc::PROT_READ {
        CLOSED.store(true, Relaxed);
    }
    // SAFETY: what the caller says.
    unsafe { __real_mprotect(address, length, access) }
}

fn next_chunk() -> Option<usize> {
    let index = GIVEN.fetch_add(1, Relaxed);
    if index >= MOST {
        GIVEN.store(MOST, Relaxed);
        return None;
    }
    if index == 0 {
        // The room behind the last piece is there, too.
        let length = LARGE + (MOST + 1) * CHUNK;
        // SAFETY: new memory.
        let start = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
            __real_mmap64(std::ptr::null_mut(), length, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
        };
        if start == libc::MAP_FAILED {
            return None;
        }
        let start = start.expose_provenance().next_multiple_of(LARGE);
        advise_large(start, MOST * CHUNK);
        // As V8 does with each piece; that way a piece is not told apart from the others, which would split the page.
        // SAFETY: memory of ours.
        unsafe { libc::madvise(std::ptr::with_exposed_provenance_mut(start), (MOST + 1) * CHUNK, libc::MADV_DONTFORK) };
        CHUNKS.store(start, Relaxed);
    }
    let start = CHUNKS.load(Relaxed);
    // Another thread is making it.
    (start != 0).then_some(start + index * CHUNK)
}
