//! Brotli, with the `brotli` crate.

use super::codec::{Codec, Failure, Progress, Setup};
use brotli::enc::StandardAlloc;
use brotli::enc::encode::{
    BrotliEncoderOperation as Operation, BrotliEncoderParameter as Parameter, BrotliEncoderStateStruct,
};
use brotli::{Allocator, BrotliDecompressStream, BrotliResult, BrotliState, SliceWrapperMut};

const FINISH: i32 = 2;

type EncoderState = BrotliEncoderStateStruct<StandardAlloc>;
type DecoderState = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

fn failed() -> Failure {
    Failure::initialization("Initialization failed")
}

/// A compressor.
pub struct Encoder {
    setup: Setup,
    state: Box<EncoderState>,
    good: bool,
}

impl Encoder {
    /// Of `setup`; fails where a parameter is out of its range.
    pub fn new(setup: Setup) -> Result<Self, Failure> {
        Ok(Encoder { state: Self::state(&setup)?, setup, good: true })
    }

    fn state(setup: &Setup) -> Result<Box<EncoderState>, Failure> {
        let mut state = Box::new(BrotliEncoderStateStruct::new(StandardAlloc::default()));
        for (number, &value) in setup.params.iter().enumerate().filter(|(_, value)| **value != -1) {
            let parameter = match number {
                // Further modes are this encoder's own.
                0 if value <= 2 => Parameter::BROTLI_PARAM_MODE,
                0 => continue,
                1 => Parameter::BROTLI_PARAM_QUALITY,
                2 => Parameter::BROTLI_PARAM_LGWIN,
                3 => Parameter::BROTLI_PARAM_LGBLOCK,
                4 => Parameter::BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING,
                5 => Parameter::BROTLI_PARAM_SIZE_HINT,
                6 if value == 0 || value == 1 => Parameter::BROTLI_PARAM_LARGE_WINDOW,
                // Of distances: hints that this encoder finds itself.
                7 | 8 => continue,
                _ => return Err(failed()),
            };
            if !state.set_parameter(parameter, value as u32) {
                return Err(failed());
            }
        }
        if !setup.dictionary.is_empty() {
            state.set_custom_dictionary(setup.dictionary.len(), &setup.dictionary);
        }
        Ok(state)
    }
}

impl Codec for Encoder {
    fn step(&mut self, input: &[u8], output: &mut [u8], flush: i32) -> Progress {
        let operation = match flush {
            0 => Operation::BROTLI_OPERATION_PROCESS,
            1 => Operation::BROTLI_OPERATION_FLUSH,
            FINISH => Operation::BROTLI_OPERATION_FINISH,
            _ => Operation::BROTLI_OPERATION_EMIT_METADATA,
        };
        let (mut available_in, mut available_out) = (input.len(), output.len());
        let mut progress = Progress::default();
        self.good = self.state.compress_stream(
            operation,
            &mut available_in,
            input,
            &mut progress.read,
            &mut available_out,
            output,
            &mut progress.written,
            &mut None,
            &mut |_, _, _, _| (),
        );
        progress
    }

    fn failure(&self, _: usize) -> Option<Failure> {
        (!self.good).then(|| Failure::new("Compression failed", "ERR_BROTLI_COMPRESSION_FAILED", -1))
    }

    fn reset(&mut self) -> Result<(), Failure> {
        self.state = Self::state(&self.setup)?;
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
