//! zlib's own formats (deflate, gzip, raw), with `libz-rs-sys`.

use super::codec::{Codec, Failure, Progress, Setup, mode};
use libz_rs_sys as z;
use std::ffi::CStr;
use std::sync::Mutex;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A zlib stream of one of the seven modes, made at the first step: many streams are created and never written to.
pub struct Deflate {
    // Boxed: the library may keep its address.
    stream: Box<z::z_stream>,
    mode: i32,
    window_bits: i32,
    level: i32,
    memory_level: i32,
    strategy: i32,
    reject_rest: bool,
    dictionary: Vec<u8>,
    initialized: bool,
    /// Bytes of gzip's magic number that `unzip` has seen.
    magic_seen: u8,
    flush: i32,
    status: i32,
    /// A failure outside of a step, told after the next.
    broken: Option<&'static str>,
}

// SAFETY: the stream belongs to this struct alone; zlib has no state of threads.
unsafe impl Send for Deflate {}

/// What a compressor was made with: bits of the window, level, memory level, strategy.
type Kind = [i32; 4];

/// A compressor for the next one of its kind. Making one costs as much as compressing a kilobyte: 256 KB are cleared.
struct Spare(Kind, Box<z::z_stream>);

// SAFETY: as above.
unsafe impl Send for Spare {}

static SPARE: Mutex<Option<Spare>> = Mutex::new(None);

impl Deflate {
    /// A stream of `setup`.
    pub fn new(setup: Setup) -> Self {
        let param = |i: usize| setup.params.get(i).copied().unwrap_or(0);
        let window_bits = param(0)
            + match setup.mode {
                mode::GZIP | mode::GUNZIP => 16,
                mode::UNZIP => 32,
                _ => 0,
            };
        let raw = matches!(setup.mode, mode::DEFLATERAW | mode::INFLATERAW);
        Deflate {
            stream: Box::default(),
            mode: setup.mode,
            window_bits: if raw { -window_bits } else { window_bits },
            level: param(1),
            memory_level: param(2),
            strategy: param(3),
            reject_rest: param(4) == 1,
            dictionary: setup.dictionary,
            initialized: false,
            magic_seen: 0,
            flush: 0,
            status: z::Z_OK,
            broken: None,
        }
    }

    fn compresses(&self) -> bool {
        matches!(self.mode, mode::DEFLATE | mode::GZIP | mode::DEFLATERAW)
    }

    fn kind(&self) -> Kind {
        [self.window_bits, self.level, self.memory_level, self.strategy]
    }

    /// Takes the spare compressor, where it is one of this kind.
    fn take_spare(&mut self) -> bool {
        let Ok(mut slot) = SPARE.try_lock() else { return false };
        let kind = self.kind();
        let Some(Spare(_, mut stream)) = slot.take_if(|spare| spare.0 == kind) else { return false };
        // SAFETY: it is a compressor, of which nobody else knows.
        if unsafe { z::deflateReset(&mut *stream) } == z::Z_OK {
            self.stream = stream;
            return true;
        }
        // SAFETY: as above.
        unsafe { z::deflateEnd(&mut *stream) };
        false
    }

    fn initialize(&mut self) {
        self.initialized = true;
        if self.compresses() && self.take_spare() {
            self.status = z::Z_OK;
            return self.set_dictionary();
        }
        let (version, size) = (z::zlibVersion(), size_of::<z::z_stream>() as i32);
        self.status = if self.compresses() {
            // SAFETY: the stream is zeroed but for the default allocator, and lives as long as `self`.
            unsafe {
                z::deflateInit2_(
                    &mut *self.stream,
                    self.level,
                    z::Z_DEFLATED,
                    self.window_bits,
                    self.memory_level,
                    self.strategy,
                    version,
                    size,
                )
            }
        } else {
            // SAFETY: as above.
            unsafe { z::inflateInit2_(&mut *self.stream, self.window_bits, version, size) }
        };
        if self.status == z::Z_OK {
            self.set_dictionary();
        } else {
            self.broken = Some("Init error");
        }
    }

    fn set_dictionary(&mut self) {
        if self.dictionary.is_empty() {
            return;
        }
        let (data, length) = (self.dictionary.as_ptr(), self.dictionary.len() as u32);
        self.status = match self.mode {
            // SAFETY: the stream is initialized, the dictionary is copied.
            mode::DEFLATE | mode::DEFLATERAW => unsafe { z::deflateSetDictionary(&mut *self.stream, data, length) },
            // SAFETY: as above. The other formats name the dictionary they want first.
            mode::INFLATERAW => unsafe { z::inflateSetDictionary(&mut *self.stream, data, length) },
            _ => z::Z_OK,
        };
        if self.status != z::Z_OK {
            self.broken = Some("Failed to set dictionary");
        }
    }

    fn inflate(&mut self) {
        // SAFETY: initialized; `step` has set where input and output are.
        self.status = unsafe { z::inflate(&mut *self.stream, self.flush) };
    }

    /// `unzip` is gunzip where the data begins as gzip does, inflate otherwise.
    fn look_at_magic(&mut self, input: &[u8]) {
        for &byte in input {
            if byte != GZIP_MAGIC[usize::from(self.magic_seen)] {
                self.mode = mode::INFLATE;
                return;
            }
            self.magic_seen += 1;
            if self.magic_seen == 2 {
                self.mode = mode::GUNZIP;
                return;
            }
        }
    }

    fn decompress(&mut self) {
        self.inflate();
        if self.mode != mode::INFLATERAW && self.status == z::Z_NEED_DICT && !self.dictionary.is_empty() {
            // SAFETY: the stream is initialized, the dictionary is copied.
            self.status = unsafe {
                z::inflateSetDictionary(&mut *self.stream, self.dictionary.as_ptr(), self.dictionary.len() as u32)
            };
            match self.status {
                z::Z_OK => self.inflate(),
                // Not the data but the dictionary is bad.
                z::Z_DATA_ERROR => self.status = z::Z_NEED_DICT,
                _ => {}
            }
        }
        // Another member of the same gzip file; zeros are padding.
        while self.mode == mode::GUNZIP
            && self.status == z::Z_STREAM_END
            && self.stream.avail_in > 0
            && !self.reject_rest
            // SAFETY: avail_in bytes are there.
            && unsafe { *self.stream.next_in } != 0
        {
            if self.reset().is_err() {
                break;
            }
            self.inflate();
        }
    }

    fn error(&self, message: &'static str) -> Failure {
        let text = self.stream.msg;
        let message = if text.is_null() {
            message.into()
        } else {
            // SAFETY: zlib's messages are C strings that live as long as the program.
            unsafe { CStr::from_ptr(text) }.to_string_lossy()
        };
        Failure::new(message, name(self.status), self.status)
    }
}

impl Codec for Deflate {
    fn step(&mut self, input: &[u8], output: &mut [u8], flush: i32) -> Progress {
        if !self.initialized {
            self.initialize();
        }
        self.flush = flush;
        if self.broken.is_some() {
            return Progress::default();
        }
        let (available_in, available_out) = (input.len().min(u32::MAX as usize), output.len().min(u32::MAX as usize));
        self.stream.next_in = input.as_ptr();
        self.stream.avail_in = available_in as u32;
        self.stream.next_out = output.as_mut_ptr();
        self.stream.avail_out = available_out as u32;
        if self.compresses() {
            // SAFETY: initialized; input and output are set.
            self.status = unsafe { z::deflate(&mut *self.stream, flush) };
        } else {
            if self.mode == mode::UNZIP {
                self.look_at_magic(input);
            }
            self.decompress();
        }
        Progress {
            read: available_in - self.stream.avail_in as usize,
            written: available_out - self.stream.avail_out as usize,
        }
    }

    fn failure(&self, room: usize) -> Option<Failure> {
        if let Some(message) = self.broken {
            return Some(self.error(message));
        }
        match self.status {
            z::Z_OK | z::Z_BUF_ERROR if room != 0 && self.flush == z::Z_FINISH => {
                Some(self.error("unexpected end of file"))
            }
            z::Z_OK | z::Z_BUF_ERROR | z::Z_STREAM_END => None,
            z::Z_NEED_DICT if self.dictionary.is_empty() => Some(self.error("Missing dictionary")),
            z::Z_NEED_DICT => Some(self.error("Bad dictionary")),
            _ => Some(self.error("Zlib error")),
        }
    }

    fn reset(&mut self) -> Result<(), Failure> {
        if !self.initialized {
            return Ok(());
        }
        let stream = &mut *self.stream;
        self.status = match self.mode {
            // SAFETY: initialized for this direction.
            mode::DEFLATE | mode::GZIP | mode::DEFLATERAW => unsafe { z::deflateReset(stream) },
            // SAFETY: as above.
            _ => unsafe { z::inflateReset(stream) },
        };
        if self.status != z::Z_OK {
            return Err(self.error("Failed to reset stream"));
        }
        self.set_dictionary();
        match self.broken.take() {
            Some(message) => Err(self.error(message)),
            None => Ok(()),
        }
    }

    fn set_params(&mut self, level: i32, strategy: i32) -> Result<(), Failure> {
        // As in Node, gzip streams keep the level they began with.
        if !self.initialized || !matches!(self.mode, mode::DEFLATE | mode::DEFLATERAW) {
            return Ok(());
        }
        // SAFETY: initialized for this direction; the flush before has taken all input and output.
        self.status = unsafe { z::deflateParams(&mut *self.stream, level, strategy) };
        (self.level, self.strategy) = (level, strategy);
        match self.status {
            z::Z_OK | z::Z_BUF_ERROR => Ok(()),
            _ => Err(self.error("Failed to set parameters")),
        }
    }
}

impl Drop for Deflate {
    fn drop(&mut self) {
        if self.initialized {
            let sound = matches!(self.status, z::Z_OK | z::Z_STREAM_END | z::Z_BUF_ERROR) && self.broken.is_none();
            if self.compresses()
                && sound
                && let Ok(mut slot) = SPARE.try_lock()
            {
                // This one stays, the one that was there ends.
                let Some(Spare(_, old)) = slot.replace(Spare(self.kind(), std::mem::take(&mut self.stream))) else {
                    return;
                };
                self.stream = old;
            }
            // SAFETY: initialized for this direction, ended once; ending one that failed to initialize does nothing.
            unsafe {
                if self.compresses() {
                    z::deflateEnd(&mut *self.stream)
                } else {
                    z::inflateEnd(&mut *self.stream)
                };
            }
        }
    }
}

fn name(status: i32) -> &'static str {
    match status {
        z::Z_OK => "Z_OK",
        z::Z_STREAM_END => "Z_STREAM_END",
        z::Z_NEED_DICT => "Z_NEED_DICT",
        z::Z_ERRNO => "Z_ERRNO",
        z::Z_STREAM_ERROR => "Z_STREAM_ERROR",
        z::Z_DATA_ERROR => "Z_DATA_ERROR",
        z::Z_MEM_ERROR => "Z_MEM_ERROR",
        z::Z_BUF_ERROR => "Z_BUF_ERROR",
        _ => "Z_VERSION_ERROR",
    }
}
