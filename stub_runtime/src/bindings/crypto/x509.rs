//! `internalBinding('crypto_x509')`: certificates.
//!
//! Owns: [`Certificate`], what is asked of one, and the object that `tls` gives of it ([`legacy_object`]). Does not own: names
//! as text (`x509_names.rs`), the class (`js/internal/crypto/x509.js`).

use super::failure::{self, Class, Failure, Outcome};
use super::key::{KeyData, Pkey};
use super::key_export::public_point;
use super::keys::{bytes_argument, handle, int_argument, pkey_argument, text_argument};
use super::libcrypto::{self as lib, Bio, encoded, number_bytes, rust_text};
use super::x509_names::{self as names, MULTILINE, oid_text};
use super::{native, ready};
use crate::binding;
use crate::bindings::fs::job::text as utf8;
use openssl_sys as ffi;
use std::ffi::{CStr, c_char, c_int};
use std::ptr::null_mut;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// A certificate, counted by OpenSSL.
pub struct Certificate(*mut ffi::X509);

impl Certificate {
    /// Takes over one reference; `None` for null.
    ///
    /// # Safety
    /// `certificate` is null or a reference that the caller owns.
    pub unsafe fn from_raw(certificate: *mut ffi::X509) -> Option<Self> {
        (!certificate.is_null()).then_some(Certificate(certificate))
    }

    /// The certificate, valid as long as this value.
    pub fn as_ptr(&self) -> *mut ffi::X509 {
        self.0
    }

    /// From PEM or DER.
    fn parse(bytes: &[u8]) -> Outcome<Self> {
        failure::clear();
        Bio::reading(bytes, |bio| {
            // SAFETY: the new certificate is ours.
            unsafe {
                let (out, user) = (null_mut(), null_mut());
                if let Some(found) = Self::from_raw(lib::PEM_read_bio_X509_AUX(bio.as_ptr(), out, Some(no_pass), user))
                {
                    return Ok(found);
                }
                // What PEM's reader said is what the user is told.
                let failure = Failure::take("Failed to parse certificate");
                bio.rewind();
                let found = Self::from_raw(ffi::d2i_X509_bio(bio.as_ptr(), null_mut()));
                failure::clear();
                found.ok_or(failure)
            }
        })?
    }

    fn der(&self) -> Outcome<Vec<u8>> {
        // SAFETY: the certificate is valid; OpenSSL allocates what it writes.
        encoded(|out| unsafe { ffi::i2d_X509(self.0, out) }, "Failed to encode certificate")
    }

    fn public_key(&self) -> Outcome<Pkey> {
        failure::clear();
        // SAFETY: the new reference is ours.
        unsafe { Pkey::from_raw(ffi::X509_get_pubkey(self.0)) }
            .ok_or_else(|| Failure::take("Failed to get the public key"))
    }

    /// Hex of a digest, a colon between bytes.
    fn fingerprint(&self, digest: *const ffi::EVP_MD) -> String {
        let mut out = [0; ffi::EVP_MAX_MD_SIZE as usize];
        let mut length = 0;
        // SAFETY: the buffer has room for any digest.
        unsafe { ffi::X509_digest(self.0, digest, out.as_mut_ptr(), &raw mut length) };
        let bytes: Vec<String> = out[..length as usize].iter().map(|byte| format!("{byte:02X}")).collect();
        bytes.join(":")
    }

    fn serial_number(&self) -> String {
        // SAFETY: the serial number belongs to the certificate; the number made from it is freed.
        unsafe {
            let number = ffi::ASN1_INTEGER_to_BN(ffi::X509_get_serialNumber(self.0), null_mut());
            if number.is_null() {
                return String::new();
            }
            let bytes = number_bytes(number);
            let sign = if ffi::BN_is_negative(number) == 1 { "-" } else { "" };
            ffi::BN_free(number);
            if bytes.is_empty() { "0".to_owned() } else { format!("{sign}{}", hex(&bytes)) }
        }
    }

    /// A time of validity as text.
    fn time_text(time: *const ffi::ASN1_TIME) -> Option<Vec<u8>> {
        let bio = Bio::memory().ok()?;
        // SAFETY: the time belongs to the certificate.
        unsafe { ffi::ASN1_TIME_print(bio.as_ptr(), time) };
        Some(bio.written())
    }

    fn is_ca(&self) -> bool {
        // SAFETY: the certificate is valid.
        unsafe { lib::X509_check_ca(self.0) == 1 }
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        // SAFETY: this value's own reference.
        unsafe { ffi::X509_free(self.0) };
    }
}

/// Encrypted certificates are refused, not asked for.
unsafe extern "C" fn no_pass(_: *mut c_char, _: c_int, _: c_int, _: *mut std::ffi::c_void) -> c_int {
    0
}

/// Upper-case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// `parse(bytes)`
fn parse(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    ready();
    match Certificate::parse(&bytes_argument(args.get(0)).unwrap_or_default()) {
        Ok(certificate) => rv.set(native::wrap(scope, certificate)),
        Err(failure) => failure.throw(scope),
    }
}

/// What is asked of a certificate by name.
fn answer<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    certificate: &Certificate,
    question: &str,
) -> Outcome<Option<v8::Local<'s, v8::Value>>> {
    let raw = certificate.as_ptr();
    // SAFETY: what these give belongs to the certificate, or is static.
    unsafe {
        let text = match question {
            "subject" => names::print_name(ffi::X509_get_subject_name(raw), MULTILINE),
            "issuer" => names::print_name(ffi::X509_get_issuer_name(raw), MULTILINE),
            "subjectAltName" => names::subject_alt_name(raw),
            "infoAccess" => names::info_access(raw),
            "validFrom" => Certificate::time_text(ffi::X509_getm_notBefore(raw)),
            "validTo" => Certificate::time_text(ffi::X509_getm_notAfter(raw)),
            "validFromTime" => return Ok(seconds(scope, ffi::X509_getm_notBefore(raw))),
            "validToTime" => return Ok(seconds(scope, ffi::X509_getm_notAfter(raw))),
            "fingerprint" => Some(certificate.fingerprint(ffi::EVP_sha1()).into_bytes()),
            "fingerprint256" => Some(certificate.fingerprint(ffi::EVP_sha256()).into_bytes()),
            "fingerprint512" => Some(certificate.fingerprint(ffi::EVP_sha512()).into_bytes()),
            "serialNumber" => Some(certificate.serial_number().into_bytes()),
            "signatureAlgorithm" => match ffi::X509_get_signature_nid(raw) {
                ffi::NID_undef => None,
                nid => Some(rust_text(ffi::OBJ_nid2ln(nid)).into_bytes()),
            },
            "signatureAlgorithmOid" => Some(signature_oid(raw).into_bytes()),
            "keyUsage" => return Ok(key_usage(scope, raw)),
            "raw" => return certificate.der().map(|der| Some(binding::uint8_array(scope, der).into())),
            "pem" => {
                let bio = Bio::memory()?;
                ffi::PEM_write_bio_X509(bio.as_ptr(), raw);
                Some(bio.written())
            }
            "ca" => return Ok(Some(v8::Boolean::new(scope, certificate.is_ca()).into())),
            "publicKey" => return certificate.public_key().map(|key| Some(handle(scope, KeyData::Public(key)))),
            _ => None,
        };
        Ok(text.map(|text| utf8(scope, &text)))
    }
}

fn seconds<'s>(scope: &mut v8::PinScope<'s, '_>, time: *const ffi::ASN1_TIME) -> Option<v8::Local<'s, v8::Value>> {
    // SAFETY: the time belongs to the certificate; all zeros is a valid `tm`.
    unsafe {
        let mut parts: libc::tm = std::mem::zeroed();
        lib::ASN1_TIME_to_tm(time, &raw mut parts);
        Some(v8::Number::new(scope, libc::timegm(&raw mut parts) as f64).into())
    }
}

/// # Safety
/// `certificate` is valid.
unsafe fn signature_oid(certificate: *const ffi::X509) -> String {
    // SAFETY: the algorithm belongs to the certificate.
    unsafe {
        let (mut algorithm, mut object) = (std::ptr::null(), std::ptr::null());
        ffi::X509_get0_signature(null_mut(), &raw mut algorithm, certificate);
        if algorithm.is_null() {
            return String::new();
        }
        ffi::X509_ALGOR_get0(&raw mut object, null_mut(), null_mut(), algorithm);
        oid_text(object, true)
    }
}

fn key_usage<'s>(scope: &mut v8::PinScope<'s, '_>, certificate: *const ffi::X509) -> Option<v8::Local<'s, v8::Value>> {
    let usages = names::extended_key_usage(certificate)?;
    let usages: Vec<_> = usages.iter().map(|usage| binding::string(scope, usage)).collect();
    Some(v8::Array::new_with_elements(scope, &usages).into())
}

/// `get(certificate, question)`: a string, number, boolean, list, Uint8Array or key handle; undefined where it has none.
fn get(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let question = args.get(1).to_rust_string_lossy(scope);
    let Some(certificate) = native::unwrap::<Certificate>(scope, args.get(0)) else { return };
    let answer = answer(scope, certificate, &question);
    failure::clear();
    match answer {
        Ok(Some(value)) => rv.set(value),
        Ok(None) => {}
        Err(failure) => failure.throw(scope),
    }
}

/// The result of one of OpenSSL's checks of a name.
fn checked(scope: &mut v8::PinScope, rv: &mut v8::ReturnValue, result: c_int, matched: &str, what: &'static str) {
    failure::clear();
    match result {
        1 => rv.set(binding::string(scope, matched)),
        0 => {}
        -2 => Failure::node(Class::TypeError, "ERR_INVALID_ARG_VALUE", what).throw(scope),
        _ => Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", "Certificate check failed").throw(scope),
    }
}

/// The text with a NUL behind it: OpenSSL reads an empty one up to there.
fn terminated(text: &str) -> Vec<u8> {
    [text.as_bytes(), &[0]].concat()
}

/// `checkHost(certificate, name, flags)`: the name in the certificate that matches.
fn check_host(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let name = text_argument(scope, args.get(1)).unwrap_or_default();
    let flags = int_argument(scope, args.get(2)).unwrap_or(0) as u32;
    let Some(certificate) = native::unwrap::<Certificate>(scope, args.get(0)) else { return };
    let mut peer: *mut c_char = null_mut();
    let terminated = terminated(&name);
    // SAFETY: reads the name; the matched one is a copy that is freed here.
    let (result, matched) = unsafe {
        let (text, length) = (terminated.as_ptr().cast(), name.len());
        let result = ffi::X509_check_host(certificate.as_ptr(), text, length, flags, &raw mut peer);
        let matched = if peer.is_null() { name.clone() } else { CStr::from_ptr(peer).to_string_lossy().into_owned() };
        ffi::CRYPTO_free(peer.cast(), c"".as_ptr(), 0);
        (result, matched)
    };
    checked(scope, &mut rv, result, &matched, "Invalid name");
}

/// `checkEmail(certificate, address, flags)`
fn check_email(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let email = text_argument(scope, args.get(1)).unwrap_or_default();
    let flags = int_argument(scope, args.get(2)).unwrap_or(0) as u32;
    let Some(certificate) = native::unwrap::<Certificate>(scope, args.get(0)) else { return };
    let text = terminated(&email);
    // SAFETY: reads the address.
    let result = unsafe { ffi::X509_check_email(certificate.as_ptr(), text.as_ptr().cast(), email.len(), flags) };
    checked(scope, &mut rv, result, &email, "Invalid name");
}

/// `checkIP(certificate, address, flags)`
fn check_ip(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let ip = text_argument(scope, args.get(1)).unwrap_or_default();
    let flags = int_argument(scope, args.get(2)).unwrap_or(0) as u32;
    let Some(certificate) = native::unwrap::<Certificate>(scope, args.get(0)) else { return };
    // SAFETY: reads the address.
    let result = unsafe { ffi::X509_check_ip_asc(certificate.as_ptr(), lib::c_text(&ip).as_ptr(), flags) };
    checked(scope, &mut rv, result, &ip, "Invalid name");
}

/// `checkIssued(certificate, issuer)`
fn check_issued(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let certificate = native::unwrap::<Certificate>(scope, args.get(0));
    let (Some(certificate), Some(issuer)) = (certificate, native::unwrap::<Certificate>(scope, args.get(1))) else {
        return;
    };
    // SAFETY: both are valid.
    rv.set_bool(unsafe { ffi::X509_check_issued(issuer.as_ptr(), certificate.as_ptr()) } == ffi::X509_V_OK);
    failure::clear();
}

/// `checkPrivateKey(certificate, handle)`
fn check_private_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(certificate) = native::unwrap::<Certificate>(scope, args.get(0)) else { return };
    if let Ok(key) = pkey_argument(scope, args.get(1)) {
        // SAFETY: both are valid.
        rv.set_bool(unsafe { lib::X509_check_private_key(certificate.as_ptr(), key.as_ptr()) } == 1);
        failure::clear();
    }
}

/// `verify(certificate, handle)`: whether the key signed it.
fn verify(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(certificate) = native::unwrap::<Certificate>(scope, args.get(0)) else { return };
    if let Ok(key) = pkey_argument(scope, args.get(1)) {
        // SAFETY: both are valid.
        rv.set_bool(unsafe { ffi::X509_verify(certificate.as_ptr(), key.as_ptr()) } == 1);
        failure::clear();
    }
}

/// The entries of a name as an object; a list where one has several values.
fn name_object<'s>(scope: &mut v8::PinScope<'s, '_>, name: *const ffi::X509_NAME) -> v8::Local<'s, v8::Value> {
    let null = v8::null(scope).into();
    let object = v8::Object::with_prototype_and_properties(scope, null, &[], &[]);
    for (key, value) in names::entries(name) {
        let key = binding::string(scope, &key);
        let value = utf8(scope, &value);
        let known = object.get(scope, key).filter(|known| !known.is_undefined());
        let value = match known {
            None => value,
            Some(known) => match v8::Local::<v8::Array>::try_from(known) {
                Ok(list) => {
                    list.set_index(scope, list.length(), value);
                    continue;
                }
                Err(_) => v8::Array::new_with_elements(scope, &[known, value]).into(),
            },
        };
        object.set(scope, key, value);
    }
    object.into()
}

/// A certificate as `tls` and `X509Certificate.prototype.toLegacyObject` give it, but that `infoAccess` is text and bytes are
/// Uint8Arrays (`internal/crypto/x509` makes of them what users see).
pub fn legacy_object<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    certificate: &Certificate,
) -> Outcome<v8::Local<'s, v8::Object>> {
    let object = v8::Object::new(scope);
    let raw = certificate.as_ptr();
    // SAFETY: both names belong to the certificate.
    let (subject, issuer) = unsafe { (ffi::X509_get_subject_name(raw), ffi::X509_get_issuer_name(raw)) };
    let (subject, issuer) = (name_object(scope, subject), name_object(scope, issuer));
    let undefined: v8::Local<v8::Value> = v8::undefined(scope).into();
    binding::set(scope, object, "subject", subject);
    binding::set(scope, object, "issuer", issuer);
    let key = certificate.public_key().ok();
    let parts = key.as_ref().map(key_parts).unwrap_or_default();
    let questions = [
        ("subjectaltname", "subjectAltName"),
        ("infoAccess", "infoAccess"),
        ("ca", "ca"),
        ("modulus", ""),
        ("exponent", ""),
        ("pubkey", ""),
        ("bits", ""),
        ("valid_from", "validFrom"),
        ("valid_to", "validTo"),
        ("fingerprint", "fingerprint"),
        ("fingerprint256", "fingerprint256"),
        ("fingerprint512", "fingerprint512"),
        ("ext_key_usage", "keyUsage"),
        ("serialNumber", "serialNumber"),
        ("raw", "raw"),
        ("asn1Curve", ""),
        ("nistCurve", ""),
    ];
    for (name, question) in questions {
        let value = match name {
            "modulus" => parts.modulus.as_deref().map(|text| binding::string(scope, text)),
            "exponent" => parts.exponent.as_deref().map(|text| binding::string(scope, text)),
            "pubkey" => parts.public.clone().map(|bytes| binding::uint8_array(scope, bytes).into()),
            "bits" => parts.bits.map(|bits| v8::Integer::new(scope, bits).into()),
            "asn1Curve" => parts.curve.as_deref().map(|text| binding::string(scope, text)),
            "nistCurve" => parts.nist_curve.as_deref().map(|text| binding::string(scope, text)),
            _ => answer(scope, certificate, question)?,
        };
        binding::set(scope, object, name, value.unwrap_or(undefined));
    }
    failure::clear();
    Ok(object)
}

/// What the legacy object says of a public key.
#[derive(Default)]
struct KeyParts {
    modulus: Option<String>,
    exponent: Option<String>,
    public: Option<Vec<u8>>,
    bits: Option<i32>,
    curve: Option<String>,
    nist_curve: Option<String>,
}

fn key_parts(key: &Pkey) -> KeyParts {
    match key.name() {
        "rsa" => KeyParts {
            modulus: key.number(c"n").map(|n| hex(&n.to_bytes())),
            exponent: key.number(c"e").map(|e| {
                let digits = hex(&e.to_bytes()).to_ascii_lowercase();
                format!("0x{}", digits.trim_start_matches('0'))
            }),
            // SAFETY: the key is valid; OpenSSL allocates what it writes.
            public: encoded(|out| unsafe { lib::i2d_PUBKEY(key.as_ptr(), out) }, "").ok(),
            bits: Some(key.bits()),
            ..KeyParts::default()
        },
        "ec" => {
            let curve = key.curve();
            let nid = curve.as_deref().map_or(0, super::pkey::curve_nid);
            // SAFETY: gives a static text or null.
            let nist = unsafe { lib::EC_curve_nid2nist(nid) };
            KeyParts {
                public: public_point(key, super::ec::UNCOMPRESSED),
                bits: Some(key.bits()),
                curve,
                nist_curve: (!nist.is_null()).then(|| rust_text(nist)),
                ..KeyParts::default()
            }
        }
        _ => KeyParts::default(),
    }
}

/// `toLegacy(certificate)`
fn to_legacy(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(certificate) = native::unwrap::<Certificate>(scope, args.get(0)) else { return };
    match legacy_object(scope, certificate) {
        Ok(object) => rv.set(object.into()),
        Err(failure) => failure.throw(scope),
    }
}

binding!("crypto_x509", [
    parse => parse,
    get => get,
    checkHost => check_host,
    checkEmail => check_email,
    checkIP => check_ip,
    checkIssued => check_issued,
    checkPrivateKey => check_private_key,
    verify => verify,
    toLegacy => to_legacy,
]);
