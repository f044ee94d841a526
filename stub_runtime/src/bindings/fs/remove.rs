//! `rm -r`: a tree, depth first, with Node's retries.

use super::disk::{rmdir, unlink};
use super::job::{Errno, IntoJs, Outcome, text};
use super::listing;
use super::stat::{Target, stat};
use std::ffi::{CStr, CString};
use std::time::Duration;

/// What could not be removed: its path, the errno and the call.
pub struct Failed {
    path: Vec<u8>,
    errno: Errno,
    call: &'static str,
}

impl IntoJs for Failed {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        let errno = v8::Integer::new(scope, self.errno.code()).into();
        let call = text(scope, self.call.as_bytes());
        let path = text(scope, &self.path);
        v8::Array::new_with_elements(scope, &[errno, call, path]).into()
    }
}

/// Removes a file, a link or a directory with all that is in it. Gone already counts as removed.
pub fn remove(path: &CStr, retries: u32, delay: u32) -> Option<Failed> {
    let mut tries = 0;
    loop {
        let failed = remove_once(path).err()?;
        // Somebody else is at work in there.
        let passing = [libc::EBUSY, libc::EMFILE, libc::ENFILE, libc::ENOTEMPTY, libc::EPERM];
        if tries >= retries || !passing.contains(&failed.errno.number()) {
            return Some(failed);
        }
        tries += 1;
        std::thread::sleep(Duration::from_millis(u64::from(delay) * u64::from(tries)));
    }
}

fn remove_once(path: &CStr) -> Result<(), Failed> {
    let failed = |call| move |errno| Failed { path: path.to_bytes().to_vec(), errno, call };
    let directory = match stat(Target::Link(path)) {
        Ok(info) => info.mode as u32 & libc::S_IFMT == libc::S_IFDIR,
        Err(errno) => return gone(Err(errno)).map_err(failed("lstat")),
    };
    if !directory {
        return gone(unlink(path)).map_err(failed("unlink"));
    }
    match rmdir(path) {
        Err(errno) if matches!(errno.number(), libc::ENOTEMPTY | libc::EEXIST) => {}
        result => return gone(result).map_err(failed("rmdir")),
    }
    let items = match listing::read(path) {
        Err(errno) if errno.number() != libc::ENOENT => return Err(failed("scandir")(errno)),
        items => items.unwrap_or_default(),
    };
    for item in items {
        let mut child = path.to_bytes().to_vec();
        if child.last() != Some(&b'/') {
            child.push(b'/');
        }
        child.extend_from_slice(&item.name);
        remove_once(&CString::new(child).expect("names of the kernel"))?;
    }
    gone(rmdir(path)).map_err(failed("rmdir"))
}

fn gone(result: Outcome<()>) -> Outcome<()> {
    match result {
        Err(errno) if errno.number() == libc::ENOENT => Ok(()),
        result => result,
    }
}
