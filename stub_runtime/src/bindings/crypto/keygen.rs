//! `internalBinding('crypto_keygen')`: new keys, made at once or on the pool, and written there too.
//!
//! Owns: the parameters of each type of key. Does not own: their check (`js/internal/crypto/keygen.js`), formats
//! (`key_export.rs`, `jwk.rs`).

use super::dh::standard_group;
use super::failure::{Class, Failure, Outcome};
use super::job;
use super::key::{KeyData, Pkey, Secret};
use super::key_export::{self, Encoding, Written, cipher_of};
use super::key_import::format;
use super::keys::{bytes_argument, encoding_arguments, handle, int_argument, text_argument};
use super::libcrypto::{self as lib, Bn, Context, Params, c_text};
use super::pkey::{Kind, curve_nid, invalid_curve};
use super::{jwk, ready};
use crate::binding;
use openssl_sys as ffi;
use std::ptr::{null, null_mut};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// What a pair is made from, checked as far as it can be without making it.
enum Recipe {
    Rsa { bits: i32, exponent: u32, pss: Option<Pss> },
    Dsa { bits: i32, divisor: Option<i32> },
    Ec { nid: i32, encoding: i32 },
    Dh(DhParameters),
    Named(&'static Kind),
}

/// What an RSA-PSS key is restricted to; a digest is OpenSSL's own and static.
struct Pss {
    digest: Option<Digest>,
    mask_digest: Option<Digest>,
    salt_length: Option<i32>,
}

/// A digest.
#[derive(Clone, Copy)]
pub struct Digest(pub *const ffi::EVP_MD);

// SAFETY: a static, constant object of OpenSSL's.
unsafe impl Send for Digest {}

enum DhParameters {
    Numbers { prime: Vec<u8>, generator: Vec<u8> },
    PrimeLength { bits: i32, generator: i32 },
}

/// A digest by name.
pub fn digest(name: Option<String>) -> Outcome<Option<Digest>> {
    named_digest(name, "digest")
}

/// As [`digest`]; `what` is what the error calls it.
fn named_digest(name: Option<String>, what: &str) -> Outcome<Option<Digest>> {
    let Some(name) = name else { return Ok(None) };
    // SAFETY: gives a static object or null.
    let digest = unsafe { ffi::EVP_get_digestbyname(c_text(&name).as_ptr()) };
    if digest.is_null() {
        let text = format!("Invalid {what}: {name}");
        return Err(Failure::node(Class::TypeError, "ERR_CRYPTO_INVALID_DIGEST", text));
    }
    Ok(Some(Digest(digest)))
}

/// The recipe from arguments 8 and on, by the type's name.
fn recipe(scope: &mut v8::PinScope, kind: &str, args: &Args) -> Outcome<Recipe> {
    let int = |scope: &mut v8::PinScope, i| int_argument(scope, args.get(8 + i));
    Ok(match kind {
        "rsa" | "rsa-pss" => {
            let bits = int(scope, 0).unwrap_or(0);
            let exponent = args.get(9).uint32_value(scope).unwrap_or(0x10001);
            let pss = if kind == "rsa-pss" {
                Some(Pss {
                    digest: digest(text_argument(scope, args.get(10)))?,
                    mask_digest: named_digest(text_argument(scope, args.get(11)), "MGF1 digest")?,
                    salt_length: int(scope, 4),
                })
            } else {
                None
            };
            Recipe::Rsa { bits, exponent, pss }
        }
        "dsa" => Recipe::Dsa { bits: int(scope, 0).unwrap_or(0), divisor: int(scope, 1) },
        "ec" => match curve_nid(&text_argument(scope, args.get(8)).unwrap_or_default()) {
            0 => return Err(invalid_curve()),
            nid => Recipe::Ec { nid, encoding: int(scope, 1).unwrap_or(1) },
        },
        "dh" => Recipe::Dh(dh_parameters(scope, args)?),
        _ => match Kind::named(kind) {
            Some(kind) => Recipe::Named(kind),
            None => return Err(Failure::message("unknown type of key")),
        },
    })
}

/// A group by name, or a prime (bytes, or how many bits) and a generator.
fn dh_parameters(scope: &mut v8::PinScope, args: &Args) -> Outcome<DhParameters> {
    if let Some(name) = text_argument(scope, args.get(8)) {
        let (prime, generator) = standard_group(&name)
            .ok_or_else(|| Failure::node(Class::Error, "ERR_CRYPTO_UNKNOWN_DH_GROUP", "Unknown DH group"))?;
        return Ok(DhParameters::Numbers { prime: prime.to_bytes(), generator: vec![generator] });
    }
    let generator = int_argument(scope, args.get(9)).unwrap_or(2);
    if let Some(prime) = bytes_argument(args.get(8)) {
        return Ok(DhParameters::Numbers { prime, generator: generator.to_be_bytes().to_vec() });
    }
    Ok(DhParameters::PrimeLength { bits: int_argument(scope, args.get(8)).unwrap_or(0), generator })
}

const FAILED: &str = "Key generation job failed";

fn check(ok: i32) -> Outcome<()> {
    if ok > 0 { Ok(()) } else { Err(Failure::take(FAILED)) }
}

/// A context of this type of key.
fn context(name: &std::ffi::CStr) -> Outcome<Context> {
    // SAFETY: makes a new object.
    unsafe { Context::new(ffi::EVP_PKEY_CTX_new_from_name(null_mut(), name.as_ptr(), null())) }
}

/// Runs an operation that makes a key.
fn made(
    context: &Context,
    make: unsafe extern "C" fn(*mut ffi::EVP_PKEY_CTX, *mut *mut ffi::EVP_PKEY) -> i32,
) -> Outcome<Pkey> {
    let mut key = null_mut();
    // SAFETY: the new key is ours.
    unsafe {
        check(make(context.as_ptr(), &raw mut key))?;
        Pkey::from_raw(key).ok_or_else(|| Failure::take(FAILED))
    }
}

/// A pair with the same parameters as `parameters`.
pub fn pair_of(parameters: &Pkey) -> Outcome<Pkey> {
    let context = parameters.context()?;
    // SAFETY: the context is valid.
    check(unsafe { ffi::EVP_PKEY_keygen_init(context.as_ptr()) })?;
    made(&context, ffi::EVP_PKEY_keygen)
}

fn generate(recipe: &Recipe) -> Outcome<Pkey> {
    // SAFETY: contexts are valid for the calls, which copy what they are given.
    unsafe {
        match recipe {
            Recipe::Rsa { bits, exponent, pss } => {
                let context = context(if pss.is_some() { c"RSA-PSS" } else { c"RSA" })?;
                let raw = context.as_ptr();
                check(ffi::EVP_PKEY_keygen_init(raw))?;
                check(lib::EVP_PKEY_CTX_set_rsa_keygen_bits(raw, *bits))?;
                if *exponent != 0x10001 {
                    let exponent = Bn::from_bytes(&exponent.to_be_bytes())?;
                    check(lib::EVP_PKEY_CTX_set1_rsa_keygen_pubexp(raw, exponent.as_ptr()))?;
                }
                if let Some(Pss { digest, mask_digest, salt_length }) = pss {
                    let mut salt_length = *salt_length;
                    if let Some(digest) = digest {
                        check(lib::EVP_PKEY_CTX_set_rsa_pss_keygen_md(raw, digest.0))?;
                        salt_length = salt_length.or(Some(ffi::EVP_MD_get_size(digest.0)));
                    }
                    if let Some(digest) = mask_digest.or(*digest) {
                        check(lib::EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(raw, digest.0))?;
                    }
                    if let Some(length) = salt_length {
                        check(lib::EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(raw, length))?;
                    }
                }
                made(&context, ffi::EVP_PKEY_keygen)
            }
            Recipe::Dsa { bits, divisor } => {
                let context = context(c"DSA")?;
                check(ffi::EVP_PKEY_paramgen_init(context.as_ptr()))?;
                check(lib::EVP_PKEY_CTX_set_dsa_paramgen_bits(context.as_ptr(), *bits))?;
                if let Some(divisor) = divisor {
                    check(lib::EVP_PKEY_CTX_set_dsa_paramgen_q_bits(context.as_ptr(), *divisor))?;
                }
                pair_of(&made(&context, ffi::EVP_PKEY_paramgen)?)
            }
            Recipe::Ec { nid, encoding } => {
                let context = context(c"EC")?;
                check(ffi::EVP_PKEY_paramgen_init(context.as_ptr()))?;
                check(lib::EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.as_ptr(), *nid))?;
                check(lib::EVP_PKEY_CTX_set_ec_param_enc(context.as_ptr(), *encoding))?;
                pair_of(&made(&context, ffi::EVP_PKEY_paramgen)?)
            }
            Recipe::Dh(DhParameters::Numbers { prime, generator }) => {
                let mut parts = Params::new();
                parts.number(c"p", Bn::from_bytes(prime)?).number(c"g", Bn::from_bytes(generator)?);
                let parameters = Pkey::parameters(c"DH", &parts).ok_or_else(|| Failure::take(FAILED))?;
                pair_of(&parameters)
            }
            Recipe::Dh(DhParameters::PrimeLength { bits, generator }) => {
                let context = context(c"DH")?;
                check(ffi::EVP_PKEY_paramgen_init(context.as_ptr()))?;
                check(lib::EVP_PKEY_CTX_set_dh_paramgen_prime_len(context.as_ptr(), *bits))?;
                check(lib::EVP_PKEY_CTX_set_dh_paramgen_generator(context.as_ptr(), *generator))?;
                pair_of(&made(&context, ffi::EVP_PKEY_paramgen)?)
            }
            Recipe::Named(kind) => {
                let context = context(kind.openssl)?;
                check(ffi::EVP_PKEY_keygen_init(context.as_ptr()))?;
                made(&context, ffi::EVP_PKEY_keygen)
            }
        }
    }
}

/// One half of a new pair.
enum Half {
    Handle(KeyData),
    Jwk(jwk::Members),
    Written(Written),
}

impl Half {
    fn of(key: Pkey, private: bool, how: Option<&Encoding>) -> Outcome<Self> {
        Ok(match how {
            None if private => Half::Handle(KeyData::Private(key)),
            None => Half::Handle(KeyData::Public(key)),
            Some(how) if how.format == format::JWK => Half::Jwk(jwk::export(&key, private)?),
            Some(how) if private => Half::Written(key_export::private(&key, how)?),
            Some(how) => Half::Written(key_export::public(&key, how)?),
        })
    }

    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        match self {
            Half::Handle(key) => handle(scope, key),
            Half::Jwk(members) => jwk::to_js(scope, members).into(),
            Half::Written(written) => written.into_js(scope),
        }
    }
}

/// `generateKeyPair(callback, type, publicFormat, publicEncoding, privateFormat, privateEncoding, cipher, passphrase, ...recipe)`:
/// `[public, private]`, each a handle where its format is undefined.
fn generate_key_pair(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    ready();
    super::failure::clear();
    let kind = args.get(1).to_rust_string_lossy(scope);
    let none = args.get(-1);
    let public = encoding_arguments(scope, [args.get(2), args.get(3), none, none]);
    let public = (!args.get(2).is_undefined()).then_some(public);
    let private = encoding_arguments(scope, [args.get(4), args.get(5), args.get(6), args.get(7)]);
    let private = (!args.get(4).is_undefined()).then_some(private);
    let cipher = private.as_ref().and_then(|how| how.cipher.as_deref());
    let checked = cipher.map_or(Ok(()), |name| cipher_of(name).map(|_| ()));
    let recipe = match checked.and_then(|()| recipe(scope, &kind, &args)) {
        Ok(recipe) => recipe,
        Err(failure) => return failure.throw(scope),
    };
    let work = move || {
        let key = generate(&recipe)?;
        Ok((Half::of(key.clone(), false, public.as_ref())?, Half::of(key, true, private.as_ref())?))
    };
    job::run(scope, "KEYPAIRGENREQUEST", args.get(0), rv, work, |(public, private), scope| {
        let halves = [public.into_js(scope), private.into_js(scope)];
        v8::Array::new_with_elements(scope, &halves).into()
    });
}

/// `generateSecret(callback, bytes)`: a handle.
fn generate_secret(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let length = args.get(1).uint32_value(scope).unwrap_or(0) as usize;
    let work = move || {
        let mut bytes = vec![0; length];
        // SAFETY: fills the vector.
        check(unsafe { ffi::RAND_bytes(bytes.as_mut_ptr(), length as i32) })?;
        Ok(KeyData::Secret(Secret::new(bytes)))
    };
    job::run(scope, "KEYGENREQUEST", args.get(0), rv, work, |key, scope| handle(scope, key));
}

binding!("crypto_keygen", [
    generateKeyPair => generate_key_pair,
    generateSecret => generate_secret,
]);
