//! What JavaScript asks a connection about itself and its peer.

use super::connection::{Connection, buffer, servername};
use super::context::issuer_in;
use super::error::{self, text, throw};
use super::ffi;
use super::roots::{Certificate, der};
use super::{connection_of, text_argument};
use crate::binding;
use openssl_sys::*;
use std::ffi::{c_char, c_int};
use std::ptr::null_mut;
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// An object of texts; `None` is left out.
fn object_of<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    fields: &[(&str, Option<v8::Local<'s, v8::Value>>)],
) -> v8::Local<'s, v8::Value> {
    let object = v8::Object::new(scope);
    for (name, value) in fields {
        if let Some(value) = value {
            binding::set(scope, object, name, *value);
        }
    }
    object.into()
}

fn string_or_none<'s>(scope: &mut v8::PinScope<'s, '_>, p: *const c_char) -> Option<v8::Local<'s, v8::Value>> {
    text(p).map(|t| binding::string(scope, &t))
}

/// `getServername(id)`: the name, or false.
pub fn get_servername(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    match servername(connection.ssl) {
        Some(name) => {
            let name = binding::string(scope, &name);
            rv.set(name);
        }
        None => rv.set_bool(false),
    }
}

/// `getALPN(id)`: the protocol, or false.
pub fn get_alpn(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let (mut data, mut length) = (std::ptr::null(), 0);
    // SAFETY: the SSL is alive, and so is what it chose.
    let name = unsafe {
        SSL_get0_alpn_selected(connection.ssl, &mut data, &mut length);
        if length == 0 { &[][..] } else { std::slice::from_raw_parts(data, length as usize) }
    };
    if name.is_empty() {
        return rv.set_bool(false);
    }
    if let Some(name) = v8::String::new_from_one_byte(scope, name, v8::NewStringType::Normal) {
        rv.set(name.into());
    }
}

/// `getCipher(id)`: `{ name, standardName, version }`
pub fn get_cipher(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    // SAFETY: the SSL is alive; the texts are static.
    let object = unsafe {
        let cipher = SSL_get_current_cipher(connection.ssl);
        if cipher.is_null() {
            return rv.set(v8::Object::new(scope).into());
        }
        let fields = [
            ("name", string_or_none(scope, SSL_CIPHER_get_name(cipher))),
            ("standardName", string_or_none(scope, SSL_CIPHER_standard_name(cipher))),
            ("version", string_or_none(scope, SSL_CIPHER_get_version(cipher))),
        ];
        object_of(scope, &fields)
    };
    rv.set(object);
}

/// `getProtocol(id)`
pub fn get_protocol(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    // SAFETY: the SSL is alive; the text is static.
    if let Some(version) = string_or_none(scope, unsafe { SSL_get_version(connection.ssl) }) {
        rv.set(version);
    }
}

/// `getEphemeralKeyInfo(id)`: null on a server.
pub fn get_ephemeral_key_info(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    if connection.is_server {
        return rv.set_null();
    }
    let none: v8::Local<v8::Value> = v8::undefined(scope).into();
    // SAFETY: the SSL is alive; the key is ours and freed here.
    unsafe {
        let mut key: *mut EVP_PKEY = std::ptr::null_mut();
        if SSL_get_peer_tmp_key(connection.ssl, &mut key) != 1 || key.is_null() {
            error::clear();
            // A hybrid group has no key of one type; key exchange by RSA has none at all.
            let object = match string_or_none(scope, ffi::SSL_get0_group_name(connection.ssl)) {
                None => v8::Object::new(scope).into(),
                group => {
                    let kind = binding::string(scope, "TLSGroup");
                    object_of(scope, &[("type", Some(kind)), ("name", group), ("size", Some(none))])
                }
            };
            return rv.set(object);
        }
        let kind = EVP_PKEY_id(key);
        let size = v8::Integer::new(scope, EVP_PKEY_bits(key)).into();
        let object = match kind {
            EVP_PKEY_DH => {
                let kind = binding::string(scope, "DH");
                object_of(scope, &[("type", Some(kind)), ("name", Some(none)), ("size", Some(size))])
            }
            EVP_PKEY_EC | EVP_PKEY_X25519 | EVP_PKEY_X448 => {
                let name = if kind == EVP_PKEY_EC {
                    let mut group = [0 as c_char; 80];
                    ffi::EVP_PKEY_get_group_name(key, group.as_mut_ptr(), group.len(), std::ptr::null_mut());
                    string_or_none(scope, group.as_ptr())
                } else {
                    string_or_none(scope, OBJ_nid2sn(kind))
                };
                let kind = binding::string(scope, "ECDH");
                object_of(scope, &[("type", Some(kind)), ("name", name), ("size", Some(size))])
            }
            _ => v8::Object::new(scope).into(),
        };
        EVP_PKEY_free(key);
        rv.set(object);
    }
}

fn finished(scope: &mut v8::PinScope, args: &Args, rv: &mut v8::ReturnValue, peer: bool) {
    let Some(connection) = connection_of(scope, args) else { return };
    let mut bytes = vec![0u8; 128];
    let get = if peer { ffi::SSL_get_peer_finished } else { ffi::SSL_get_finished };
    // SAFETY: the SSL is alive and the buffer has the size given.
    let length = unsafe { get(connection.ssl, bytes.as_mut_ptr().cast(), bytes.len()) };
    if length > 0 {
        bytes.truncate(length);
        rv.set(buffer(scope, bytes));
    }
}

/// `getFinished(id)`
pub fn get_finished(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    finished(scope, &args, &mut rv, false);
}

/// `getPeerFinished(id)`
pub fn get_peer_finished(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    finished(scope, &args, &mut rv, true);
}

/// `getSession(id)`: DER, or undefined.
pub fn get_session(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    // SAFETY: the SSL is alive, and so is its session.
    let session = unsafe { SSL_get_session(connection.ssl) };
    if !session.is_null()
        && let Some(bytes) = super::callbacks::session_der(session)
    {
        rv.set(buffer(scope, bytes));
    }
}

/// `setSession(id, der)`: false where OpenSSL refuses it; text that is no session is not taken, without a word.
pub fn set_session(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let Some(bytes) = binding::bytes(args.get(1)) else { return };
    // SAFETY: the session is ours and freed here; the SSL takes a reference of its own.
    unsafe {
        let session = read_session(bytes);
        if session.is_null() {
            return;
        }
        rv.set_bool(SSL_set_session(connection.ssl, session) == 1);
        SSL_SESSION_free(session);
    }
    error::clear();
}

/// A session of DER; the caller's reference, or null.
pub fn read_session(bytes: &[u8]) -> *mut SSL_SESSION {
    let mut at = bytes.as_ptr();
    // SAFETY: reads at most the length given.
    let session = unsafe { d2i_SSL_SESSION(std::ptr::null_mut(), &mut at, bytes.len() as _) };
    error::clear();
    session
}

/// `getTLSTicket(id)`
pub fn get_tls_ticket(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let (mut data, mut length) = (std::ptr::null(), 0);
    // SAFETY: the SSL is alive, and so are its session and ticket.
    let ticket = unsafe {
        let session = SSL_get_session(connection.ssl);
        if session.is_null() {
            return;
        }
        ffi::SSL_SESSION_get0_ticket(session, &mut data, &mut length);
        if data.is_null() {
            return;
        }
        std::slice::from_raw_parts(data, length).to_vec()
    };
    rv.set(buffer(scope, ticket));
}

/// `isSessionReused(id)`
pub fn is_session_reused(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    // SAFETY: the SSL is alive.
    rv.set_bool(unsafe { SSL_session_reused(connection.ssl) } == 1);
}

fn signature_name(nid: c_int) -> String {
    const NID_ML: &str = "UNDEF";
    match nid {
        EVP_PKEY_RSA => "RSA".into(),
        EVP_PKEY_RSA_PSS => "RSA-PSS".into(),
        EVP_PKEY_DSA => "DSA".into(),
        EVP_PKEY_EC => "ECDSA".into(),
        EVP_PKEY_ED25519 => "Ed25519".into(),
        EVP_PKEY_ED448 => "Ed448".into(),
        // SAFETY: a static text, or null.
        other => text(unsafe { OBJ_nid2sn(other) }).unwrap_or_else(|| NID_ML.into()),
    }
}

/// `getSharedSigalgs(id)`
pub fn get_shared_sigalgs(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    // SAFETY: the SSL is alive; the numbers are written where they belong.
    let names: Vec<String> = unsafe {
        let count =
            ffi::SSL_get_shared_sigalgs(connection.ssl, 0, null_mut(), null_mut(), null_mut(), null_mut(), null_mut());
        (0..count)
            .map(|i| {
                let (mut sign, mut hash) = (0, 0);
                ffi::SSL_get_shared_sigalgs(
                    connection.ssl,
                    i,
                    &mut sign,
                    &mut hash,
                    null_mut(),
                    null_mut(),
                    null_mut(),
                );
                let hash = text(OBJ_nid2sn(hash)).unwrap_or_else(|| "UNDEF".into());
                format!("{}+{hash}", signature_name(sign))
            })
            .collect()
    };
    let names: Vec<v8::Local<v8::Value>> = names.iter().map(|n| binding::string(scope, n)).collect();
    rv.set(v8::Array::new_with_elements(scope, &names).into());
}

/// `exportKeyingMaterial(id, length, label, context | undefined)`
pub fn export_keying_material(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let mut out = vec![0u8; args.get(1).uint32_value(scope).unwrap_or(0) as usize];
    let label = args.get(2).to_rust_string_lossy(scope);
    let context = if args.get(3).is_undefined() { None } else { binding::bytes(args.get(3)) };
    let (data, length) = context.as_ref().map_or((std::ptr::null(), 0), |c| (c.as_ptr(), c.len()));
    error::clear();
    // SAFETY: all buffers have the lengths given.
    let ok = unsafe {
        SSL_export_keying_material(
            connection.ssl,
            out.as_mut_ptr(),
            out.len(),
            label.as_ptr().cast(),
            label.len(),
            data,
            length,
            c_int::from(context.is_some()),
        )
    };
    if ok == 1 { rv.set(buffer(scope, out)) } else { throw(scope, "SSL_export_keying_material") }
}

/// Names of the verification errors that have a code in Node.
const VERIFY_CODES: &[(c_int, &str)] = &[
    (X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "UNABLE_TO_GET_ISSUER_CERT"),
    (X509_V_ERR_UNABLE_TO_GET_CRL, "UNABLE_TO_GET_CRL"),
    (X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, "UNABLE_TO_DECRYPT_CERT_SIGNATURE"),
    (X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, "UNABLE_TO_DECRYPT_CRL_SIGNATURE"),
    (X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY"),
    (X509_V_ERR_CERT_SIGNATURE_FAILURE, "CERT_SIGNATURE_FAILURE"),
    (X509_V_ERR_CRL_SIGNATURE_FAILURE, "CRL_SIGNATURE_FAILURE"),
    (X509_V_ERR_CERT_NOT_YET_VALID, "CERT_NOT_YET_VALID"),
    (X509_V_ERR_CERT_HAS_EXPIRED, "CERT_HAS_EXPIRED"),
    (X509_V_ERR_CRL_NOT_YET_VALID, "CRL_NOT_YET_VALID"),
    (X509_V_ERR_CRL_HAS_EXPIRED, "CRL_HAS_EXPIRED"),
    (X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, "ERROR_IN_CERT_NOT_BEFORE_FIELD"),
    (X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, "ERROR_IN_CERT_NOT_AFTER_FIELD"),
    (X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD, "ERROR_IN_CRL_LAST_UPDATE_FIELD"),
    (X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD, "ERROR_IN_CRL_NEXT_UPDATE_FIELD"),
    (X509_V_ERR_OUT_OF_MEM, "OUT_OF_MEM"),
    (X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "DEPTH_ZERO_SELF_SIGNED_CERT"),
    (X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "SELF_SIGNED_CERT_IN_CHAIN"),
    (X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
    (X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    (X509_V_ERR_CERT_CHAIN_TOO_LONG, "CERT_CHAIN_TOO_LONG"),
    (X509_V_ERR_CERT_REVOKED, "CERT_REVOKED"),
    (X509_V_ERR_INVALID_CA, "INVALID_CA"),
    (X509_V_ERR_PATH_LENGTH_EXCEEDED, "PATH_LENGTH_EXCEEDED"),
    (X509_V_ERR_INVALID_PURPOSE, "INVALID_PURPOSE"),
    (X509_V_ERR_CERT_UNTRUSTED, "CERT_UNTRUSTED"),
    (X509_V_ERR_CERT_REJECTED, "CERT_REJECTED"),
    (X509_V_ERR_HOSTNAME_MISMATCH, "HOSTNAME_MISMATCH"),
];

const NID_AUTH_PSK: c_int = 1048;

/// What is wrong with the peer's certificate: `X509_V_OK` also where there is none and none is needed.
fn verify_result(connection: &Connection) -> c_int {
    // SAFETY: the SSL is alive; the certificate's reference is given back.
    unsafe {
        let peer = SSL_get1_peer_certificate(connection.ssl);
        if !peer.is_null() {
            X509_free(peer);
            return SSL_get_verify_result(connection.ssl) as c_int;
        }
        let cipher = SSL_get_current_cipher(connection.ssl);
        let session = SSL_get_session(connection.ssl);
        let by_psk = (!cipher.is_null() && ffi::SSL_CIPHER_get_auth_nid(cipher) == NID_AUTH_PSK)
            // TLS 1.3 has pre-shared keys look like resumption.
            || (!session.is_null()
                && SSL_SESSION_get_protocol_version(session) == TLS1_3_VERSION
                && SSL_session_reused(connection.ssl) == 1);
        if by_psk { X509_V_OK } else { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT }
    }
}

/// `verifyError(id)`: null, or an error with a `code`.
pub fn verify_error(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return rv.set_null() };
    let result = verify_result(&connection);
    if result == X509_V_OK {
        return rv.set_null();
    }
    // SAFETY: a static text.
    let reason = text(unsafe { X509_verify_cert_error_string(result.into()) }).unwrap_or_default();
    let code = VERIFY_CODES.iter().find(|(number, _)| *number == result).map_or("UNSPECIFIED", |(_, name)| *name);
    let message = v8::String::new(scope, &reason).unwrap_or_else(|| v8::String::empty(scope));
    let error = v8::Exception::error(scope, message);
    if let Ok(object) = v8::Local::<v8::Object>::try_from(error) {
        let code = binding::string(scope, code);
        binding::set(scope, object, "code", code);
    }
    rv.set(error);
}

/// The peer's certificate and its issuers, first those it sent, then those of the store; and whether the last is its own issuer.
fn peer_chain(connection: &Rc<Connection>, whole: bool) -> (Vec<Certificate>, bool) {
    let mut chain = Vec::new();
    // SAFETY: the SSL is alive; references that are kept are counted.
    unsafe {
        let Some(mut last) = Certificate::new(SSL_get1_peer_certificate(connection.ssl)) else {
            return (chain, false);
        };
        if !whole {
            return (vec![last], false);
        }
        let sent = SSL_get_peer_cert_chain(connection.ssl);
        let mut rest: Vec<*mut X509> = (0..ffi::length_of(sent)).map(|i| ffi::element(sent, i)).collect();
        // A client's view of the chain begins with the certificate itself.
        rest.retain(|c| X509_cmp(*c, last.as_ptr()) != 0);
        while let Some(i) = rest.iter().position(|ca| X509_check_issued(*ca, last.as_ptr()) == X509_V_OK) {
            let issuer = rest.remove(i);
            X509_up_ref(issuer);
            if let Some(issuer) = Certificate::new(issuer) {
                chain.push(std::mem::replace(&mut last, issuer));
            }
        }
        let store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(connection.ssl));
        let mut is_root = false;
        loop {
            if X509_check_issued(last.as_ptr(), last.as_ptr()) == X509_V_OK {
                is_root = true;
                break;
            }
            // A store may give a self-signed certificate that must not sign as its own issuer.
            match issuer_in(store, last.as_ptr()) {
                Some(issuer) if X509_cmp(issuer.as_ptr(), last.as_ptr()) == 0 => {
                    is_root = true;
                    break;
                }
                Some(issuer) => chain.push(std::mem::replace(&mut last, issuer)),
                None => break,
            }
        }
        chain.push(last);
        error::clear();
        (chain, is_root)
    }
}

/// `getPeerCertificates(id, whole)`: DER of the certificate and, if asked for, of its issuers; then `true` if the last one issued
/// itself. Undefined where there is none.
pub fn get_peer_certificates(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let (chain, is_root) = peer_chain(&connection, args.get(1).is_true());
    if chain.is_empty() {
        return;
    }
    let mut list: Vec<v8::Local<v8::Value>> = chain.iter().map(|c| buffer(scope, c.der())).collect();
    list.push(v8::Boolean::new(scope, is_root).into());
    rv.set(v8::Array::new_with_elements(scope, &list).into());
}

/// `getOwnCertificate(id)`: DER, or undefined.
pub fn get_own_certificate(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    // SAFETY: the SSL is alive, and so is its certificate.
    let certificate = unsafe { SSL_get_certificate(connection.ssl) };
    if !certificate.is_null() {
        rv.set(buffer(scope, der(certificate)));
    }
}

/// `setMaxSendFragment(id, size)`: 1 if it was taken.
pub fn set_max_send_fragment(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let size = args.get(1).int32_value(scope).unwrap_or(0);
    // SAFETY: the SSL is alive.
    rv.set_int32(unsafe { ffi::SSL_set_max_send_fragment(connection.ssl, size.into()) } as i32);
    error::clear();
}

/// `setServername(id, name)`
pub fn set_servername(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let name = text_argument(scope, &args, 1);
    // SAFETY: OpenSSL copies the text.
    unsafe { SSL_set_tlsext_host_name(connection.ssl, name.as_ptr().cast_mut()) };
    error::clear();
}

/// `renegotiate(id)`
pub fn renegotiate(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    error::clear();
    // SAFETY: the SSL is alive.
    if unsafe { ffi::SSL_renegotiate(connection.ssl) } != 1 {
        throw(scope, "SSL_renegotiate");
    }
}

/// `getSSLCiphers()`: names of all that OpenSSL has, and of TLS 1.3's.
pub fn get_ssl_ciphers(scope: &mut v8::PinScope, _: Args, mut rv: v8::ReturnValue) {
    crate::bindings::crypto::ready();
    // SAFETY: a context and an SSL that are freed here; names are static.
    let names: Vec<String> = unsafe {
        let ctx = SSL_CTX_new(TLS_method());
        let ssl = SSL_new(ctx);
        let list = ffi::SSL_get_ciphers(ssl);
        let cipher_name = |i| text(SSL_CIPHER_get_name(ffi::element(list, i)));
        let names = (0..ffi::length_of(list)).filter_map(cipher_name).collect();
        SSL_free(ssl);
        SSL_CTX_free(ctx);
        names
    };
    let names: Vec<v8::Local<v8::Value>> = names.iter().map(|n| binding::string(scope, n)).collect();
    rv.set(v8::Array::new_with_elements(scope, &names).into());
}
