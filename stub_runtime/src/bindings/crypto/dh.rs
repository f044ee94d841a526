//! `internalBinding('crypto_dh')`: classic Diffie-Hellman as an object, and the shared secret of two keys of any kind.
//!
//! Owns: groups, `DiffieHellman`. Does not own: ECDH objects (`ecdh.rs`), messages of arguments
//! (`js/internal/crypto/diffiehellman.js`).

use super::failure::{self, Class, Failure, Outcome};
use super::key::Pkey;
use super::keys::{bytes_argument, int_argument, pkey_argument, text_argument};
use super::libcrypto::{self as lib, Bn, number_bytes, owner};
use super::{job, native, ready};
use crate::binding;
use openssl_sys as ffi;
use std::ffi::c_int;
use std::ptr::{null, null_mut};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

owner!(
    /// Parameters and, once there is one, a pair.
    Dh, ffi::DH, ffi::DH_free
);

/// Prime and generator of a group that RFC 2409 or 3526 names.
pub fn standard_group(name: &str) -> Option<(Bn, u8)> {
    let make = match name.to_ascii_lowercase().as_str() {
        "modp1" => ffi::BN_get_rfc2409_prime_768,
        "modp2" => ffi::BN_get_rfc2409_prime_1024,
        "modp5" => ffi::BN_get_rfc3526_prime_1536,
        "modp14" => ffi::BN_get_rfc3526_prime_2048,
        "modp15" => ffi::BN_get_rfc3526_prime_3072,
        "modp16" => ffi::BN_get_rfc3526_prime_4096,
        "modp17" => ffi::BN_get_rfc3526_prime_6144,
        "modp18" => ffi::BN_get_rfc3526_prime_8192,
        _ => return None,
    };
    // SAFETY: makes a new number.
    unsafe { Bn::new(make(null_mut())).ok().map(|prime| (prime, 2)) }
}

impl Dh {
    fn of(prime: Bn, generator: Bn) -> Outcome<Self> {
        // SAFETY: the object takes over both numbers where it succeeds.
        unsafe {
            let dh = Dh::new(ffi::DH_new())?;
            if ffi::DH_set0_pqg(dh.as_ptr(), prime.as_ptr(), null_mut(), generator.as_ptr()) != 1 {
                return Err(invalid_parameters());
            }
            prime.into_raw();
            generator.into_raw();
            Ok(dh)
        }
    }

    fn generated(bits: i32, generator: i32) -> Outcome<Self> {
        // SAFETY: makes parameters in a new object.
        unsafe {
            let dh = Dh::new(ffi::DH_new())?;
            let ok = ffi::DH_generate_parameters_ex(dh.as_ptr(), bits, generator, null_mut());
            if ok == 1 { Ok(dh) } else { Err(invalid_parameters()) }
        }
    }

    /// p and g.
    fn parameters(&self) -> (*const ffi::BIGNUM, *const ffi::BIGNUM) {
        let (mut p, mut g) = (null(), null());
        // SAFETY: gives pointers into the object.
        unsafe { ffi::DH_get0_pqg(self.as_ptr(), &raw mut p, null_mut(), &raw mut g) };
        (p, g)
    }

    /// Public and private key, null where there is none.
    fn keys(&self) -> (*const ffi::BIGNUM, *const ffi::BIGNUM) {
        let (mut public, mut private) = (null(), null());
        // SAFETY: gives pointers into the object.
        unsafe { ffi::DH_get0_key(self.as_ptr(), &raw mut public, &raw mut private) };
        (public, private)
    }

    fn check_public(&self, key: &Bn) -> Outcome<()> {
        let mut codes: c_int = 0;
        // SAFETY: reads both.
        let ok = unsafe { lib::DH_check_pub_key(self.as_ptr(), key.as_ptr(), &raw mut codes) };
        let length = |text| Err(Failure::node(Class::RangeError, "ERR_CRYPTO_INVALID_KEYLEN", text));
        let kind = |text| Err(Failure::node(Class::RangeError, "ERR_CRYPTO_INVALID_KEYTYPE", text));
        match codes {
            _ if ok != 1 => kind("Unspecified validation error"),
            codes if codes & 1 != 0 => length("Supplied key is too small"),
            codes if codes & 2 != 0 => length("Supplied key is too large"),
            0 => Ok(()),
            _ => kind("Supplied key is invalid"),
        }
    }

    /// The secret shared with another's public key, as long as the prime.
    fn secret(&self, key: &Bn) -> Outcome<Vec<u8>> {
        self.check_public(key)?;
        // SAFETY: the secret has at most DH_size bytes.
        unsafe {
            let size = ffi::DH_size(self.as_ptr()).max(0) as usize;
            let mut out = vec![0; size];
            let length = ffi::DH_compute_key(out.as_mut_ptr(), key.as_ptr(), self.as_ptr());
            if length < 0 {
                let text = "Failed to compute shared secret";
                return Err(Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", text));
            }
            // OpenSSL drops leading zeros.
            out.rotate_right(size - length as usize);
            Ok(out)
        }
    }
}

fn invalid_parameters() -> Failure {
    Failure::node(Class::TypeError, "ERR_INVALID_ARG_VALUE", "Invalid DH parameters")
}

const LIB_DH: c_int = 5;
const MODULUS_TOO_SMALL: c_int = 126;
const BAD_GENERATOR: c_int = 101;

/// A failure that looks as if OpenSSL's DH had found it.
fn raised(reason: c_int) -> Failure {
    // SAFETY: adds to this thread's queue.
    unsafe {
        ffi::ERR_new();
        ffi::ERR_set_debug(c"".as_ptr(), 0, null());
        ffi::ERR_set_error(LIB_DH, reason, null());
    }
    Failure::take("Invalid DH parameters")
}

/// `create(bits | prime, generator number | bytes)`, both checked for their types.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    ready();
    failure::clear();
    match make(scope, &args) {
        Ok(dh) => rv.set(native::wrap(scope, dh)),
        Err(failure) => failure.throw(scope),
    }
}

fn make(scope: &mut v8::PinScope, args: &Args) -> Outcome<Dh> {
    let generator = int_argument(scope, args.get(1));
    if let Some(bits) = int_argument(scope, args.get(0)) {
        if bits < 2 {
            return Err(raised(MODULUS_TOO_SMALL));
        }
        let Some(generator) = generator else {
            let text = "Second argument must be an int32";
            return Err(Failure::node(Class::TypeError, "ERR_INVALID_ARG_TYPE", text));
        };
        if generator < 2 {
            return Err(raised(BAD_GENERATOR));
        }
        return Dh::generated(bits, generator);
    }
    let prime = Bn::from_bytes(&bytes_argument(args.get(0)).unwrap_or_default())?;
    let generator = match generator {
        Some(number) if number < 2 => return Err(raised(BAD_GENERATOR)),
        Some(number) => Bn::from_bytes(&number.to_be_bytes())?,
        None => Bn::from_bytes(&bytes_argument(args.get(1)).unwrap_or_default())?,
    };
    // SAFETY: both numbers are valid.
    let too_large = prime.bits() >= 512 && unsafe { ffi::BN_cmp(generator.as_ptr(), prime.as_ptr()) } >= 0;
    if generator.bits() < 2 || too_large {
        return Err(raised(BAD_GENERATOR));
    }
    Dh::of(prime, generator)
}

/// `createGroup(name)`
fn create_group(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    ready();
    let group = text_argument(scope, args.get(0)).and_then(|name| standard_group(&name));
    let made = match group {
        Some((prime, generator)) => Bn::from_bytes(&[generator]).and_then(|generator| Dh::of(prime, generator)),
        None => Err(Failure::node(Class::Error, "ERR_CRYPTO_UNKNOWN_DH_GROUP", "Unknown DH group")),
    };
    match made {
        Ok(dh) => rv.set(native::wrap(scope, dh)),
        Err(failure) => failure.throw(scope),
    }
}

/// Runs `f` with the object of the first argument; bytes are its result.
fn with_dh(scope: &mut v8::PinScope, args: &Args, rv: &mut v8::ReturnValue, f: impl FnOnce(&Dh) -> Outcome<Vec<u8>>) {
    failure::clear();
    let Some(dh) = native::unwrap::<Dh>(scope, args.get(0)) else { return };
    match f(dh) {
        Ok(bytes) => rv.set(binding::uint8_array(scope, bytes).into()),
        Err(failure) => failure.throw(scope),
    }
}

/// `generateKeys(dh)`: the public key. A private key that was set stays.
fn generate_keys(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_dh(scope, &args, &mut rv, |dh| {
        // SAFETY: makes a pair in the object.
        if unsafe { ffi::DH_generate_key(dh.as_ptr()) } != 1 {
            return Err(Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", "Key generation failed"));
        }
        Ok(number_bytes(dh.keys().0))
    });
}

/// `computeSecret(dh, otherPublicKey)`
fn compute_secret(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let key = bytes_argument(args.get(1)).unwrap_or_default();
    with_dh(scope, &args, &mut rv, |dh| dh.secret(&Bn::from_bytes(&key)?));
}

fn get_prime(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_dh(scope, &args, &mut rv, |dh| Ok(number_bytes(dh.parameters().0)));
}

fn get_generator(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_dh(scope, &args, &mut rv, |dh| Ok(number_bytes(dh.parameters().1)));
}

fn key_bytes(key: *const ffi::BIGNUM, missing: &'static str) -> Outcome<Vec<u8>> {
    if key.is_null() {
        return Err(Failure::node(Class::Error, "ERR_CRYPTO_INVALID_STATE", missing));
    }
    Ok(number_bytes(key))
}

fn get_public_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_dh(scope, &args, &mut rv, |dh| key_bytes(dh.keys().0, "No public key - did you forget to generate one?"));
}

fn get_private_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_dh(scope, &args, &mut rv, |dh| key_bytes(dh.keys().1, "No private key - did you forget to generate one?"));
}

/// `setKey(dh, bytes, private)`
fn set_key(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(dh) = native::unwrap::<Dh>(scope, args.get(0)) else { return };
    let bytes = bytes_argument(args.get(1)).unwrap_or_default();
    if let Ok(number) = Bn::from_bytes(&bytes) {
        let number = number.into_raw();
        let (public, private) = if args.get(2).is_true() { (null_mut(), number) } else { (number, null_mut()) };
        // SAFETY: the object takes the number over.
        unsafe { ffi::DH_set0_key(dh.as_ptr(), public, private) };
    }
}

/// `check(dh)`: OpenSSL's codes of what is wrong with the parameters.
fn check(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(dh) = native::unwrap::<Dh>(scope, args.get(0)) else { return };
    let mut codes = 0;
    // SAFETY: reads the object.
    if unsafe { ffi::DH_check(dh.as_ptr(), &raw mut codes) } != 1 {
        let text = "Checking DH parameters failed";
        return Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", text).throw(scope);
    }
    failure::clear();
    rv.set_int32(codes);
}

/// The secret that two keys share.
pub fn derive(private: &Pkey, public: &Pkey) -> Outcome<Vec<u8>> {
    let failed = || Failure::take("Deriving bits failed");
    let context = private.context()?;
    let raw = context.as_ptr();
    let mut length = 0;
    // SAFETY: asks for the length first, then fills a buffer of it.
    unsafe {
        if ffi::EVP_PKEY_derive_init(raw) != 1
            || ffi::EVP_PKEY_derive_set_peer(raw, public.as_ptr()) != 1
            || ffi::EVP_PKEY_derive(raw, null_mut(), &raw mut length) != 1
        {
            return Err(failed());
        }
        let size = length;
        let mut out = vec![0; size];
        if ffi::EVP_PKEY_derive(raw, out.as_mut_ptr(), &raw mut length) != 1 {
            return Err(failed());
        }
        // Classic Diffie-Hellman drops leading zeros.
        out.rotate_right(size - length.min(size));
        Ok(out)
    }
}

/// `derive(callback, privateHandle, publicHandle)`: an ArrayBuffer.
fn derive_bits(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    match (pkey_argument(scope, args.get(1)), pkey_argument(scope, args.get(2))) {
        (Ok(private), Ok(public)) => {
            job::run_bytes(scope, "DERIVEBITSREQUEST", args.get(0), rv, move || derive(&private, &public));
        }
        (Err(failure), _) | (_, Err(failure)) => failure.throw(scope),
    }
}

binding!("crypto_dh", [
    create => create,
    createGroup => create_group,
    generateKeys => generate_keys,
    computeSecret => compute_secret,
    getPrime => get_prime,
    getGenerator => get_generator,
    getPublicKey => get_public_key,
    getPrivateKey => get_private_key,
    setKey => set_key,
    check => check,
    derive => derive_bits,
]);
