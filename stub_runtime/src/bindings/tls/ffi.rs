//! What `tls` uses of OpenSSL and crate `openssl-sys` does not declare: functions, and the macros that are calls of `SSL_ctrl`.

#![allow(non_snake_case, non_camel_case_types, clippy::missing_safety_doc)]

use openssl_sys::*;
use std::ffi::{c_char, c_int, c_long, c_uchar, c_uint, c_void};

/// OpenSSL's lists of any type.
pub enum Stack {}

/// `SSL_CTX_set_tlsext_ticket_key_evp_cb`'s callback: session, key name, IV, cipher, MAC, whether to encrypt.
pub type TicketCallback =
    unsafe extern "C" fn(*mut SSL, *mut c_uchar, *mut c_uchar, *mut EVP_CIPHER_CTX, *mut EVP_MAC_CTX, c_int) -> c_int;

/// What a lookup method fills in.
pub enum X509_OBJECT {}

unsafe extern "C" {
    pub fn BIO_get_new_index() -> c_int;
    pub fn SSL_set_cert_cb(
        ssl: *mut SSL,
        cb: Option<unsafe extern "C" fn(*mut SSL, *mut c_void) -> c_int>,
        arg: *mut c_void,
    );
    pub fn SSL_set_info_callback(ssl: *mut SSL, cb: Option<unsafe extern "C" fn(*const SSL, c_int, c_int)>);
    pub fn SSL_renegotiate(ssl: *mut SSL) -> c_int;
    pub fn SSL_renegotiate_pending(ssl: *mut SSL) -> c_int;
    pub fn SSL_dup_CA_list(list: *const Stack) -> *mut Stack;
    pub fn SSL_CTX_get_client_CA_list(ctx: *const SSL_CTX) -> *mut Stack;
    pub fn SSL_set_client_CA_list(ssl: *mut SSL, list: *mut Stack);
    pub fn SSL_set_psk_server_callback(
        ssl: *mut SSL,
        cb: Option<unsafe extern "C" fn(*mut SSL, *const c_char, *mut c_uchar, c_uint) -> c_uint>,
    );
    pub fn SSL_set_psk_client_callback(
        ssl: *mut SSL,
        cb: Option<unsafe extern "C" fn(*mut SSL, *const c_char, *mut c_char, c_uint, *mut c_uchar, c_uint) -> c_uint>,
    );
    pub fn SSL_use_psk_identity_hint(ssl: *mut SSL, hint: *const c_char) -> c_int;
    pub fn SSL_SESSION_get0_ticket(session: *const SSL_SESSION, ticket: *mut *const c_uchar, length: *mut usize);
    pub fn SSL_get_shared_sigalgs(
        ssl: *mut SSL,
        index: c_int,
        sign: *mut c_int,
        hash: *mut c_int,
        both: *mut c_int,
        raw_sign: *mut c_uchar,
        raw_hash: *mut c_uchar,
    ) -> c_int;
    pub fn SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx: *mut SSL_CTX, cb: Option<TicketCallback>) -> c_int;
    pub fn SSL_CTX_set_timeout(ctx: *mut SSL_CTX, seconds: c_long) -> c_long;
    pub fn SSL_get0_group_name(ssl: *mut SSL) -> *const c_char;
    pub fn SSL_CIPHER_get_auth_nid(cipher: *const SSL_CIPHER) -> c_int;
    pub fn d2i_PKCS12_bio(bio: *mut BIO, out: *mut *mut PKCS12) -> *mut PKCS12;
    pub fn PEM_read_bio_X509_AUX(
        bio: *mut BIO,
        out: *mut *mut X509,
        cb: pem_password_cb,
        arg: *mut c_void,
    ) -> *mut X509;
    pub fn PEM_read_bio_Parameters(bio: *mut BIO, out: *mut *mut EVP_PKEY) -> *mut EVP_PKEY;
    pub fn X509_STORE_CTX_get1_issuer(out: *mut *mut X509, ctx: *mut X509_STORE_CTX, of: *mut X509) -> c_int;
    pub fn X509_LOOKUP_meth_new(name: *const c_char) -> *mut X509_LOOKUP_METHOD;
    pub fn X509_LOOKUP_meth_set_get_by_subject(
        method: *mut X509_LOOKUP_METHOD,
        f: unsafe extern "C" fn(*mut X509_LOOKUP, c_int, *const X509_NAME, *mut X509_OBJECT) -> c_int,
    ) -> c_int;
    pub fn X509_LOOKUP_get_store(lookup: *const X509_LOOKUP) -> *mut X509_STORE;
    pub fn X509_OBJECT_set1_X509(object: *mut X509_OBJECT, x: *mut X509) -> c_int;
    pub fn X509_STORE_add_crl(store: *mut X509_STORE, crl: *mut X509_CRL) -> c_int;
    pub fn X509_STORE_up_ref(store: *mut X509_STORE) -> c_int;
    pub fn SSL_get_ciphers(ssl: *const SSL) -> *mut Stack;
    pub fn ERR_print_errors_cb(cb: unsafe extern "C" fn(*const c_char, usize, *mut c_void) -> c_int, arg: *mut c_void);
    pub fn OSSL_PARAM_construct_utf8_string(key: *const c_char, text: *mut c_char, size: usize) -> OSSL_PARAM;
    pub fn d2i_X509_NAME(out: *mut *mut X509_NAME, at: *mut *const c_uchar, length: c_long) -> *mut X509_NAME;
    pub fn SSL_get_finished(ssl: *const SSL, buffer: *mut c_void, size: usize) -> usize;
    pub fn SSL_get_peer_finished(ssl: *const SSL, buffer: *mut c_void, size: usize) -> usize;
    pub fn EVP_PKEY_get_group_name(key: *const EVP_PKEY, name: *mut c_char, size: usize, length: *mut usize) -> c_int;
}

const SSL_CTRL_SET_MAX_SEND_FRAGMENT: c_int = 52;
const SSL_CTRL_CLEAR_MODE: c_int = 78;
const SSL_CTRL_CHAIN: c_int = 88;
const SSL_CTRL_CHAIN_CERT: c_int = 89;
const SSL_CTRL_GET_CHAIN_CERTS: c_int = 115;
const SSL_CTRL_GET_TLSEXT_STATUS_REQ_TYPE: c_int = 127;

/// The lists that `openssl-sys` gives a type of its own.
pub fn length_of<T>(stack: *const T) -> c_int {
    if stack.is_null() {
        return 0;
    }
    // SAFETY: every typed stack is an OPENSSL_STACK.
    unsafe { OPENSSL_sk_num(stack.cast()) }
}

/// Element `index` of a list.
pub fn element<T, E>(stack: *const T, index: c_int) -> *mut E {
    // SAFETY: every typed stack is an OPENSSL_STACK; an index out of bounds gives null.
    unsafe { OPENSSL_sk_value(stack.cast(), index).cast() }
}

pub unsafe fn SSL_set_max_send_fragment(ssl: *mut SSL, size: c_long) -> c_long {
    // SAFETY: as the caller says.
    unsafe { SSL_ctrl(ssl, SSL_CTRL_SET_MAX_SEND_FRAGMENT, size, std::ptr::null_mut()) }
}

pub unsafe fn SSL_set_mode(ssl: *mut SSL, mode: c_long) {
    // SAFETY: as the caller says.
    unsafe { SSL_ctrl(ssl, SSL_CTRL_MODE, mode, std::ptr::null_mut()) };
}

pub unsafe fn SSL_clear_mode(ssl: *mut SSL, mode: c_long) {
    // SAFETY: as the caller says.
    unsafe { SSL_ctrl(ssl, SSL_CTRL_CLEAR_MODE, mode, std::ptr::null_mut()) };
}

/// Copies the list.
pub unsafe fn SSL_set1_chain(ssl: *mut SSL, chain: *mut stack_st_X509) -> c_long {
    // SAFETY: as the caller says.
    unsafe { SSL_ctrl(ssl, SSL_CTRL_CHAIN, 1, chain.cast()) }
}

pub unsafe fn SSL_CTX_add1_chain_cert(ctx: *mut SSL_CTX, cert: *mut X509) -> c_long {
    // SAFETY: as the caller says.
    unsafe { SSL_CTX_ctrl(ctx, SSL_CTRL_CHAIN_CERT, 1, cert.cast()) }
}

pub unsafe fn SSL_CTX_clear_chain_certs(ctx: *mut SSL_CTX) -> c_long {
    // SAFETY: as the caller says.
    unsafe { SSL_CTX_ctrl(ctx, SSL_CTRL_CHAIN, 0, std::ptr::null_mut()) }
}

pub unsafe fn SSL_CTX_get0_chain_certs(ctx: *mut SSL_CTX) -> *mut stack_st_X509 {
    let mut chain: *mut stack_st_X509 = std::ptr::null_mut();
    // SAFETY: as the caller says; `chain` takes the pointer.
    unsafe { SSL_CTX_ctrl(ctx, SSL_CTRL_GET_CHAIN_CERTS, 0, (&raw mut chain).cast()) };
    chain
}

pub unsafe fn SSL_set1_verify_cert_store(ssl: *mut SSL, store: *mut X509_STORE) -> c_long {
    // SAFETY: as the caller says.
    unsafe { SSL_ctrl(ssl, SSL_CTRL_SET_VERIFY_CERT_STORE, 1, store.cast()) }
}

pub unsafe fn SSL_get_tlsext_status_type(ssl: *mut SSL) -> c_long {
    // SAFETY: as the caller says.
    unsafe { SSL_ctrl(ssl, SSL_CTRL_GET_TLSEXT_STATUS_REQ_TYPE, 0, std::ptr::null_mut()) }
}
