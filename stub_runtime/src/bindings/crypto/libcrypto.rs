//! Functions of OpenSSL that `openssl-sys` does not declare, and owners of its objects.
//!
//! Owns: memory of OpenSSL's. Does not own: what the objects mean (`pkey.rs` and the files beside it).

use super::failure::{Failure, Outcome};
use openssl_sys as ffi;
use std::ffi::{CStr, CString, c_char, c_int, c_long, c_uchar, c_void};

/// Asked for the passphrase of an encrypted key.
pub type PasswordCallback = unsafe extern "C" fn(*mut c_char, c_int, c_int, *mut c_void) -> c_int;

#[allow(missing_docs)]
unsafe extern "C" {
    pub fn EVP_PKEY_get0_type_name(key: *const ffi::EVP_PKEY) -> *const c_char;
    pub fn EVP_PKEY_get_utf8_string_param(
        key: *const ffi::EVP_PKEY,
        name: *const c_char,
        buffer: *mut c_char,
        size: usize,
        length: *mut usize,
    ) -> c_int;
    pub fn EVP_PKEY_get_bn_param(key: *const ffi::EVP_PKEY, name: *const c_char, out: *mut *mut ffi::BIGNUM) -> c_int;
    pub fn EVP_PKEY_get_octet_string_param(
        key: *const ffi::EVP_PKEY,
        name: *const c_char,
        buffer: *mut c_uchar,
        size: usize,
        length: *mut usize,
    ) -> c_int;
    pub fn EVP_PKEY_get0_RSA(key: *const ffi::EVP_PKEY) -> *const ffi::RSA;
    pub fn EVP_PKEY_CTX_new_from_pkey(
        library: *mut c_void,
        key: *mut ffi::EVP_PKEY,
        properties: *const c_char,
    ) -> *mut ffi::EVP_PKEY_CTX;
    pub fn RSA_get0_pss_params(key: *const ffi::RSA) -> *const RsaPssParams;
    pub fn EVP_PKEY_CTX_set_rsa_pss_keygen_md(context: *mut ffi::EVP_PKEY_CTX, md: *const ffi::EVP_MD) -> c_int;
    pub fn EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(context: *mut ffi::EVP_PKEY_CTX, md: *const ffi::EVP_MD) -> c_int;
    pub fn EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(context: *mut ffi::EVP_PKEY_CTX, length: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set_rsa_keygen_bits(context: *mut ffi::EVP_PKEY_CTX, bits: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context: *mut ffi::EVP_PKEY_CTX, exponent: *mut ffi::BIGNUM) -> c_int;
    pub fn EVP_PKEY_CTX_set_rsa_padding(context: *mut ffi::EVP_PKEY_CTX, padding: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set_rsa_pss_saltlen(context: *mut ffi::EVP_PKEY_CTX, length: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set_rsa_mgf1_md(context: *mut ffi::EVP_PKEY_CTX, md: *const ffi::EVP_MD) -> c_int;
    pub fn EVP_PKEY_CTX_set_rsa_oaep_md(context: *mut ffi::EVP_PKEY_CTX, md: *const ffi::EVP_MD) -> c_int;
    pub fn EVP_PKEY_CTX_set0_rsa_oaep_label(
        context: *mut ffi::EVP_PKEY_CTX,
        label: *mut c_void,
        length: c_int,
    ) -> c_int;
    pub fn EVP_PKEY_CTX_set_dsa_paramgen_bits(context: *mut ffi::EVP_PKEY_CTX, bits: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set_dsa_paramgen_q_bits(context: *mut ffi::EVP_PKEY_CTX, bits: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context: *mut ffi::EVP_PKEY_CTX, nid: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set_ec_param_enc(context: *mut ffi::EVP_PKEY_CTX, encoding: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set_dh_paramgen_prime_len(context: *mut ffi::EVP_PKEY_CTX, bits: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set_dh_paramgen_generator(context: *mut ffi::EVP_PKEY_CTX, generator: c_int) -> c_int;
    pub fn EVP_PKEY_CTX_set_signature_md(context: *mut ffi::EVP_PKEY_CTX, md: *const ffi::EVP_MD) -> c_int;
    pub fn d2i_PrivateKey_bio(bio: *mut ffi::BIO, out: *mut *mut ffi::EVP_PKEY) -> *mut ffi::EVP_PKEY;
    pub fn i2d_PublicKey(key: *const ffi::EVP_PKEY, out: *mut *mut c_uchar) -> c_int;
    pub fn i2d_PrivateKey(key: *const ffi::EVP_PKEY, out: *mut *mut c_uchar) -> c_int;
    pub fn d2i_PKCS8_PRIV_KEY_INFO_bio(
        bio: *mut ffi::BIO,
        out: *mut *mut ffi::PKCS8_PRIV_KEY_INFO,
    ) -> *mut ffi::PKCS8_PRIV_KEY_INFO;
    pub fn i2d_PUBKEY(key: *const ffi::EVP_PKEY, out: *mut *mut c_uchar) -> c_int;
    pub fn PEM_bytes_read_bio(
        data: *mut *mut c_uchar,
        length: *mut c_long,
        name: *mut *mut c_char,
        wanted: *const c_char,
        bio: *mut ffi::BIO,
        callback: Option<PasswordCallback>,
        user: *mut c_void,
    ) -> c_int;
    pub fn PEM_write_bio(
        bio: *mut ffi::BIO,
        name: *const c_char,
        header: *const c_char,
        data: *const c_uchar,
        length: c_long,
    ) -> c_int;
    pub fn PEM_write_bio_PrivateKey_traditional(
        bio: *mut ffi::BIO,
        key: *const ffi::EVP_PKEY,
        cipher: *const ffi::EVP_CIPHER,
        pass: *const c_uchar,
        pass_length: c_int,
        callback: Option<PasswordCallback>,
        user: *mut c_void,
    ) -> c_int;
    pub fn EC_GROUP_get0_order(group: *const ffi::EC_GROUP) -> *const ffi::BIGNUM;
    pub fn EC_POINT_point2oct(
        group: *const ffi::EC_GROUP,
        point: *const ffi::EC_POINT,
        form: u32,
        buffer: *mut c_uchar,
        length: usize,
        context: *mut c_void,
    ) -> usize;
    pub fn DH_check_pub_key(dh: *const ffi::DH, key: *const ffi::BIGNUM, codes: *mut c_int) -> c_int;
    pub fn BN_priv_rand_range(out: *mut ffi::BIGNUM, range: *const ffi::BIGNUM) -> c_int;
    pub fn EVP_DigestSignInit_ex(
        context: *mut ffi::EVP_MD_CTX,
        operation: *mut *mut ffi::EVP_PKEY_CTX,
        digest: *const c_char,
        library: *mut c_void,
        properties: *const c_char,
        key: *mut ffi::EVP_PKEY,
        params: *mut ffi::OSSL_PARAM,
    ) -> c_int;
    pub fn EVP_DigestVerifyInit_ex(
        context: *mut ffi::EVP_MD_CTX,
        operation: *mut *mut ffi::EVP_PKEY_CTX,
        digest: *const c_char,
        library: *mut c_void,
        properties: *const c_char,
        key: *mut ffi::EVP_PKEY,
        params: *mut ffi::OSSL_PARAM,
    ) -> c_int;
    pub fn EVP_MD_get0_name(digest: *const ffi::EVP_MD) -> *const c_char;
    pub fn X509_NAME_print_ex(
        bio: *mut ffi::BIO,
        name: *const ffi::X509_NAME,
        indent: c_int,
        flags: std::ffi::c_ulong,
    ) -> c_int;
    pub fn X509_check_ca(certificate: *mut ffi::X509) -> c_int;
    pub fn X509_check_private_key(certificate: *const ffi::X509, key: *const ffi::EVP_PKEY) -> c_int;
    pub fn ASN1_TIME_to_tm(time: *const ffi::ASN1_TIME, out: *mut libc::tm) -> c_int;
    pub fn PEM_read_bio_X509_AUX(
        bio: *mut ffi::BIO,
        out: *mut *mut ffi::X509,
        callback: Option<PasswordCallback>,
        user: *mut c_void,
    ) -> *mut ffi::X509;
    pub fn EC_curve_nid2nist(nid: c_int) -> *const c_char;
    pub fn OSSL_PROVIDER_add_conf_parameter(
        provider: *mut ffi::OSSL_PROVIDER,
        name: *const c_char,
        value: *const c_char,
    ) -> c_int;
    pub fn EC_curve_nist2nid(name: *const c_char) -> c_int;
    fn BIO_ctrl(bio: *mut ffi::BIO, command: c_int, number: c_long, pointer: *mut c_void) -> c_long;
    fn CRYPTO_clear_free(data: *mut c_void, length: usize, file: *const c_char, line: c_int);
}

/// What restricts an RSA-PSS key: identifiers of the hash, of MGF1 with its hash, and the salt's length. Null: the default.
#[repr(C)]
#[allow(missing_docs)]
pub struct RsaPssParams {
    pub hash: *const ffi::X509_ALGOR,
    pub mask: *const ffi::X509_ALGOR,
    pub salt_length: *const ffi::ASN1_INTEGER,
    pub trailer: *const ffi::ASN1_INTEGER,
    pub mask_hash: *const ffi::X509_ALGOR,
}

/// Frees an object that OpenSSL allocated when it goes out of scope.
macro_rules! owner {
    ($(#[$doc:meta])* $name:ident, $type:ty, $free:path) => {
        $(#[$doc])*
        pub struct $name(*mut $type);

        impl $name {
            /// Takes it over; an empty pointer is a failure, of which OpenSSL's queue tells more.
            ///
            /// # Safety
            /// `pointer` is null or an object that the caller owns.
            pub unsafe fn new(pointer: *mut $type) -> Outcome<Self> {
                if pointer.is_null() { Err(Failure::take("Out of memory")) } else { Ok($name(pointer)) }
            }

            /// The object, valid as long as this value.
            pub fn as_ptr(&self) -> *mut $type {
                self.0
            }

            /// Gives it away: who takes it frees it.
            #[allow(dead_code)]
            pub fn into_raw(self) -> *mut $type {
                let pointer = self.0;
                std::mem::forget(self);
                pointer
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: this value owns it.
                unsafe { $free(self.0) };
            }
        }
    };
}
pub(super) use owner;

owner!(
    /// A large number. Cleared when it is freed.
    Bn, ffi::BIGNUM, ffi::BN_clear_free
);
owner!(
    /// A stream of bytes.
    Bio, ffi::BIO, ffi::BIO_free_all
);
owner!(
    /// An operation with a key.
    Context, ffi::EVP_PKEY_CTX, ffi::EVP_PKEY_CTX_free
);
owner!(
    /// A digest under way.
    DigestContext, ffi::EVP_MD_CTX, ffi::EVP_MD_CTX_free
);

impl Bn {
    /// From big-endian bytes.
    pub fn from_bytes(bytes: &[u8]) -> Outcome<Self> {
        // SAFETY: OpenSSL reads the bytes and makes a new number.
        unsafe { Bn::new(ffi::BN_bin2bn(bytes.as_ptr(), bytes.len() as c_int, std::ptr::null_mut())) }
    }

    /// Big-endian, without leading zeros.
    pub fn to_bytes(&self) -> Vec<u8> {
        number_bytes(self.0)
    }

    /// Big-endian, filled with leading zeros.
    pub fn to_padded(&self, length: usize) -> Option<Vec<u8>> {
        let mut out = vec![0; length];
        // SAFETY: writes exactly `length` bytes, or fails.
        let written = unsafe { ffi::BN_bn2binpad(self.0, out.as_mut_ptr(), length as c_int) };
        (written >= 0).then_some(out)
    }

    /// Bits without leading zeros.
    pub fn bits(&self) -> i32 {
        // SAFETY: the number is valid.
        unsafe { ffi::BN_num_bits(self.0) }
    }
}

/// Big-endian bytes of a number that OpenSSL owns, without leading zeros.
pub fn number_bytes(number: *const ffi::BIGNUM) -> Vec<u8> {
    // SAFETY: the caller has a valid number; it is written into as many bytes as it has.
    unsafe {
        let mut out = vec![0; (ffi::BN_num_bits(number) as usize).div_ceil(8)];
        ffi::BN_bn2bin(number, out.as_mut_ptr());
        out
    }
}

const BIO_CTRL_RESET: c_int = 1;
const BIO_CTRL_INFO: c_int = 3;

impl Bio {
    /// An empty one, in memory, to be written.
    pub fn memory() -> Outcome<Self> {
        // SAFETY: makes a new object.
        unsafe { Bio::new(ffi::BIO_new(ffi::BIO_s_mem())) }
    }

    /// Runs `read` on the bytes.
    pub fn reading<T>(bytes: &[u8], read: impl FnOnce(&Bio) -> T) -> Outcome<T> {
        // SAFETY: it only reads the bytes, and does not outlive the call.
        let bio = unsafe { Bio::new(ffi::BIO_new_mem_buf(bytes.as_ptr().cast(), bytes.len() as c_int))? };
        Ok(read(&bio))
    }

    /// Back to the first byte.
    pub fn rewind(&self) {
        // SAFETY: the stream is valid.
        unsafe { BIO_ctrl(self.0, BIO_CTRL_RESET, 0, std::ptr::null_mut()) };
    }

    /// What was written to one in memory.
    pub fn written(&self) -> Vec<u8> {
        let mut data: *const u8 = std::ptr::null();
        // SAFETY: gives the address and the number of the bytes, which stay until the stream is used again.
        unsafe {
            let length = BIO_ctrl(self.0, BIO_CTRL_INFO, 0, (&raw mut data).cast());
            if length <= 0 { Vec::new() } else { std::slice::from_raw_parts(data, length as usize).to_vec() }
        }
    }
}

/// Bytes from a function that writes through `out` and allocates where `*out` is null (`i2d_*`).
pub fn encoded(write: impl FnOnce(*mut *mut c_uchar) -> c_int, failure: &'static str) -> Outcome<Vec<u8>> {
    let mut data = std::ptr::null_mut();
    let length = write(&raw mut data);
    if length < 0 || data.is_null() {
        return Err(Failure::take(failure));
    }
    // SAFETY: OpenSSL allocated that many bytes for us.
    unsafe {
        let out = std::slice::from_raw_parts(data, length as usize).to_vec();
        clear_free(data, length as usize);
        Ok(out)
    }
}

/// Frees bytes that OpenSSL allocated, after clearing them.
///
/// # Safety
/// `data` is null or from OpenSSL's allocator, with `length` bytes, and nobody uses it any more.
pub unsafe fn clear_free(data: *mut u8, length: usize) {
    // SAFETY: the caller's promise.
    unsafe { CRYPTO_clear_free(data.cast(), length, c"".as_ptr(), 0) }
}

/// Text for C; what follows a NUL is cut off, as Node does.
pub fn c_text(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

/// Text from C that is static or outlives the call.
pub fn rust_text(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null, ends with NUL.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// Parameters for OpenSSL, by name.
pub struct Params {
    builder: *mut ffi::OSSL_PARAM_BLD,
    /// What the builder only points at.
    numbers: Vec<Bn>,
    bytes: Vec<Vec<u8>>,
    texts: Vec<CString>,
}

impl Params {
    /// None yet.
    pub fn new() -> Self {
        // SAFETY: makes a new object.
        Params { builder: unsafe { ffi::OSSL_PARAM_BLD_new() }, numbers: vec![], bytes: vec![], texts: vec![] }
    }

    /// A number.
    pub fn number(&mut self, name: &CStr, value: Bn) -> &mut Self {
        // SAFETY: the number is kept until the builder is gone.
        unsafe { ffi::OSSL_PARAM_BLD_push_BN(self.builder, name.as_ptr(), value.as_ptr()) };
        self.numbers.push(value);
        self
    }

    /// Bytes.
    pub fn octets(&mut self, name: &CStr, value: &[u8]) -> &mut Self {
        let value = value.to_vec();
        // SAFETY: the vector's memory stays where it is while the builder lives.
        unsafe {
            ffi::OSSL_PARAM_BLD_push_octet_string(self.builder, name.as_ptr(), value.as_ptr().cast(), value.len());
        }
        self.bytes.push(value);
        self
    }

    /// Text.
    pub fn text(&mut self, name: &CStr, value: &str) -> &mut Self {
        let value = c_text(value);
        // SAFETY: as above.
        unsafe { ffi::OSSL_PARAM_BLD_push_utf8_string(self.builder, name.as_ptr(), value.as_ptr(), 0) };
        self.texts.push(value);
        self
    }

    /// Runs `f` with the list.
    pub fn with<T>(&self, f: impl FnOnce(*mut ffi::OSSL_PARAM) -> T) -> T {
        // SAFETY: the list copies what was pushed and is freed here.
        unsafe {
            let list = ffi::OSSL_PARAM_BLD_to_param(self.builder);
            let result = f(list);
            ffi::OSSL_PARAM_free(list);
            result
        }
    }
}

impl Drop for Params {
    fn drop(&mut self) {
        // SAFETY: this value owns it.
        unsafe { ffi::OSSL_PARAM_BLD_free(self.builder) };
    }
}
