//! The WebSocket protocol (RFC 6455) of a server without extensions: the handshake's key, frames in and out.
//!
//! Owns: bytes to messages and back. Does not own: sockets and threads (`server`).

use std::io::{self, Read, Write};

/// What a frontend sent.
pub enum Message {
    /// A whole text message.
    Text(String),
    /// It asks whether somebody is there.
    Ping(Vec<u8>),
    /// The end.
    Close,
}

/// Longer messages end the connection.
const MAX_MESSAGE: u64 = 1 << 28;

/// `Sec-WebSocket-Accept` of a `Sec-WebSocket-Key`.
pub fn accept_key(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let mut digest = [0u8; 20];
    // SAFETY: reads the text, writes the twenty bytes of a SHA-1.
    unsafe { openssl_sys::SHA1(text.as_ptr(), text.len(), digest.as_mut_ptr()) };
    base64(&digest)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, &b| bits << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// Writes one unfragmented frame.
pub fn write_frame(out: &mut impl Write, opcode: u8, payload: &[u8]) -> io::Result<()> {
    let mut head = vec![0x80 | opcode];
    match payload.len() {
        n @ 0..126 => head.push(n as u8),
        n @ 126..0x1_0000 => {
            head.push(126);
            head.extend_from_slice(&(n as u16).to_be_bytes());
        }
        n => {
            head.push(127);
            head.extend_from_slice(&(n as u64).to_be_bytes());
        }
    }
    out.write_all(&head)?;
    out.write_all(payload)?;
    out.flush()
}

/// Reads messages; keeps the fragments of one between which others come.
pub struct Messages<R> {
    input: R,
    text: Vec<u8>,
    started: bool,
}

impl<R: Read> Messages<R> {
    /// Of what `input` gives after the handshake.
    pub fn new(input: R) -> Self {
        Messages { input, text: Vec::new(), started: false }
    }

    /// The next message; fragments are joined, what a client may not send is an error.
    pub fn read(&mut self) -> io::Result<Message> {
        loop {
            if let Some(message) = self.read_frame()? {
                return Ok(message);
            }
        }
    }

    /// One frame; `None` where it completes no message.
    fn read_frame(&mut self) -> io::Result<Option<Message>> {
        let input = &mut self.input;
        let mut head = [0u8; 2];
        input.read_exact(&mut head)?;
        let (last, opcode) = (head[0] & 0x80 != 0, head[0] & 0x0f);
        let mut length = u64::from(head[1] & 0x7f);
        if length == 126 {
            let mut bytes = [0u8; 2];
            input.read_exact(&mut bytes)?;
            length = u64::from(u16::from_be_bytes(bytes));
        } else if length == 127 {
            let mut bytes = [0u8; 8];
            input.read_exact(&mut bytes)?;
            length = u64::from_be_bytes(bytes);
        }
        let masked = head[1] & 0x80 != 0;
        if !masked || head[0] & 0x70 != 0 || length + self.text.len() as u64 > MAX_MESSAGE {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut mask = [0u8; 4];
        input.read_exact(&mut mask)?;
        let mut payload = vec![0; length as usize];
        input.read_exact(&mut payload)?;
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        match opcode {
            0 if self.started => self.text.append(&mut payload),
            1 if !self.started => self.text = payload,
            8 => return Ok(Some(Message::Close)),
            9 => return Ok(Some(Message::Ping(payload))),
            10 => return Ok(None),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        self.started = !last;
        if !last {
            return Ok(None);
        }
        let text = String::from_utf8(std::mem::take(&mut self.text)).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(Some(Message::Text(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshake_of_the_rfc() {
        assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(base64(b"ab"), "YWI=");
        assert_eq!(base64(b"a"), "YQ==");
    }

    #[test]
    fn frames_of_the_rfc() {
        let masked = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        assert!(matches!(Messages::new(&masked[..]).read(), Ok(Message::Text(t)) if t == "Hello"));
        let fragments = [1, 0x81, 0, 0, 0, 0, b'a', 0x89, 0x80, 0, 0, 0, 0, 0x80, 0x81, 0, 0, 0, 0, b'b'];
        let mut messages = Messages::new(&fragments[..]);
        assert!(matches!(messages.read(), Ok(Message::Ping(_))));
        assert!(matches!(messages.read(), Ok(Message::Text(t)) if t == "ab"));
        assert!(Messages::new(&[0x81, 0x01, b'a'][..]).read().is_err());
        let mut out = Vec::new();
        write_frame(&mut out, 1, &[b'x'; 300]).unwrap();
        assert_eq!(out[..4], [0x81, 126, 1, 44]);
    }
}
