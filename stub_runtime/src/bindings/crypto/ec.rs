//! Elliptic curves: groups, points between their encodings, keys from them.
//!
//! Owns: `Group`. Does not own: ECDH objects (`ecdh.rs`), key encodings.

use super::failure::{Failure, Outcome};
use super::key::Pkey;
use super::libcrypto::{self as lib, Bn, Params, owner};
use super::pkey::{curve_nid, invalid_curve};
use openssl_sys as ffi;
use std::ptr::null_mut;

owner!(
    /// A curve.
    Group, ffi::EC_GROUP, ffi::EC_GROUP_free
);
owner!(
    /// A point of a curve.
    Point, ffi::EC_POINT, ffi::EC_POINT_free
);

/// How a point is written: OpenSSL's `point_conversion_form_t`.
pub const UNCOMPRESSED: u32 = 4;

impl Group {
    /// By OpenSSL's or NIST's name.
    pub fn named(name: &str) -> Outcome<Self> {
        match curve_nid(name) {
            0 => Err(invalid_curve()),
            nid => Self::numbered(nid),
        }
    }

    /// By OpenSSL's number.
    pub fn numbered(nid: i32) -> Outcome<Self> {
        // SAFETY: makes a new object, or none where the number is no curve's.
        unsafe { Group::new(ffi::EC_GROUP_new_by_curve_name(nid)) }.map_err(|_| invalid_curve())
    }

    /// OpenSSL's name of it.
    pub fn name(&self) -> String {
        // SAFETY: the name is static.
        super::libcrypto::rust_text(unsafe { ffi::OBJ_nid2sn(ffi::EC_GROUP_get_curve_name(self.as_ptr())) })
    }

    /// Bytes of a coordinate.
    pub fn field_size(&self) -> usize {
        // SAFETY: the group is valid.
        (unsafe { ffi::EC_GROUP_get_degree(self.as_ptr()) } as usize).div_ceil(8)
    }

    /// Bytes of a private key.
    pub fn order_size(&self) -> usize {
        // SAFETY: the group is valid.
        (unsafe { ffi::EC_GROUP_order_bits(self.as_ptr()) } as usize).div_ceil(8)
    }

    /// Whether it is a private key of this curve: from 1 to the order, not with it.
    pub fn is_private_key(&self, number: &Bn) -> bool {
        // SAFETY: the order belongs to the group.
        unsafe {
            let order = lib::EC_GROUP_get0_order(self.as_ptr());
            number.bits() > 0 && ffi::BN_is_negative(number.as_ptr()) == 0 && ffi::BN_cmp(number.as_ptr(), order) < 0
        }
    }

    /// A point from its encoded bytes; fails where it is not on the curve.
    pub fn decode(&self, bytes: &[u8]) -> Outcome<Point> {
        // SAFETY: the point is ours, the bytes are read.
        unsafe {
            let point = Point::new(ffi::EC_POINT_new(self.as_ptr()))?;
            let ok = ffi::EC_POINT_oct2point(self.as_ptr(), point.as_ptr(), bytes.as_ptr(), bytes.len(), null_mut());
            if ok == 1 { Ok(point) } else { Err(Failure::take("Failed to decode point")) }
        }
    }

    /// The point's bytes in one of the forms.
    pub fn encode(&self, point: &Point, form: u32) -> Option<Vec<u8>> {
        let (group, point) = (self.as_ptr(), point.as_ptr());
        // SAFETY: asks for the length first, then fills a buffer of it.
        unsafe {
            let length = lib::EC_POINT_point2oct(group, point, form, null_mut(), 0, null_mut());
            let mut out = vec![0; length];
            let written = lib::EC_POINT_point2oct(group, point, form, out.as_mut_ptr(), length, null_mut());
            (length > 0 && written == length).then_some(out)
        }
    }

    /// The public point of a private number.
    pub fn public_of(&self, private: &Bn) -> Outcome<Point> {
        // SAFETY: the point is ours.
        unsafe {
            let point = Point::new(ffi::EC_POINT_new(self.as_ptr()))?;
            let none = std::ptr::null();
            let ok =
                ffi::EC_POINT_mul(self.as_ptr(), point.as_ptr(), private.as_ptr(), none, std::ptr::null(), null_mut());
            if ok == 1 { Ok(point) } else { Err(Failure::take("Failed to multiply")) }
        }
    }

    /// A key from a point and, for a private key, its number.
    pub fn key(&self, point: &Point, private: Option<Bn>) -> Option<Pkey> {
        let public = self.encode(point, UNCOMPRESSED)?;
        let mut parts = Params::new();
        parts.text(c"group", &self.name()).octets(c"pub", &public);
        let has_private = private.is_some();
        if let Some(private) = private {
            parts.number(c"priv", private);
        }
        Pkey::from_parts(c"EC", has_private, &parts)
    }

    /// A private key from its raw bytes.
    pub fn private_key(&self, bytes: &[u8]) -> Option<Pkey> {
        if bytes.len() != self.order_size() {
            return None;
        }
        let number = Bn::from_bytes(bytes).ok()?;
        let point = self.public_of(&number).ok()?;
        self.key(&point, Some(number))
    }

    /// x and y of a point.
    pub fn coordinates(&self, point: &Point) -> Option<(Bn, Bn)> {
        // SAFETY: both numbers are ours.
        unsafe {
            let (x, y) = (Bn::new(ffi::BN_new()).ok()?, Bn::new(ffi::BN_new()).ok()?);
            let ok =
                ffi::EC_POINT_get_affine_coordinates(self.as_ptr(), point.as_ptr(), x.as_ptr(), y.as_ptr(), null_mut());
            (ok == 1).then_some((x, y))
        }
    }
}
