//! Options of a session, and SETTINGS as JavaScript and nghttp2 write them.

use super::ffi::*;
use crate::binding;

/// Places in the array of options that JavaScript gives; NaN is "not set".
mod place {
    pub const MAX_DEFLATE_DYNAMIC_TABLE_SIZE: usize = 0;
    pub const MAX_RESERVED_REMOTE_STREAMS: usize = 1;
    pub const MAX_SEND_HEADER_BLOCK_LENGTH: usize = 2;
    pub const PEER_MAX_CONCURRENT_STREAMS: usize = 3;
    pub const PADDING_STRATEGY: usize = 4;
    pub const MAX_HEADER_LIST_PAIRS: usize = 5;
    pub const MAX_OUTSTANDING_PINGS: usize = 6;
    pub const MAX_OUTSTANDING_SETTINGS: usize = 7;
    pub const MAX_SESSION_MEMORY: usize = 8;
    pub const MAX_SETTINGS: usize = 9;
    pub const STREAM_RESET_RATE: usize = 10;
    pub const STREAM_RESET_BURST: usize = 11;
    pub const LAX_FIELD_WHITESPACE: usize = 12;
    pub const MAX_INVALID_FRAMES: usize = 13;
    pub const MAX_REJECTED_STREAMS: usize = 14;
    /// Setting ids of the peer's that JavaScript wants to know, from here on.
    pub const REMOTE_CUSTOM_SETTINGS: usize = 15;
}

/// How frames are padded.
#[derive(Clone, Copy, PartialEq)]
pub enum Padding {
    /// Not.
    None,
    /// Up to a multiple of eight bytes.
    Aligned,
    /// As far as a frame goes.
    Max,
}

/// Limits of a session that are ours and not nghttp2's.
pub struct Limits {
    /// How frames are padded.
    pub padding: Padding,
    /// Header fields in one block.
    pub header_pairs: usize,
    /// PINGs without an answer.
    pub pings: usize,
    /// SETTINGS without an answer.
    pub settings: usize,
    /// Bytes that the session may hold before it refuses streams.
    pub memory: usize,
    /// Frames that are no frames, before the session ends.
    pub invalid_frames: u32,
    /// Streams in a row that were refused, before the session ends.
    pub rejected_streams: u32,
    /// Values of fields may begin and end with white space.
    pub lax_whitespace: bool,
    /// Setting ids that are remembered when the peer sends them.
    pub remote_custom_settings: Vec<u16>,
}

/// An `nghttp2_option` that frees itself.
pub struct Options(*mut nghttp2_option);

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: made by nghttp2_option_new and not used again.
        unsafe { nghttp2_option_del(self.0) };
    }
}

impl Options {
    /// For nghttp2_session_*_new3.
    pub fn as_ptr(&self) -> *const nghttp2_option {
        self.0
    }

    /// nghttp2's options and our limits, from the array of JavaScript's.
    pub fn read(values: &[f64], server: bool) -> (Options, Limits) {
        let at = |i: usize| values.get(i).copied().filter(|v| !v.is_nan());
        let mut raw = std::ptr::null_mut();
        // SAFETY: `raw` becomes a valid option; each setter takes it and a number.
        unsafe {
            assert_eq!(nghttp2_option_new(&mut raw), 0, "out of memory");
            nghttp2_option_set_no_closed_streams(raw, 1);
            // Windows are opened again when the program has taken the data: that is the backpressure.
            nghttp2_option_set_no_auto_window_update(raw, 1);
            if !server {
                nghttp2_option_set_builtin_recv_extension_type(raw, NGHTTP2_ALTSVC as u8);
                nghttp2_option_set_builtin_recv_extension_type(raw, NGHTTP2_ORIGIN as u8);
            }
            if let Some(n) = at(place::MAX_DEFLATE_DYNAMIC_TABLE_SIZE) {
                nghttp2_option_set_max_deflate_dynamic_table_size(raw, n as usize);
            }
            if let Some(n) = at(place::MAX_RESERVED_REMOTE_STREAMS) {
                nghttp2_option_set_max_reserved_remote_streams(raw, n as u32);
            }
            if let Some(n) = at(place::MAX_SEND_HEADER_BLOCK_LENGTH) {
                nghttp2_option_set_max_send_header_block_length(raw, n as usize);
            }
            let peer_streams = at(place::PEER_MAX_CONCURRENT_STREAMS).map_or(100, |n| n as u32);
            nghttp2_option_set_peer_max_concurrent_streams(raw, peer_streams);
            if let Some(n) = at(place::MAX_SETTINGS) {
                nghttp2_option_set_max_settings(raw, n.max(1.0) as usize);
            }
            if let (Some(rate), Some(burst)) = (at(place::STREAM_RESET_RATE), at(place::STREAM_RESET_BURST)) {
                nghttp2_option_set_stream_reset_rate_limit(raw, burst.max(1.0) as u64, rate.max(1.0) as u64);
            }
            // `messaging.rs` does that.
            nghttp2_option_set_no_http_messaging(raw, 1);
        }
        let padding = match at(place::PADDING_STRATEGY).unwrap_or(0.0) as u32 {
            1 => Padding::Aligned,
            2 => Padding::Max,
            _ => Padding::None,
        };
        let pairs = at(place::MAX_HEADER_LIST_PAIRS).unwrap_or(128.0) as usize;
        let limits = Limits {
            padding,
            // A request has four pseudo-headers, a response one.
            header_pairs: pairs.max(if server { 4 } else { 1 }),
            pings: at(place::MAX_OUTSTANDING_PINGS).unwrap_or(10.0) as usize,
            settings: at(place::MAX_OUTSTANDING_SETTINGS).unwrap_or(10.0).max(1.0) as usize,
            memory: (at(place::MAX_SESSION_MEMORY).unwrap_or(10.0).max(1.0) * 1e6) as usize,
            invalid_frames: at(place::MAX_INVALID_FRAMES).unwrap_or(1000.0) as u32,
            rejected_streams: at(place::MAX_REJECTED_STREAMS).unwrap_or(100.0) as u32,
            lax_whitespace: at(place::LAX_FIELD_WHITESPACE).unwrap_or(0.0) != 0.0,
            remote_custom_settings: values.iter().skip(place::REMOTE_CUSTOM_SETTINGS).map(|&v| v as u16).collect(),
        };
        (Options(raw), limits)
    }
}

/// `[id, value, ...]` of a Float64Array as entries.
pub fn entries(value: v8::Local<v8::Value>) -> Vec<nghttp2_settings_entry> {
    let entry = |pair: &[f64]| nghttp2_settings_entry { settings_id: pair[0] as i32, value: pair[1] as u32 };
    numbers(value).chunks_exact(2).map(entry).collect()
}

/// The numbers of a Float64Array.
pub fn numbers(value: v8::Local<v8::Value>) -> Vec<f64> {
    let bytes = binding::bytes(value).map_or(&[][..], |b| b);
    bytes.chunks_exact(8).map(|b| f64::from_ne_bytes(b.try_into().expect("eight bytes"))).collect()
}

/// The payload of a SETTINGS frame.
pub fn pack(entries: &[nghttp2_settings_entry]) -> Option<Vec<u8>> {
    let mut payload = vec![0; entries.len() * 6];
    // SAFETY: six bytes an entry is what the payload needs.
    let n =
        unsafe { nghttp2_pack_settings_payload2(payload.as_mut_ptr(), payload.len(), entries.as_ptr(), entries.len()) };
    (n >= 0).then_some(payload)
}
