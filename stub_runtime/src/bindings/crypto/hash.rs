//! `internalBinding('crypto_hash')`: digests.
//!
//! Owns: contexts of OpenSSL, kept for the next hash of the same kind. Does not own: what a Hash is in Node
//! (`js/internal/crypto/hash.js`).

use super::failure::{Failure, Outcome};
use super::lookup::{self, Digest};
use super::{job, native, text};
use crate::{binding, bindings::crypto::failure};
use openssl_sys as ffi;
use std::cell::RefCell;
use std::ptr::{null, null_mut};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// The longest output of a digest that is no XOF.
const MAX_SIZE: usize = 64;
/// Contexts a thread keeps.
const MAX_IDLE: usize = 16;

const ERR_LIB_EVP: i32 = 6;
const EVP_R_NOT_XOF_OR_INVALID_LENGTH: i32 = 178;

/// One context; back into the thread's store when it is dropped.
struct Context {
    raw: *mut ffi::EVP_MD_CTX,
    digest: Digest,
}

// SAFETY: a context may be used by one thread after the other.
unsafe impl Send for Context {}

/// Contexts that nobody uses, with what they hashed last: setting one up again for the same digest is cheap.
struct Idle(Vec<(Digest, *mut ffi::EVP_MD_CTX)>);

impl Drop for Idle {
    fn drop(&mut self) {
        for (_, raw) in self.0.drain(..) {
            // SAFETY: nobody else has it.
            unsafe { ffi::EVP_MD_CTX_free(raw) };
        }
    }
}

thread_local! {
    static IDLE: RefCell<Idle> = const { RefCell::new(Idle(Vec::new())) };
}

impl Context {
    fn new(digest: Digest) -> Option<Self> {
        let kept = IDLE.with_borrow_mut(|idle| {
            let at = idle.0.iter().rposition(|(of, _)| *of == digest)?;
            Some(idle.0.swap_remove(at).1)
        });
        let md = if kept.is_some() { null() } else { digest.as_ptr() };
        // SAFETY: makes or reuses a context; a kept one knows its digest.
        let context = unsafe { Context { raw: kept.unwrap_or_else(|| ffi::EVP_MD_CTX_new()), digest } };
        // SAFETY: the context is valid; the null engine means the default.
        let started = unsafe { ffi::EVP_DigestInit_ex(context.raw, md, null_mut()) == 1 };
        if started {
            return Some(context);
        }
        // Not for the store: it has no digest.
        // SAFETY: as in Idle; the destructor does not run.
        unsafe { ffi::EVP_MD_CTX_free(context.raw) };
        std::mem::forget(context);
        None
    }

    fn copy(&self) -> Option<Self> {
        let copy = Context::new(self.digest)?;
        // SAFETY: both are valid.
        (unsafe { ffi::EVP_MD_CTX_copy_ex(copy.raw, self.raw) } == 1).then_some(copy)
    }

    fn update(&self, bytes: &[u8]) -> bool {
        // SAFETY: the bytes are readable.
        unsafe { ffi::EVP_DigestUpdate(self.raw, bytes.as_ptr().cast(), bytes.len()) == 1 }
    }

    /// Writes the digest to `out`, whose length is the one that was asked for.
    fn finish(&self, out: &mut [u8]) -> Outcome<()> {
        if out.is_empty() {
            return Ok(());
        }
        // SAFETY: `out` has room for what each of them writes: the digest's size is that of `out` for the second.
        let done = unsafe {
            if self.digest.is_xof() {
                ffi::EVP_DigestFinalXOF(self.raw, out.as_mut_ptr(), out.len())
            } else {
                let mut length = 0;
                ffi::EVP_DigestFinal_ex(self.raw, out.as_mut_ptr(), &mut length)
            }
        };
        if done == 1 { Ok(()) } else { Err(Failure::take("Unsupported state")) }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let kept = IDLE.try_with(|idle| {
            let mut idle = idle.borrow_mut();
            let room = idle.0.len() < MAX_IDLE;
            if room {
                idle.0.push((self.digest, self.raw));
            }
            room
        });
        if kept != Ok(true) {
            // SAFETY: this value's own.
            unsafe { ffi::EVP_MD_CTX_free(self.raw) };
        }
    }
}

/// The length that was asked for, or the digest's own; refuses what only a XOF can do.
fn output_length(digest: Digest, asked: Option<i64>) -> Outcome<usize> {
    let size = digest.size();
    let length = asked.map_or(size, |n| n.max(0) as usize);
    if length != size && !digest.is_xof() {
        failure::raise(ERR_LIB_EVP, EVP_R_NOT_XOF_OR_INVALID_LENGTH);
        return Err(Failure::take(""));
    }
    Ok(length)
}

/// A Hash of JavaScript's.
struct Hash {
    state: RefCell<State>,
    length: usize,
}

enum State {
    Open(Context),
    /// The digest was asked for. A stream asks for it, and its user may ask again.
    Done(Vec<u8>),
}

/// A digest by the number that JavaScript has for it.
pub fn digest_argument(value: v8::Local<v8::Value>) -> Option<Digest> {
    text::number(value).and_then(|n| lookup::digest_of(u32::try_from(n).ok()?))
}

/// `digestNumber(name)`: -1 where there is none.
fn digest_number(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let name = args.get(0).to_rust_string_lossy(scope);
    rv.set_int32(lookup::digest_number(&name).map_or(-1, |n| n as i32));
}

/// `create(digest, outputLength | undefined)`: throws OpenSSL's errors.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(digest) = digest_argument(args.get(0)) else {
        return Failure::message("Digest method not supported").throw(scope);
    };
    let asked = text::number(args.get(1));
    failure::clear();
    let Some(context) = Context::new(digest) else {
        return Failure::take("Digest method not supported").throw(scope);
    };
    match output_length(digest, asked) {
        Ok(length) => {
            let hash = Hash { state: RefCell::new(State::Open(context)), length };
            let handle = native::wrap(scope, hash);
            rv.set(handle);
        }
        Err(failure) => failure.throw(scope),
    }
}

/// `copy(hash, outputLength | undefined)`: a new one in the same state.
fn copy(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let asked = text::number(args.get(1));
    let Some(hash) = native::unwrap::<Hash>(scope, args.get(0)) else { return };
    let made = match &*hash.state.borrow() {
        State::Open(context) => match (context.copy(), output_length(context.digest, asked)) {
            (_, Err(failure)) => Err(failure),
            (None, _) => Err(Failure::take("Digest copy error")),
            (Some(context), Ok(length)) => Ok((context, length)),
        },
        State::Done(_) => Err(Failure::message("Digest copy error")),
    };
    match made {
        Ok((context, length)) => {
            let handle = native::wrap(scope, Hash { state: RefCell::new(State::Open(context)), length });
            rv.set(handle);
        }
        Err(failure) => failure.throw(scope),
    }
}

/// `update(hash, data)`: strings as UTF-8; whether it was taken.
fn update(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(hash) = native::unwrap::<Hash>(scope, args.get(0)) else { return };
    let taken = match &*hash.state.borrow() {
        State::Open(context) => text::with_bytes(scope, args.get(1), |bytes| context.update(bytes)),
        State::Done(_) => false,
    };
    rv.set_bool(taken);
}

/// `digest(hash, encoding | undefined)`: a string or an ArrayBuffer; the same one each time.
fn digest(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(hash) = native::unwrap::<Hash>(scope, args.get(0)) else { return };
    let mut state = hash.state.borrow_mut();
    if let State::Open(context) = &*state {
        let mut out = vec![0; hash.length];
        if let Err(failure) = context.finish(&mut out) {
            return failure.throw(scope);
        }
        *state = State::Done(out);
    }
    let State::Done(bytes) = &*state else { return };
    rv.set(text::output(scope, bytes, args.get(1)));
}

/// `oneShot(digest, data, encoding | undefined, outputLength | undefined)`: as create, update and digest.
fn one_shot(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(digest) = digest_argument(args.get(0)) else { return };
    let asked = text::number(args.get(3));
    failure::clear();
    let Some(context) = Context::new(digest) else {
        return Failure::take("Digest method not supported").throw(scope);
    };
    let length = match output_length(digest, asked) {
        Ok(length) => length,
        Err(failure) => return failure.throw(scope),
    };
    text::with_bytes(scope, args.get(1), |bytes| context.update(bytes));
    let (mut short, mut long) = ([0; MAX_SIZE], Vec::new());
    let out = if length <= MAX_SIZE {
        &mut short[..length]
    } else {
        long.resize(length, 0);
        &mut long[..]
    };
    match context.finish(out) {
        Ok(()) => rv.set(text::output(scope, out, args.get(2))),
        Err(failure) => failure.throw(scope),
    }
}

/// `job(digest, data, outputLength | undefined, callback)`: on the pool.
fn hash_job(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let Some(digest) = digest_argument(args.get(0)) else { return };
    let data = text::to_vec(scope, args.get(1));
    let asked = text::number(args.get(2));
    job::run_bytes(scope, "HASHREQUEST", args.get(3), rv, move || {
        let context = Context::new(digest).ok_or_else(|| Failure::take("Digest method not supported"))?;
        let mut out = vec![0; output_length(digest, asked)?];
        context.update(&data);
        context.finish(&mut out)?;
        Ok(out)
    });
}

/// `fits(digest, length)`: whether its output can have that length.
fn fits(_: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let length = text::number(args.get(1)).unwrap_or(-1);
    rv.set_bool(digest_argument(args.get(0)).is_some_and(|d| d.is_xof() || d.size() as i64 == length));
}

binding!("crypto_hash", [
    digestNumber => digest_number,
    create => create,
    copy => copy,
    update => update,
    digest => digest,
    oneShot => one_shot,
    job => hash_job,
    fits => fits,
]);
