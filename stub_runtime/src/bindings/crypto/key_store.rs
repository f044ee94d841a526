//! `internalBinding('crypto_key_store')`: keys from where OpenSSL's loaders find them, and from PKCS#12 bundles.
//!
//! Owns: both readers. Does not own: which names are asked for (`js/internal/crypto/key_store.js`, `pkcs12.js`).

use super::failure::{self, Class, Failure, Outcome};
use super::key::{KeyData, Pkey, Secret};
use super::keys::{bytes_argument, handle, text_argument};
use super::libcrypto::{PasswordCallback, c_text, owner};
use super::x509::Certificate;
use super::{native, ready};
use crate::binding;
use openssl_sys as ffi;
use std::ffi::{CString, c_char, c_int, c_long, c_void};
use std::ptr::{null, null_mut};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

unsafe extern "C" {
    fn UI_UTIL_wrap_read_pem_callback(callback: PasswordCallback, writing: c_int) -> *mut c_void;
    fn UI_destroy_method(method: *mut c_void);
    fn OSSL_STORE_open_ex(
        uri: *const c_char,
        library: *mut c_void,
        properties: *const c_char,
        ui: *const c_void,
        ui_data: *mut c_void,
        params: *const c_void,
        filter: *const c_void,
        filter_data: *mut c_void,
    ) -> *mut c_void;
    fn OSSL_STORE_expect(store: *mut c_void, kind: c_int) -> c_int;
    fn OSSL_STORE_load(store: *mut c_void) -> *mut c_void;
    fn OSSL_STORE_eof(store: *mut c_void) -> c_int;
    fn OSSL_STORE_close(store: *mut c_void) -> c_int;
    fn OSSL_STORE_INFO_get1_PKEY(info: *const c_void) -> *mut ffi::EVP_PKEY;
    fn OSSL_STORE_INFO_free(info: *mut c_void);
}

const INFO_PKEY: c_int = 4;

owner!(
    /// A bundle.
    Bundle, ffi::PKCS12, ffi::PKCS12_free
);

/// The passphrase for a store, and whether it was asked for.
struct Prompt {
    passphrase: Option<Secret>,
    asked: bool,
}

unsafe extern "C" fn answer(buffer: *mut c_char, size: c_int, _: c_int, user: *mut c_void) -> c_int {
    // SAFETY: `load_key` gave it and waits.
    let prompt = unsafe { &mut *user.cast::<Prompt>() };
    prompt.asked = true;
    match &prompt.passphrase {
        Some(bytes) if bytes.len() <= size as usize => {
            // SAFETY: the buffer has `size` bytes.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer.cast::<u8>(), bytes.len()) };
            bytes.len() as c_int
        }
        _ => -1,
    }
}

/// The first private key that a loader finds under the URI.
fn load_key(uri: &str, passphrase: Option<Vec<u8>>, properties: Option<String>) -> Outcome<Pkey> {
    failure::clear();
    let mut prompt = Prompt { passphrase: passphrase.map(Secret::new), asked: false };
    let properties: Option<CString> = properties.as_deref().map(c_text);
    let properties = properties.as_ref().map_or(null(), |text| text.as_ptr());
    // SAFETY: the prompt and the texts outlive the store, which is closed here; the key has its own count.
    let key = unsafe {
        let method = UI_UTIL_wrap_read_pem_callback(answer, 0);
        let uri = c_text(uri);
        let user = (&raw mut prompt).cast();
        let store = OSSL_STORE_open_ex(uri.as_ptr(), null_mut(), properties, method, user, null(), null(), null_mut());
        let mut key = None;
        if !store.is_null() {
            OSSL_STORE_expect(store, INFO_PKEY);
            while key.is_none() && OSSL_STORE_eof(store) == 0 {
                let info = OSSL_STORE_load(store);
                if info.is_null() {
                    if failure::first() != 0 {
                        break;
                    }
                    continue;
                }
                key = Pkey::from_raw(OSSL_STORE_INFO_get1_PKEY(info));
                OSSL_STORE_INFO_free(info);
            }
            OSSL_STORE_close(store);
        }
        UI_destroy_method(method);
        key
    };
    if let Some(key) = key {
        failure::clear();
        return Ok(key);
    }
    if prompt.asked && prompt.passphrase.is_none() {
        let text = "Passphrase required for encrypted key";
        return Err(Failure::node(Class::TypeError, "ERR_MISSING_PASSPHRASE", text));
    }
    if failure::first() == 0 {
        let text = "Failed to load private key through an OpenSSL STORE loader";
        return Err(Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", text));
    }
    Err(Failure::peek_last("Failed to load private key"))
}

/// `load(uri, passphrase | undefined, properties | undefined)`: a handle of a private key.
fn load(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    ready();
    let uri = args.get(0).to_rust_string_lossy(scope);
    let properties = text_argument(scope, args.get(2));
    match load_key(&uri, bytes_argument(args.get(1)), properties) {
        Ok(key) => rv.set(handle(scope, KeyData::Private(key))),
        Err(failure) => failure.throw(scope),
    }
}

/// What a bundle has: the key, its certificate, the others.
type Contents = (Option<Pkey>, Option<Certificate>, Vec<Certificate>);

fn open_bundle(bytes: &[u8], passphrase: Option<Vec<u8>>) -> Outcome<Contents> {
    failure::clear();
    let passphrase = passphrase.map(|bytes| CString::new(bytes).unwrap_or_default());
    let passphrase = passphrase.as_ref().map_or(null(), |text| text.as_ptr());
    let mut at = bytes.as_ptr();
    let (mut key, mut certificate, mut others) = (null_mut(), null_mut(), null_mut());
    // SAFETY: what is parsed is ours: key, certificate, and the list whose entries are taken over.
    unsafe {
        let bundle = Bundle::new(ffi::d2i_PKCS12(null_mut(), &raw mut at, bytes.len() as c_long)).map_err(|_| {
            let text = "Input is not a valid PKCS#12 structure";
            Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", text)
        })?;
        let (to_key, to_certificate) = (&raw mut key, &raw mut certificate);
        if ffi::PKCS12_parse(bundle.as_ptr(), passphrase, to_key, to_certificate, &raw mut others) != 1 {
            return Err(Failure::take("Failed to parse PKCS#12"));
        }
        failure::clear();
        let list = others.cast::<ffi::OPENSSL_STACK>();
        let others = (0..ffi::OPENSSL_sk_num(list).max(0))
            .filter_map(|i| Certificate::from_raw(ffi::OPENSSL_sk_value(list, i).cast()))
            .collect();
        ffi::OPENSSL_sk_free(list);
        Ok((Pkey::from_raw(key), Certificate::from_raw(certificate), others))
    }
}

/// `parsePKCS12(bytes, passphrase | undefined)`: `[key handle | null, certificate | null, certificates]`.
fn parse_pkcs12(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    ready();
    let bytes = bytes_argument(args.get(0)).unwrap_or_default();
    let (key, certificate, others) = match open_bundle(&bytes, bytes_argument(args.get(1))) {
        Ok(contents) => contents,
        Err(failure) => return failure.throw(scope),
    };
    let null: v8::Local<v8::Value> = v8::null(scope).into();
    let key = key.map_or(null, |key| handle(scope, KeyData::Private(key)));
    let certificate = certificate.map_or(null, |certificate| native::wrap(scope, certificate));
    let others: Vec<_> = others.into_iter().map(|certificate| native::wrap(scope, certificate)).collect();
    let others = v8::Array::new_with_elements(scope, &others).into();
    rv.set(v8::Array::new_with_elements(scope, &[key, certificate, others]).into());
}

binding!("crypto_key_store", [
    load => load,
    parsePKCS12 => parse_pkcs12,
]);
