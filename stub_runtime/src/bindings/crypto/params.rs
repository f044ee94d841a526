//! Parameters of providers' key derivations, MACs and ciphers.

use openssl_sys as ffi;
use std::ffi::{CStr, CString, c_char, c_void};

/// Parameters of a native operation, in OpenSSL's form. What they point to is kept with them.
#[derive(Default)]
pub struct Params {
    list: Vec<(&'static CStr, Value)>,
}

enum Value {
    Number(u32),
    Size(usize),
    Bytes(Vec<u8>),
    Text(CString),
}

unsafe extern "C" {
    fn OSSL_PARAM_construct_size_t(key: *const c_char, value: *mut usize) -> ffi::OSSL_PARAM;
    fn OSSL_PARAM_construct_utf8_string(key: *const c_char, text: *mut c_char, size: usize) -> ffi::OSSL_PARAM;
}

impl Params {
    /// Adds a number.
    pub fn number(mut self, name: &'static CStr, value: u32) -> Self {
        self.list.push((name, Value::Number(value)));
        self
    }

    /// Adds a length.
    pub fn size(mut self, name: &'static CStr, value: usize) -> Self {
        self.list.push((name, Value::Size(value)));
        self
    }

    /// Adds bytes.
    pub fn bytes(mut self, name: &'static CStr, value: Vec<u8>) -> Self {
        self.list.push((name, Value::Bytes(value)));
        self
    }

    /// Adds a name.
    pub fn text(mut self, name: &'static CStr, value: &str) -> Self {
        self.list.push((name, Value::Text(CString::new(value).unwrap_or_default())));
        self
    }

    /// OpenSSL's array, valid as long as these parameters.
    pub fn array(&mut self) -> Vec<ffi::OSSL_PARAM> {
        let mut out: Vec<_> = self
            .list
            .iter_mut()
            // SAFETY: names are static and values stay where they are: on the heap, or in the list that nobody grows meanwhile.
            .map(|(name, value)| unsafe {
                match value {
                    Value::Number(n) => ffi::OSSL_PARAM_construct_uint(name.as_ptr(), n),
                    Value::Size(n) => OSSL_PARAM_construct_size_t(name.as_ptr(), n),
                    Value::Bytes(b) => {
                        ffi::OSSL_PARAM_construct_octet_string(name.as_ptr(), b.as_mut_ptr().cast::<c_void>(), b.len())
                    }
                    Value::Text(t) => OSSL_PARAM_construct_utf8_string(name.as_ptr(), t.as_ptr().cast_mut(), 0),
                }
            })
            .collect();
        // SAFETY: a constant.
        out.push(unsafe { ffi::OSSL_PARAM_construct_end() });
        out
    }
}
