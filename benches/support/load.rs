//! What the servers are loaded with where `wrk` cannot: WebSocket messages, idle connections, and a server for clients.
//! Everything runs on the thread that calls it and on blocking or epoll'ed sockets of the standard library.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

fn connect(port: u16) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    Ok(stream)
}

/// Reads until `end` is in what came, and gives it.
fn read_until(stream: &mut TcpStream, end: &[u8]) -> std::io::Result<Vec<u8>> {
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    while !all.windows(end.len()).any(|w| w == end) {
        match stream.read(&mut part)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => all.extend_from_slice(&part[..n]),
        }
    }
    Ok(all)
}

/// Opens `count` connections, each with one request that is answered, and leaves them open.
pub fn keep_alive(port: u16, count: usize) -> std::io::Result<Vec<TcpStream>> {
    let mut streams = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = connect(port)?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        read_until(&mut stream, b"World!\n")?;
        streams.push(stream);
    }
    Ok(streams)
}

/// Bytes of a message's text.
const TEXT: usize = 32;

/// Connections, each of which sends a message as soon as the echo of its last one has come.
pub struct WebSockets {
    /// With the bytes of the echo that have come.
    streams: Vec<(TcpStream, usize)>,
    frame: Vec<u8>,
    epoll: Epoll,
}

impl WebSockets {
    /// Opens `count` of them and sends the first messages.
    pub fn open(port: u16, count: usize) -> std::io::Result<Self> {
        // Masked, as a client's must be, with a mask of zeros.
        let mut frame = vec![0x81, 0x80 | TEXT as u8, 0, 0, 0, 0];
        frame.resize(6 + TEXT, b'x');
        let (mut streams, epoll) = (Vec::with_capacity(count), Epoll::new()?);
        for index in 0..count {
            let mut stream = connect(port)?;
            stream.write_all(
                b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
            )?;
            read_until(&mut stream, b"\r\n\r\n")?;
            stream.set_nonblocking(true)?;
            epoll.add(&stream, index as u64)?;
            streams.push((stream, 0));
        }
        for (stream, _) in &mut streams {
            stream.write_all(&frame)?;
        }
        Ok(WebSockets { streams, frame, epoll })
    }

    /// Goes on for `time`; gives the number of echoes.
    pub fn echo(&mut self, time: Duration) -> std::io::Result<u64> {
        let begin = Instant::now();
        let (mut echoes, mut buffer) = (0, [0; 4096]);
        while begin.elapsed() < time {
            for index in self.epoll.wait() {
                let (stream, seen) = &mut self.streams[index as usize];
                match stream.read(&mut buffer) {
                    Ok(0) => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                    Ok(n) => *seen += n,
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
                    Err(error) => return Err(error),
                }
                // A server's frames are not masked.
                if *seen >= 2 + TEXT {
                    *seen -= 2 + TEXT;
                    echoes += 1;
                    stream.write_all(&self.frame)?;
                }
            }
        }
        Ok(echoes)
    }
}

/// A server that answers every request of a few bytes with the same text, in a thread of its own; gives its port.
pub fn serve() -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || answer(&listener));
    Ok(port)
}

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\nConnection: keep-alive\r\n\r\nHello, World!\n";

fn answer(listener: &TcpListener) -> std::io::Result<()> {
    let epoll = Epoll::new()?;
    epoll.add(listener, u64::MAX)?;
    let mut streams: Vec<Option<TcpStream>> = Vec::new();
    let mut buffer = [0; 65536];
    loop {
        for index in epoll.wait() {
            if index == u64::MAX {
                if let Ok((stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    stream.set_nonblocking(true)?;
                    epoll.add(&stream, streams.len() as u64)?;
                    streams.push(Some(stream));
                }
                continue;
            }
            let Some(stream) = &mut streams[index as usize] else { continue };
            let Ok(1..) = stream.read(&mut buffer) else {
                streams[index as usize] = None;
                continue;
            };
            let _ = stream.write_all(ANSWER);
        }
    }
}

/// epoll, level-triggered, for reading.
struct Epoll(std::os::fd::OwnedFd);

impl Epoll {
    fn new() -> std::io::Result<Self> {
        // SAFETY: the descriptor is new and ours.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(std::io::Error::last_os_error());
        }
        // SAFETY: as above.
        Ok(Epoll(unsafe { std::os::fd::FromRawFd::from_raw_fd(fd) }))
    }

    fn add(&self, file: &impl AsRawFd, token: u64) -> std::io::Result<()> {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: token };
        // SAFETY: both descriptors are open and the event outlives the call.
        let r = unsafe { libc::epoll_ctl(self.0.as_raw_fd(), libc::EPOLL_CTL_ADD, file.as_raw_fd(), &mut event) };
        if r == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    }

    /// Tokens of what is ready, after a tenth of a second at most.
    fn wait(&self) -> Vec<u64> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 256];
        // SAFETY: room for 256 events; the kernel says how many it filled in.
        let n = unsafe { libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr(), 256, 100) };
        events[..n.max(0) as usize].iter().map(|event| event.u64).collect()
    }
}
