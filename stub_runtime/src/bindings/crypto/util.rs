//! `internalBinding('crypto')`: what belongs to no algorithm: lists of what there is, FIPS, comparing.

use super::failure::Failure;
use super::key::{KeyData, KeyHandle};
use super::{failure, native, ready};
use crate::binding;
use crate::bindings::buffer::Storage;
use openssl_sys as ffi;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;

type Args<'a> = v8::FunctionCallbackArguments<'a>;
type Visit<T> = unsafe extern "C" fn(*mut T, *mut c_void);
type VisitName = unsafe extern "C" fn(*const c_char, *mut c_void);

unsafe extern "C" {
    fn EVP_MD_do_all_sorted(
        visit: unsafe extern "C" fn(*const c_void, *const c_char, *const c_char, *mut c_void),
        out: *mut c_void,
    );
    fn EVP_MD_do_all_provided(library: *mut c_void, visit: Visit<ffi::EVP_MD>, out: *mut c_void);
    fn EVP_CIPHER_do_all_provided(library: *mut c_void, visit: Visit<ffi::EVP_CIPHER>, out: *mut c_void);
    fn EVP_MAC_do_all_provided(library: *mut c_void, visit: Visit<ffi::EVP_MAC>, out: *mut c_void);
    fn EVP_MD_get0_name(md: *const ffi::EVP_MD) -> *const c_char;
    fn EVP_MD_names_do_all(md: *const ffi::EVP_MD, visit: VisitName, out: *mut c_void) -> c_int;
    fn EVP_CIPHER_names_do_all(cipher: *const ffi::EVP_CIPHER, visit: VisitName, out: *mut c_void) -> c_int;
    fn EVP_MAC_names_do_all(mac: *const ffi::EVP_MAC, visit: VisitName, out: *mut c_void) -> c_int;
    fn CRYPTO_secure_malloc_initialized() -> c_int;
    fn CRYPTO_secure_used() -> usize;
    fn CRYPTO_secure_malloc_init(size: usize, minimum: usize) -> c_int;
}

/// `timingSafeEqual(a, b)`: undefined where the lengths differ.
fn timing_safe_equal(_: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let (mut a, mut b) = (Storage::new(), Storage::new());
    let (a, b) = (a.view(args.get(0)), b.view(args.get(1)));
    if a.len() == b.len() {
        // SAFETY: both have that many bytes.
        rv.set_bool(unsafe { ffi::CRYPTO_memcmp(a.as_ptr().cast(), b.as_ptr().cast(), a.len()) } == 0);
    }
}

unsafe extern "C" fn list_name(name: *const c_char, out: *mut c_void) {
    // SAFETY: a C string, and the vector of `names`.
    unsafe { (*out.cast::<Vec<String>>()).push(CStr::from_ptr(name).to_string_lossy().into_owned()) };
}

// What a provider has, by all its names.
unsafe extern "C" fn list_digest(md: *mut ffi::EVP_MD, out: *mut c_void) {
    // SAFETY: the algorithm is valid during the call.
    unsafe { EVP_MD_names_do_all(md, list_name, out) };
}

unsafe extern "C" fn list_cipher(cipher: *mut ffi::EVP_CIPHER, out: *mut c_void) {
    // SAFETY: as above.
    unsafe { EVP_CIPHER_names_do_all(cipher, list_name, out) };
}

unsafe extern "C" fn list_mac(mac: *mut ffi::EVP_MAC, out: *mut c_void) {
    // SAFETY: as above.
    unsafe { EVP_MAC_names_do_all(mac, list_name, out) };
}

// The spellings of OpenSSL 1: `RSA-SHA256`.
unsafe extern "C" fn list_spelling(_: *const c_void, name: *const c_char, _: *const c_char, out: *mut c_void) {
    // SAFETY: OpenSSL's name; what is fetched is freed.
    unsafe {
        let legacy = ffi::EVP_get_digestbyname(name);
        if legacy.is_null() {
            return;
        }
        let fetched = ffi::EVP_MD_fetch(null_mut(), EVP_MD_get0_name(legacy), std::ptr::null());
        if !fetched.is_null() {
            ffi::EVP_MD_free(fetched);
            list_name(name, out);
        }
    }
}

fn curves() -> Vec<String> {
    // SAFETY: asks for the count, then for as many; names of their numbers are static.
    unsafe {
        let count = EC_get_builtin_curves(null_mut(), 0);
        let mut curves = vec![BuiltinCurve { nid: 0, comment: std::ptr::null() }; count];
        EC_get_builtin_curves(curves.as_mut_ptr(), count);
        let name = |c: &BuiltinCurve| CStr::from_ptr(ffi::OBJ_nid2sn(c.nid)).to_string_lossy().into_owned();
        curves.iter().map(name).collect()
    }
}

#[repr(C)]
#[derive(Clone)]
struct BuiltinCurve {
    nid: c_int,
    comment: *const c_char,
}

unsafe extern "C" {
    fn EC_get_builtin_curves(curves: *mut BuiltinCurve, count: usize) -> usize;
}

/// `names(kind)`: of `'hashes'`, `'ciphers'`, `'macs'` or `'curves'` as providers list them, `'spellings'` of digests in OpenSSL 1.
fn names(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    ready();
    let mut out: Vec<String> = Vec::new();
    let to = (&raw mut out).cast();
    // SAFETY: each calls back before it returns, with `to`.
    unsafe {
        match args.get(0).to_rust_string_lossy(scope).as_str() {
            "hashes" => EVP_MD_do_all_provided(null_mut(), list_digest, to),
            "spellings" => EVP_MD_do_all_sorted(list_spelling, to),
            "ciphers" => EVP_CIPHER_do_all_provided(null_mut(), list_cipher, to),
            "macs" => EVP_MAC_do_all_provided(null_mut(), list_mac, to),
            _ => out = curves(),
        }
    }
    failure::clear();
    let items: Vec<_> = out.iter().map(|name| binding::string(scope, name)).collect();
    rv.set(v8::Array::new_with_elements(scope, &items).into());
}

/// `checkKey(handle)`: whether the numbers of an asymmetric key belong together, as far as its half allows to say.
fn check_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(handle) = native::unwrap::<KeyHandle>(scope, args.get(0)) else { return };
    let (key, is_private) = match &*handle.0 {
        KeyData::Private(key) => (key, true),
        KeyData::Public(key) => (key, false),
        KeyData::Secret(_) => return,
    };
    // SAFETY: the key is valid; the context is freed here and may be null in none of the checks.
    let good = unsafe {
        let context = ffi::EVP_PKEY_CTX_new(key.as_ptr(), null_mut());
        let good = !context.is_null()
            && if is_private { ffi::EVP_PKEY_check(context) == 1 } else { ffi::EVP_PKEY_public_check(context) == 1 };
        ffi::EVP_PKEY_CTX_free(context);
        good
    };
    failure::clear();
    rv.set_bool(good);
}

/// `getFips()`.
fn get_fips(_: &mut v8::PinScope, _: Args, mut rv: v8::ReturnValue) {
    ready();
    // SAFETY: reads a setting of the default library context.
    rv.set_int32(unsafe { ffi::EVP_default_properties_is_fips_enabled(null_mut()) });
}

/// `setFips(on)`: from now on only approved algorithms are found; without a provider that has them, none.
fn set_fips(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    ready();
    failure::clear();
    // SAFETY: a setting of the default library context.
    if unsafe { ffi::EVP_default_properties_enable_fips(null_mut(), args.get(0).is_true() as c_int) } == 0 {
        return Failure::take("Cannot set FIPS mode").throw(scope);
    }
    super::lookup::forget();
}

/// `secureHeap()`: `[bytes in use]`, undefined where there is none.
fn secure_heap(scope: &mut v8::PinScope, _: Args, mut rv: v8::ReturnValue) {
    ready();
    // SAFETY: reads two counters.
    unsafe {
        if CRYPTO_secure_malloc_initialized() == 1 {
            rv.set(v8::Number::new(scope, CRYPTO_secure_used() as f64).into());
        }
    }
}

/// Makes the secure heap that `--secure-heap` asks for.
pub fn start_secure_heap() {
    let number = |name| crate::options::current().text(name).and_then(|text| text.parse::<usize>().ok());
    let size = number("--secure-heap").unwrap_or(0);
    if size > 0 {
        // SAFETY: once, before anything uses the library.
        unsafe { CRYPTO_secure_malloc_init(size, number("--secure-heap-min").unwrap_or(2)) };
    }
}

fn constants(scope: &mut v8::PinScope, object: v8::Local<v8::Object>) {
    let object = v8::Local::new(scope, object);
    // SAFETY: reads a constant of the library, which need not have been started.
    let version = unsafe { ffi::OpenSSL_version_num() };
    binding::set_number(scope, object, "opensslVersionNumber", version as f64);
}

binding!("crypto", [
    timingSafeEqual => timing_safe_equal,
    names => names,
    checkKey => check_key,
    getFips => get_fips,
    setFips => set_fips,
    secureHeap => secure_heap,
], init = constants);
