//! `internalBinding('tls')`: contexts and connections of TLS.
//!
//! Owns: the table of connections, the functions that act on one, JavaScript's ends of events and questions. Does not own: the
//! engine (`tls/connection.rs`), contexts (`tls/context.rs`), trusted roots (`tls/roots.rs`), Node's `tls` (`js/tls.js`,
//! `js/internal/tls/`). OpenSSL starts with the first context.

mod callbacks;
mod connection;
mod context;
mod error;
mod ffi;
mod info;
mod roots;
mod scope;
mod ticket;

use super::stream_handle::{Chunk, Request, find as find_stream, read_chunks, text_chunk};
use crate::{binding, tasks};
pub use connection::Connection;
use connection::{Event, Question, buffer};
use openssl_sys::*;
use std::cell::RefCell;
use std::ffi::CString;
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// JavaScript's ends (`setup`).
struct Calls {
    /// `(handle, event, a, b, c)`; the events' numbers are in `js/internal/tls/handle.js`.
    on_event: v8::Global<v8::Function>,
    /// `(handle, bytes)`: ciphertext for a stream that is JavaScript's.
    on_output: v8::Global<v8::Function>,
    /// `(handle, offer)` gives the chosen protocol's place in it.
    on_alpn: v8::Global<v8::Function>,
    /// `(handle, identity, maxKey)` gives a key, `(handle, hint, maxKey, maxIdentity)` gives `{ psk, identity }`.
    on_psk: v8::Global<v8::Function>,
}

struct Table {
    slots: Vec<Option<Rc<Connection>>>,
    free: Vec<u32>,
}

thread_local! {
    static CALLS: RefCell<Option<Rc<Calls>>> = const { RefCell::new(None) };
    static CONNECTIONS: RefCell<Table> = const { RefCell::new(Table { slots: Vec::new(), free: Vec::new() }) };
}

fn calls() -> Rc<Calls> {
    CALLS.with(|c| c.borrow().clone()).expect("tls.setup")
}

/// The connection that JavaScript calls `id`.
pub fn find(id: i32) -> Option<Rc<Connection>> {
    CONNECTIONS.with(|c| c.borrow().slots.get(usize::try_from(id).ok()?)?.clone())
}

fn connection_of(scope: &mut v8::PinScope, args: &Args) -> Option<Rc<Connection>> {
    args.get(0).int32_value(scope).and_then(find)
}

fn text_argument(scope: &mut v8::PinScope, args: &Args, at: i32) -> CString {
    let text = args.get(at).to_rust_string_lossy(scope);
    roots::c_string(text.as_bytes())
}

/// Asks JavaScript in the middle of a handshake; an exception goes to the process and gives `None`.
fn ask<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    which: impl FnOnce(&Calls) -> &v8::Global<v8::Function>,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    let calls = calls();
    let function = v8::Local::new(scope, which(&calls));
    let recv = v8::undefined(scope).into();
    v8::tc_scope!(let tc, scope);
    let answer = function.call(tc, recv, args);
    if let Some(exception) = tasks::caught(tc) {
        tasks::uncaught(tc, &exception, false);
    }
    answer
}

/// Gives ciphertext to JavaScript, whose stream it is for.
fn send_output(scope: &mut v8::PinScope, connection: &Rc<Connection>, bytes: Vec<u8>) {
    v8::scope!(let scope, scope);
    let args = [connection.object_value(scope), buffer(scope, bytes)];
    ask(scope, |calls| &calls.on_output, &args);
}

/// Tells JavaScript an event that is neither data nor an answer to a request.
fn tell(scope: &mut v8::PinScope, context: &v8::Global<v8::Value>, object: &v8::Global<v8::Object>, event: Event) {
    let none: v8::Local<v8::Value> = v8::undefined(scope).into();
    let (number, a, b, c) = match event {
        Event::HandshakeStart(now) => (0, v8::Number::new(scope, now as f64).into(), none, none),
        Event::HandshakeDone => (1, none, none, none),
        Event::ClientHello { session_id, servername, has_ticket } => {
            let id = buffer(scope, session_id);
            let name = binding::string(scope, &servername);
            (2, id, name, v8::Boolean::new(scope, has_ticket).into())
        }
        Event::Certificate { servername, ocsp } => {
            let name = binding::string(scope, &servername);
            (3, name, v8::Boolean::new(scope, ocsp).into(), none)
        }
        Event::NewSession(id, session) => (4, buffer(scope, id), buffer(scope, session), none),
        Event::Keylog(line) => (5, buffer(scope, line), none, none),
        Event::Ocsp(response) => {
            let response = match response {
                Some(bytes) => buffer(scope, bytes),
                None => v8::null(scope).into(),
            };
            (6, response, none, none)
        }
        Event::Error(failure) => (7, failure.to_error(scope), none, none),
        Event::Data(_) | Event::End(_) | Event::Written(..) => return,
    };
    let args = [v8::Local::new(scope, object).into(), v8::Integer::new(scope, number).into(), a, b, c];
    super::stream_handle::call_in_context(scope, context, &calls().on_event, &args);
}

fn setup(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
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
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let Some(context) = context::from_value(scope, args.get(1)) else {
        return rv.set_int32(-libc::EINVAL);
    };
    let stream = args.get(3).int32_value(scope).and_then(find_stream);
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
fn destroy(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(id) = args.get(0).int32_value(scope) else { return };
    let Some(connection) = find(id) else { return };
    CONNECTIONS.with(|c| {
        let mut table = c.borrow_mut();
        table.slots[id as usize] = None;
        table.free.push(id as u32);
    });
    connection.destroy();
}

fn start_handshake(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(connection) = connection_of(scope, &args) {
        connection.start(scope);
    }
}

/// `receive(id, view)`: bytes that arrived at JavaScript.
fn receive(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
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
fn receive_end(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let status = args.get(1).int32_value(scope).unwrap_or(super::stream_handle::EOF);
    connection.feed_end(scope, status);
    tasks::nested(scope, |scope| connection.dispatch(scope));
}

/// `outputDone(id, status)`: JavaScript's stream has taken what `onOutput` gave.
fn output_done(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let status = args.get(1).int32_value(scope).unwrap_or(0);
    connection.sent_by_script(scope, status);
}

fn prior_writes_done(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(connection) = connection_of(scope, &args) {
        connection.prior_writes_done(scope);
    }
}

/// `writeBuffer(id, req, view)`: 0 done, 1 queued, or errno.
fn write_buffer(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return rv.set_int32(-libc::EPROTO) };
    let Some(chunk) = Chunk::from_view(args.get(2)) else { return rv.set_int32(-libc::EINVAL) };
    rv.set_int32(connection.write(scope, vec![chunk], |scope| Request::new(scope, args.get(1))));
}

/// `writeString(id, req, text, encoding)`: as writeBuffer.
fn write_string(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return rv.set_int32(-libc::EPROTO) };
    let Some(chunk) = text_chunk(scope, args.get(2), args.get(3)) else { return rv.set_int32(-libc::EINVAL) };
    super::stream_handle::set_bytes(scope, args.get(1), chunk.len());
    rv.set_int32(connection.write(scope, vec![chunk], |scope| Request::new(scope, args.get(1))));
}

/// `writev(id, req, chunks)`: views, or strings each followed by its encoding's number.
fn writev(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return rv.set_int32(-libc::EPROTO) };
    let Some(chunks) = read_chunks(scope, args.get(2)) else { return rv.set_int32(-libc::EINVAL) };
    super::stream_handle::set_bytes(scope, args.get(1), chunks.iter().map(Chunk::len).sum());
    rv.set_int32(connection.write(scope, chunks, |scope| Request::new(scope, args.get(1))));
}

/// `tryWrite(id, text, encoding, view)`: writes `text` and then `view` (or nothing) if all of it can be encrypted now; gives the
/// number of bytes or errno.
fn try_write(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return rv.set_int32(-libc::EPROTO) };
    let Some(text) = text_chunk(scope, args.get(1), args.get(2)) else { return rv.set_int32(-libc::EINVAL) };
    let mut chunks = vec![text];
    chunks.extend(Chunk::from_view(args.get(3)));
    rv.set_double(connection.try_write(scope, chunks) as f64);
}

/// `shutdown(id, req)`: 0, 1 (JavaScript must end its stream) or errno.
fn shutdown(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    match connection_of(scope, &args) {
        Some(connection) => rv.set_int32(connection.shutdown(scope, args.get(1))),
        None => rv.set_int32(-libc::ENOTCONN),
    }
}

/// `setVerifyMode(id, requestCert, rejectUnauthorized)`
fn set_verify_mode(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
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

const ENABLE_SESSIONS: u32 = 0;
const ENABLE_KEYLOG: u32 = 1;
const ENABLE_CERTIFICATE: u32 = 2;
const ENABLE_ALPN: u32 = 3;
const ENABLE_PSK: u32 = 4;
const REQUEST_OCSP: u32 = 5;

/// `enable(id, what)`
fn enable(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
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
fn set_alpn(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
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
fn client_hello_done(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
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
fn cert_cb_done(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
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
fn set_key_cert(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
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
fn new_session_done(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    connection.held.set(false);
    connection.cycle(scope);
}

/// `setOCSPResponse(id, bytes)`
fn set_ocsp_response(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    *connection.ocsp_response.borrow_mut() = binding::bytes(args.get(1)).map(|b| b.to_vec());
}

/// `setPskIdentityHint(id, hint)`: false where it was refused.
fn set_psk_identity_hint(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(connection) = connection_of(scope, &args) else { return };
    let hint = text_argument(scope, &args, 1);
    // SAFETY: OpenSSL copies the text.
    rv.set_bool(unsafe { ffi::SSL_use_psk_identity_hint(connection.ssl, hint.as_ptr()) } == 1);
    error::clear();
}

fn set_read_limit(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(connection) = connection_of(scope, &args) {
        connection.set_read_limit(args.get(1).uint32_value(scope).unwrap_or(0) as usize);
    }
    rv.set_int32(0);
}

/// `counts(id)`: `[bytesRead, bytesWritten, queued]`
fn counts(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let (read, written, queued) = connection_of(scope, &args).map_or((0, 0, 0), |c| {
        let (read, written) = c.counts();
        (read, written, c.queued())
    });
    let numbers = [read as f64, written as f64, queued as f64].map(|n| v8::Number::new(scope, n).into());
    rv.set(v8::Array::new_with_elements(scope, &numbers).into());
}

fn strings<'s>(scope: &mut v8::PinScope<'s, '_>, list: &[String]) -> v8::Local<'s, v8::Value> {
    let list: Vec<v8::Local<v8::Value>> = list.iter().map(|t| binding::string(scope, t)).collect();
    v8::Array::new_with_elements(scope, &list).into()
}

const BUNDLED: u32 = 0;
const SYSTEM: u32 = 1;
const EXTRA: u32 = 2;
const CHOSEN: u32 = 3;

/// `certificates(which)`: PEM of trusted certificates.
fn certificates(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
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
fn set_default_certificates(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
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

fn constants(scope: &mut v8::PinScope, target: v8::Local<v8::Object>) {
    let target = v8::Local::new(scope, target);
    for (name, value) in [
        ("ENABLE_SESSIONS", ENABLE_SESSIONS),
        ("ENABLE_KEYLOG", ENABLE_KEYLOG),
        ("ENABLE_CERTIFICATE", ENABLE_CERTIFICATE),
        ("ENABLE_ALPN", ENABLE_ALPN),
        ("ENABLE_PSK", ENABLE_PSK),
        ("REQUEST_OCSP", REQUEST_OCSP),
        ("USE_SYSTEM", roots::USE_SYSTEM),
        ("USE_OPENSSL", roots::USE_OPENSSL),
        ("BUNDLED", BUNDLED),
        ("SYSTEM", SYSTEM),
        ("EXTRA", EXTRA),
        ("CHOSEN", CHOSEN),
    ] {
        binding::set_number(scope, target, name, f64::from(value));
    }
}

binding!("tls", [
    setup => setup,
    create => create,
    destroy => destroy,
    start => start_handshake,
    receive => receive,
    receiveEnd => receive_end,
    outputDone => output_done,
    priorWritesDone => prior_writes_done,
    writeBuffer => write_buffer,
    writeString => write_string,
    writev => writev,
    tryWrite => try_write,
    shutdown => shutdown,
    setVerifyMode => set_verify_mode,
    enable => enable,
    setALPN => set_alpn,
    clientHelloDone => client_hello_done,
    certCbDone => cert_cb_done,
    setKeyCert => set_key_cert,
    newSessionDone => new_session_done,
    setOCSPResponse => set_ocsp_response,
    setPskIdentityHint => set_psk_identity_hint,
    setReadLimit => set_read_limit,
    counts => counts,
    certificates => certificates,
    setDefaultCertificates => set_default_certificates,
    getServername => info::get_servername,
    getALPN => info::get_alpn,
    getCipher => info::get_cipher,
    getProtocol => info::get_protocol,
    getEphemeralKeyInfo => info::get_ephemeral_key_info,
    getFinished => info::get_finished,
    getPeerFinished => info::get_peer_finished,
    getSession => info::get_session,
    setSession => info::set_session,
    getTLSTicket => info::get_tls_ticket,
    isSessionReused => info::is_session_reused,
    getSharedSigalgs => info::get_shared_sigalgs,
    exportKeyingMaterial => info::export_keying_material,
    verifyError => info::verify_error,
    getPeerCertificates => info::get_peer_certificates,
    getOwnCertificate => info::get_own_certificate,
    setMaxSendFragment => info::set_max_send_fragment,
    setServername => info::set_servername,
    renegotiate => info::renegotiate,
    getSSLCiphers => info::get_ssl_ciphers,
    contextCreate => context::create,
    contextSetKey => context::set_key,
    contextSetCert => context::set_cert,
    contextAddCACert => context::add_ca_cert,
    contextAddCRL => context::add_crl,
    contextAddRootCerts => context::add_root_certs,
    contextAllowPartialTrustChain => context::allow_partial_chain,
    contextSetCipherSuites => context::set_cipher_suites,
    contextSetCiphers => context::set_ciphers,
    contextSetSigalgs => context::set_sigalgs,
    contextSetECDHCurve => context::set_ecdh_curve,
    contextSetDHParam => context::set_dh_param,
    contextProtoVersions => context::proto_versions,
    contextSetProtoVersion => context::set_proto_version,
    contextSetOptions => context::set_options,
    contextSetSessionIdContext => context::set_session_id_context,
    contextSetSessionTimeout => context::set_session_timeout,
    contextLoadPKCS12 => context::load_pkcs12,
    contextGetTicketKeys => context::get_ticket_keys,
    contextSetTicketKeys => context::set_ticket_keys,
    contextEnableTicketKeyCallback => context::enable_ticket_callback,
    contextGetCertificate => context::get_certificate,
], init = constants);
