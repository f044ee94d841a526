//! Asymmetric keys as JSON Web Keys (RFC 7517, 7518, 8037; AKP for post-quantum keys).
//!
//! Owns: which members a type of key has, and that private and public parts fit. Does not own: secret keys, which are JavaScript's.

use super::ec::{Group, UNCOMPRESSED};
use super::failure::{self, Class, Failure, Outcome};
use super::key::Pkey;
use super::key_export::private_number;
use super::key_import::from_seed;
use super::libcrypto::{Bn, Params};
use super::pkey::{KINDS, Kind, Raw};
use crate::binding;
use std::ffi::CStr;

/// Members of a JWK that JavaScript will see, in order.
pub type Members = Vec<(&'static str, String)>;

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    Failure::node(Class::TypeError, "ERR_CRYPTO_INVALID_JWK", message)
}

/// What was in a JavaScript object; members are strings, or absent.
pub struct Jwk<'a, 's> {
    object: v8::Local<'s, v8::Object>,
    kind: &'a str,
}

/// A member: absent, a string, or something that it must not be.
enum Member {
    Absent,
    Text(String),
    Wrong,
}

impl<'s> Jwk<'_, 's> {
    fn member(&self, scope: &mut v8::PinScope<'s, '_>, name: &str) -> Member {
        let key = binding::string(scope, name);
        match self.object.get(scope, key) {
            Some(value) if value.is_string() => Member::Text(value.to_rust_string_lossy(scope)),
            Some(value) if value.is_undefined() => Member::Absent,
            _ => Member::Wrong,
        }
    }

    fn failure(&self) -> Failure {
        invalid(format!("Invalid JWK {} key", self.kind))
    }

    /// A member that must be there.
    fn text(&self, scope: &mut v8::PinScope<'s, '_>, name: &str) -> Outcome<String> {
        match self.member(scope, name) {
            Member::Text(text) => Ok(text),
            _ => Err(self.failure()),
        }
    }

    /// Bytes of a member that must be there.
    fn bytes(&self, scope: &mut v8::PinScope<'s, '_>, name: &str) -> Outcome<Vec<u8>> {
        self.text(scope, name).map(|text| decode(&text))
    }

    /// Bytes of a member that may be absent.
    fn optional(&self, scope: &mut v8::PinScope<'s, '_>, name: &str) -> Outcome<Option<Vec<u8>>> {
        match self.member(scope, name) {
            Member::Text(text) => Ok(Some(decode(&text))),
            Member::Absent => Ok(None),
            Member::Wrong => Err(self.failure()),
        }
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().enumerate().fold(0u32, |g, (i, b)| g | u32::from(*b) << (16 - 8 * i));
        for i in 0..=chunk.len() {
            out.push(ALPHABET[(group >> (18 - 6 * i) & 63) as usize] as char);
        }
    }
    out
}

/// base64 or base64url; what is neither is passed over, as Node's decoder does.
pub fn decode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut group, mut bits) = (0u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => continue,
        };
        group = group << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((group >> bits) as u8);
            group &= (1 << bits) - 1;
        }
    }
    out
}

/// A key from a JWK; the flag says whether it has private material. `private`: it must have.
pub fn import<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    private: bool,
) -> Outcome<(Pkey, bool)> {
    failure::clear();
    let Member::Text(kty) = (Jwk { object, kind: "" }).member(scope, "kty") else {
        return Err(invalid("Invalid JWK format"));
    };
    let jwk = Jwk { object, kind: &kty };
    let imported = match &*kty {
        "RSA" => rsa(scope, &jwk)?,
        "EC" => ec(scope, &jwk)?,
        "OKP" => okp(scope, &jwk)?,
        "AKP" => akp(scope, &jwk)?,
        _ => return Err(invalid(format!("{kty} is not a supported JWK key type"))),
    };
    if private && !imported.1 {
        return Err(invalid("JWK does not contain private key material"));
    }
    Ok(imported)
}

const RSA_PRIVATE: [(&str, &CStr); 6] = [
    ("d", c"d"),
    ("p", c"rsa-factor1"),
    ("q", c"rsa-factor2"),
    ("dp", c"rsa-exponent1"),
    ("dq", c"rsa-exponent2"),
    ("qi", c"rsa-coefficient1"),
];

fn rsa<'s>(scope: &mut v8::PinScope<'s, '_>, jwk: &Jwk<'_, 's>) -> Outcome<(Pkey, bool)> {
    let (n, e) = (jwk.bytes(scope, "n")?, jwk.bytes(scope, "e")?);
    let mut parts = Params::new();
    parts.number(c"n", Bn::from_bytes(&n)?).number(c"e", Bn::from_bytes(&e)?);
    let has_private = !matches!(jwk.member(scope, "d"), Member::Absent);
    if has_private {
        for (name, part) in RSA_PRIVATE {
            let number = Bn::from_bytes(&jwk.bytes(scope, name)?)?;
            if number.bits() == 0 {
                return Err(jwk.failure());
            }
            parts.number(part, number);
        }
    }
    let key = Pkey::from_parts(c"RSA", has_private, &parts).ok_or_else(|| jwk.failure())?;
    Ok((key, has_private))
}

/// Curves by their JWK names and OpenSSL's.
const CURVES: [(&str, &str); 4] =
    [("P-256", "prime256v1"), ("secp256k1", "secp256k1"), ("P-384", "secp384r1"), ("P-521", "secp521r1")];

fn ec<'s>(scope: &mut v8::PinScope<'s, '_>, jwk: &Jwk<'_, 's>) -> Outcome<(Pkey, bool)> {
    let curve = jwk.text(scope, "crv")?;
    let (x, y) = (jwk.bytes(scope, "x")?, jwk.bytes(scope, "y")?);
    let d = jwk.optional(scope, "d")?;
    let group = Group::named(&curve)?;
    let (x, y) = (Bn::from_bytes(&x)?.to_padded(group.field_size()), Bn::from_bytes(&y)?.to_padded(group.field_size()));
    let (Some(x), Some(y)) = (x, y) else { return Err(jwk.failure()) };
    let point = group.decode(&[&[UNCOMPRESSED as u8][..], &x, &y].concat()).map_err(|_| jwk.failure())?;
    let private = match d {
        None => None,
        Some(d) => {
            let number = Bn::from_bytes(&d)?;
            let fits = group.is_private_key(&number)
                && group.encode(&group.public_of(&number)?, UNCOMPRESSED) == group.encode(&point, UNCOMPRESSED);
            if !fits {
                return Err(jwk.failure());
            }
            Some(number)
        }
    };
    let has_private = private.is_some();
    let key = group.key(&point, private).ok_or_else(|| jwk.failure())?;
    Ok((key, has_private))
}

/// Keys of Curve25519 and Curve448 by their JWK names, which are OpenSSL's but for the case.
fn okp_kind(curve: &str) -> Option<&'static Kind> {
    let name = ["Ed25519", "Ed448", "X25519", "X448"].into_iter().find(|name| *name == curve)?;
    KINDS.iter().find(|kind| kind.openssl_name().eq_ignore_ascii_case(name))
}

fn okp<'s>(scope: &mut v8::PinScope<'s, '_>, jwk: &Jwk<'_, 's>) -> Outcome<(Pkey, bool)> {
    let curve = jwk.text(scope, "crv")?;
    let x = jwk.bytes(scope, "x")?;
    let d = jwk.optional(scope, "d")?;
    let kind = okp_kind(&curve).ok_or_else(|| jwk.failure())?;
    pair(jwk, kind, &x, d.as_deref())
}

fn akp<'s>(scope: &mut v8::PinScope<'s, '_>, jwk: &Jwk<'_, 's>) -> Outcome<(Pkey, bool)> {
    let unsupported = || invalid("Unsupported JWK AKP \"alg\"");
    let Member::Text(alg) = jwk.member(scope, "alg") else { return Err(unsupported()) };
    let kind = KINDS.iter().find(|k| k.is_akp() && k.openssl_name() == alg).ok_or_else(unsupported)?;
    let public = jwk.bytes(scope, "pub")?;
    let private = jwk.optional(scope, "priv")?;
    pair(jwk, kind, &public, private.as_deref())
}

/// A key from raw bytes of both halves, which must fit.
fn pair(jwk: &Jwk, kind: &Kind, public: &[u8], private: Option<&[u8]>) -> Outcome<(Pkey, bool)> {
    let Some(private) = private else {
        return Pkey::from_raw_bytes(kind, public, false).map(|key| (key, false)).ok_or_else(|| jwk.failure());
    };
    let key = match kind.raw {
        Some(Raw::Seed) => from_seed(kind, private),
        _ => Pkey::from_raw_bytes(kind, private, true),
    };
    match key {
        Some(key) if key.raw_public().as_deref() == Some(public) => Ok((key, true)),
        _ => Err(jwk.failure()),
    }
}

fn unsupported_type() -> Failure {
    Failure::node(Class::Error, "ERR_CRYPTO_JWK_UNSUPPORTED_KEY_TYPE", "Unsupported JWK Key Type.")
}

fn no_seed() -> Failure {
    Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", "key does not have an available seed")
}

/// The members of a key's JWK.
pub fn export(key: &Pkey, private: bool) -> Outcome<Members> {
    let kind = key.kind().ok_or_else(unsupported_type)?;
    let failed = || Failure::peek("Failed to export JWK");
    match kind.name {
        "rsa" => {
            let mut members = vec![("kty", "RSA".to_owned())];
            let public: [(&'static str, &CStr); 2] = [("n", c"n"), ("e", c"e")];
            let private: &[(&'static str, &CStr)] = if private { &RSA_PRIVATE } else { &[] };
            for &(name, part) in public.iter().chain(private) {
                members.push((name, encode(&key.number(part).ok_or_else(failed)?.to_bytes())));
            }
            Ok(members)
        }
        "ec" => {
            let curve = key.curve().unwrap_or_default();
            let Some((name, _)) = CURVES.iter().find(|(_, openssl)| *openssl == curve) else {
                let text = format!("Unsupported JWK EC curve: {curve}.");
                return Err(Failure::node(Class::Error, "ERR_CRYPTO_JWK_UNSUPPORTED_CURVE", text));
            };
            let size = Group::named(&curve)?.field_size();
            let coordinate = |part| key.number(part).and_then(|n| n.to_padded(size)).map(|b| encode(&b));
            let mut members = vec![
                ("kty", "EC".to_owned()),
                ("x", coordinate(c"qx").ok_or_else(failed)?),
                ("y", coordinate(c"qy").ok_or_else(failed)?),
                ("crv", (*name).to_owned()),
            ];
            if private {
                members.push(("d", encode(&private_number(key).ok_or_else(failed)?)));
            }
            Ok(members)
        }
        "ed25519" | "ed448" | "x25519" | "x448" => {
            let curve = match kind.name {
                "ed25519" => "Ed25519",
                "ed448" => "Ed448",
                "x25519" => "X25519",
                _ => "X448",
            };
            let mut members = vec![
                ("kty", "OKP".to_owned()),
                ("crv", curve.to_owned()),
                ("x", encode(&key.raw_public().ok_or_else(failed)?)),
            ];
            if private {
                members.push(("d", encode(&key.raw_private().ok_or_else(failed)?)));
            }
            Ok(members)
        }
        _ if kind.is_akp() => {
            let private = match private {
                false => None,
                true if kind.raw == Some(Raw::Seed) => Some(key.octets(c"seed").ok_or_else(no_seed)?),
                true => Some(key.raw_private().ok_or_else(failed)?),
            };
            let mut members = vec![
                ("kty", "AKP".to_owned()),
                ("alg", kind.openssl_name().to_owned()),
                ("pub", encode(&key.raw_public().ok_or_else(failed)?)),
            ];
            members.extend(private.map(|bytes| ("priv", encode(&bytes))));
            Ok(members)
        }
        _ => Err(unsupported_type()),
    }
}

/// The members as an object.
pub fn to_js<'s>(scope: &mut v8::PinScope<'s, '_>, members: Members) -> v8::Local<'s, v8::Object> {
    let object = v8::Object::new(scope);
    for (name, text) in members {
        let text = binding::string(scope, &text);
        binding::set(scope, object, name, text);
    }
    object
}
