//! SecureContext: an `SSL_CTX` and what Node keeps beside it.
//!
//! Owns: a context's life, its certificates and keys. Does not own: its other settings (`settings.rs`), options and their checks (`js/internal/tls/secure_context.js`),
//! roots (`roots.rs`), what happens on a connection (`connection.rs`). JavaScript holds a context as
//! an opaque object (`crypto/native.rs`).

use super::error::{clear, parts, throw, throw_coded};
use super::ffi;
use super::roots::{self, Certificate, der};
use super::ticket;
use crate::binding;
use crate::bindings::crypto::{failure, native};
use openssl_sys::*;
use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_int, c_void};
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// One context. Its address is the `SSL_CTX`'s application data, so it lives as long as any connection of it.
pub struct SecureContext {
    ctx: *mut SSL_CTX,
    certificate: RefCell<Option<Certificate>>,
    issuer: RefCell<Option<Certificate>>,
    /// Name, HMAC key and AES key of session tickets, 16 bytes each.
    pub ticket_keys: Cell<[u8; 48]>,
    /// The object whose `onticketkeycallback` gives ticket keys.
    pub ticket_callback: RefCell<Option<v8::Global<v8::Object>>>,
}

impl Drop for SecureContext {
    fn drop(&mut self) {
        // SAFETY: our reference; connections have theirs.
        unsafe { SSL_CTX_free(self.ctx) };
    }
}

impl SecureContext {
    /// The OpenSSL object.
    pub fn as_ptr(&self) -> *mut SSL_CTX {
        self.ctx
    }

    fn store(&self) -> *mut X509_STORE {
        // SAFETY: the context is alive.
        unsafe { SSL_CTX_get_cert_store(self.ctx) }
    }

    /// The store, which is this context's own afterwards.
    fn own_store(&self, flags: u32) -> *mut X509_STORE {
        if roots::is_shared(self.store()) {
            // SAFETY: the context takes the new store over.
            unsafe { SSL_CTX_set_cert_store(self.ctx, roots::new_store(flags)) };
        }
        self.store()
    }

    /// Uses `certificate` and `chain`, and finds the issuer.
    fn use_chain(&self, certificate: Certificate, chain: &[Certificate]) -> bool {
        // SAFETY: all pointers are alive; the context takes references of its own.
        unsafe {
            if SSL_CTX_use_certificate(self.ctx, certificate.as_ptr()) != 1 {
                return false;
            }
            ffi::SSL_CTX_clear_chain_certs(self.ctx);
            let mut issuer = None;
            for link in chain {
                if ffi::SSL_CTX_add1_chain_cert(self.ctx, link.as_ptr()) != 1 {
                    return false;
                }
                if issuer.is_none() && X509_check_issued(link.as_ptr(), certificate.as_ptr()) == X509_V_OK {
                    X509_up_ref(link.as_ptr());
                    issuer = Certificate::new(link.as_ptr());
                }
            }
            *self.issuer.borrow_mut() = issuer.or_else(|| issuer_in(self.store(), certificate.as_ptr()));
        }
        *self.certificate.borrow_mut() = Some(certificate);
        true
    }
}

/// The issuer of `of` in a store.
pub fn issuer_in(store: *mut X509_STORE, of: *mut X509) -> Option<Certificate> {
    // SAFETY: a context of ours over a store that is alive.
    unsafe {
        let ctx = X509_STORE_CTX_new();
        let mut issuer = std::ptr::null_mut();
        let found = X509_STORE_CTX_init(ctx, store, std::ptr::null_mut(), std::ptr::null_mut()) == 1
            && ffi::X509_STORE_CTX_get1_issuer(&mut issuer, ctx, of) == 1;
        X509_STORE_CTX_free(ctx);
        clear();
        if found { Certificate::new(issuer) } else { None }
    }
}

/// The context that a JavaScript object is; `None` for anything else.
pub fn from_value(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Option<Rc<SecureContext>> {
    native::unwrap::<Rc<SecureContext>>(scope, value).cloned()
}

/// The context of the first argument.
pub fn context_of(scope: &mut v8::PinScope, args: &Args) -> Option<Rc<SecureContext>> {
    from_value(scope, args.get(0))
}

/// A text for OpenSSL.
pub fn text_of(scope: &mut v8::PinScope, args: &Args, at: i32) -> std::ffi::CString {
    let text = args.get(at).to_rust_string_lossy(scope);
    roots::c_string(text.as_bytes())
}

/// Bytes of a string or view.
pub fn bytes_of(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Vec<u8> {
    if value.is_string() {
        return value.to_rust_string_lossy(scope).into_bytes();
    }
    binding::bytes(value).map(|b| b.to_vec()).unwrap_or_default()
}

/// A BIO over bytes, which must outlive it.
pub struct Bio(pub *mut BIO);

impl Bio {
    /// Reads these bytes.
    pub fn new(bytes: &[u8]) -> Bio {
        // SAFETY: reads from the slice; the caller keeps it.
        Bio(unsafe { BIO_new_mem_buf(bytes.as_ptr().cast(), bytes.len() as c_int) })
    }
}

impl Drop for Bio {
    fn drop(&mut self) {
        // SAFETY: ours.
        unsafe { BIO_free_all(self.0) };
    }
}

/// OpenSSL's question for a password; `arg` is null or an `Option<Vec<u8>>`.
unsafe extern "C" fn password(buffer: *mut c_char, size: c_int, _: c_int, arg: *mut c_void) -> c_int {
    // SAFETY: `arg` is what this file gives, the buffer has `size` bytes.
    unsafe {
        let Some(Some(text)) = arg.cast::<Option<Vec<u8>>>().as_ref() else { return -1 };
        if text.len() > size as usize {
            return -1;
        }
        std::ptr::copy_nonoverlapping(text.as_ptr(), buffer.cast(), text.len());
        text.len() as c_int
    }
}

struct Method {
    method: *const SSL_METHOD,
    min: c_int,
    max: c_int,
}

/// Node's `secureProtocol` names; an error's text where it is none.
fn method(name: &str, min: c_int) -> Result<Method, String> {
    let (version, role) = match name.strip_suffix("_method") {
        None => return Err(format!("Unknown method: {name}")),
        Some(rest) => match (rest.strip_suffix("_server"), rest.strip_suffix("_client")) {
            (Some(version), _) => (version, 's'),
            (_, Some(version)) => (version, 'c'),
            _ => (rest, ' '),
        },
    };
    let (min, max) = match version {
        "SSLv2" | "SSLv3" => return Err(format!("{version} methods disabled")),
        "SSLv23" => (min, TLS1_2_VERSION),
        "TLS" => (0, TLS1_3_VERSION),
        "TLSv1" => (TLS1_VERSION, TLS1_VERSION),
        "TLSv1_1" => (TLS1_1_VERSION, TLS1_1_VERSION),
        "TLSv1_2" => (TLS1_2_VERSION, TLS1_2_VERSION),
        _ => return Err(format!("Unknown method: {name}")),
    };
    // SAFETY: static tables.
    let method = unsafe {
        match role {
            's' => TLS_server_method(),
            'c' => TLS_client_method(),
            _ => TLS_method(),
        }
    };
    Ok(Method { method, min, max })
}

const OP_ALLOW_CLIENT_RENEGOTIATION: u64 = 1 << 8;

/// `contextCreate(method | undefined, min, max)`: a new context.
pub fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let (min, max) = (args.get(1).int32_value(scope).unwrap_or(0), args.get(2).int32_value(scope).unwrap_or(0));
    let chosen = if args.get(0).is_string() {
        let name = args.get(0).to_rust_string_lossy(scope);
        method(&name, min)
    } else {
        // SAFETY: a static table.
        Ok(Method { method: unsafe { TLS_method() }, min, max })
    };
    let chosen = match chosen {
        Ok(chosen) => chosen,
        Err(message) => {
            let class = failure::Class::TypeError;
            return failure::Failure::node(class, "ERR_TLS_INVALID_PROTOCOL_METHOD", message).throw(scope);
        }
    };
    crate::bindings::crypto::ready();
    // SAFETY: a new context, whose settings are plain numbers.
    let ctx = unsafe {
        let ctx = SSL_CTX_new(chosen.method);
        if ctx.is_null() {
            return throw(scope, "SSL_CTX_new");
        }
        SSL_CTX_set_options(ctx, SSL_OP_NO_SSLv3 | OP_ALLOW_CLIENT_RENEGOTIATION);
        let cache = SSL_SESS_CACHE_BOTH | SSL_SESS_CACHE_NO_INTERNAL | SSL_SESS_CACHE_NO_AUTO_CLEAR;
        SSL_CTX_ctrl(ctx, SSL_CTRL_SET_SESS_CACHE_MODE, cache, std::ptr::null_mut());
        SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MIN_PROTO_VERSION, chosen.min.into(), std::ptr::null_mut());
        SSL_CTX_ctrl(ctx, SSL_CTRL_SET_MAX_PROTO_VERSION, chosen.max.into(), std::ptr::null_mut());
        ctx
    };
    let mut keys = [0u8; 48];
    // SAFETY: fills the array.
    unsafe { RAND_bytes(keys.as_mut_ptr(), keys.len() as c_int) };
    let context = Rc::new(SecureContext {
        ctx,
        certificate: RefCell::default(),
        issuer: RefCell::default(),
        ticket_keys: Cell::new(keys),
        ticket_callback: RefCell::default(),
    });
    // SAFETY: the context outlives every connection: each holds it.
    unsafe { SSL_CTX_set_ex_data(ctx, 0, Rc::as_ptr(&context).cast_mut().cast()) };
    ticket::install(&context);
    super::callbacks::install(&context);
    rv.set(native::wrap(scope, context));
}

/// `contextSetKey(context, pem, passphrase | undefined)`
pub fn set_key(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let pem = bytes_of(scope, args.get(1));
    let pass = args.get(2).is_string().then(|| args.get(2).to_rust_string_lossy(scope).into_bytes());
    let mut pass = Some(pass.unwrap_or_default());
    clear();
    // SAFETY: the BIO and the password outlive the call; the key is freed here.
    unsafe {
        let bio = Bio::new(&pem);
        let key = PEM_read_bio_PrivateKey(bio.0, std::ptr::null_mut(), Some(password), (&raw mut pass).cast());
        if key.is_null() {
            return throw(scope, "PEM_read_bio_PrivateKey");
        }
        let ok = SSL_CTX_use_PrivateKey(context.ctx, key);
        EVP_PKEY_free(key);
        if ok != 1 {
            throw(scope, "SSL_CTX_use_PrivateKey");
        }
    }
}

/// `contextSetCert(context, pem)`: a certificate and what follows it as its chain.
pub fn set_cert(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let pem = bytes_of(scope, args.get(1));
    clear();
    let bio = Bio::new(&pem);
    let mut none: Option<Vec<u8>> = None;
    let arg: *mut c_void = (&raw mut none).cast();
    // SAFETY: the BIO is alive.
    let first = unsafe { ffi::PEM_read_bio_X509_AUX(bio.0, std::ptr::null_mut(), Some(password), arg) };
    let Some(first) = Certificate::new(first) else { return throw(scope, "SSL_CTX_use_certificate_chain") };
    // SAFETY: as above.
    let next = || Certificate::new(unsafe { PEM_read_bio_X509(bio.0, std::ptr::null_mut(), Some(password), arg) });
    let chain: Vec<Certificate> = std::iter::from_fn(next).collect();
    // SAFETY: this thread's queue.
    if parts(unsafe { ERR_peek_last_error() }) != (ERR_LIB_PEM, PEM_R_NO_START_LINE) {
        return throw(scope, "SSL_CTX_use_certificate_chain");
    }
    clear();
    if !context.use_chain(first, &chain) {
        throw(scope, "SSL_CTX_use_certificate_chain");
    }
}

/// `contextAddCACert(context, pem, flags)`: each certificate of the text.
pub fn add_ca_cert(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let pem = bytes_of(scope, args.get(1));
    let flags = args.get(2).uint32_value(scope).unwrap_or(0);
    let bio = Bio::new(&pem);
    let mut none: Option<Vec<u8>> = None;
    let arg: *mut c_void = (&raw mut none).cast();
    // SAFETY: the BIO is alive; store and list take references of their own.
    unsafe {
        while let Some(ca) =
            Certificate::new(ffi::PEM_read_bio_X509_AUX(bio.0, std::ptr::null_mut(), Some(password), arg))
        {
            X509_STORE_add_cert(context.own_store(flags), ca.as_ptr());
            SSL_CTX_add_client_CA(context.ctx, ca.as_ptr());
        }
    }
    clear();
}

/// `contextAddCRL(context, pem, flags)`
pub fn add_crl(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let pem = bytes_of(scope, args.get(1));
    let flags = args.get(2).uint32_value(scope).unwrap_or(0);
    let bio = Bio::new(&pem);
    let mut none: Option<Vec<u8>> = None;
    // SAFETY: the BIO is alive; the list is freed here.
    unsafe {
        let crl = PEM_read_bio_X509_CRL(bio.0, std::ptr::null_mut(), Some(password), (&raw mut none).cast());
        clear();
        if crl.is_null() {
            return throw_coded(scope, "Failed to parse CRL", "ERR_CRYPTO_OPERATION_FAILED");
        }
        let store = context.own_store(flags);
        ffi::X509_STORE_add_crl(store, crl);
        X509_CRL_free(crl);
        X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    clear();
}

/// `contextAddRootCerts(context, flags)`
pub fn add_root_certs(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let flags = args.get(1).uint32_value(scope).unwrap_or(0);
    // SAFETY: the context takes the reference over.
    unsafe { SSL_CTX_set_cert_store(context.ctx, roots::shared_store(flags)) };
}

/// `contextAllowPartialTrustChain(context, flags)`
pub fn allow_partial_chain(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let flags = args.get(1).uint32_value(scope).unwrap_or(0);
    // SAFETY: the store is alive.
    unsafe { X509_STORE_set_flags(context.own_store(flags), X509_V_FLAG_PARTIAL_CHAIN) };
}

/// `contextLoadPKCS12(context, bytes, passphrase | undefined, flags)`
pub fn load_pkcs12(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let data = bytes_of(scope, args.get(1));
    let pass = if args.get(2).is_undefined() { Vec::new() } else { bytes_of(scope, args.get(2)) };
    let pass = roots::c_string(&pass);
    let flags = args.get(3).uint32_value(scope).unwrap_or(0);
    clear();
    // SAFETY: what the functions give is ours and freed here.
    let ok = unsafe {
        let bio = Bio::new(&data);
        let p12 = ffi::d2i_PKCS12_bio(bio.0, std::ptr::null_mut());
        let (mut key, mut cert, mut list) = (std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut());
        let parsed = !p12.is_null() && PKCS12_parse(p12, pass.as_ptr(), &mut key, &mut cert, &mut list) == 1;
        if !p12.is_null() {
            PKCS12_free(p12);
        }
        let mut chain = Vec::new();
        for i in 0..ffi::length_of(list) {
            let link: *mut X509 = ffi::element(list, i);
            chain.extend(Certificate::new(link));
        }
        if !list.is_null() {
            OPENSSL_sk_free(list.cast());
        }
        let cert = Certificate::new(cert);
        if parsed && (key.is_null() || cert.is_none()) {
            let what = if key.is_null() {
                "Unable to load private key from PFX data"
            } else {
                "Unable to load PFX certificate"
            };
            if !key.is_null() {
                EVP_PKEY_free(key);
            }
            return throw_coded(scope, what, "ERR_CRYPTO_OPERATION_FAILED");
        }
        let ok = parsed
            && cert.is_some_and(|cert| context.use_chain(cert, &chain))
            && SSL_CTX_use_PrivateKey(context.ctx, key) == 1;
        if !key.is_null() {
            EVP_PKEY_free(key);
        }
        if ok {
            for ca in &chain {
                X509_STORE_add_cert(context.own_store(flags), ca.as_ptr());
                SSL_CTX_add_client_CA(context.ctx, ca.as_ptr());
            }
        }
        ok
    };
    if !ok {
        // SAFETY: this thread's queue and a static string.
        let reason = unsafe { super::error::text(ERR_reason_error_string(ERR_get_error())) };
        match reason.as_deref() {
            Some("unsupported") => {
                throw_coded(scope, "Unsupported PKCS12 PFX data", "ERR_CRYPTO_UNSUPPORTED_OPERATION");
            }
            reason => binding::throw_error(scope, reason.unwrap_or("Unknown error")),
        }
    }
    clear();
}

/// `contextGetCertificate(context, issuer)`: DER or null.
pub fn get_certificate(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let which = if args.get(1).is_true() { &context.issuer } else { &context.certificate };
    let bytes = which.borrow().as_ref().map(|c| der(c.as_ptr()));
    match bytes {
        Some(bytes) => rv.set(binding::uint8_array(scope, bytes).into()),
        None => rv.set_null(),
    }
}
