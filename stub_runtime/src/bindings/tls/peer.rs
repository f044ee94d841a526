//! The certificates of a connection, and what is wrong with the peer's.

use super::api::connection_of;
use super::connection::{Connection, buffer};
use super::context::issuer_in;
use super::error::{self, text};
use super::ffi;
use super::roots::{Certificate, der};
use crate::binding;
use openssl_sys::*;
use std::ffi::c_int;
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

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

/// Errors that Node says more about.
const SUGGESTS_SYSTEM: &[c_int] = &[
    X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
    X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
    X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
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
    let hint = if SUGGESTS_SYSTEM.contains(&result) {
        "; if the root CA is installed locally, try running Node.js with --use-system-ca"
    } else {
        ""
    };
    let message = format!("{reason}{hint}");
    let message = v8::String::new(scope, &message).unwrap_or_else(|| v8::String::empty(scope));
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
