//! `internalBinding('fs_event')`: inotify, for fs.watch.
//!
//! Owns: the thread's one inotify descriptor and who listens to what. Does not own: FSWatcher, and how a tree is watched
//! (`js/internal/fs/watchers.js`).

use super::fs::{Place, c_str, path_of};
use crate::binding::uint8_array;
use crate::event_loop;
use crate::tasks::Callback;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::rc::Rc;
use tokio::io::unix::AsyncFd;

/// What libuv asks for.
const MASK: u32 = libc::IN_ATTRIB
    | libc::IN_CREATE
    | libc::IN_MODIFY
    | libc::IN_DELETE
    | libc::IN_DELETE_SELF
    | libc::IN_MOVE_SELF
    | libc::IN_MOVED_FROM
    | libc::IN_MOVED_TO;
/// Of these libuv says "change", of all others "rename".
const CHANGES: u32 = libc::IN_ATTRIB | libc::IN_MODIFY;

/// One `fs.watch`.
struct Watcher {
    descriptor: i32,
    /// The last part of the path: the name of events that are about the watched file itself.
    name: Vec<u8>,
    raw: bool,
    callback: Callback,
}

#[derive(Default)]
struct Inotify {
    fd: RefCell<Option<Rc<AsyncFd<OwnedFd>>>>,
    watchers: RefCell<HashMap<i32, Rc<Watcher>>>,
    next: Cell<i32>,
}

thread_local! {
    static INOTIFY: Rc<Inotify> = Rc::default();
}

fn errno() -> i32 {
    -std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

/// The thread's descriptor, made with the first watcher; its task then lives as long as the loop and does not keep it alive.
fn descriptor(inotify: &Rc<Inotify>) -> Result<Rc<AsyncFd<OwnedFd>>, i32> {
    if let Some(fd) = &*inotify.fd.borrow() {
        return Ok(fd.clone());
    }
    // SAFETY: plain system call.
    let fd = unsafe { libc::inotify_init1(libc::IN_NONBLOCK | libc::IN_CLOEXEC) };
    if fd < 0 {
        return Err(errno());
    }
    // SAFETY: new and ours.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    let event_loop = event_loop::current();
    // SAFETY: the descriptor is not given away or closed while it is registered.
    let fd = event_loop.enter(|| unsafe { AsyncFd::register(fd) }).map_err(|_| -libc::EMFILE)?;
    let fd = Rc::new(fd);
    *inotify.fd.borrow_mut() = Some(fd.clone());
    let (inotify, reader) = (inotify.clone(), fd.clone());
    event_loop.spawn(async move {
        while let Ok(mut ready) = reader.readable().await {
            if let Ok(Ok(bytes)) = ready.try_io(|fd| read(fd.as_raw_fd())) {
                deliver(&inotify, &bytes);
            }
        }
    });
    Ok(fd)
}

fn read(fd: i32) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0u8; 8192];
    // SAFETY: memory of this length.
    let got = unsafe { libc::read(fd, bytes.as_mut_ptr().cast(), bytes.len()) };
    if got < 0 {
        return Err(std::io::Error::last_os_error());
    }
    bytes.truncate(got as usize);
    Ok(bytes)
}

/// Queues a callback for each watcher of each event.
fn deliver(inotify: &Rc<Inotify>, mut bytes: &[u8]) {
    const HEAD: usize = std::mem::size_of::<libc::inotify_event>();
    while bytes.len() >= HEAD {
        let number = |at: usize| i32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let (descriptor, mask, length) = (number(0), number(4) as u32, number(12) as usize);
        let Some(name) = bytes.get(HEAD..HEAD + length) else { return };
        let name = name.split(|b| *b == 0).next().unwrap_or_default();
        let ids: Vec<i32> =
            inotify.watchers.borrow().iter().filter(|(_, w)| w.descriptor == descriptor).map(|(id, _)| *id).collect();
        for id in ids {
            let (inotify, name) = (inotify.clone(), name.to_vec());
            event_loop::current().enqueue(move |scope| tell(&inotify, id, mask, &name, scope));
        }
        bytes = &bytes[HEAD + length..];
    }
}

/// `callback(isRename, name, isSelf)`.
fn tell(inotify: &Inotify, id: i32, mask: u32, name: &[u8], scope: &mut v8::PinScope) {
    // Closed meanwhile: nothing more is told.
    let Some(watcher) = inotify.watchers.borrow().get(&id).cloned() else { return };
    let itself = name.is_empty();
    let name = if itself { &watcher.name } else { name };
    let name: v8::Local<v8::Value> = if watcher.raw {
        uint8_array(scope, name.to_vec()).into()
    } else {
        v8::String::new_from_utf8(scope, name, v8::NewStringType::Normal).expect("names are short").into()
    };
    let rename = v8::Boolean::new(scope, mask & !CHANGES != 0).into();
    let itself = v8::Boolean::new(scope, itself).into();
    watcher.callback.call(scope, &[rename, name, itself]);
}

/// `start(path, raw, callback)`: the watcher's number, or a negative errno.
fn start(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Place::Disk(path) = path_of(scope, args.get(0)) else {
        return rv.set_int32(-libc::ENOTSUP);
    };
    let Some(callback) = Callback::from_value(scope, args.get(2)) else { return };
    let inotify = INOTIFY.with(Rc::clone);
    let fd = match descriptor(&inotify) {
        Ok(fd) => fd,
        Err(errno) => return rv.set_int32(errno),
    };
    // SAFETY: a NUL-terminated path.
    let descriptor = unsafe { libc::inotify_add_watch(fd.as_raw_fd(), c_str(&path).as_ptr(), MASK) };
    if descriptor < 0 {
        return rv.set_int32(errno());
    }
    let name = c_str(&path).to_bytes();
    let end = name.iter().rposition(|b| *b != b'/').map_or(name.len(), |i| i + 1);
    let name = name[..end].rsplit(|b| *b == b'/').next().unwrap_or_default().to_vec();
    let id = inotify.next.get() + 1;
    inotify.next.set(id);
    let watcher = Watcher { descriptor, name, raw: args.get(1).is_true(), callback };
    inotify.watchers.borrow_mut().insert(id, Rc::new(watcher));
    rv.set_int32(id);
}

/// `stop(id)`.
fn stop(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let id = args.get(0).int32_value(scope).unwrap_or(0);
    let inotify = INOTIFY.with(Rc::clone);
    let Some(watcher) = inotify.watchers.borrow_mut().remove(&id) else { return };
    // Several watchers of one file share the kernel's.
    if !inotify.watchers.borrow().values().any(|w| w.descriptor == watcher.descriptor)
        && let Some(fd) = &*inotify.fd.borrow()
    {
        // SAFETY: plain system call; the file may be gone and the watch with it.
        unsafe { libc::inotify_rm_watch(fd.as_raw_fd(), watcher.descriptor) };
    }
}

/// `setRef(id, on)`.
fn set_ref(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let id = args.get(0).int32_value(scope).unwrap_or(0);
    let watcher = INOTIFY.with(|inotify| inotify.watchers.borrow().get(&id).cloned());
    if let Some(watcher) = watcher {
        watcher.callback.alive.set_ref(args.get(1).is_true());
    }
}

crate::binding!("fs_event", [start => start, stop => stop, setRef => set_ref]);
