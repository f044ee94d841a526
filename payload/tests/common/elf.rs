//! The smallest executable that can carry a payload: never run, built byte by byte, so that the container is tested on any
//! machine.
#![allow(dead_code)]

use payload::{PAGE, PLACEHOLDER};

/// Two segments of code and data, the placeholder's segment, and behind it what strip would take away.
pub fn stub() -> Vec<u8> {
    let page = PAGE as u64;
    let names = b"\0.text\0.data\0.lrodata\0.comment\0.shstrtab\0";
    let comment = b"made by hand";
    let comment_at = 3 * page;
    let names_at = comment_at + comment.len() as u64;
    let table_at = (names_at + names.len() as u64).next_multiple_of(8);

    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    numbers(&mut elf, &[(2, 3), (2, 62), (4, 1), (8, 0x200), (8, 64), (8, table_at), (4, 0)]);
    numbers(&mut elf, &[(2, 64), (2, 56), (2, 3), (2, 64), (2, 6), (2, 5)]);
    // Type, flags, offset, address twice, size in file and memory, alignment.
    for (flags, offset, address, file, memory) in
        [(5, 0, 0, page, page), (6, page, page, page, page + 100), (4, 2 * page, 3 * page, page, page)]
    {
        numbers(
            &mut elf,
            &[(4, 1), (4, flags), (8, offset), (8, address), (8, address), (8, file), (8, memory), (8, page)],
        );
    }
    elf.resize(PAGE, 0x90);
    elf.resize(2 * PAGE, 0xda);
    elf.extend_from_slice(&PLACEHOLDER);
    elf.extend_from_slice(comment);
    elf.extend_from_slice(names);
    elf.resize(table_at as usize, 0);
    // Name, type, flags, address, offset, size, link, info, alignment, entry size.
    for (name, kind, flags, address, offset, size, align) in [
        (0, 0, 0, 0, 0, 0, 0),
        (1, 1, 6, 0x200, 0x200, page - 0x200, 16),
        (7, 1, 3, page, page, page, 16),
        (13, 1, 2 | 0x1000_0000, 3 * page, 2 * page, page, page),
        (22, 1, 0x30, 0, comment_at, comment.len() as u64, 1),
        (31, 3, 0, 0, names_at, names.len() as u64, 1),
    ] {
        numbers(
            &mut elf,
            &[(4, name), (4, kind), (8, flags), (8, address), (8, offset), (8, size), (8, 0), (8, align), (8, 0)],
        );
    }
    elf
}

fn numbers(out: &mut Vec<u8>, numbers: &[(usize, u64)]) {
    for (width, number) in numbers {
        out.extend_from_slice(&number.to_le_bytes()[..*width]);
    }
}
