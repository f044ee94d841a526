//! Zstandard, with libzstd.

use super::codec::{Codec, Failure, Progress, Setup};
use std::ffi::CStr;
use std::ptr::NonNull;
use zstd::zstd_safe::zstd_sys as sys;

const END: i32 = 2;
/// What a frame begins with, and what one begins with that is to be skipped (its last four bits are free).
const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
const SKIPPABLE: [u8; 4] = 0x184d_2a50_u32.to_le_bytes();

fn is_error(result: usize) -> bool {
    // SAFETY: a plain function of a number.
    unsafe { sys::ZSTD_isError(result) != 0 }
}

fn failure_of(result: usize) -> Option<Failure> {
    if !is_error(result) {
        return None;
    }
    // SAFETY: plain functions of a number; the text is static.
    let (code, text) = unsafe {
        let code = sys::ZSTD_getErrorCode(result);
        (code, CStr::from_ptr(sys::ZSTD_getErrorString(code)))
    };
    Some(Failure::new(text.to_string_lossy(), format!("{code:?}"), code as i32))
}

fn check(result: usize, message: &'static str) -> Result<(), Failure> {
    if is_error(result) { Err(Failure::initialization(message)) } else { Ok(()) }
}

/// A compressor.
pub struct Compressor {
    setup: Setup,
    context: NonNull<sys::ZSTD_CCtx>,
    started: bool,
    result: usize,
}

// SAFETY: the context belongs to this struct alone; libzstd has no state of threads.
unsafe impl Send for Compressor {}

fn compression_parameter(number: usize) -> Option<sys::ZSTD_cParameter> {
    use sys::ZSTD_cParameter::*;
    [
        ZSTD_c_compressionLevel,
        ZSTD_c_windowLog,
        ZSTD_c_hashLog,
        ZSTD_c_chainLog,
        ZSTD_c_searchLog,
        ZSTD_c_minMatch,
        ZSTD_c_targetLength,
        ZSTD_c_strategy,
        ZSTD_c_enableLongDistanceMatching,
        ZSTD_c_ldmHashLog,
        ZSTD_c_ldmMinMatch,
        ZSTD_c_ldmBucketSizeLog,
        ZSTD_c_ldmHashRateLog,
        ZSTD_c_contentSizeFlag,
        ZSTD_c_checksumFlag,
        ZSTD_c_dictIDFlag,
        ZSTD_c_nbWorkers,
        ZSTD_c_jobSize,
        ZSTD_c_overlapLog,
    ]
    .into_iter()
    .find(|p| *p as usize == number)
}

impl Compressor {
    /// Of `setup`; fails where a parameter or the dictionary is not possible.
    pub fn new(setup: Setup) -> Result<Self, Failure> {
        // SAFETY: gives a context or null.
        let context = NonNull::new(unsafe { sys::ZSTD_createCCtx() });
        let context = context.ok_or_else(|| Failure::initialization("Could not initialize zstd instance"))?;
        let compressor = Compressor { setup, context, started: false, result: 0 };
        compressor.configure()?;
        Ok(compressor)
    }

    fn configure(&self) -> Result<(), Failure> {
        let context = self.context.as_ptr();
        if let Some(size) = self.setup.pledged {
            // SAFETY: the context is alive.
            check(unsafe { sys::ZSTD_CCtx_setPledgedSrcSize(context, size) }, "Could not set pledged size")?;
        }
        if !self.setup.dictionary.is_empty() {
            let dictionary = &self.setup.dictionary;
            // SAFETY: the context is alive and copies the dictionary.
            let result =
                unsafe { sys::ZSTD_CCtx_loadDictionary(context, dictionary.as_ptr().cast(), dictionary.len()) };
            check(result, "Failed to load zstd dictionary")?;
        }
        for (number, &value) in self.setup.params.iter().enumerate().filter(|(_, value)| **value != -1) {
            let parameter = compression_parameter(number);
            let parameter = parameter.ok_or_else(|| Failure::initialization("Setting parameter failed"))?;
            // One thread does the work here: more of them would give the same bytes later.
            if parameter as usize >= sys::ZSTD_cParameter::ZSTD_c_nbWorkers as usize {
                continue;
            }
            // SAFETY: the context is alive.
            let result = unsafe { sys::ZSTD_CCtx_setParameter(context, parameter, value) };
            check(result, "Setting parameter failed")?;
        }
        Ok(())
    }
}

impl Codec for Compressor {
    fn step(&mut self, input: &[u8], output: &mut [u8], flush: i32) -> Progress {
        let mut source = sys::ZSTD_inBuffer { src: input.as_ptr().cast(), size: input.len(), pos: 0 };
        let mut target = sys::ZSTD_outBuffer { dst: output.as_mut_ptr().cast(), size: output.len(), pos: 0 };
        let directive = match flush {
            0 => sys::ZSTD_EndDirective::ZSTD_e_continue,
            END => sys::ZSTD_EndDirective::ZSTD_e_end,
            _ => sys::ZSTD_EndDirective::ZSTD_e_flush,
        };
        if !self.started && self.setup.pledged.is_some() && flush == END {
            // Ending a frame with its first bytes would take their number for the pledge.
            let mut nothing = sys::ZSTD_inBuffer { src: input.as_ptr().cast(), size: 0, pos: 0 };
            let directive = sys::ZSTD_EndDirective::ZSTD_e_continue;
            // SAFETY: as below.
            unsafe { sys::ZSTD_compressStream2(self.context.as_ptr(), &mut target, &mut nothing, directive) };
        }
        self.started = true;
        // SAFETY: the context is alive, the buffers describe the two slices.
        self.result = unsafe { sys::ZSTD_compressStream2(self.context.as_ptr(), &mut target, &mut source, directive) };
        Progress { read: source.pos, written: target.pos }
    }

    fn failure(&self, _: usize) -> Option<Failure> {
        failure_of(self.result)
    }

    fn reset(&mut self) -> Result<(), Failure> {
        let directive = sys::ZSTD_ResetDirective::ZSTD_reset_session_and_parameters;
        // SAFETY: the context is alive.
        check(unsafe { sys::ZSTD_CCtx_reset(self.context.as_ptr(), directive) }, "Failed to reset stream")?;
        (self.started, self.result) = (false, 0);
        self.configure()
    }
}

impl Drop for Compressor {
    fn drop(&mut self) {
        // SAFETY: freed once.
        unsafe { sys::ZSTD_freeCCtx(self.context.as_ptr()) };
    }
}

/// A decompressor.
pub struct Decompressor {
    setup: Setup,
    context: NonNull<sys::ZSTD_DCtx>,
    flush: i32,
    result: usize,
    /// Whether input came since the last frame ended, or none ever did.
    inside: bool,
}

// SAFETY: as for the compressor.
unsafe impl Send for Decompressor {}

impl Decompressor {
    /// Of `setup`; fails where a parameter or the dictionary is not possible.
    pub fn new(setup: Setup) -> Result<Self, Failure> {
        // SAFETY: gives a context or null.
        let context = NonNull::new(unsafe { sys::ZSTD_createDCtx() });
        let context = context.ok_or_else(|| Failure::initialization("Could not initialize zstd instance"))?;
        let decompressor = Decompressor { setup, context, flush: 0, result: 0, inside: true };
        decompressor.configure()?;
        Ok(decompressor)
    }

    fn configure(&self) -> Result<(), Failure> {
        let context = self.context.as_ptr();
        if !self.setup.dictionary.is_empty() {
            let dictionary = &self.setup.dictionary;
            // SAFETY: the context is alive and copies the dictionary.
            let result =
                unsafe { sys::ZSTD_DCtx_loadDictionary(context, dictionary.as_ptr().cast(), dictionary.len()) };
            check(result, "Failed to load zstd dictionary")?;
        }
        for (number, &value) in self.setup.params.iter().enumerate().filter(|(_, value)| **value != -1) {
            let parameter = sys::ZSTD_dParameter::ZSTD_d_windowLogMax;
            if number != parameter as usize {
                return Err(Failure::initialization("Setting parameter failed"));
            }
            // SAFETY: the context is alive.
            let result = unsafe { sys::ZSTD_DCtx_setParameter(context, parameter, value) };
            check(result, "Setting parameter failed")?;
        }
        Ok(())
    }
}

/// Whether another frame begins here. Fewer than four bytes may begin one only where more will come.
fn begins_frame(rest: &[u8], last: bool) -> bool {
    let length = rest.len().min(4);
    if length == 0 || length < 4 && last {
        return false;
    }
    let skippable = rest[0] & 0xf0 == SKIPPABLE[0] & 0xf0 && rest[1..length] == SKIPPABLE[1..length];
    rest[..length] == MAGIC[..length] || skippable
}

impl Codec for Decompressor {
    fn step(&mut self, input: &[u8], output: &mut [u8], flush: i32) -> Progress {
        self.flush = flush;
        let mut source = sys::ZSTD_inBuffer { src: input.as_ptr().cast(), size: input.len(), pos: 0 };
        let mut target = sys::ZSTD_outBuffer { dst: output.as_mut_ptr().cast(), size: output.len(), pos: 0 };
        loop {
            if !self.inside {
                if !begins_frame(&input[source.pos..], flush == END) {
                    break;
                }
                self.inside = true;
            }
            // SAFETY: the context is alive, the buffers describe the two slices.
            self.result = unsafe { sys::ZSTD_decompressStream(self.context.as_ptr(), &mut target, &mut source) };
            if self.result != 0 {
                break;
            }
            self.inside = false;
        }
        Progress { read: source.pos, written: target.pos }
    }

    fn failure(&self, room: usize) -> Option<Failure> {
        failure_of(self.result).or_else(|| {
            let incomplete = self.inside && self.flush == END && room != 0;
            incomplete.then(Failure::unexpected_end)
        })
    }

    fn reset(&mut self) -> Result<(), Failure> {
        let directive = sys::ZSTD_ResetDirective::ZSTD_reset_session_and_parameters;
        // SAFETY: the context is alive.
        check(unsafe { sys::ZSTD_DCtx_reset(self.context.as_ptr(), directive) }, "Failed to reset stream")?;
        (self.result, self.inside) = (0, true);
        self.configure()
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: freed once.
        unsafe { sys::ZSTD_freeDCtx(self.context.as_ptr()) };
    }
}
