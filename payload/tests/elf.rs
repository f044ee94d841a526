//! Executables with a payload, run: as built, and after what people and tools do to executables. The stub is
//! `examples/probe.rs`, which reports everything that it finds in its payload.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

mod common;
#[path = "common/probe.rs"]
mod probe;

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use common::small;
use payload::Payload;
use payload::container::{embed, locate};
use probe::{DYNAMIC, Folder, STATIC, output, tool};

const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

fn payload() -> Vec<u8> {
    let mut builder = small();
    // Larger than the kernel's read-ahead around a fault, so that a cut file has pages that are not there.
    builder.image((0..300_000u32).map(|i| (i % 251) as u8).collect::<Vec<u8>>());
    builder.build().unwrap()
}

fn app(stub: &[u8]) -> Vec<u8> {
    embed(stub, &payload()).unwrap()
}

#[track_caller]
fn assert_whole(command: &mut Command) {
    let output = output(command);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {} {out} {err}", output.status);
    assert!(out.starts_with("demo 1.2.3\n") && out.contains("\nsrc/main.ts 11\n"), "{command:?}: {out}");
    assert!(out.ends_with("image 300000 icu 100 certificates 27\n"), "{command:?}: {out}");
}

#[track_caller]
fn assert_damaged(path: &Path, what: &str) {
    let output = output(&mut Command::new(path));
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{what}: {} {err}", output.status);
    assert!(err.starts_with("payload damaged: "), "{what}: {err}");
    assert!(output.stdout.is_empty(), "{what}");
}

fn is_root() -> bool {
    // SAFETY: always succeeds.
    unsafe { libc::geteuid() == 0 }
}

#[test]
fn it_runs() {
    let folder = Folder::new("runs");
    for (name, stub) in [("static", &*STATIC), ("dynamic", &*DYNAMIC)] {
        assert_whole(&mut Command::new(folder.write(name, &app(stub))));
    }
}

#[test]
fn a_stub_without_payload_says_so() {
    let folder = Folder::new("empty");
    for (name, stub) in [("static", &*STATIC), ("dynamic", &*DYNAMIC)] {
        let output = output(&mut Command::new(folder.write(name, stub)));
        assert_eq!((output.stdout.as_slice(), output.status.code()), (&b"empty\n"[..], Some(0)));
    }
}

#[test]
fn it_runs_without_permission_to_read_it() {
    let folder = Folder::new("mode");
    let path = folder.write("app", &app(&STATIC));
    fs::set_permissions(&path, Permissions::from_mode(0o111)).unwrap();
    let mut command = Command::new(&path);
    if is_root() {
        // To root everything is readable: be nobody.
        command.uid(65534).gid(65534);
    }
    assert_whole(&mut command);
}

#[test]
fn it_survives_strip() {
    let folder = Folder::new("strip");
    for (name, stub) in [("static", &*STATIC), ("dynamic", &*DYNAMIC)] {
        for strip in ["strip", "llvm-strip"] {
            let path = folder.write(name, &app(stub));
            // Twice: what strip has written it must be able to read.
            for _ in 0..2 {
                if tool(strip, &["--strip-all".as_ref(), path.as_os_str()]) {
                    assert_whole(&mut Command::new(&path));
                    let bytes = fs::read(&path).unwrap();
                    Payload::open(locate(&bytes).unwrap()).unwrap().unwrap().check_all().unwrap();
                }
            }
        }
    }
}

#[test]
fn it_survives_appended_bytes() {
    let folder = Folder::new("appended");
    let mut bytes = app(&STATIC);
    bytes.extend_from_slice(&[0xab; 5000]);
    let path = folder.write("app", &bytes);
    assert_whole(&mut Command::new(&path));
    if tool("strip", &["--strip-all".as_ref(), path.as_os_str()]) {
        assert_whole(&mut Command::new(&path));
    }
}

#[test]
fn it_runs_through_the_dynamic_loader() {
    if !Path::new(LOADER).exists() {
        return println!("skip: there is no {LOADER}");
    }
    let folder = Folder::new("loader");
    let path = folder.write("app", &app(&DYNAMIC));
    assert_whole(Command::new(LOADER).arg(&path));
}

#[test]
fn it_survives_patchelf() {
    if !Path::new(LOADER).exists() {
        return println!("skip: there is no {LOADER}");
    }
    let folder = Folder::new("patchelf");
    // Much longer than the old name, so that patchelf has to make room.
    let loader = folder.path(&format!("ld-{}.so", "x".repeat(100)));
    fs::copy(LOADER, &loader).unwrap();
    let path = folder.write("app", &app(&DYNAMIC));
    let set = |path: &Path| tool("patchelf", &["--set-interpreter".as_ref(), loader.as_os_str(), path.as_os_str()]);
    if !set(&path) {
        return;
    }
    assert_whole(&mut Command::new(&path));
    assert_whole(Command::new(LOADER).arg(&path));
    let bytes = fs::read(&path).unwrap();
    Payload::open(locate(&bytes).unwrap()).unwrap().unwrap().check_all().unwrap();
    // And after strip, which is what a distribution does first.
    let path = folder.write("stripped", &app(&DYNAMIC));
    if tool("strip", &["--strip-all".as_ref(), path.as_os_str()]) {
        set(&path);
        tool("patchelf", &["--set-rpath".as_ref(), OsStr::new("/opt/somewhere/lib"), path.as_os_str()]);
        assert_whole(&mut Command::new(&path));
    }
}

#[test]
fn it_runs_where_nothing_else_is() {
    if !is_root() {
        return println!("skip: chroot needs root");
    }
    let folder = Folder::new("chroot");
    folder.write("app", &app(&STATIC));
    let mut command = Command::new("/app");
    let root = folder.path("");
    // SAFETY: both are system calls with arguments that were made before the fork.
    unsafe {
        command.pre_exec(move || {
            std::os::unix::fs::chroot(&root)?;
            std::env::set_current_dir("/")
        })
    };
    assert_whole(&mut command);
}

#[test]
fn it_runs_from_memory() {
    // SAFETY: the name is a C string, and the descriptor is new and nobody else's. It is inherited: the program is its path.
    let fd = unsafe { libc::memfd_create(c"app".as_ptr(), 0) };
    assert!(fd >= 0, "memfd_create: {}", std::io::Error::last_os_error());
    // SAFETY: as above.
    let mut file = fs::File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    file.write_all(&app(&STATIC)).unwrap();
    assert_whole(&mut Command::new(format!("/proc/self/fd/{}", file.as_raw_fd())));
}

/// As the stub runs when it makes an image: the heap begins right behind the payload.
#[test]
fn it_runs_without_address_randomisation() {
    let folder = Folder::new("personality");
    for (name, stub) in [("static", &*STATIC), ("dynamic", &*DYNAMIC)] {
        let mut command = Command::new(folder.write(name, &app(stub)));
        // SAFETY: a system call without pointers. Where it is refused the program runs with randomisation, which is tested too.
        unsafe {
            command.pre_exec(|| {
                libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong);
                Ok(())
            })
        };
        assert_whole(&mut command);
    }
}

#[test]
fn a_cut_executable_is_damaged() {
    let folder = Folder::new("cut");
    for (name, stub) in [("static", &*STATIC), ("dynamic", &*DYNAMIC)] {
        let bytes = app(stub);
        let start = bytes.len() - payload().len();
        let near = [0, 1, 7, 8, 39, 40, 303, 304, 4095, 4096, 4097, 65536].map(|ahead| start + ahead);
        let spread = (start..bytes.len()).step_by(10_007);
        let last = bytes.len() - 20..bytes.len();
        for len in near.into_iter().chain(spread).chain(last) {
            assert_damaged(&folder.write(name, &bytes[..len]), &format!("{name} cut to {len} of {}", bytes.len()));
        }
    }
}

#[test]
fn an_executable_with_a_changed_byte_is_damaged() {
    let folder = Folder::new("changed");
    let mut bytes = app(&STATIC);
    let start = bytes.len() - payload().len();
    let path = folder.write("app", &bytes);
    // Opened anew each time: a file that is open for writing cannot be run.
    let put = |at: usize, byte: u8| {
        fs::OpenOptions::new().write(true).open(&path).unwrap().write_all_at(&[byte], at as u64).unwrap();
    };
    let header = start..start + 280;
    let spread = (start + 280..bytes.len()).step_by(1009);
    let data = bytes.len() - 600..bytes.len();
    for (i, at) in header.chain(spread).chain(data).enumerate() {
        bytes[at] ^= 1 << (i % 8);
        put(at, bytes[at]);
        assert_damaged(&path, &format!("byte {} of the payload", at - start));
        bytes[at] ^= 1 << (i % 8);
        put(at, bytes[at]);
    }
    assert_whole(&mut Command::new(&path));
}
