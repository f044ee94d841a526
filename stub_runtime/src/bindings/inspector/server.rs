//! The server that debuggers connect to: what can be debugged (`/json/list`), and a WebSocket for the protocol.
//!
//! Owns: the sockets and their threads, so that a program that is paused or busy is served. Does not own: sessions
//! (`super::Inspector`); a connection is two numbers and a queue to it.

use super::inbox::{Event, Inbox};
use super::websocket::{self, Message};
use std::collections::HashMap;
use std::io::{self, BufReader, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

/// What is said of the program at `/json/list`.
pub struct Description {
    /// The script as it was called.
    pub title: String,
    /// Its URL.
    pub url: String,
}

/// What a connection's thread sends.
enum Frame {
    Text(String),
    Pong(Vec<u8>),
}

struct Shared {
    id: String,
    address: String,
    description: Description,
    inbox: Arc<Inbox>,
    /// By the number of the session.
    connections: Mutex<HashMap<u32, TcpStream>>,
    closing: AtomicBool,
}

/// A server that listens.
pub struct Server {
    shared: Arc<Shared>,
    port: u16,
    listener: Arc<TcpListener>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Listens on `host` and `port` (0: any) and serves until [`Server::close`].
    ///
    /// # Errors
    /// Where the address is not to be had.
    pub fn open(host: &str, port: u16, description: Description, inbox: Arc<Inbox>) -> io::Result<Server> {
        let addresses: Vec<SocketAddr> = (host, port).to_socket_addrs()?.collect();
        let listener = Arc::new(TcpListener::bind(&*addresses)?);
        let port = listener.local_addr()?.port();
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let shared = Arc::new(Shared {
            id: uuid(),
            address: format!("{host}:{port}"),
            description,
            inbox,
            connections: Mutex::default(),
            closing: AtomicBool::new(false),
        });
        let thread = {
            let (shared, listener) = (shared.clone(), listener.clone());
            let accept = move || {
                for stream in listener.incoming() {
                    if shared.closing.load(Ordering::Relaxed) {
                        break;
                    }
                    let (Ok(stream), shared) = (stream, shared.clone()) else { continue };
                    let _ = spawn("inspector connection", move || serve(stream, &shared));
                }
            };
            spawn("inspector", accept)?
        };
        Ok(Server { shared, port, listener, thread: Some(thread) })
    }

    /// The address that debuggers connect to.
    pub fn url(&self) -> String {
        format!("ws://{}/{}", self.shared.address, self.shared.id)
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Takes no more connections; those that are there stay.
    pub fn stop_listening(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        // SAFETY: the descriptor is open; `accept` returns with an error.
        unsafe { libc::shutdown(self.listener.as_raw_fd(), libc::SHUT_RDWR) };
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// Ends it with all its connections.
    pub fn close(mut self) {
        self.stop_listening();
        for (_, stream) in self.shared.connections.lock().unwrap().drain() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// A thread that needs little: signals go to the program's own threads.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name(name.into()).stack_size(256 << 10).spawn(move || {
        // SAFETY: changes the mask of this new thread only.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_BLOCK, &all, std::ptr::null_mut());
        }
        work();
    })
}

/// A random identifier of the form of a UUID of version 4.
fn uuid() -> String {
    let mut bytes = [0u8; 16];
    // SAFETY: fills the array.
    unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// The head of an HTTP request.
struct Request {
    method: String,
    path: String,
    headers: HashMap<String, String>,
}

impl Request {
    fn read(input: &mut impl Read) -> Option<Request> {
        let mut head = Vec::new();
        let mut byte = [0u8; 1];
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() > 16 << 10 || input.read_exact(&mut byte).is_err() {
                return None;
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head);
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        Some(Request { method, path, headers: headers.collect() })
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A page in a browser whose name was pointed at this machine has its own name in `Host`.
    fn is_from_here(&self) -> bool {
        let host = self.header("host");
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        name.is_empty()
            || name.parse::<IpAddr>().is_ok()
            || name.eq_ignore_ascii_case("localhost")
            || name.eq_ignore_ascii_case("localhost6")
    }
}

fn serve(stream: TcpStream, shared: &Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let Ok(mut output) = stream.try_clone() else { return };
    let mut input = BufReader::new(stream);
    let Some(request) = Request::read(&mut input) else { return };
    let key = request.header("sec-websocket-key");
    let answer = if request.method != "GET" || !request.is_from_here() {
        bad_request()
    } else if !key.is_empty() && request.path == format!("/{}", shared.id) {
        let accept = websocket::accept_key(key);
        let head =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept:";
        if output.write_all(format!("{head} {accept}\r\n\r\n").as_bytes()).is_ok() {
            talk(input, output, shared);
        }
        return;
    } else {
        match request.path.split('?').next().unwrap_or_default() {
            "/json" | "/json/list" => json(&list(shared)),
            "/json/version" => json(&format!(
                "{{\n  \"Browser\": \"node.js/{}\",\n  \"Protocol-Version\": \"1.1\"\n}} ",
                crate::runtime::NODE_VERSION
            )),
            _ => bad_request(),
        }
    };
    let _ = output.write_all(answer.as_bytes());
}

fn bad_request() -> String {
    "HTTP/1.0 400 Bad Request\r\nContent-Type: text/html; charset=UTF-8\r\n\r\nWebSockets request was expected\r\n"
        .into()
}

fn json(body: &str) -> String {
    format!(
        "HTTP/1.0 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nCache-Control: no-cache\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn list(shared: &Shared) -> String {
    let (id, socket) = (&shared.id, format!("{}/{}", shared.address, shared.id));
    let frontend = format!("?experiments=true&v8only=true&ws={socket}");
    let fields = [
        ("description", "node.js instance".to_owned()),
        ("devtoolsFrontendUrl", format!("devtools://devtools/bundled/js_app.html{frontend}")),
        ("devtoolsFrontendUrlCompat", format!("devtools://devtools/bundled/inspector.html{frontend}")),
        ("faviconUrl", "https://nodejs.org/static/images/favicons/favicon.ico".to_owned()),
        ("id", id.clone()),
        ("title", shared.description.title.clone()),
        ("type", "node".to_owned()),
        ("url", shared.description.url.clone()),
        ("webSocketDebuggerUrl", format!("ws://{socket}")),
    ];
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("  \"{name}\": {}", quoted(value))).collect();
    format!("[ {{\n{}\n}} ]\n\n", fields.join(",\n"))
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A debugger's connection, to its end.
fn talk(input: BufReader<TcpStream>, output: TcpStream, shared: &Arc<Shared>) {
    let session = super::new_session_number();
    let Ok(stream) = output.try_clone() else { return };
    shared.connections.lock().unwrap().insert(session, stream);
    let (sender, frames) = mpsc::channel::<Frame>();
    let writer = spawn("inspector output", move || write_frames(output, &frames));
    crate::stdio::write_stderr("Debugger attached.\n");
    let to_frontend = sender.clone();
    let sink = Box::new(move |text| drop(to_frontend.send(Frame::Text(text))));
    shared.inbox.push(Event::Connect(session, sink));
    let mut messages = websocket::Messages::new(input);
    loop {
        match messages.read() {
            Ok(Message::Text(text)) => shared.inbox.push(Event::Message(session, text)),
            Ok(Message::Ping(payload)) => drop(sender.send(Frame::Pong(payload))),
            Ok(Message::Close) | Err(_) => break,
        }
    }
    shared.connections.lock().unwrap().remove(&session);
    shared.inbox.push(Event::Disconnect(session));
    drop(sender);
    drop(writer);
}

/// Until nobody is left who would send; then the WebSocket is closed.
fn write_frames(mut output: TcpStream, frames: &mpsc::Receiver<Frame>) {
    for frame in frames {
        let written = match frame {
            Frame::Text(text) => websocket::write_frame(&mut output, 1, text.as_bytes()),
            Frame::Pong(payload) => websocket::write_frame(&mut output, 10, &payload),
        };
        if written.is_err() {
            break;
        }
    }
    let _ = websocket::write_frame(&mut output, 8, &[]);
    let _ = output.shutdown(Shutdown::Both);
}
