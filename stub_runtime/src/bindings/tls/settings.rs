//! What is set on a context besides certificates and keys: versions, ciphers, groups, sessions, tickets.

use super::context::{Bio, bytes_of, context_of, text_of};
use super::error::{clear, parts, throw, throw_coded};
use super::ffi;
use crate::binding;
use crate::bindings::crypto::failure;
use openssl_sys::*;
use std::ffi::{c_int, c_long, c_uint};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// `contextSetCipherSuites(context, list)`: of TLS 1.3.
pub fn set_cipher_suites(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let list = text_of(scope, &args, 1);
    clear();
    // SAFETY: the text outlives the call.
    if unsafe { SSL_CTX_set_ciphersuites(context.as_ptr(), list.as_ptr()) } != 1 {
        throw(scope, "Failed to set ciphers");
    }
    clear();
}

const SSL_R_NO_CIPHER_MATCH: c_int = 185;

/// `contextSetCiphers(context, list)`: of TLS 1.2 and before; an empty list clears them.
pub fn set_ciphers(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let list = text_of(scope, &args, 1);
    clear();
    // SAFETY: the text outlives the call.
    if unsafe { SSL_CTX_set_cipher_list(context.as_ptr(), list.as_ptr()) } != 1 {
        let failure = failure::Failure::take("Failed to set ciphers");
        if !list.is_empty() || parts(failure.number()).1 != SSL_R_NO_CIPHER_MATCH {
            failure.throw(scope);
        }
    }
    clear();
}

/// `contextSetSigalgs(context, list)`
pub fn set_sigalgs(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let list = text_of(scope, &args, 1);
    clear();
    // SAFETY: the text outlives the call.
    if unsafe { SSL_CTX_set1_sigalgs_list(context.as_ptr(), list.as_ptr()) } != 1 {
        throw(scope, "Failed to set sigalgs");
    }
    clear();
}

/// `contextSetECDHCurve(context, list)`
pub fn set_ecdh_curve(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let list = text_of(scope, &args, 1);
    // SAFETY: the text outlives the call.
    if list.as_bytes() != b"auto" && unsafe { SSL_CTX_set1_groups_list(context.as_ptr(), list.as_ptr()) } != 1 {
        throw_coded(scope, "Failed to set ECDH curve", "ERR_CRYPTO_OPERATION_FAILED");
    }
    clear();
}

/// `contextSetDHParam(context, pem | true)`: a warning's text, or undefined.
pub fn set_dh_param(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    // SAFETY: settings of a context that is alive; the parameters are freed or taken over.
    unsafe {
        if args.get(1).is_true() {
            SSL_CTX_ctrl(context.as_ptr(), SSL_CTRL_SET_DH_AUTO, 1, std::ptr::null_mut());
            return;
        }
        let pem = bytes_of(scope, args.get(1));
        let bio = Bio::new(&pem);
        let key = ffi::PEM_read_bio_Parameters(bio.0, std::ptr::null_mut());
        clear();
        // Parameters that cannot be read are discarded, and DHE is not used.
        if key.is_null() {
            return;
        }
        let bits = EVP_PKEY_bits(key);
        if bits < 1024 {
            EVP_PKEY_free(key);
            return throw_coded(scope, "DH parameter is less than 1024 bits", "ERR_INVALID_ARG_VALUE");
        }
        if bits < 2048 {
            let warning = binding::string(scope, "DH parameter is less than 2048 bits");
            rv.set(warning);
        }
        SSL_CTX_set_options(context.as_ptr(), SSL_OP_SINGLE_DH_USE);
        if SSL_CTX_set0_tmp_dh_pkey(context.as_ptr(), key) != 1 {
            EVP_PKEY_free(key);
            throw_coded(scope, "Error setting temp DH parameter", "ERR_CRYPTO_OPERATION_FAILED");
        }
        clear();
    }
}

/// `contextProtoVersions(context)`: `[min, max]`
pub fn proto_versions(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    // SAFETY: reads numbers of a context that is alive.
    let [min, max] = [SSL_CTRL_GET_MIN_PROTO_VERSION, SSL_CTRL_GET_MAX_PROTO_VERSION]
        .map(|which| unsafe { SSL_CTX_ctrl(context.as_ptr(), which, 0, std::ptr::null_mut()) });
    let pair = [v8::Integer::new(scope, min as i32).into(), v8::Integer::new(scope, max as i32).into()];
    rv.set(v8::Array::new_with_elements(scope, &pair).into());
}

/// `contextSetProtoVersion(context, isMax, version)`
pub fn set_proto_version(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let which = if args.get(1).is_true() { SSL_CTRL_SET_MAX_PROTO_VERSION } else { SSL_CTRL_SET_MIN_PROTO_VERSION };
    let version = args.get(2).int32_value(scope).unwrap_or(0);
    // SAFETY: sets a number of a context that is alive.
    unsafe { SSL_CTX_ctrl(context.as_ptr(), which, version.into(), std::ptr::null_mut()) };
}

/// `contextSetOptions(context, bits)`
pub fn set_options(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let bits = args.get(1).integer_value(scope).unwrap_or(0);
    // SAFETY: sets a number of a context that is alive.
    unsafe { SSL_CTX_set_options(context.as_ptr(), bits as u64) };
}

/// `contextSetSessionIdContext(context, text)`
pub fn set_session_id_context(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let text = args.get(1).to_rust_string_lossy(scope);
    // SAFETY: the bytes outlive the call.
    if unsafe { SSL_CTX_set_session_id_context(context.as_ptr(), text.as_ptr(), text.len() as c_uint) } != 1 {
        let line = super::error::last_line();
        binding::throw_type_error(scope, &line);
    }
}

/// `contextSetSessionTimeout(context, seconds)`
pub fn set_session_timeout(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let seconds = args.get(1).int32_value(scope).unwrap_or(0);
    // SAFETY: sets a number of a context that is alive.
    unsafe { ffi::SSL_CTX_set_timeout(context.as_ptr(), c_long::from(seconds)) };
}

/// `contextGetTicketKeys(context)`
pub fn get_ticket_keys(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    let keys = context.ticket_keys.get().to_vec();
    rv.set(binding::uint8_array(scope, keys).into());
}

/// `contextSetTicketKeys(context, keys)`: 48 bytes.
pub fn set_ticket_keys(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    if let Some(keys) = binding::bytes(args.get(1)).and_then(|b| <[u8; 48]>::try_from(&*b).ok()) {
        context.ticket_keys.set(keys);
    }
}

/// `contextEnableTicketKeyCallback(context, object)`: asks `object.onticketkeycallback(name, iv, isEncryption)` for keys.
pub fn enable_ticket_callback(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(context) = context_of(scope, &args) else { return };
    if let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(1)) {
        *context.ticket_callback.borrow_mut() = Some(v8::Global::new(scope, object));
    }
}
