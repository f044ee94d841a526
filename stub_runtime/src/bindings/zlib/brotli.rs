//! Brotli: compressed by its authors' C library, which is half as fast again as its translation to Rust, the crate `brotli`;
//! decompressed, where the input is anybody's, by that crate's decompressor.

use super::codec::{Codec, Failure, Progress, Setup};
use brotli_decompressor::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, SliceWrapperMut, StandardAlloc,
};
use compu_brotli_sys as ffi;
use std::ptr::{NonNull, null_mut};

const FINISH: i32 = 2;
/// `BROTLI_MAX_QUALITY`.
const MAX_QUALITY: i32 = 11;

/// The parameters of the encoder.
const PARAMETERS: [ffi::BrotliEncoderParameter; 9] = [
    ffi::BrotliEncoderParameter_BROTLI_PARAM_MODE,
    ffi::BrotliEncoderParameter_BROTLI_PARAM_QUALITY,
    ffi::BrotliEncoderParameter_BROTLI_PARAM_LGWIN,
    ffi::BrotliEncoderParameter_BROTLI_PARAM_LGBLOCK,
    ffi::BrotliEncoderParameter_BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING,
    ffi::BrotliEncoderParameter_BROTLI_PARAM_SIZE_HINT,
    ffi::BrotliEncoderParameter_BROTLI_PARAM_LARGE_WINDOW,
    ffi::BrotliEncoderParameter_BROTLI_PARAM_NPOSTFIX,
    ffi::BrotliEncoderParameter_BROTLI_PARAM_NDIRECT,
];

type DecoderState = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

fn failed() -> Failure {
    Failure::initialization("Initialization failed")
}

/// The C library's encoder, and the dictionary that it reads.
struct State {
    encoder: NonNull<ffi::BrotliEncoderState>,
    dictionary: *mut ffi::BrotliEncoderPreparedDictionary,
}

impl State {
    fn of(setup: &Setup) -> Result<State, Failure> {
        // SAFETY: without functions it takes malloc's memory.
        let encoder = unsafe { ffi::BrotliEncoderCreateInstance(None, None, null_mut()) };
        let mut state = State { encoder: NonNull::new(encoder).ok_or_else(failed)?, dictionary: null_mut() };
        for (number, &value) in setup.params.iter().enumerate().filter(|(_, value)| **value != -1) {
            let parameter = *PARAMETERS.get(number).ok_or_else(failed)?;
            // SAFETY: the encoder is valid; values are checked by it.
            if unsafe { ffi::BrotliEncoderSetParameter(encoder, parameter, value as u32) } == 0 {
                return Err(failed());
            }
        }
        if !setup.dictionary.is_empty() {
            let (data, size) = (setup.dictionary.as_ptr(), setup.dictionary.len());
            let raw = ffi::BrotliSharedDictionaryType_BROTLI_SHARED_DICTIONARY_RAW;
            // SAFETY: the bytes are in `setup`, which lives as long as this state; the dictionary is freed with it.
            unsafe {
                let quality = MAX_QUALITY;
                state.dictionary =
                    ffi::BrotliEncoderPrepareDictionary(raw, size, data, quality, None, None, null_mut());
                if state.dictionary.is_null()
                    || ffi::BrotliEncoderAttachPreparedDictionary(encoder, state.dictionary) == 0
                {
                    return Err(failed());
                }
            }
        }
        Ok(state)
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // SAFETY: both were made by the library and are used nowhere else.
        unsafe {
            ffi::BrotliEncoderDestroyInstance(self.encoder.as_ptr());
            if !self.dictionary.is_null() {
                ffi::BrotliEncoderDestroyPreparedDictionary(self.dictionary);
            }
        }
    }
}

/// A compressor.
pub struct Encoder {
    // Before `setup`, whose dictionary it reads.
    state: State,
    setup: Setup,
    good: bool,
}

// SAFETY: the library's encoder belongs to no thread.
unsafe impl Send for Encoder {}

impl Encoder {
    /// Of `setup`; fails where a parameter is out of its range.
    pub fn new(setup: Setup) -> Result<Self, Failure> {
        Ok(Encoder { state: State::of(&setup)?, setup, good: true })
    }
}

impl Codec for Encoder {
    fn step(&mut self, input: &[u8], output: &mut [u8], flush: i32) -> Progress {
        let operation = match flush {
            0 => ffi::BrotliEncoderOperation_BROTLI_OPERATION_PROCESS,
            1 => ffi::BrotliEncoderOperation_BROTLI_OPERATION_FLUSH,
            FINISH => ffi::BrotliEncoderOperation_BROTLI_OPERATION_FINISH,
            _ => ffi::BrotliEncoderOperation_BROTLI_OPERATION_EMIT_METADATA,
        };
        let (mut available_in, mut available_out) = (input.len(), output.len());
        let (mut next_in, mut next_out) = (input.as_ptr(), output.as_mut_ptr());
        // SAFETY: the pointers are those of the slices, whose lengths go with them.
        self.good = unsafe {
            ffi::BrotliEncoderCompressStream(
                self.state.encoder.as_ptr(),
                operation,
                &mut available_in,
                &mut next_in,
                &mut available_out,
                &mut next_out,
                null_mut(),
            ) != 0
        };
        Progress { read: input.len() - available_in, written: output.len() - available_out }
    }

    fn failure(&self, _: usize) -> Option<Failure> {
        (!self.good).then(|| Failure::new("Compression failed", "ERR_BROTLI_COMPRESSION_FAILED", -1))
    }

    fn reset(&mut self) -> Result<(), Failure> {
        self.state = State::of(&self.setup)?;
        self.good = true;
        Ok(())
    }
}

/// A decompressor.
pub struct Decoder {
    setup: Setup,
    state: Box<DecoderState>,
    flush: i32,
    result: Option<BrotliResult>,
}

// SAFETY: the state belongs to this struct alone. Its pointers are into itself and into static tables.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Of `setup`; fails where a parameter or the dictionary is not possible.
    pub fn new(setup: Setup) -> Result<Self, Failure> {
        Ok(Decoder { state: Self::state(&setup)?, setup, flush: 0, result: None })
    }

    fn state(setup: &Setup) -> Result<Box<DecoderState>, Failure> {
        let alloc = StandardAlloc::default;
        let mut state = Box::new(BrotliState::new_strict(alloc(), alloc(), alloc()));
        for (number, &value) in setup.params.iter().enumerate().filter(|(_, value)| **value != -1) {
            match number {
                0 => {}
                1 => state.large_window = value != 0,
                _ => return Err(failed()),
            }
        }
        if !setup.dictionary.is_empty() {
            let mut memory: <StandardAlloc as Allocator<u8>>::AllocatedMemory =
                alloc().alloc_cell(setup.dictionary.len());
            memory.slice_mut().copy_from_slice(&setup.dictionary);
            if !state.attach_dictionary(memory) {
                return Err(failed());
            }
        }
        Ok(state)
    }
}

impl Codec for Decoder {
    fn step(&mut self, input: &[u8], output: &mut [u8], flush: i32) -> Progress {
        self.flush = flush;
        let (mut available_in, mut available_out, mut total) = (input.len(), output.len(), 0);
        let mut progress = Progress::default();
        self.result = Some(BrotliDecompressStream(
            &mut available_in,
            &mut progress.read,
            input,
            &mut available_out,
            &mut progress.written,
            output,
            &mut total,
            &mut self.state,
        ));
        progress
    }

    fn failure(&self, _: usize) -> Option<Failure> {
        match self.result {
            Some(BrotliResult::ResultFailure) => {
                let error = self.state.error_code;
                let name = format!("{error:?}");
                let name = name.strip_prefix("BROTLI_DECODER").unwrap_or(&name);
                Some(Failure::new("Decompression failed", format!("ERR_{name}"), error as i32))
            }
            Some(BrotliResult::NeedsMoreInput) if self.flush == FINISH => Some(Failure::unexpected_end()),
            _ => None,
        }
    }

    fn reset(&mut self) -> Result<(), Failure> {
        self.state = Self::state(&self.setup)?;
        self.result = None;
        Ok(())
    }
}
