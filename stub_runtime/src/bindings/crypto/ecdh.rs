//! `internalBinding('crypto_ecdh')`: elliptic-curve Diffie-Hellman as an object, and points between their forms.
//!
//! Owns: `Ecdh`. Does not own: curves (`ec.rs`).

use super::ec::{Group, Point};
use super::failure::{self, Class, Failure, Outcome};
use super::keys::{bytes_argument, text_argument};
use super::libcrypto::{self as lib, Bn, c_text};
use super::pkey::invalid_curve;
use super::{native, ready};
use crate::binding;
use openssl_sys as ffi;
use std::cell::RefCell;
use std::ptr::{null, null_mut};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// A curve and what was generated or set.
struct Ecdh {
    group: Group,
    private: RefCell<Option<Bn>>,
    public: RefCell<Option<Point>>,
}

fn failed(text: &'static str) -> Failure {
    Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", text)
}

const NO_POINT: &str = "Failed to convert Buffer to EC_POINT";

/// By OpenSSL's short name alone, as Node's ECDH has it: NIST's names are no curves here.
fn group_named(name: &str) -> Outcome<Group> {
    // SAFETY: reads a C string.
    match unsafe { ffi::OBJ_sn2nid(c_text(name).as_ptr()) } {
        0 => Err(invalid_curve()),
        nid => Group::numbered(nid),
    }
}

impl Ecdh {
    /// A new pair.
    fn generate(&self) -> Outcome<()> {
        let private = loop {
            // SAFETY: a number below the order, from the generator for private values.
            let number = unsafe {
                let number = Bn::new(ffi::BN_new())?;
                let order = lib::EC_GROUP_get0_order(self.group.as_ptr());
                if lib::BN_priv_rand_range(number.as_ptr(), order) != 1 {
                    return Err(failed("Failed to generate key"));
                }
                number
            };
            if number.bits() > 0 {
                break number;
            }
        };
        let public = self.group.public_of(&private).map_err(|_| failed("Failed to generate key"))?;
        self.private.replace(Some(private));
        self.public.replace(Some(public));
        Ok(())
    }

    fn set_private(&self, bytes: &[u8]) -> Outcome<()> {
        let invalid = || {
            let text = "Private key is not valid for specified curve.";
            Failure::node(Class::RangeError, "ERR_CRYPTO_INVALID_KEYTYPE", text)
        };
        let number = Bn::from_bytes(bytes)?;
        if !self.group.is_private_key(&number) {
            return Err(invalid());
        }
        let public = self.group.public_of(&number).map_err(|_| invalid())?;
        self.private.replace(Some(number));
        self.public.replace(Some(public));
        Ok(())
    }

    /// Whether public and private key belong together; `setPublicKey` can part them.
    fn is_pair(&self) -> bool {
        let (private, public) = (self.private.borrow(), self.public.borrow());
        let (Some(private), Some(public)) = (&*private, &*public) else { return false };
        let Ok(expected) = self.group.public_of(private) else { return false };
        // SAFETY: both points are of the group.
        unsafe { ffi::EC_POINT_cmp(self.group.as_ptr(), expected.as_ptr(), public.as_ptr(), null_mut()) == 0 }
    }

    /// x of the shared point; `None` where the other's bytes are no point.
    fn secret(&self, other: &[u8]) -> Outcome<Option<Vec<u8>>> {
        let Ok(other) = self.group.decode(other) else { return Ok(None) };
        if !self.is_pair() {
            return Err(Failure::node(Class::RangeError, "ERR_CRYPTO_INVALID_KEYPAIR", "Invalid key pair"));
        }
        let failed = || failed("Failed to compute ECDH key");
        let private = self.private.borrow();
        let private = private.as_ref().ok_or_else(failed)?;
        // SAFETY: the new point is ours.
        let shared = unsafe {
            let shared = Point::new(ffi::EC_POINT_new(self.group.as_ptr()))?;
            let (group, point) = (self.group.as_ptr(), shared.as_ptr());
            if ffi::EC_POINT_mul(group, point, null(), other.as_ptr(), private.as_ptr(), null_mut()) != 1 {
                return Err(failed());
            }
            shared
        };
        let (x, _) = self.group.coordinates(&shared).ok_or_else(failed)?;
        x.to_padded(self.group.field_size()).map(Some).ok_or_else(failed)
    }
}

/// Runs `f` with the object of the first argument; undefined for no bytes.
fn with_ecdh(
    scope: &mut v8::PinScope,
    args: &Args,
    rv: &mut v8::ReturnValue,
    f: impl FnOnce(&Ecdh) -> Outcome<Option<Vec<u8>>>,
) {
    failure::clear();
    let Some(ecdh) = native::unwrap::<Ecdh>(scope, args.get(0)) else { return };
    let outcome = f(ecdh);
    failure::clear();
    match outcome {
        Ok(Some(bytes)) => rv.set(binding::uint8_array(scope, bytes).into()),
        Ok(None) => {}
        Err(failure) => failure.throw(scope),
    }
}

/// `create(curve)`
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    ready();
    match group_named(&text_argument(scope, args.get(0)).unwrap_or_default()) {
        Ok(group) => {
            let ecdh = Ecdh { group, private: RefCell::new(None), public: RefCell::new(None) };
            rv.set(native::wrap(scope, ecdh));
        }
        Err(failure) => failure.throw(scope),
    }
}

fn generate_keys(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_ecdh(scope, &args, &mut rv, |ecdh| ecdh.generate().map(|()| None));
}

/// `computeSecret(ecdh, otherPublicKey)`: undefined where that is no point of the curve.
fn compute_secret(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let other = bytes_argument(args.get(1)).unwrap_or_default();
    with_ecdh(scope, &args, &mut rv, |ecdh| ecdh.secret(&other));
}

/// `getPublicKey(ecdh, form)`
fn get_public_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let form = args.get(1).uint32_value(scope).unwrap_or(4);
    with_ecdh(scope, &args, &mut rv, |ecdh| {
        let public = ecdh.public.borrow();
        let bytes = public.as_ref().and_then(|point| ecdh.group.encode(point, form));
        bytes.map(Some).ok_or_else(|| failed("Failed to get ECDH public key"))
    });
}

fn get_private_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_ecdh(scope, &args, &mut rv, |ecdh| {
        let private = ecdh.private.borrow();
        let private = private.as_ref().ok_or_else(|| failed("Failed to get ECDH private key"))?;
        Ok(private.to_padded(ecdh.group.order_size()))
    });
}

/// `setPrivateKey(ecdh, bytes)`: the public key follows.
fn set_private_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let bytes = bytes_argument(args.get(1)).unwrap_or_default();
    with_ecdh(scope, &args, &mut rv, |ecdh| ecdh.set_private(&bytes).map(|()| None));
}

fn set_public_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let bytes = bytes_argument(args.get(1)).unwrap_or_default();
    with_ecdh(scope, &args, &mut rv, |ecdh| {
        let point = ecdh.group.decode(&bytes).map_err(|_| failed(NO_POINT))?;
        ecdh.public.replace(Some(point));
        Ok(None)
    });
}

/// `convertKey(point, curve, form)`
fn convert_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    ready();
    failure::clear();
    let bytes = bytes_argument(args.get(0)).unwrap_or_default();
    let curve = text_argument(scope, args.get(1)).unwrap_or_default();
    let form = args.get(2).uint32_value(scope).unwrap_or(4);
    let converted = group_named(&curve).and_then(|group| {
        let point = group.decode(&bytes).map_err(|_| failed(NO_POINT))?;
        group.encode(&point, form).ok_or_else(|| failed("Failed to convert EC_POINT to Buffer"))
    });
    match converted {
        Ok(bytes) => rv.set(binding::uint8_array(scope, bytes).into()),
        Err(failure) => failure.throw(scope),
    }
}

binding!("crypto_ecdh", [
    create => create,
    generateKeys => generate_keys,
    computeSecret => compute_secret,
    getPublicKey => get_public_key,
    getPrivateKey => get_private_key,
    setPrivateKey => set_private_key,
    setPublicKey => set_public_key,
    convertKey => convert_key,
]);
