//! OpenSSL's callbacks: each notes an event, or asks JavaScript where the handshake needs the answer at once.

use super::connection::{Connection, Event, Question, buffer, servername};
use super::context::SecureContext;
use super::error::text;
use super::ffi;
use super::scope::with_scope;
use crate::{binding, event_loop};
use openssl_sys::*;
use std::ffi::{c_char, c_int, c_long, c_uchar, c_uint, c_void};
use std::rc::Rc;

/// Sessions above this are not told: Node's limit.
const MAX_SESSION: usize = 10 * 1024;

/// The callbacks of a context.
pub fn install(context: &Rc<SecureContext>) {
    let ctx = context.as_ptr();
    // SAFETY: static callbacks of a context that is alive.
    unsafe {
        SSL_CTX_sess_set_new_cb(ctx, Some(on_new_session));
        SSL_CTX_sess_set_get_cb(ctx, Some(on_get_session));
        SSL_CTX_set_tlsext_status_cb(ctx, Some(on_status));
        SSL_CTX_set_client_hello_cb(ctx, Some(on_client_hello), std::ptr::null_mut());
        SSL_CTX_set_alpn_select_cb__fixed_rust(ctx, Some(on_alpn), std::ptr::null_mut());
    }
}

/// The callbacks of a connection.
pub fn install_on(ssl: *mut SSL) {
    // SAFETY: static callbacks of an SSL that is alive.
    unsafe {
        ffi::SSL_set_info_callback(ssl, Some(on_info));
        ffi::SSL_set_cert_cb(ssl, Some(on_certificate), std::ptr::null_mut());
        SSL_set_verify(ssl, SSL_VERIFY_NONE, Some(accept_all));
    }
}

/// Lets the handshake go on whatever is wrong with a certificate: JavaScript looks at the result.
pub extern "C" fn accept_all(_: c_int, _: *mut X509_STORE_CTX) -> c_int {
    1
}

/// From now on `keylog` events are told for connections of this context.
pub fn enable_keylog(context: &SecureContext) {
    // SAFETY: a static callback.
    unsafe { SSL_CTX_set_keylog_callback(context.as_ptr(), Some(on_keylog)) };
}

/// `psk` questions are asked on this connection.
pub fn enable_psk(connection: &Connection) {
    // SAFETY: static callbacks.
    unsafe {
        ffi::SSL_set_psk_server_callback(connection.ssl, Some(on_psk_server));
        ffi::SSL_set_psk_client_callback(connection.ssl, Some(on_psk_client));
    }
}

/// The connection of an SSL.
unsafe fn connection_of<'a>(ssl: *const SSL) -> Option<&'a Connection> {
    // SAFETY: application data of every SSL here is its connection, which outlives it.
    unsafe { SSL_get_ex_data(ssl, 0).cast::<Connection>().cast_const().as_ref() }
}

const SSL_CB_HANDSHAKE_START: c_int = 0x10;
const SSL_CB_HANDSHAKE_DONE: c_int = 0x20;

unsafe extern "C" fn on_info(ssl: *const SSL, at: c_int, _: c_int) {
    // SAFETY: OpenSSL gives a live SSL.
    let Some(connection) = (unsafe { connection_of(ssl) }) else { return };
    if at & SSL_CB_HANDSHAKE_START != 0 {
        connection.tell(Event::HandshakeStart(event_loop::current().now().max(1)));
    }
    // A request to renegotiate that was only sent is "done" too.
    // SAFETY: as above; the function reads only.
    if at & SSL_CB_HANDSHAKE_DONE != 0 && unsafe { ffi::SSL_renegotiate_pending(ssl.cast_mut()) } == 0 {
        connection.established.set(true);
        connection.tell(Event::HandshakeDone);
    }
}

/// An extension of the hello that is being read.
unsafe fn hello_extension<'a>(ssl: *mut SSL, kind: c_uint) -> Option<&'a [u8]> {
    let (mut data, mut length) = (std::ptr::null(), 0);
    // SAFETY: called inside the hello's callback, while the hello is alive.
    unsafe {
        (SSL_client_hello_get0_ext(ssl, kind, &mut data, &mut length) == 1)
            .then(|| if length == 0 { &[][..] } else { std::slice::from_raw_parts(data, length) })
    }
}

/// The name in a server_name extension.
fn name_in(extension: &[u8]) -> String {
    // list length, type, name length, name
    match extension {
        [_, _, 0, high, low, name @ ..] => {
            let length = usize::from(*high) << 8 | usize::from(*low);
            String::from_utf8_lossy(&name[..length.min(name.len())]).into_owned()
        }
        _ => String::new(),
    }
}

unsafe extern "C" fn on_client_hello(ssl: *mut SSL, _: *mut c_int, _: *mut c_void) -> c_int {
    const GO_ON: c_int = 1;
    const WAIT: c_int = -1;
    // SAFETY: OpenSSL gives a live SSL in the middle of a hello.
    unsafe {
        let Some(connection) = connection_of(ssl) else { return GO_ON };
        match connection.hello.get() {
            Question::Wanted => {}
            Question::Asked => return WAIT,
            Question::Off | Question::Done => return GO_ON,
        }
        connection.hello.set(Question::Asked);
        let mut id = std::ptr::null();
        let length = SSL_client_hello_get0_session_id(ssl, &mut id);
        let session_id = if length == 0 { Vec::new() } else { std::slice::from_raw_parts(id, length).to_vec() };
        let servername = hello_extension(ssl, 0).map(name_in).unwrap_or_default();
        let has_ticket = hello_extension(ssl, 35).is_some_and(|e| !e.is_empty());
        connection.tell(Event::ClientHello { session_id, servername, has_ticket });
        WAIT
    }
}

unsafe extern "C" fn on_certificate(ssl: *mut SSL, _: *mut c_void) -> c_int {
    // SAFETY: OpenSSL gives a live SSL.
    unsafe {
        let Some(connection) = connection_of(ssl) else { return 1 };
        match connection.certificate.get() {
            Question::Wanted if connection.is_server => {}
            Question::Asked => return -1,
            _ => return 1,
        }
        connection.certificate.set(Question::Asked);
        let ocsp = ffi::SSL_get_tlsext_status_type(ssl) == c_long::from(TLSEXT_STATUSTYPE_ocsp);
        connection.tell(Event::Certificate { servername: servername(ssl).unwrap_or_default(), ocsp });
        -1
    }
}

unsafe extern "C" fn on_new_session(ssl: *mut SSL, session: *mut SSL_SESSION) -> c_int {
    // SAFETY: OpenSSL gives live objects.
    unsafe {
        let Some(connection) = connection_of(ssl) else { return 0 };
        if !connection.wants_sessions.get() {
            return 0;
        }
        let Some(bytes) = session_der(session).filter(|b| b.len() <= MAX_SESSION) else { return 0 };
        let mut length = 0;
        let id = SSL_SESSION_get_id(session, &mut length);
        let id = if length == 0 { Vec::new() } else { std::slice::from_raw_parts(id, length as usize).to_vec() };
        if connection.is_server {
            connection.held.set(true);
        }
        connection.tell(Event::NewSession(id, bytes));
    }
    0
}

/// DER of a session.
pub fn session_der(session: *mut SSL_SESSION) -> Option<Vec<u8>> {
    // SAFETY: with null it tells the length; then it writes as many bytes.
    unsafe {
        let length = usize::try_from(i2d_SSL_SESSION(session, std::ptr::null_mut())).ok().filter(|n| *n > 0)?;
        let mut bytes = vec![0u8; length];
        let mut at = bytes.as_mut_ptr();
        i2d_SSL_SESSION(session, &mut at);
        Some(bytes)
    }
}

unsafe extern "C" fn on_get_session(ssl: *mut SSL, _: *const c_uchar, _: c_int, copy: *mut c_int) -> *mut SSL_SESSION {
    // SAFETY: OpenSSL gives live objects, and takes our reference over.
    unsafe {
        *copy = 0;
        connection_of(ssl).map_or(std::ptr::null_mut(), |c| c.found_session.replace(std::ptr::null_mut()))
    }
}

unsafe extern "C" fn on_keylog(ssl: *const SSL, line: *const c_char) {
    // SAFETY: OpenSSL gives live objects.
    if let (Some(connection), Some(line)) = (unsafe { connection_of(ssl) }, text(line)) {
        connection.tell(Event::Keylog(format!("{line}\n").into_bytes()));
    }
}

extern "C" fn on_status(ssl: *mut SSL, _: *mut c_void) -> c_int {
    // SAFETY: OpenSSL gives a live SSL, and takes the response over where it says so.
    unsafe {
        let Some(connection) = connection_of(ssl) else { return SSL_TLSEXT_ERR_NOACK };
        if !connection.is_server {
            let mut data = std::ptr::null_mut::<c_uchar>();
            let length = SSL_get_tlsext_status_ocsp_resp(ssl, &mut data);
            let response = (!data.is_null()).then(|| std::slice::from_raw_parts(data, length.max(0) as usize).to_vec());
            connection.tell(Event::Ocsp(response));
            return 1;
        }
        let Some(response) = connection.ocsp_response.take() else { return SSL_TLSEXT_ERR_NOACK };
        let data = OPENSSL_malloc(response.len()).cast::<u8>();
        if data.is_null() {
            return SSL_TLSEXT_ERR_NOACK;
        }
        std::ptr::copy_nonoverlapping(response.as_ptr(), data, response.len());
        if SSL_set_tlsext_status_ocsp_resp(ssl, data, response.len() as _) == 0 {
            OPENSSL_free(data.cast());
        }
        SSL_TLSEXT_ERR_OK
    }
}

unsafe extern "C" fn on_alpn(
    ssl: *mut SSL,
    out: *mut *const c_uchar,
    out_length: *mut c_uchar,
    offered: *const c_uchar,
    offered_length: c_uint,
    _: *mut c_void,
) -> c_int {
    // SAFETY: OpenSSL gives live objects; what is chosen lies in the offer or in the connection's own list, which stay.
    unsafe {
        let Some(connection) = connection_of(ssl) else { return SSL_TLSEXT_ERR_NOACK };
        if connection.asks_alpn.get() {
            let offer = std::slice::from_raw_parts(offered, offered_length as usize);
            let chosen = with_scope(|scope| {
                let args = [connection.object_value(scope), buffer(scope, offer.to_vec())];
                let answer = super::ask(scope, |calls| &calls.on_alpn, &args)?;
                answer.is_number().then(|| answer.uint32_value(scope)).flatten()
            });
            let Some(at) = chosen.flatten().map(|at| at as usize).filter(|at| *at < offer.len()) else {
                return SSL_TLSEXT_ERR_ALERT_FATAL;
            };
            *out = offered.add(at + 1);
            *out_length = offer[at];
            return SSL_TLSEXT_ERR_OK;
        }
        let ours = connection.alpn.borrow();
        if ours.is_empty() {
            return SSL_TLSEXT_ERR_NOACK;
        }
        let status =
            SSL_select_next_proto(out.cast(), out_length, ours.as_ptr(), ours.len() as c_uint, offered, offered_length);
        // RFC 7301 3.2: no common protocol ends the handshake.
        if status == OPENSSL_NPN_NEGOTIATED { SSL_TLSEXT_ERR_OK } else { SSL_TLSEXT_ERR_ALERT_FATAL }
    }
}

/// Copies an answer's key to where OpenSSL wants it; its length, 0 where there is none or it is too long.
unsafe fn take_psk(value: v8::Local<v8::Value>, psk: *mut c_uchar, max: c_uint) -> c_uint {
    match binding::bytes(value) {
        Some(key) if key.len() <= max as usize => {
            // SAFETY: there is room for `max` bytes.
            unsafe { std::ptr::copy_nonoverlapping(key.as_ptr(), psk, key.len()) };
            key.len() as c_uint
        }
        _ => 0,
    }
}

unsafe extern "C" fn on_psk_server(
    ssl: *mut SSL,
    identity: *const c_char,
    psk: *mut c_uchar,
    max_psk: c_uint,
) -> c_uint {
    // SAFETY: OpenSSL gives live objects and room for the key.
    unsafe {
        let (Some(connection), Some(identity)) = (connection_of(ssl), text(identity)) else { return 0 };
        // Not UTF-8: no identity that JavaScript could know.
        if identity.contains(char::REPLACEMENT_CHARACTER) {
            return 0;
        }
        let length = with_scope(|scope| {
            let args = [
                connection.object_value(scope),
                binding::string(scope, &identity),
                v8::Integer::new_from_unsigned(scope, max_psk).into(),
            ];
            let answer = super::ask(scope, |calls| &calls.on_psk, &args)?;
            Some(take_psk(answer, psk, max_psk))
        });
        length.flatten().unwrap_or(0)
    }
}

unsafe extern "C" fn on_psk_client(
    ssl: *mut SSL,
    hint: *const c_char,
    identity: *mut c_char,
    max_identity: c_uint,
    psk: *mut c_uchar,
    max_psk: c_uint,
) -> c_uint {
    // SAFETY: OpenSSL gives live objects and room for identity, its end and key.
    unsafe {
        let Some(connection) = connection_of(ssl) else { return 0 };
        let hint = text(hint);
        let length = with_scope(|scope| {
            let hint = match hint {
                Some(hint) => binding::string(scope, &hint),
                None => v8::null(scope).into(),
            };
            let args = [
                connection.object_value(scope),
                hint,
                v8::Integer::new_from_unsigned(scope, max_psk).into(),
                v8::Integer::new_from_unsigned(scope, max_identity).into(),
            ];
            let answer = super::ask(scope, |calls| &calls.on_psk, &args)?;
            let answer = v8::Local::<v8::Object>::try_from(answer).ok()?;
            let get = |scope: &mut v8::PinScope, name: &str| {
                let key = v8::String::new(scope, name)?;
                answer.get(scope, key.into()).map(|v| v8::Global::new(scope, v))
            };
            let (key, name) = (get(scope, "psk")?, get(scope, "identity")?);
            let name = v8::Local::new(scope, name).to_rust_string_lossy(scope);
            if name.len() > max_identity as usize {
                return None;
            }
            std::ptr::copy_nonoverlapping(name.as_ptr().cast(), identity, name.len());
            *identity.add(name.len()) = 0;
            let key = v8::Local::new(scope, key);
            Some(take_psk(key, psk, max_psk))
        });
        length.flatten().unwrap_or(0)
    }
}
