//! Session tickets: keys of Node's 48 bytes, or those that JavaScript gives.

use super::context::SecureContext;
use super::ffi;
use super::scope::with_scope;
use crate::binding;
use openssl_sys::*;
use std::ffi::{c_int, c_uchar};
use std::rc::Rc;

/// Makes `context` issue and read tickets in Node's form.
pub fn install(context: &Rc<SecureContext>) {
    // SAFETY: the callback is static and the context alive.
    unsafe { ffi::SSL_CTX_set_tlsext_ticket_key_evp_cb(context.as_ptr(), Some(on_ticket)) };
}

/// Sets up cipher and MAC of a ticket.
unsafe fn prepare(
    cipher: *mut EVP_CIPHER_CTX,
    mac: *mut EVP_MAC_CTX,
    aes: &[u8],
    hmac: &[u8],
    iv: *const c_uchar,
    encrypt: bool,
) -> bool {
    // SAFETY: OpenSSL's own objects; keys and parameters outlive the calls.
    unsafe {
        let init = if encrypt { EVP_EncryptInit_ex } else { EVP_DecryptInit_ex };
        let params = [
            OSSL_PARAM_construct_octet_string(c"key".as_ptr(), hmac.as_ptr().cast_mut().cast(), hmac.len()),
            ffi::OSSL_PARAM_construct_utf8_string(c"digest".as_ptr(), c"SHA256".as_ptr().cast_mut(), 0),
            OSSL_PARAM_construct_end(),
        ];
        init(cipher, EVP_aes_128_cbc(), std::ptr::null_mut(), aes.as_ptr(), iv) == 1
            && EVP_MAC_CTX_set_params(mac, params.as_ptr()) == 1
    }
}

unsafe extern "C" fn on_ticket(
    ssl: *mut SSL,
    name: *mut c_uchar,
    iv: *mut c_uchar,
    cipher: *mut EVP_CIPHER_CTX,
    mac: *mut EVP_MAC_CTX,
    encrypt: c_int,
) -> c_int {
    // SAFETY: OpenSSL gives 16 bytes each of name and IV; the context's data is a SecureContext that is alive.
    unsafe {
        let Some(context) = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0).cast::<SecureContext>().cast_const().as_ref()
        else {
            return -1;
        };
        if context.ticket_callback.borrow().is_some() {
            return ask(context, name, iv, cipher, mac, encrypt != 0).unwrap_or(-1);
        }
        let keys = context.ticket_keys.get();
        let (own_name, hmac, aes) = (&keys[..16], &keys[16..32], &keys[32..]);
        if encrypt != 0 {
            std::ptr::copy_nonoverlapping(own_name.as_ptr(), name, 16);
            if RAND_bytes(iv, 16) != 1 {
                return -1;
            }
        } else if std::slice::from_raw_parts(name, 16) != own_name {
            // Another key's: no error, but no session.
            return 0;
        }
        if prepare(cipher, mac, aes, hmac, iv, encrypt != 0) { 1 } else { -1 }
    }
}

/// `onticketkeycallback` gives `[result, hmacKey, aesKey, name, iv]`.
unsafe fn ask(
    context: &SecureContext,
    name: *mut c_uchar,
    iv: *mut c_uchar,
    cipher: *mut EVP_CIPHER_CTX,
    mac: *mut EVP_MAC_CTX,
    encrypt: bool,
) -> Option<c_int> {
    let object = context.ticket_callback.borrow().clone()?;
    // SAFETY: as the caller: 16 bytes each.
    let (name_bytes, iv_bytes) =
        unsafe { (std::slice::from_raw_parts(name, 16).to_vec(), std::slice::from_raw_parts(iv, 16).to_vec()) };
    with_scope(|scope| {
        let object = v8::Local::new(scope, &object);
        let key = v8::String::new(scope, "onticketkeycallback")?;
        let function = v8::Local::<v8::Function>::try_from(object.get(scope, key.into())?).ok()?;
        let args = [
            binding::uint8_array(scope, name_bytes).into(),
            binding::uint8_array(scope, iv_bytes).into(),
            v8::Boolean::new(scope, encrypt).into(),
        ];
        let answer = v8::Local::<v8::Array>::try_from(function.call(scope, object.into(), &args)?).ok()?;
        let result = answer.get_index(scope, 0)?.int32_value(scope)?;
        if result < 0 {
            return Some(result);
        }
        let part =
            |scope: &mut v8::PinScope, i: u32| answer.get_index(scope, i).and_then(binding::bytes).map(|b| b.to_vec());
        let (hmac, aes) = (part(scope, 1)?, part(scope, 2)?);
        if aes.len() != 16 {
            return None;
        }
        if encrypt {
            let (new_name, new_iv) = (part(scope, 3)?, part(scope, 4)?);
            if new_name.len() != 16 || new_iv.len() != 16 {
                return None;
            }
            // SAFETY: as the caller: 16 bytes each.
            unsafe {
                std::ptr::copy_nonoverlapping(new_name.as_ptr(), name, 16);
                std::ptr::copy_nonoverlapping(new_iv.as_ptr(), iv, 16);
            }
        }
        // SAFETY: as the caller.
        unsafe { prepare(cipher, mac, &aes, &hmac, iv, encrypt).then_some(result) }
    })?
}
