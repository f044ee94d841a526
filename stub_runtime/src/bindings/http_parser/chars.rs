//! Which bytes may stand where in an HTTP/1 message, and the method names, as llhttp (Node's parser) has them.

/// A `token` of RFC 9110: names of headers and of chunk extensions.
pub const TOKEN: u8 = 1;
/// What a header's value may hold: HTAB, SP, visible ASCII, 0x80..=0xff.
pub const VALUE: u8 = 2;
/// What a URL's path, query and fragment may hold, but for `?` and `#`.
pub const URL: u8 = 4;
/// What a URL's authority may hold.
pub const HOST: u8 = 8;
/// A quoted string's content.
pub const QUOTED: u8 = 16;

const fn table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let c = i as u8;
        let mut bits = 0;
        if c.is_ascii_alphanumeric() {
            bits |= TOKEN | URL | HOST;
        }
        if matches!(
            c,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        ) {
            bits |= TOKEN;
        }
        if matches!(c, b'!'..=b'~') && !matches!(c, b'#' | b'?') {
            bits |= URL;
        }
        if matches!(
            c,
            b'-' | b'_'
                | b'.'
                | b'!'
                | b'~'
                | b'*'
                | b'\''
                | b'('
                | b')'
                | b'%'
                | b';'
                | b':'
                | b'&'
                | b'='
                | b'+'
                | b'$'
                | b','
                | b'['
                | b']'
        ) {
            bits |= HOST;
        }
        if c == b'\t' || (c >= b' ' && c != 0x7f) {
            bits |= VALUE;
            if c != b'"' && c != b'\\' {
                bits |= QUOTED;
            }
        }
        table[i] = bits;
        i += 1;
    }
    table
}

static TABLE: [u8; 256] = table();

/// Whether `c` is in the class.
#[inline(always)]
pub fn is(c: u8, class: u8) -> bool {
    TABLE[c as usize] & class != 0
}

/// Length of the longest prefix of `bytes` that lies in the class.
#[inline(always)]
pub fn run(bytes: &[u8], class: u8) -> usize {
    bytes.iter().position(|c| !is(*c, class)).unwrap_or(bytes.len())
}

/// Methods by number; the numbers are llhttp's and are what JavaScript's list of methods is indexed with.
pub const METHODS: [&str; 47] = [
    "DELETE",
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "CONNECT",
    "OPTIONS",
    "TRACE",
    "COPY",
    "LOCK",
    "MKCOL",
    "MOVE",
    "PROPFIND",
    "PROPPATCH",
    "SEARCH",
    "UNLOCK",
    "BIND",
    "REBIND",
    "UNBIND",
    "ACL",
    "REPORT",
    "MKACTIVITY",
    "CHECKOUT",
    "MERGE",
    "M-SEARCH",
    "NOTIFY",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "PATCH",
    "PURGE",
    "MKCALENDAR",
    "LINK",
    "UNLINK",
    "SOURCE",
    "PRI",
    "DESCRIBE",
    "ANNOUNCE",
    "SETUP",
    "PLAY",
    "PAUSE",
    "TEARDOWN",
    "GET_PARAMETER",
    "SET_PARAMETER",
    "REDIRECT",
    "RECORD",
    "FLUSH",
    "QUERY",
];

/// CONNECT's number.
pub const CONNECT: u8 = 5;
/// OPTIONS's number.
const OPTIONS: u8 = 6;
/// SOURCE's number (ICE).
const SOURCE: u8 = 33;
/// PRI's number: the preface of HTTP/2.
pub const PRI: u8 = 34;

/// Whether a request of this protocol may have this method.
pub fn method_fits(protocol: Protocol, method: u8) -> bool {
    match protocol {
        Protocol::Http => method <= PRI || method == 46,
        Protocol::Rtsp => matches!(method, 1 | 3 | OPTIONS | 35..=45),
        Protocol::Ice => method == SOURCE,
    }
}

/// Name before the slash of a version.
#[derive(Clone, Copy, PartialEq)]
pub enum Protocol {
    /// HTTP/x.x
    Http,
    /// RTSP/x.x
    Rtsp,
    /// ICE/x.x
    Ice,
}
