//! The functions of `internalBinding('tls')` that act on a connection: the first argument is always its number.

use super::connection::{Connection, Question};
use super::{CALLS, CONNECTIONS, Calls, Table, callbacks, context, error, ffi, find, info, roots};
use crate::bindings::stream_handle::{self, Chunk, Request, read_chunks, text_chunk};
use crate::{binding, tasks};
use openssl_sys::*;
use std::ffi::CString;
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

pub fn connection_of(scope: &mut v8::PinScope, args: &Args) -> Option<Rc<Connection>> {
    args.get(0).int32_value(scope).and_then(find)
}

pub fn text_argument(scope: &mut v8::PinScope, args: &Args, at: i32) -> CString {
    let text = args.get(at).to_rust_string_lossy(scope);
    roots::c_string(text.as_bytes())
}

pub fn setup(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let function = |scope: &mut v8::PinScope, i| {
        let f = v8::Local::<v8::Function>::try_from(args.get(i)).expect("tls.setup: a function");
        v8::Global::new(scope, f)
    };
    let calls = Calls {
        on_event: function(scope, 0),
        on_output: function(scope, 1),
        on_alpn: function(scope, 2),
        on_psk: function(scope, 3),
    };
    CALLS.with(|c| *c.borrow_mut() = Some(Rc::new(calls)));
}

/// `create(handle, context, isServer, streamId, priorWrites)`: the number of a new connection over a stream, or over what
/// JavaScript feeds where the stream's number is negative.
pub fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let Some(context) = context::from_value(scope, args.get(1)) else {
        return rv.set_int32(-libc::EINVAL);
    };
    let stream = args.get(3).int32_value(scope).and_then(stream_handle::find);
    let prior_writes = args.get(4).is_true();
    let Some(connection) = Connection::new(scope, object, context, args.get(2).is_true(), stream, prior_writes) else {
        return error::throw(scope, "SSL_new");
    };
    let id = CONNECTIONS.with(|c| {
        let Table { slots, free } = &mut *c.borrow_mut();
        match free.pop() {
            Some(id) => {
                slots[id as usize] = Some(connection);
                id
            }
            None => {
                slots.push(Some(connection));
                slots.len() as u32 - 1
            }
        }
    });
    rv.set_int32(id as i32);
}

/// `destroy(id)`
pub fn destroy(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(id) = args.get(0).int32_value(scope) else { return };
    let Some(connection) = find(id) else { return };
    CONNECTIONS.with(|c| {
        let mut table = c.borrow_mut();
        table.slots[id as usize] = None;
        table.free.push(id as u32);
    });
    connection.destroy();
}

pub fn start_handshake(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(connection) = connection_of(scope, &args) {
        connection.start(scope);
    }
}

/// `receive(id, view)`: bytes that arrived at JavaScript.
pub fn receive(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let (Some(connection), Some(bytes)) = (connection_of(scope, &args), binding::bytes(args.get(1))) else { return };
    // A copy: a callback could change the buffer.
    let bytes = bytes.to_vec();
    // What comes of it is told before the caller goes on, as if JavaScript's stream were ours.
    tasks::nested(scope, |scope| {
        connection.feed(scope, &bytes, true);
        connection.dispatch(scope);
    });
    connection.cycle(scope);
}

/// `receiveEnd(id, status)`
pub fn receive_end(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let status = args.get(1).int32_value(scope).unwrap_or(stream_handle::EOF);
    connection.feed_end(scope, status);
    tasks::nested(scope, |scope| connection.dispatch(scope));
}

/// `outputDone(id, status)`: JavaScript's stream has taken what `onOutput` gave.
pub fn output_done(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let status = args.get(1).int32_value(scope).unwrap_or(0);
    connection.sent_by_script(scope, status);
}

pub fn prior_writes_done(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(connection) = connection_of(scope, &args) {
        connection.prior_writes_done(scope);
    }
}

/// `writeBuffer(id, req, view)`: 0 done, 1 queued, or errno.
pub fn write_buffer(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return rv.set_int32(-libc::EPROTO) };
    let Some(chunk) = Chunk::from_view(args.get(2)) else { return rv.set_int32(-libc::EINVAL) };
    rv.set_int32(connection.write(scope, vec![chunk], |scope| Request::new(scope, args.get(1))));
}

/// `writeString(id, req, text, encoding)`: as writeBuffer.
pub fn write_string(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return rv.set_int32(-libc::EPROTO) };
    let Some(chunk) = text_chunk(scope, args.get(2), args.get(3)) else { return rv.set_int32(-libc::EINVAL) };
    stream_handle::set_bytes(scope, args.get(1), chunk.len());
    rv.set_int32(connection.write(scope, vec![chunk], |scope| Request::new(scope, args.get(1))));
}

/// `writev(id, req, chunks)`: views, or strings each followed by its encoding's number.
pub fn writev(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return rv.set_int32(-libc::EPROTO) };
    let Some(chunks) = read_chunks(scope, args.get(2)) else { return rv.set_int32(-libc::EINVAL) };
    stream_handle::set_bytes(scope, args.get(1), chunks.iter().map(Chunk::len).sum());
    rv.set_int32(connection.write(scope, chunks, |scope| Request::new(scope, args.get(1))));
}

/// `writeMessage(id, head, body, tail)`: as a stream's (`stream_handle/message.rs`), if all of it can be encrypted now.
pub fn write_message(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return rv.set_int32(-libc::EPROTO) };
    stream_handle::write_composed(scope, &args, &mut rv, |scope, bytes| {
        connection.try_write(scope, vec![Chunk::Owned(bytes.to_vec())])
    });
}

/// `shutdown(id, req)`: 0, 1 (JavaScript must end its stream) or errno.
pub fn shutdown(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    match connection_of(scope, &args) {
        Some(connection) => rv.set_int32(connection.shutdown(scope, args.get(1))),
        None => rv.set_int32(-libc::ENOTCONN),
    }
}

/// `setVerifyMode(id, requestCert, rejectUnauthorized)`
pub fn set_verify_mode(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    // A client gets a certificate anyway, and looks at it after the handshake.
    let mode = match (connection.is_server && args.get(1).is_true(), args.get(2).is_true()) {
        (false, _) => SSL_VERIFY_NONE,
        (true, false) => SSL_VERIFY_PEER,
        (true, true) => SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
    };
    // SAFETY: the SSL is alive, the callback static.
    unsafe { SSL_set_verify(connection.ssl, mode, Some(callbacks::accept_all)) };
}

pub const ENABLE_SESSIONS: u32 = 0;

pub const ENABLE_KEYLOG: u32 = 1;

pub const ENABLE_CERTIFICATE: u32 = 2;

pub const ENABLE_ALPN: u32 = 3;

pub const ENABLE_PSK: u32 = 4;

pub const REQUEST_OCSP: u32 = 5;

/// `enable(id, what)`
pub fn enable(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    match args.get(1).uint32_value(scope) {
        Some(ENABLE_SESSIONS) => {
            connection.wants_sessions.set(true);
            if connection.is_server && connection.hello.get() == Question::Off {
                connection.hello.set(Question::Wanted);
            }
        }
        Some(ENABLE_KEYLOG) => callbacks::enable_keylog(&connection.secure),
        Some(ENABLE_CERTIFICATE) => connection.certificate.set(Question::Wanted),
        Some(ENABLE_ALPN) => connection.asks_alpn.set(true),
        Some(ENABLE_PSK) => callbacks::enable_psk(&connection),
        Some(REQUEST_OCSP) => {
            // SAFETY: the SSL is alive.
            unsafe { SSL_set_tlsext_status_type(connection.ssl, TLSEXT_STATUSTYPE_ocsp) };
        }
        _ => {}
    }
}

/// `setALPN(id, protocols)`: in their form on the wire.
pub fn set_alpn(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let (Some(connection), Some(bytes)) = (connection_of(scope, &args), binding::bytes(args.get(1))) else { return };
    if connection.is_server {
        *connection.alpn.borrow_mut() = bytes.to_vec();
    } else {
        // SAFETY: OpenSSL copies the bytes.
        unsafe { SSL_set_alpn_protos(connection.ssl, bytes.as_ptr(), bytes.len() as _) };
        error::clear();
    }
}

/// `clientHelloDone(id, session | undefined)`
pub fn client_hello_done(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    if let Some(bytes) = binding::bytes(args.get(1)) {
        let before = connection.found_session.replace(info::read_session(bytes));
        // SAFETY: our reference.
        unsafe { SSL_SESSION_free(before) };
    }
    connection.hello.set(Question::Done);
    connection.cycle(scope);
}

/// `certCbDone(id, context | undefined)`: goes on with the certificate of that context, or of the connection's own.
pub fn cert_cb_done(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    if let Some(context) = context::from_value(scope, args.get(1)) {
        error::clear();
        if use_certificate(&connection, &context) {
            use_authorities(&connection, &context);
        }
        *connection.sni.borrow_mut() = Some(context);
        error::clear();
    }
    connection.certificate.set(Question::Done);
    connection.cycle(scope);
}

/// `setKeyCert(id, context)`
pub fn set_key_cert(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let Some(context) = context::from_value(scope, args.get(1)) else { return };
    error::clear();
    if !use_certificate(&connection, &context) || !use_authorities(&connection, &context) {
        return error::throw(scope, "SetKeyCert");
    }
    *connection.sni.borrow_mut() = Some(context);
}

/// Certificate, key and chain of a context on one connection.
fn use_certificate(connection: &Connection, context: &context::SecureContext) -> bool {
    let ctx = context.as_ptr();
    // SAFETY: both are alive; the SSL takes references of its own.
    unsafe {
        let chain = ffi::SSL_CTX_get0_chain_certs(ctx);
        SSL_use_certificate(connection.ssl, SSL_CTX_get0_certificate(ctx)) == 1
            && SSL_use_PrivateKey(connection.ssl, SSL_CTX_get0_privatekey(ctx)) == 1
            && (chain.is_null() || ffi::SSL_set1_chain(connection.ssl, chain) == 1)
    }
}

/// Trusted certificates and the list of their names of a context on one connection.
fn use_authorities(connection: &Connection, context: &context::SecureContext) -> bool {
    let ctx = context.as_ptr();
    // SAFETY: both are alive; the SSL takes references of its own, and the list over.
    unsafe {
        if ffi::SSL_set1_verify_cert_store(connection.ssl, SSL_CTX_get_cert_store(ctx)) != 1 {
            return false;
        }
        let list = ffi::SSL_dup_CA_list(ffi::SSL_CTX_get_client_CA_list(ctx));
        ffi::SSL_set_client_CA_list(connection.ssl, list);
    }
    true
}

/// `newSessionDone(id)`
pub fn new_session_done(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    connection.held.set(false);
    connection.cycle(scope);
}

/// `setOCSPResponse(id, bytes)`
pub fn set_ocsp_response(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    *connection.ocsp_response.borrow_mut() = binding::bytes(args.get(1)).map(|b| b.to_vec());
}

/// `setPskIdentityHint(id, hint)`: false where it was refused.
pub fn set_psk_identity_hint(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let hint = text_argument(scope, &args, 1);
    // SAFETY: OpenSSL copies the text.
    rv.set_bool(unsafe { ffi::SSL_use_psk_identity_hint(connection.ssl, hint.as_ptr()) } == 1);
    error::clear();
}

pub fn set_read_limit(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(connection) = connection_of(scope, &args) {
        connection.set_read_limit(args.get(1).uint32_value(scope).unwrap_or(0) as usize);
    }
    rv.set_int32(0);
}

/// `counts(id)`: `[bytesRead, bytesWritten, queued]`
pub fn counts(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let (read, written, queued) = connection_of(scope, &args).map_or((0, 0, 0), |c| {
        let (read, written) = c.counts();
        (read, written, c.queued())
    });
    let numbers = [read as f64, written as f64, queued as f64].map(|n| v8::Number::new(scope, n).into());
    rv.set(v8::Array::new_with_elements(scope, &numbers).into());
}

pub const BUNDLED: u32 = 0;

pub const SYSTEM: u32 = 1;

pub const EXTRA: u32 = 2;

pub const CHOSEN: u32 = 3;

/// `certificates(which)`: PEM of trusted certificates.
pub fn certificates(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let pem = |list: &[roots::Certificate]| list.iter().map(|c| roots::pem(&c.der())).collect();
    let list: Vec<String> = match args.get(0).uint32_value(scope) {
        Some(BUNDLED) => roots::bundled_pem(),
        Some(SYSTEM) => pem(roots::system()),
        Some(EXTRA) => pem(roots::extra()),
        Some(CHOSEN) => roots::chosen_pem(),
        _ => Vec::new(),
    };
    rv.set(strings(scope, &list));
}

/// `setDefaultCertificates(list)`: PEM texts or views replace the defaults.
pub fn set_default_certificates(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Ok(list) = v8::Local::<v8::Array>::try_from(args.get(0)) else { return };
    let mut all = Vec::new();
    for i in 0..list.length() {
        let Some(item) = list.get_index(scope, i) else { return };
        let text = context::bytes_of(scope, item);
        match roots::parse_pem(&text) {
            Ok(found) => all.extend(found),
            Err(()) => {
                error::keep_last();
                return error::throw(scope, "PEM_read_bio_X509");
            }
        }
    }
    if all.is_empty() && list.length() > 0 {
        let message = "No valid certificates found in the provided array";
        return error::throw_coded(scope, message, "ERR_CRYPTO_OPERATION_FAILED");
    }
    roots::set_chosen(all);
}

fn strings<'s>(scope: &mut v8::PinScope<'s, '_>, list: &[String]) -> v8::Local<'s, v8::Value> {
    let list: Vec<v8::Local<v8::Value>> = list.iter().map(|t| binding::string(scope, t)).collect();
    v8::Array::new_with_elements(scope, &list).into()
}
