//! Header blocks: what JavaScript writes as one string, and what arrives.

use super::ffi::*;

/// A name that no peer takes.
static ZERO: [u8; 1] = [0];

/// A block to send: the bytes, and nghttp2's list that points into them.
pub struct Outgoing {
    _bytes: Vec<u8>,
    list: Vec<nghttp2_nv>,
}

impl Outgoing {
    /// From `name NUL value NUL flags`, repeated `count` times, one byte a character.
    pub fn new(scope: &mut v8::PinScope, text: v8::Local<v8::Value>, count: usize) -> Self {
        let mut bytes = Vec::new();
        if let Ok(text) = v8::Local::<v8::String>::try_from(text) {
            bytes.resize(text.length(), 0);
            text.write_one_byte_v2(scope, 0, &mut bytes, v8::WriteFlags::default());
        }
        let base = bytes.as_mut_ptr();
        let mut list: Vec<nghttp2_nv> = Vec::with_capacity(count);
        let mut at = 0;
        while at < bytes.len() {
            let field = |at: usize| memchr::memchr(0, &bytes[at..]);
            let parts = field(at).and_then(|name| Some((name, field(at + name + 1)?)));
            let (Some((name, value)), true) = (parts, list.len() < count) else {
                // A value with a NUL in it: a field that nghttp2 refuses stands for the block.
                let nul = ZERO.as_ptr().cast_mut();
                list = vec![nghttp2_nv { name: nul, value: nul, namelen: 1, valuelen: 1, flags: 0 }];
                break;
            };
            let flags = bytes.get(at + name + value + 2).copied().unwrap_or(0);
            // SAFETY: both offsets are inside the bytes, which live as long as the list.
            let (n, v) = unsafe { (base.add(at), base.add(at + name + 1)) };
            list.push(nghttp2_nv { name: n, value: v, namelen: name, valuelen: value, flags });
            at += name + value + 3;
        }
        Outgoing { _bytes: bytes, list }
    }

    /// For the nghttp2_submit_* functions.
    pub fn as_ptr(&self) -> *const nghttp2_nv {
        self.list.as_ptr()
    }

    /// The value of `:method`, which is among the first fields.
    pub fn method(&self) -> &[u8] {
        // SAFETY: the list points into the bytes, or to a static one.
        let slice = |data: *mut u8, length| unsafe { std::slice::from_raw_parts(data.cast_const(), length) };
        let field = self.list.iter().find(|nv| slice(nv.name, nv.namelen) == b":method");
        field.map_or(&[], |nv| slice(nv.value, nv.valuelen))
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.list.len()
    }
}

/// A block that arrives field by field.
#[derive(Default)]
pub struct Incoming {
    bytes: Vec<u8>,
    /// Lengths of name and value, and whether the field is never to be indexed.
    fields: Vec<(usize, usize, bool)>,
    size: usize,
}

/// What RFC 9113 counts for each field beside its bytes.
const OVERHEAD: usize = 32;

impl Incoming {
    /// Adds a field, if the block stays within both limits.
    pub fn add(&mut self, name: &[u8], value: &[u8], flags: u8, max_fields: usize, max_size: usize) -> bool {
        let size = name.len() + value.len() + OVERHEAD;
        if self.fields.len() >= max_fields || self.size + size > max_size {
            return false;
        }
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(value);
        self.fields.push((name.len(), value.len(), flags & NGHTTP2_NV_FLAG_NO_INDEX as u8 != 0));
        self.size += size;
        true
    }

    /// What it counts for.
    pub fn size(&self) -> usize {
        self.size
    }

    /// `[name, value, ...]` and the names that are sensitive.
    pub fn to_arrays<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
    ) -> (v8::Local<'s, v8::Array>, v8::Local<'s, v8::Array>) {
        let mut list: Vec<v8::Local<v8::Value>> = Vec::with_capacity(self.fields.len() * 2);
        let mut sensitive: Vec<v8::Local<v8::Value>> = Vec::new();
        let mut at = 0;
        for &(name, value, secret) in &self.fields {
            let text = |scope: &mut v8::PinScope<'s, '_>, bytes: &[u8], kind| -> v8::Local<'s, v8::Value> {
                let text = v8::String::new_from_one_byte(scope, bytes, kind);
                text.unwrap_or_else(|| v8::String::empty(scope)).into()
            };
            let key = text(scope, &self.bytes[at..at + name], v8::NewStringType::Internalized);
            at += name;
            let content = text(scope, &self.bytes[at..at + value], v8::NewStringType::Normal);
            at += value;
            list.extend([key, content]);
            if secret {
                sensitive.push(key);
            }
        }
        (v8::Array::new_with_elements(scope, &list), v8::Array::new_with_elements(scope, &sensitive))
    }
}
