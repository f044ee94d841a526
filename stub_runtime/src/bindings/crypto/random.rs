//! `internalBinding('crypto_random')`: random bytes and primes.

use super::failure::{Class, Failure, Outcome};
use super::{job, ready, text};
use crate::binding;
use crate::bindings::fs::job::{FromArg, Region};
use openssl_sys as ffi;
use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};

unsafe extern "C" {
    fn BN_check_prime(p: *const ffi::BIGNUM, context: *mut ffi::BN_CTX, callback: *mut c_void) -> c_int;
}

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// Fills memory with random bytes.
pub fn random(bytes: &mut [u8]) -> Outcome<()> {
    // RAND_bytes counts in int.
    for part in bytes.chunks_mut(1 << 30) {
        // SAFETY: there is room for that many bytes.
        if unsafe { ffi::RAND_bytes(part.as_mut_ptr(), part.len() as c_int) } != 1 {
            return Err(Failure::take("Operation failed"));
        }
    }
    Ok(())
}

/// `fill(buffer, offset, size, callback | undefined)`, offset and size in bytes; a view where there is a callback.
fn fill(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let [offset, size] = [1, 2].map(|i| text::number(args.get(i)).unwrap_or(0) as usize);
    if !args.get(3).is_function() {
        ready();
        let bytes = binding::bytes(args.get(0)).unwrap_or_default();
        let end = (offset + size).min(bytes.len());
        if let Err(failure) = random(&mut bytes[offset.min(end)..end]) {
            failure.throw(scope);
        }
        return;
    }
    let region = Region::from_arg(scope, args.get(0), true);
    let work = move || {
        let (data, length) = region.part(offset, size);
        // SAFETY: the region keeps its memory alive; JavaScript may look at it meanwhile, and sees random bytes.
        random(unsafe { std::slice::from_raw_parts_mut(data, length) })
    };
    job::run(scope, "RANDOMBYTESREQUEST", args.get(3), rv, work, |(), scope| v8::undefined(scope).into());
}

/// A big number, cleared when it is dropped.
struct Number(*mut ffi::BIGNUM);

// SAFETY: nobody else has it.
unsafe impl Send for Number {}

impl Number {
    fn new() -> Self {
        // SAFETY: makes a new one.
        Number(unsafe { ffi::BN_new() })
    }

    fn from_bytes(bytes: &[u8]) -> Outcome<Self> {
        super::failure::clear();
        let length = c_int::try_from(bytes.len()).unwrap_or(c_int::MAX);
        // SAFETY: the bytes are readable; null makes a new number.
        let raw = unsafe { ffi::BN_bin2bn(bytes.as_ptr(), length, null_mut()) };
        if raw.is_null() { Err(Failure::take("could not generate prime")) } else { Ok(Number(raw)) }
    }

    fn argument(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Outcome<Option<Self>> {
        if value.is_undefined() {
            return Ok(None);
        }
        text::with_bytes(scope, value, Self::from_bytes).map(Some)
    }

    fn as_ptr(this: &Option<Self>) -> *const ffi::BIGNUM {
        this.as_ref().map_or(null(), |n| n.0.cast_const())
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: this value's own.
        unsafe { ffi::BN_clear_free(self.0) }
    }
}

fn out_of_range(message: &'static str) -> Failure {
    Failure::node(Class::RangeError, "ERR_OUT_OF_RANGE", message)
}

/// The numbers that a prime shall leave: divided by the first, the second.
fn prime_arguments(scope: &mut v8::PinScope, args: &Args, bits: c_int) -> Outcome<(Option<Number>, Option<Number>)> {
    let (add, rem) = (Number::argument(scope, args.get(2))?, Number::argument(scope, args.get(3))?);
    if let Some(add) = &add {
        // SAFETY: the numbers are valid.
        unsafe {
            if ffi::BN_num_bits(add.0) > bits {
                return Err(out_of_range("invalid options.add"));
            }
            if rem.as_ref().is_some_and(|rem| ffi::BN_cmp(add.0, rem.0) != 1) {
                return Err(out_of_range("invalid options.rem"));
            }
        }
    }
    Ok((add, rem))
}

/// `generatePrime(bits, safe, add, rem, callback | undefined)`: its bytes.
fn generate_prime(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    ready();
    let bits = text::number(args.get(0)).unwrap_or(0) as c_int;
    let safe = args.get(1).is_true() as c_int;
    let (add, rem) = match prime_arguments(scope, &args, bits) {
        Ok(numbers) => numbers,
        Err(failure) => return failure.throw(scope),
    };
    job::run_bytes(scope, "RANDOMPRIMEREQUEST", args.get(4), rv, move || {
        let prime = Number::new();
        let (add, rem) = (&add, &rem);
        // SAFETY: the numbers are valid or null; no progress is told.
        let made = unsafe {
            ffi::BN_generate_prime_ex(prime.0, bits, safe, Number::as_ptr(add), Number::as_ptr(rem), null_mut())
        };
        if made != 1 {
            return Err(Failure::take("could not generate prime"));
        }
        let mut out = vec![0; (bits as usize).div_ceil(8)];
        // SAFETY: there is room for that many bytes.
        unsafe { ffi::BN_bn2binpad(prime.0, out.as_mut_ptr(), out.len() as c_int) };
        Ok(out)
    });
}

/// `checkPrime(candidate, checks, callback | undefined)`.
fn check_prime(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    ready();
    let candidate = match text::with_bytes(scope, args.get(0), Number::from_bytes) {
        Ok(candidate) => candidate,
        Err(failure) => return failure.throw(scope),
    };
    let checks = text::number(args.get(1)).unwrap_or(0) as c_int;
    let work = move || {
        let candidate = candidate;
        // SAFETY: the number is valid; no progress is told. The first asks for as many rounds as its size needs.
        let prime = unsafe {
            let context = ffi::BN_CTX_new();
            let prime = if checks == 0 {
                BN_check_prime(candidate.0, context, null_mut())
            } else {
                ffi::BN_is_prime_ex(candidate.0, checks, context, null_mut())
            };
            ffi::BN_CTX_free(context);
            prime
        };
        if prime < 0 { Err(Failure::take("could not check prime")) } else { Ok(prime == 1) }
    };
    job::run(scope, "CHECKPRIMEREQUEST", args.get(2), rv, work, |prime, scope| v8::Boolean::new(scope, prime).into());
}

binding!("crypto_random", [
    fill => fill,
    generatePrime => generate_prime,
    checkPrime => check_prime,
]);
