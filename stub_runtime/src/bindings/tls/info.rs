//! What JavaScript asks a connection about itself and its peer.

use super::api::{connection_of, text_argument};
use super::connection::{buffer, servername};
use super::error::{self, text, throw};
use super::ffi;
use crate::binding;
use openssl_sys::*;
use std::ffi::{c_char, c_int};
use std::ptr::null_mut;

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
            // Without a session there is no group to ask for.
            if SSL_get_session(connection.ssl).is_null() {
                return rv.set(v8::Object::new(scope).into());
            }
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
