//! Names inside certificates as text: in Node's escaped forms, which nobody can mistake for two names.
//!
//! Owns: general names (subjectAltName, authority information). Does not own: certificates (`x509.rs`).

use super::libcrypto::{self as lib, Bio};
use openssl_sys as ffi;
use std::ffi::{c_int, c_void};
use std::fmt::Write;

/// A `GENERAL_NAME`: what `data` points at depends on the kind.
#[repr(C)]
struct GeneralName {
    kind: c_int,
    data: *const c_void,
}

/// A name of a kind that X.509 does not know.
#[repr(C)]
struct OtherName {
    kind: *const ffi::ASN1_OBJECT,
    value: *const Asn1Type,
}

#[repr(C)]
struct Asn1Type {
    kind: c_int,
    value: *const ffi::ASN1_STRING,
}

const OTHER: c_int = 0;
const EMAIL: c_int = 1;
const DNS: c_int = 2;
const X400: c_int = 3;
const DIRECTORY: c_int = 4;
const EDI_PARTY: c_int = 5;
const URI: c_int = 6;
const IP: c_int = 7;

// OpenSSL's numbers of kinds of other names.
const SMTP_UTF8_MAILBOX: c_int = 1208;
const XMPP_ADDRESS: c_int = 1209;
const SRV_NAME: c_int = 1210;
const NAI_REALM: c_int = 1211;

const UTF8_STRING: c_int = 12;
const IA5_STRING: c_int = 22;

/// One line each, `C=US`; control characters and what RFC 2253 says is escaped.
pub const MULTILINE: u64 = 0x1 | 0x2 | 0x10 | 4 << 16;
/// RFC 2253 in UTF-8, to be put into a JSON string where it has characters that need it.
const RFC2253: u64 = 0x1 | 0x10 | 0x100 | 0x200 | 1 << 16 | 1 << 20 | 1 << 24;

/// A distinguished name.
pub fn print_name(name: *const ffi::X509_NAME, flags: u64) -> Option<Vec<u8>> {
    let bio = Bio::memory().ok()?;
    // SAFETY: the name belongs to a certificate that the caller holds.
    let written = unsafe { lib::X509_NAME_print_ex(bio.as_ptr(), name, 0, flags) };
    (written >= 0).then(|| bio.written())
}

fn bytes_of<'a>(string: *const c_void) -> &'a [u8] {
    let string = string.cast::<ffi::ASN1_STRING>();
    // SAFETY: the caller's name holds the string.
    unsafe {
        let length = ffi::ASN1_STRING_length(string).max(0) as usize;
        if length == 0 { &[] } else { std::slice::from_raw_parts(ffi::ASN1_STRING_get0_data(string), length) }
    }
}

/// Whether a name can stand in a list as it is.
fn is_safe(name: &[u8], utf8: bool) -> bool {
    name.iter().all(|&byte| match byte {
        b'"' | b'\\' | b',' | b'\'' => false,
        b' '..=b'~' => true,
        _ => utf8 && byte & 0x80 != 0,
    })
}

/// The name after its prefix, in quotes and escaped as JSON where it must be; what is not UTF-8 is Latin-1.
fn escaped(out: &mut Vec<u8>, name: &[u8], utf8: bool, prefix: &str) {
    if is_safe(name, utf8) {
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(name);
        return;
    }
    out.push(b'"');
    out.extend_from_slice(prefix.as_bytes());
    for &byte in name {
        match byte {
            b'\\' => out.extend_from_slice(br"\\"),
            b'"' => out.extend_from_slice(br#"\""#),
            // Who splits the list at commas must not be led astray.
            b' '..=b'~' if byte != b',' => out.push(byte),
            _ if utf8 && byte & 0x80 != 0 => out.push(byte),
            _ => out.extend_from_slice(format!("\\u00{byte:02x}").as_bytes()),
        }
    }
    out.push(b'"');
}

/// Numbers of an object identifier.
pub fn oid_text(object: *const ffi::ASN1_OBJECT, numeric: bool) -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: writes at most the buffer, and ends it with NUL.
    unsafe { ffi::OBJ_obj2txt(buffer.as_mut_ptr().cast(), buffer.len() as c_int, object, numeric.into()) };
    let end = buffer.iter().position(|b| *b == 0).unwrap_or(buffer.len());
    String::from_utf8_lossy(&buffer[..end]).into_owned()
}

fn ip_text(bytes: &[u8]) -> String {
    match bytes.len() {
        4 => format!("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]),
        16 => {
            let pairs: Vec<String> =
                bytes.chunks(2).map(|p| format!("{:X}", u16::from_be_bytes([p[0], p[1]]))).collect();
            pairs.join(":")
        }
        length => format!("<invalid length={length}>"),
    }
}

fn other_name(out: &mut Vec<u8>, name: &OtherName) {
    // SAFETY: the identifier and the value belong to the name.
    let (nid, value) = unsafe { (ffi::OBJ_obj2nid(name.kind), &*name.value) };
    let prefix = match nid {
        SMTP_UTF8_MAILBOX => "SmtpUTF8Mailbox:",
        XMPP_ADDRESS => "XmppAddr:",
        SRV_NAME => "SRVName:",
        ffi::NID_ms_upn => "UPN:",
        NAI_REALM => "NAIRealm:",
        _ => "",
    };
    let utf8 = nid != SRV_NAME;
    if prefix.is_empty() || value.kind != if utf8 { UTF8_STRING } else { IA5_STRING } {
        out.extend_from_slice(b"othername:<unsupported>");
        return;
    }
    out.extend_from_slice(b"othername:");
    escaped(out, bytes_of(value.value.cast()), utf8, prefix);
}

/// Adds one general name; `None` where OpenSSL cannot print it.
fn print(out: &mut Vec<u8>, name: *const c_void) -> Option<()> {
    // SAFETY: the caller holds the list that the name is in.
    let name = unsafe { &*name.cast::<GeneralName>() };
    let mut text = String::new();
    match name.kind {
        DNS | EMAIL | URI => {
            let label: &[u8] = match name.kind {
                DNS => b"DNS:",
                EMAIL => b"email:",
                _ => b"URI:",
            };
            out.extend_from_slice(label);
            escaped(out, bytes_of(name.data), false, "");
        }
        DIRECTORY => {
            out.extend_from_slice(b"DirName:");
            escaped(out, &print_name(name.data.cast(), RFC2253)?, true, "");
        }
        IP => write!(text, "IP Address:{}", ip_text(bytes_of(name.data))).ok()?,
        // SAFETY: the name is of this kind.
        OTHER => other_name(out, unsafe { &*name.data.cast::<OtherName>() }),
        X400 => text.push_str("X400Name:<unsupported>"),
        EDI_PARTY => text.push_str("EdiPartyName:<unsupported>"),
        _ => write!(text, "Registered ID:{}", oid_text(name.data.cast(), true)).ok()?,
    }
    out.extend_from_slice(text.as_bytes());
    Some(())
}

/// A list that an extension holds, freed with what is in it.
struct List {
    stack: *mut ffi::OPENSSL_STACK,
    free: unsafe extern "C" fn(*mut c_void),
}

impl List {
    fn of(certificate: *const ffi::X509, nid: c_int, free: unsafe extern "C" fn(*mut c_void)) -> Option<Self> {
        // SAFETY: gives a new list, or null where the certificate has none.
        let stack = unsafe { ffi::X509_get_ext_d2i(certificate, nid, std::ptr::null_mut(), std::ptr::null_mut()) };
        (!stack.is_null()).then_some(List { stack: stack.cast(), free })
    }

    fn items(&self) -> impl Iterator<Item = *mut c_void> + '_ {
        // SAFETY: the list is valid as long as this value.
        unsafe { (0..ffi::OPENSSL_sk_num(self.stack)).map(|i| ffi::OPENSSL_sk_value(self.stack, i)) }
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: this value owns the list.
        unsafe { ffi::OPENSSL_sk_pop_free(self.stack, Some(self.free)) };
    }
}

unsafe extern "C" fn free_name(name: *mut c_void) {
    // SAFETY: an entry of a list of general names.
    unsafe { ffi::GENERAL_NAME_free(name.cast()) };
}

unsafe extern "C" fn free_description(description: *mut c_void) {
    // SAFETY: an entry of a list of access descriptions.
    unsafe { ffi::ACCESS_DESCRIPTION_free(description.cast()) };
}

unsafe extern "C" fn free_object(object: *mut c_void) {
    // SAFETY: an entry of a list of identifiers.
    unsafe { ffi::ASN1_OBJECT_free(object.cast()) };
}

/// `subjectAltName`, its names after commas.
pub fn subject_alt_name(certificate: *const ffi::X509) -> Option<Vec<u8>> {
    let names = List::of(certificate, ffi::NID_subject_alt_name, free_name)?;
    let mut out = Vec::new();
    for (i, name) in names.items().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        print(&mut out, name)?;
    }
    Some(out)
}

/// Authority information, a line each.
pub fn info_access(certificate: *const ffi::X509) -> Option<Vec<u8>> {
    let descriptions = List::of(certificate, ffi::NID_info_access, free_description)?;
    let mut out = Vec::new();
    for (i, description) in descriptions.items().enumerate() {
        if i > 0 {
            out.push(b'\n');
        }
        // SAFETY: an entry of this list.
        let description = unsafe { &*description.cast::<ffi::ACCESS_DESCRIPTION>() };
        out.extend_from_slice(oid_text(description.method, false).as_bytes());
        out.extend_from_slice(b" - ");
        print(&mut out, description.location.cast())?;
    }
    Some(out)
}

/// What the key may be used for, as numbers (`extendedKeyUsage`).
pub fn extended_key_usage(certificate: *const ffi::X509) -> Option<Vec<String>> {
    let usages = List::of(certificate, ffi::NID_ext_key_usage, free_object)?;
    Some(usages.items().map(|usage| oid_text(usage.cast(), true)).collect())
}

/// Entries of a distinguished name: short name or number, and value in UTF-8.
pub fn entries(name: *const ffi::X509_NAME) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    // SAFETY: the caller holds the name; the UTF-8 copy is freed here.
    unsafe {
        for i in 0..ffi::X509_NAME_entry_count(name) {
            let entry = ffi::X509_NAME_get_entry(name, i);
            let object = ffi::X509_NAME_ENTRY_get_object(entry);
            let key = match ffi::OBJ_obj2nid(object) {
                ffi::NID_undef => oid_text(object, true),
                nid => lib::rust_text(ffi::OBJ_nid2sn(nid)),
            };
            let mut text = std::ptr::null_mut();
            let length = ffi::ASN1_STRING_to_UTF8(&raw mut text, ffi::X509_NAME_ENTRY_get_data(entry));
            if length < 0 {
                continue;
            }
            out.push((key, std::slice::from_raw_parts(text, length as usize).to_vec()));
            lib::clear_free(text, length as usize);
        }
    }
    out
}
