//! Trusted roots: the bundled ones, those of the system and of `NODE_EXTRA_CA_CERTS`, or what the program has set.
//!
//! The bundled list is DER in the executable. A store of it parses nothing: a lookup method finds the certificate that a chain
//! asks for by its subject's bytes, which are a short walk through the DER away.

use super::error;
use super::ffi::{self, X509_OBJECT};
use crate::bindings::crypto::failure::Failure;
use openssl_sys::*;
use std::cell::RefCell;
use std::ffi::{CString, c_int, c_long};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// `--use-system-ca` was given.
pub const USE_SYSTEM: u32 = 1;
/// `--use-openssl-ca` was given.
pub const USE_OPENSSL: u32 = 2;

/// A certificate that is ours.
pub struct Certificate(*mut X509);

// SAFETY: OpenSSL counts references atomically and certificates are not changed once they are parsed.
unsafe impl Send for Certificate {}
// SAFETY: as above.
unsafe impl Sync for Certificate {}

impl Drop for Certificate {
    fn drop(&mut self) {
        // SAFETY: our reference.
        unsafe { X509_free(self.0) };
    }
}

impl Certificate {
    /// Takes over a reference; `None` for null.
    pub fn new(x: *mut X509) -> Option<Certificate> {
        (!x.is_null()).then_some(Certificate(x))
    }

    /// The certificate, which this keeps alive.
    pub fn as_ptr(&self) -> *mut X509 {
        self.0
    }

    /// Its DER.
    pub fn der(&self) -> Vec<u8> {
        der(self.0)
    }
}

/// DER of a certificate.
pub fn der(x: *mut X509) -> Vec<u8> {
    // SAFETY: with null it tells the length; then it writes as many bytes.
    unsafe {
        let length = i2d_X509(x, std::ptr::null_mut());
        let mut bytes = vec![0u8; usize::try_from(length).unwrap_or(0)];
        let mut at = bytes.as_mut_ptr();
        i2d_X509(x, &mut at);
        bytes
    }
}

fn parse_der(bytes: &[u8]) -> Option<Certificate> {
    let mut at = bytes.as_ptr();
    // SAFETY: reads at most the length given.
    Certificate::new(unsafe { d2i_X509(std::ptr::null_mut(), &mut at, bytes.len() as c_long) })
}

/// One DER element: its whole length and where its contents begin.
fn element(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = *bytes.get(1)?;
    if first < 0x80 {
        return Some((2 + first as usize, 2));
    }
    let count = (first & 0x7f) as usize;
    let length = bytes.get(2..2 + count)?.iter().fold(0usize, |sum, b| sum << 8 | *b as usize);
    Some((2 + count + length, 2 + count))
}

/// The subject's DER in a certificate's.
fn subject(certificate: &[u8]) -> Option<&[u8]> {
    let (_, start) = element(certificate)?;
    let tbs = &certificate[start..];
    let (_, start) = element(tbs)?;
    let mut rest = &tbs[start..];
    // version [0], serial number, signature, issuer, validity
    let skip = if rest.first() == Some(&0xa0) { 5 } else { 4 };
    for _ in 0..skip {
        rest = rest.get(element(rest)?.0..)?;
    }
    rest.get(..element(rest)?.0)
}

struct Name(*mut X509_NAME);
// SAFETY: never changed and never freed.
unsafe impl Send for Name {}
// SAFETY: as above.
unsafe impl Sync for Name {}

/// The bundled certificates' names, for those that spell one in other bytes.
fn names() -> &'static [Name] {
    static NAMES: OnceLock<Vec<Name>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let parse = |certificate: &[u8]| {
            let bytes = subject(certificate).unwrap_or_default();
            let mut at = bytes.as_ptr();
            // SAFETY: reads at most the length given.
            Name(unsafe { ffi::d2i_X509_NAME(std::ptr::null_mut(), &mut at, bytes.len() as c_long) })
        };
        TLS_SERVER_ROOT_CERTS.iter().map(|c| parse(c)).collect()
    })
}

/// The lookup method over the bundled list: adds what has the wanted subject to the store, and gives the first of it.
unsafe extern "C" fn by_subject(
    lookup: *mut X509_LOOKUP,
    kind: c_int,
    name: *const X509_NAME,
    out: *mut X509_OBJECT,
) -> c_int {
    const X509_LU_X509: c_int = 1;
    if kind != X509_LU_X509 {
        return 0;
    }
    // SAFETY: OpenSSL gives a valid lookup and name; `wanted` has the length that was told.
    unsafe {
        let length = usize::try_from(i2d_X509_NAME(name, std::ptr::null_mut())).unwrap_or(0);
        let mut wanted = vec![0u8; length];
        let mut at = wanted.as_mut_ptr();
        i2d_X509_NAME(name, &mut at);
        let same_bytes = |i: &usize| subject(&TLS_SERVER_ROOT_CERTS[*i]) == Some(wanted.as_slice());
        let mut found: Vec<usize> = (0..TLS_SERVER_ROOT_CERTS.len()).filter(same_bytes).collect();
        if found.is_empty() {
            let same_name = |i: &usize| !names()[*i].0.is_null() && X509_NAME_cmp(names()[*i].0, name) == 0;
            found = (0..TLS_SERVER_ROOT_CERTS.len()).filter(same_name).collect();
        }
        let found: Vec<Certificate> = found.iter().filter_map(|i| parse_der(&TLS_SERVER_ROOT_CERTS[*i])).collect();
        let store = ffi::X509_LOOKUP_get_store(lookup);
        for certificate in &found {
            X509_STORE_add_cert(store, certificate.0);
        }
        let Some(first) = found.first() else { return 0 };
        // The caller takes a reference of its own; the store's keeps the certificate.
        if ffi::X509_OBJECT_set1_X509(out, first.0) != 1 {
            return 0;
        }
        X509_free(first.0);
        1
    }
}

struct Method(*mut X509_LOOKUP_METHOD);
// SAFETY: not changed after it was made.
unsafe impl Send for Method {}
// SAFETY: as above.
unsafe impl Sync for Method {}

fn method() -> *mut X509_LOOKUP_METHOD {
    static METHOD: OnceLock<Method> = OnceLock::new();
    METHOD
        .get_or_init(|| {
            // SAFETY: a new method with a static name.
            unsafe {
                let method = ffi::X509_LOOKUP_meth_new(c"bundled roots".as_ptr());
                ffi::X509_LOOKUP_meth_set_get_by_subject(method, by_subject);
                Method(method)
            }
        })
        .0
}

/// The certificates of PEM text; an error that is not the text's end stays in OpenSSL's queue and gives `Err`.
pub fn parse_pem(text: &[u8]) -> Result<Vec<Certificate>, ()> {
    let mut out = Vec::new();
    error::clear();
    // SAFETY: the BIO reads from `text`, which outlives it.
    unsafe {
        let bio = BIO_new_mem_buf(text.as_ptr().cast(), text.len() as c_int);
        while let Some(certificate) =
            Certificate::new(PEM_read_bio_X509(bio, std::ptr::null_mut(), None, c"".as_ptr().cast_mut().cast()))
        {
            out.push(certificate);
        }
        BIO_free_all(bio);
        if error::parts(ERR_peek_last_error()) == (ERR_LIB_PEM, PEM_R_NO_START_LINE) {
            error::clear();
            return Ok(out);
        }
    }
    Err(())
}

fn read_pem_file(path: &Path) -> Vec<Certificate> {
    let certificates = std::fs::read(path).map(|text| parse_pem(&text).unwrap_or_default()).unwrap_or_default();
    error::clear();
    certificates
}

/// The system's certificates, each once: the file and the folder that OpenSSL's environment variables name, or the usual ones.
pub fn system() -> &'static [Certificate] {
    static SYSTEM: OnceLock<Vec<Certificate>> = OnceLock::new();
    SYSTEM.get_or_init(|| {
        let place = |name: &str, usual: &str| PathBuf::from(std::env::var_os(name).unwrap_or_else(|| usual.into()));
        let mut found = read_pem_file(&place("SSL_CERT_FILE", "/etc/ssl/cert.pem"));
        let mut files: Vec<PathBuf> = std::fs::read_dir(place("SSL_CERT_DIR", "/etc/ssl/certs"))
            .map(|entries| entries.flatten().map(|e| e.path()).collect())
            .unwrap_or_default();
        files.sort();
        let mut read = std::collections::HashSet::new();
        for file in files {
            // Most entries are links to others.
            let real = file.canonicalize().unwrap_or(file);
            if real.is_file() && read.insert(real.clone()) {
                found.extend(read_pem_file(&real));
            }
        }
        let mut seen = std::collections::HashSet::new();
        found.retain(|c| seen.insert(c.der()));
        found
    })
}

/// The certificates of `NODE_EXTRA_CA_CERTS`, where the build allows it (`--allow-env`). Says on stderr what it cannot read.
pub fn extra() -> &'static [Certificate] {
    static EXTRA: OnceLock<Vec<Certificate>> = OnceLock::new();
    EXTRA.get_or_init(|| {
        let allowed = crate::app::app().is_none_or(|app| app.manifest().allow_env);
        let Some(file) = std::env::var_os("NODE_EXTRA_CA_CERTS").filter(|f| allowed && !f.is_empty()) else {
            return Vec::new();
        };
        let shown = Path::new(&file).display().to_string();
        let result = match std::fs::read(&file) {
            Ok(text) => parse_pem(&text).map_err(|()| Failure::peek_last("").text().to_owned()),
            // As OpenSSL tells a failed system call.
            Err(e) => {
                let number = e.raw_os_error().unwrap_or(0);
                let text = e.to_string();
                let text = text.split(" (os error").next().unwrap_or_default();
                Err(format!("error:{:08X}:system library::{text}", 0x8000_0000u32 | number as u32))
            }
        };
        error::clear();
        result.unwrap_or_else(|reason| {
            crate::stdio::write_stderr(&format!(
                "Warning: Ignoring extra certs from `{shown}`, load failed: {reason}\n"
            ));
            Vec::new()
        })
    })
}

/// PEM of DER, as OpenSSL writes it.
pub fn pem(der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(der.len() * 3 / 2 + 64);
    out.extend_from_slice(b"-----BEGIN CERTIFICATE-----\n");
    for line in der.chunks(48) {
        for group in line.chunks(3) {
            let bits = group.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - group.len()));
            for i in 0..4 {
                let digit = DIGITS[(bits >> (18 - 6 * i)) as usize & 63];
                out.push(if i <= group.len() { digit } else { b'=' });
            }
        }
        out.push(b'\n');
    }
    let _ = out.write_all(b"-----END CERTIFICATE-----\n");
    String::from_utf8(out).unwrap_or_default()
}

/// The bundled certificates as PEM, without the last line's end as in Node's list.
pub fn bundled_pem() -> Vec<String> {
    TLS_SERVER_ROOT_CERTS.iter().map(|c| pem(c).trim_end().to_owned()).collect()
}

thread_local! {
    /// What the program set instead of the defaults.
    static CHOSEN: RefCell<Option<Vec<Certificate>>> = const { RefCell::new(None) };
    /// The store of the defaults, shared by the contexts of this thread.
    static SHARED: RefCell<Option<Store>> = const { RefCell::new(None) };
}

/// A store that is ours.
pub struct Store(*mut X509_STORE);

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: our reference.
        unsafe { X509_STORE_free(self.0) };
    }
}

/// A new store of the default certificates; the caller's reference.
pub fn new_store(flags: u32) -> *mut X509_STORE {
    // SAFETY: a new store, which takes references of its own.
    unsafe {
        let store = X509_STORE_new();
        let add = |certificates: &[Certificate]| {
            for certificate in certificates {
                X509_STORE_add_cert(store, certificate.0);
            }
        };
        let chosen = CHOSEN.with(|c| c.borrow().as_deref().map(add).is_some());
        if !chosen {
            if flags & USE_OPENSSL != 0 {
                add(system());
            } else {
                X509_STORE_add_lookup(store, method());
                if flags & USE_SYSTEM != 0 {
                    add(system());
                }
            }
            add(extra());
        }
        error::clear();
        store
    }
}

/// The shared store of the default certificates; the caller gets a reference.
pub fn shared_store(flags: u32) -> *mut X509_STORE {
    SHARED.with(|s| {
        let store = s.borrow_mut().get_or_insert_with(|| Store(new_store(flags))).0;
        // SAFETY: the store is alive.
        unsafe { ffi::X509_STORE_up_ref(store) };
        store
    })
}

/// Whether `store` is the shared one, which a context must not add to.
pub fn is_shared(store: *mut X509_STORE) -> bool {
    SHARED.with(|s| s.borrow().as_ref().is_some_and(|shared| shared.0 == store))
}

/// Replaces the defaults of this thread.
pub fn set_chosen(certificates: Vec<Certificate>) {
    let mut seen = std::collections::HashSet::new();
    let unique = certificates.into_iter().filter(|c| seen.insert(c.der())).collect();
    CHOSEN.with(|c| *c.borrow_mut() = Some(unique));
    SHARED.with(|s| s.borrow_mut().take());
}

/// PEM of what the program set.
pub fn chosen_pem() -> Vec<String> {
    CHOSEN.with(|c| c.borrow().iter().flatten().map(|c| pem(&c.der())).collect())
}

/// A path's bytes for OpenSSL.
pub fn c_string(bytes: &[u8]) -> CString {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_certificate_has_a_subject_that_openssl_agrees_with() {
        for certificate in TLS_SERVER_ROOT_CERTS {
            let parsed = parse_der(certificate).expect("DER");
            // SAFETY: the certificate is alive; the buffer has the length that was told.
            let name = unsafe {
                let name = X509_get_subject_name(parsed.0);
                let mut bytes = vec![0u8; i2d_X509_NAME(name, std::ptr::null_mut()) as usize];
                let mut at = bytes.as_mut_ptr();
                i2d_X509_NAME(name, &mut at);
                bytes
            };
            assert_eq!(subject(certificate), Some(name.as_slice()));
        }
    }

    #[test]
    fn pem_is_read_as_what_was_written() {
        for certificate in &TLS_SERVER_ROOT_CERTS[..3] {
            let found = parse_pem(pem(certificate).as_bytes()).expect("PEM");
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].der(), certificate.as_ref());
        }
        assert!(parse_pem(b"no certificate").expect("nothing").is_empty());
        assert!(parse_pem(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_err());
    }

    #[test]
    fn the_store_finds_the_issuer_of_a_root_without_parsing_the_others() {
        let store = Store(new_store(0));
        let root = parse_der(&TLS_SERVER_ROOT_CERTS[7]).expect("DER");
        let issuer = super::super::context::issuer_in(store.0, root.0).expect("its own issuer");
        assert_eq!(issuer.der(), root.der());
    }
}
