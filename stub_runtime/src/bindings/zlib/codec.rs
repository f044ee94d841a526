//! What a compressor and a decompressor are: bytes in, bytes out, a failure that is looked at after each step.
//!
//! Owns: the trait, the failures' shape, how the codec of a mode is made. Does not own: the libraries' calls
//! (`deflate.rs`, `brotli.rs`, `zstd.rs`), streams and threads (`../zlib.rs`).

use std::borrow::Cow;

/// Node's numbers of the modes (`zlib.constants`).
pub mod mode {
    pub const DEFLATE: i32 = 1;
    pub const INFLATE: i32 = 2;
    pub const GZIP: i32 = 3;
    pub const GUNZIP: i32 = 4;
    pub const DEFLATERAW: i32 = 5;
    pub const INFLATERAW: i32 = 6;
    pub const UNZIP: i32 = 7;
    pub const BROTLI_DECODE: i32 = 8;
    pub const BROTLI_ENCODE: i32 = 9;
    pub const ZSTD_COMPRESS: i32 = 10;
    pub const ZSTD_DECOMPRESS: i32 = 11;
}

/// Why a codec cannot go on, as the error's `message`, `code` and `errno`.
pub struct Failure {
    /// For people.
    pub message: Cow<'static, str>,
    /// `Z_DATA_ERROR`, `ZSTD_error_prefix_unknown`, ...
    pub code: Cow<'static, str>,
    /// The library's number.
    pub errno: i32,
}

impl Failure {
    /// Of these three.
    pub fn new(message: impl Into<Cow<'static, str>>, code: impl Into<Cow<'static, str>>, errno: i32) -> Self {
        Failure { message: message.into(), code: code.into(), errno }
    }

    /// The input ended in the middle.
    pub fn unexpected_end() -> Self {
        Failure::new("unexpected end of file", "Z_BUF_ERROR", -5)
    }

    /// A codec that could not be made.
    pub fn initialization(message: &'static str) -> Self {
        Failure::new(message, "ERR_ZLIB_INITIALIZATION_FAILED", -1)
    }
}

/// How far one step came.
#[derive(Clone, Copy, Default)]
pub struct Progress {
    /// Bytes of the input that were used.
    pub read: usize,
    /// Bytes of the output that were filled.
    pub written: usize,
}

/// One direction of one format.
pub trait Codec: Send {
    /// Takes from `input` and fills `output`; `flush` is a number of the format.
    fn step(&mut self, input: &[u8], output: &mut [u8], flush: i32) -> Progress;
    /// What went wrong in the last step; `room` is how much of the output it left.
    fn failure(&self, room: usize) -> Option<Failure>;
    /// Begins anew.
    fn reset(&mut self) -> Result<(), Failure>;
    /// Level and strategy from here on; only deflate has them.
    fn set_params(&mut self, _level: i32, _strategy: i32) -> Result<(), Failure> {
        Ok(())
    }
}

/// What a codec is made from.
pub struct Setup {
    /// One of [`mode`].
    pub mode: i32,
    /// zlib: window bits, level, memory level, strategy, 1 for bytes behind the end being an error. The others: a value for each
    /// parameter by number, -1 where it is not set.
    pub params: Vec<i32>,
    /// May be empty.
    pub dictionary: Vec<u8>,
    /// zstd: how much will come.
    pub pledged: Option<u64>,
}

/// The codec of `setup`.
pub fn make(setup: Setup) -> Result<Box<dyn Codec>, Failure> {
    Ok(match setup.mode {
        mode::BROTLI_ENCODE => Box::new(super::brotli::Encoder::new(setup)?),
        mode::BROTLI_DECODE => Box::new(super::brotli::Decoder::new(setup)?),
        mode::ZSTD_COMPRESS => Box::new(super::zstd::Compressor::new(setup)?),
        mode::ZSTD_DECOMPRESS => Box::new(super::zstd::Decompressor::new(setup)?),
        _ => Box::new(super::deflate::Deflate::new(setup)),
    })
}

/// Runs all of `input` through the codec of `setup`: each of `flushes` once, the first with the input, the others with none.
/// `Err(None)` says that the output would be longer than `limit`. Gives the output and how much of the input was left.
pub fn run(
    setup: Setup,
    input: &[u8],
    flushes: &[i32],
    limit: usize,
    guess: usize,
) -> Result<(Vec<u8>, usize), Option<Failure>> {
    let mut codec = make(setup).map_err(Some)?;
    let mut out: Vec<u8> = Vec::with_capacity(guess.clamp(64, limit.max(64)));
    let mut rest = input;
    for (i, &flush) in flushes.iter().enumerate() {
        if i > 0 && !rest.is_empty() {
            // The codec is done and ignores what is left.
            break;
        }
        loop {
            if out.len() == out.capacity() {
                out.reserve(out.capacity());
            }
            let room = out.spare_capacity_mut();
            let room_length = room.len();
            // SAFETY: codecs only write to their output, and say how much of it they wrote.
            let room = unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), room_length) };
            let progress = codec.step(rest, room, flush);
            let left = room_length - progress.written;
            if let Some(failure) = codec.failure(left) {
                return Err(Some(failure));
            }
            // SAFETY: the codec has written these bytes.
            unsafe { out.set_len(out.len() + progress.written) };
            rest = &rest[progress.read..];
            if out.len() > limit {
                return Err(None);
            }
            if left > 0 {
                break;
            }
        }
    }
    Ok((out, rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: [(i32, i32); 6] = [
        (mode::DEFLATE, mode::INFLATE),
        (mode::GZIP, mode::GUNZIP),
        (mode::GZIP, mode::UNZIP),
        (mode::DEFLATERAW, mode::INFLATERAW),
        (mode::BROTLI_ENCODE, mode::BROTLI_DECODE),
        (mode::ZSTD_COMPRESS, mode::ZSTD_DECOMPRESS),
    ];

    fn setup(mode: i32, dictionary: &[u8]) -> Setup {
        // Window bits, level, memory level, strategy.
        let params = if mode <= mode::UNZIP { vec![15, -1, 8, 0, 0] } else { Vec::new() };
        Setup { mode, params, dictionary: dictionary.to_vec(), pledged: None }
    }

    fn finish(mode: i32) -> i32 {
        if mode <= mode::UNZIP { 4 } else { 2 }
    }

    fn text() -> Vec<u8> {
        (0..100_000u32).map(|i| (i.wrapping_mul(i) >> 7) as u8 % 23).collect()
    }

    fn whole(mode: i32, input: &[u8]) -> Result<(Vec<u8>, usize), Option<Failure>> {
        run(setup(mode, b""), input, &[finish(mode)], usize::MAX, 0)
    }

    #[test]
    fn what_is_compressed_comes_back() {
        for (compress, decompress) in PAIRS {
            for input in [&b""[..], b"a", &text()] {
                let Ok((packed, 0)) = whole(compress, input) else { panic!("mode {compress}") };
                let Ok((out, 0)) = whole(decompress, &packed) else { panic!("mode {decompress}") };
                assert_eq!(out, input, "modes {compress} and {decompress}");
            }
        }
    }

    #[test]
    fn a_stream_may_be_cut_anywhere() {
        for (compress, decompress) in PAIRS {
            let Ok((packed, _)) = whole(compress, &text()) else { panic!("mode {compress}") };
            let mut codec = make(setup(decompress, b"")).unwrap_or_else(|_| panic!("mode {decompress}"));
            let (mut out, mut room) = (Vec::new(), [0; 777]);
            for piece in packed.chunks(3) {
                let mut rest = piece;
                loop {
                    let progress = codec.step(rest, &mut room, 0);
                    assert!(codec.failure(room.len() - progress.written).is_none());
                    out.extend_from_slice(&room[..progress.written]);
                    rest = &rest[progress.read..];
                    if progress.written < room.len() {
                        break;
                    }
                }
            }
            assert!(out == text(), "mode {decompress}");
        }
    }

    #[test]
    fn input_that_ends_early_is_told() {
        for (compress, decompress) in PAIRS {
            let Ok((packed, _)) = whole(compress, &text()) else { panic!("mode {compress}") };
            let Err(Some(failure)) = whole(decompress, &packed[..packed.len() / 2]) else {
                panic!("mode {decompress}")
            };
            assert_eq!((&*failure.code, failure.errno), ("Z_BUF_ERROR", -5), "mode {decompress}");
        }
    }

    #[test]
    fn output_has_a_limit() {
        for (compress, decompress) in PAIRS {
            let Ok((packed, _)) = whole(compress, &text()) else { panic!("mode {compress}") };
            let result = run(setup(decompress, b""), &packed, &[finish(decompress)], 1000, 0);
            assert!(matches!(result, Err(None)), "mode {decompress}");
        }
    }

    #[test]
    fn members_of_a_gzip_file_are_one() {
        let Ok((mut packed, _)) = whole(mode::GZIP, b"one") else { panic!() };
        let Ok((two, _)) = whole(mode::GZIP, b"two") else { panic!() };
        packed.extend(two);
        assert!(matches!(whole(mode::GUNZIP, &packed), Ok((out, 0)) if out == b"onetwo"));
        packed.extend(b"junk");
        assert!(matches!(whole(mode::GUNZIP, &packed), Err(Some(f)) if f.message == "incorrect header check"));
    }
}
