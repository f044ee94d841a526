//! `internalBinding('tls')`: contexts and connections of TLS.
//!
//! Owns: the table of connections, JavaScript's ends of events and questions. Does not own: the functions that act on one
//! (`tls/api.rs`), the engine (`tls/connection.rs`), contexts (`tls/context.rs`), trusted roots (`tls/roots.rs`), Node's `tls`
//! (`js/tls.js`, `js/internal/tls/`). OpenSSL starts with the first context.

mod api;
mod bio;
mod callbacks;
mod connection;
mod context;
mod error;
mod ffi;
mod info;
mod peer;
mod read;
mod roots;
mod scope;
mod settings;
mod ticket;
mod write;

use crate::{binding, tasks};
use api::{BUNDLED, CHOSEN, EXTRA, SYSTEM};
use api::{ENABLE_ALPN, ENABLE_CERTIFICATE, ENABLE_KEYLOG, ENABLE_PSK, ENABLE_SESSIONS, REQUEST_OCSP};
pub use connection::Connection;
use connection::{Event, buffer};
use std::cell::RefCell;
use std::rc::Rc;

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

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    CALLS.take();
}

fn calls() -> Rc<Calls> {
    CALLS.with(|c| c.borrow().clone()).expect("tls.setup")
}

/// The connection that JavaScript calls `id`.
pub fn find(id: i32) -> Option<Rc<Connection>> {
    CONNECTIONS.with(|c| c.borrow().slots.get(usize::try_from(id).ok()?)?.clone())
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
    setup => api::setup,
    create => api::create,
    destroy => api::destroy,
    start => api::start_handshake,
    receive => api::receive,
    receiveEnd => api::receive_end,
    outputDone => api::output_done,
    priorWritesDone => api::prior_writes_done,
    writeBuffer => api::write_buffer,
    writeString => api::write_string,
    writev => api::writev,
    writeMessage => api::write_message,
    shutdown => api::shutdown,
    setVerifyMode => api::set_verify_mode,
    enable => api::enable,
    setALPN => api::set_alpn,
    clientHelloDone => api::client_hello_done,
    certCbDone => api::cert_cb_done,
    setKeyCert => api::set_key_cert,
    newSessionDone => api::new_session_done,
    setOCSPResponse => api::set_ocsp_response,
    setPskIdentityHint => api::set_psk_identity_hint,
    setReadLimit => api::set_read_limit,
    counts => api::counts,
    certificates => api::certificates,
    setDefaultCertificates => api::set_default_certificates,
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
    verifyError => peer::verify_error,
    getPeerCertificates => peer::get_peer_certificates,
    getOwnCertificate => peer::get_own_certificate,
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
    contextSetCipherSuites => settings::set_cipher_suites,
    contextSetCiphers => settings::set_ciphers,
    contextSetSigalgs => settings::set_sigalgs,
    contextSetECDHCurve => settings::set_ecdh_curve,
    contextSetDHParam => settings::set_dh_param,
    contextProtoVersions => settings::proto_versions,
    contextSetProtoVersion => settings::set_proto_version,
    contextSetOptions => settings::set_options,
    contextSetSessionIdContext => settings::set_session_id_context,
    contextSetSessionTimeout => settings::set_session_timeout,
    contextLoadPKCS12 => context::load_pkcs12,
    contextGetTicketKeys => settings::get_ticket_keys,
    contextSetTicketKeys => settings::set_ticket_keys,
    contextEnableTicketKeyCallback => settings::enable_ticket_callback,
    contextGetCertificate => context::get_certificate,
], init = constants);
