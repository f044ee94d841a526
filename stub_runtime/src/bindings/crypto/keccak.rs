//! `internalBinding('crypto_keccak')`: what OpenSSL 3.5 lacks of the functions on Keccak: cSHAKE and KMAC (NIST SP 800-185) with every
//! parameter, TurboSHAKE and KangarooTwelve (RFC 9861).

use super::key::secret_argument;
use super::{job, text};
use crate::binding;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

#[rustfmt::skip]
const ROUNDS: [u64; 24] = [
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
];
/// How far rho turns the lanes, in the order in which pi visits them, and that order.
const TURNS: [u32; 24] = [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
const LANES: [usize; 24] = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

/// The last `rounds` rounds of Keccak-f[1600].
fn permute(state: &mut [u64; 25], rounds: usize) {
    for constant in &ROUNDS[24 - rounds..] {
        let mut parity = [0; 5];
        for x in 0..5 {
            parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        }
        for x in 0..5 {
            let change = parity[(x + 4) % 5] ^ parity[(x + 1) % 5].rotate_left(1);
            for y in (0..25).step_by(5) {
                state[x + y] ^= change;
            }
        }
        let mut moved = state[1];
        for (&lane, &turn) in LANES.iter().zip(&TURNS) {
            (state[lane], moved) = (moved.rotate_left(turn), state[lane]);
        }
        for row in state.chunks_exact_mut(5) {
            let before: [u64; 5] = [row[0], row[1], row[2], row[3], row[4]];
            for x in 0..5 {
                row[x] ^= !before[(x + 1) % 5] & before[(x + 2) % 5];
            }
        }
        state[0] ^= constant;
    }
}

/// A sponge: takes bytes, then gives as many as one likes.
struct Sponge {
    state: [u64; 25],
    rate: usize,
    rounds: usize,
    at: usize,
}

impl Sponge {
    /// Of 128 or 256 bits of strength.
    fn new(strength: usize, rounds: usize) -> Self {
        Sponge { state: [0; 25], rate: 200 - strength / 4, rounds, at: 0 }
    }

    fn mix(&mut self, at: usize, byte: u8) {
        self.state[at / 8] ^= u64::from(byte) << (8 * (at % 8));
    }

    fn absorb(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.mix(self.at, byte);
            self.at += 1;
            if self.at == self.rate {
                permute(&mut self.state, self.rounds);
                self.at = 0;
            }
        }
    }

    /// Fills what is left of a block with zeros.
    fn pad_block(&mut self) {
        if self.at != 0 {
            permute(&mut self.state, self.rounds);
            self.at = 0;
        }
    }

    /// Ends the input with the byte that tells functions on the same sponge apart.
    fn squeeze(mut self, domain: u8, length: usize) -> Vec<u8> {
        self.mix(self.at, domain);
        self.mix(self.rate - 1, 0x80);
        let mut out = Vec::with_capacity(length + self.rate);
        while out.len() < length {
            permute(&mut self.state, self.rounds);
            out.extend(self.state.iter().flat_map(|lane| lane.to_le_bytes()).take(self.rate));
        }
        out.truncate(length);
        out
    }
}

/// A number without leading zeros, at least one byte.
fn digits(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let first = bytes.iter().position(|&b| b != 0).unwrap_or(bytes.len() - 1);
    bytes[first..].to_vec()
}

fn left_encode(number: u64) -> Vec<u8> {
    let digits = digits(number);
    [&[digits.len() as u8], &digits[..]].concat()
}

fn right_encode(number: u64) -> Vec<u8> {
    let mut digits = digits(number);
    digits.push(digits.len() as u8);
    digits
}

/// Absorbs strings, each after its length in bits, as whole blocks.
fn absorb_prefix(sponge: &mut Sponge, strings: &[(&[u8], u64)]) {
    sponge.absorb(&left_encode(sponge.rate as u64));
    for (bytes, bits) in strings {
        sponge.absorb(&left_encode(*bits));
        sponge.absorb(bytes);
    }
    sponge.pad_block();
}

fn string(bytes: &[u8]) -> (&[u8], u64) {
    (bytes, bytes.len() as u64 * 8)
}

fn c_shake(strength: usize, name: &[u8], customization: &[u8], data: &[&[u8]], length: usize) -> Vec<u8> {
    let mut sponge = Sponge::new(strength, 24);
    let plain = name.is_empty() && customization.is_empty();
    if !plain {
        absorb_prefix(&mut sponge, &[string(name), string(customization)]);
    }
    for part in data {
        sponge.absorb(part);
    }
    sponge.squeeze(if plain { 0x1f } else { 0x04 }, length)
}

/// `bits` are the key's and the output's.
fn kmac(strength: usize, key: &[u8], bits: [u64; 2], customization: &[u8], data: &[u8]) -> Vec<u8> {
    let mut sponge = Sponge::new(strength, 24);
    absorb_prefix(&mut sponge, &[string(b"KMAC"), string(customization)]);
    absorb_prefix(&mut sponge, &[(key, bits[0])]);
    sponge.absorb(data);
    sponge.absorb(&right_encode(bits[1]));
    let mut out = sponge.squeeze(0x04, bits[1].div_ceil(8) as usize);
    if let (Some(last), rest @ 1..) = (out.last_mut(), bits[1] % 8) {
        *last &= 0xff << (8 - rest);
    }
    out
}

fn turbo_shake(strength: usize, parts: &[&[u8]], domain: u8, length: usize) -> Vec<u8> {
    let mut sponge = Sponge::new(strength, 12);
    for part in parts {
        sponge.absorb(part);
    }
    sponge.squeeze(domain, length)
}

/// A length as KangarooTwelve has it: 0 has no digits.
fn length_encode(number: u64) -> Vec<u8> {
    if number == 0 { vec![0] } else { right_encode(number) }
}

const CHUNK: usize = 8192;

fn kangaroo_twelve(strength: usize, data: Vec<u8>, customization: &[u8], length: usize) -> Vec<u8> {
    let mut input = data;
    input.extend_from_slice(customization);
    input.extend(length_encode(customization.len() as u64));
    if input.len() <= CHUNK {
        return turbo_shake(strength, &[&input], 0x07, length);
    }
    let (first, rest) = input.split_at(CHUNK);
    let mut sponge = Sponge::new(strength, 12);
    sponge.absorb(first);
    sponge.absorb(&[3, 0, 0, 0, 0, 0, 0, 0]);
    let mut leaves = 0;
    for chunk in rest.chunks(CHUNK) {
        sponge.absorb(&turbo_shake(strength, &[chunk], 0x0b, strength / 4));
        leaves += 1;
    }
    sponge.absorb(&length_encode(leaves));
    sponge.absorb(&[0xff, 0xff]);
    sponge.squeeze(0x06, length)
}

/// `cShake(strength, data, functionName, customization, bytes, callback)`.
fn c_shake_job(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let [strength, length] = [0, 4].map(|i| text::count(args.get(i)) as usize);
    let [data, name, customization] = [1, 2, 3].map(|i| text::to_vec_or_empty(scope, args.get(i)));
    job::run_bytes(scope, "HASHREQUEST", args.get(5), rv, move || {
        Ok(c_shake(strength, &name, &customization, &[&data], length))
    });
}

/// `turboShake(strength, data, domain, bytes, callback)`.
fn turbo_shake_job(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let [strength, domain, length] = [0, 2, 3].map(|i| text::count(args.get(i)) as usize);
    let data = text::to_vec(scope, args.get(1));
    job::run_bytes(scope, "HASHREQUEST", args.get(4), rv, move || {
        Ok(turbo_shake(strength, &[&data], domain as u8, length))
    });
}

/// `kangarooTwelve(strength, data, customization, bytes, callback)`.
fn kangaroo_twelve_job(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let [strength, length] = [0, 3].map(|i| text::count(args.get(i)) as usize);
    let [data, customization] = [1, 2].map(|i| text::to_vec_or_empty(scope, args.get(i)));
    job::run_bytes(scope, "HASHREQUEST", args.get(4), rv, move || {
        Ok(kangaroo_twelve(strength, data, &customization, length))
    });
}

/// `kmac(strength, key, keyBits, customization, outputBits, data, callback)`.
fn kmac_job(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let strength = text::count(args.get(0)) as usize;
    let bits = [2, 4].map(|i| text::count(args.get(i)));
    let Some(key) = secret_argument(scope, args.get(1)) else { return };
    let [customization, data] = [3, 5].map(|i| text::to_vec_or_empty(scope, args.get(i)));
    job::run_bytes(scope, "MACREQUEST", args.get(6), rv, move || {
        Ok(kmac(strength, key.bytes(), bits, &customization, &data))
    });
}

binding!("crypto_keccak", [
    cShake => c_shake_job,
    kmac => kmac_job,
    turboShake => turbo_shake_job,
    kangarooTwelve => kangaroo_twelve_job,
]);

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// The pattern of RFC 9861's vectors.
    fn pattern(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i % 251) as u8).collect()
    }

    #[test]
    fn sp_800_185() {
        let out = c_shake(128, b"", b"Email Signature", &[&[0, 1, 2, 3]], 32);
        assert_eq!(hex(&out), "c1c36925b6409a04f1b504fcbca9d82b4017277cb5ed2b2065fc1d3814d5aaf5");
        let key: Vec<u8> = (0x40..0x60).collect();
        let out = kmac(128, &key, [256, 256], b"", &[0, 1, 2, 3]);
        assert_eq!(hex(&out), "e5780b0d3ea6f7d3a429c5706aa43a00fadbd7d49628839e3187243f456ee14e");
    }

    #[test]
    fn rfc_9861() {
        assert_eq!(
            hex(&turbo_shake(128, &[], 0x1f, 32)),
            "1e415f1c5983aff2169217277d17bb538cd945a397ddec541f1ce41af2c1b74c"
        );
        assert_eq!(
            hex(&kangaroo_twelve(128, vec![], b"", 32)),
            "1ac2d450fc3b4205d19da7bfca1b37513c0803577ac7167f06fe2ce1f0ef39e5"
        );
        assert_eq!(
            hex(&kangaroo_twelve(128, pattern(17usize.pow(4)), b"", 32)),
            "8701045e22205345ff4dda05555cbb5c3af1a771c2b89baef37db43d9998b9fe"
        );
    }
}
