//! The state machine on its own: every message whole, and again one byte at a time.

use super::machine::{Kind, Machine, Step, lenient};

/// What a receiver saw: heads as `METHOD url {name: value}`, bodies joined, ends, the error's code.
fn run(kind: Kind, lenient: u16, input: &[u8], portion: usize) -> Vec<String> {
    let mut machine = Machine::new(kind, 16384, lenient);
    let mut seen: Vec<String> = Vec::new();
    for part in input.chunks(portion) {
        let mut at = 0;
        loop {
            match machine.run(part, &mut at) {
                Step::More => break,
                Step::Head => {
                    let url = String::from_utf8_lossy(&machine.url).into_owned();
                    let headers = String::from_utf8_lossy(&machine.headers).replace('\0', "|");
                    seen.push(format!("head {} {} {url} {headers}", machine.method, machine.status));
                }
                Step::Body(start, end) => {
                    let text = String::from_utf8_lossy(&part[start..end]).into_owned();
                    match seen.last_mut() {
                        Some(last) if last.starts_with("body ") => last.push_str(&text),
                        _ => seen.push(format!("body {text}")),
                    }
                }
                Step::Complete => {
                    let trailers = String::from_utf8_lossy(&machine.headers).replace('\0', "|");
                    seen.push(format!("end {trailers}"));
                }
                Step::Failed(failure) => {
                    seen.push(failure.code.into());
                    return seen;
                }
            }
        }
    }
    match machine.finish() {
        Step::Complete => seen.push("end at EOF".into()),
        Step::Failed(failure) => seen.push(failure.code.into()),
        _ => {}
    }
    seen
}

#[track_caller]
fn check(kind: Kind, lenient: u16, input: &str, expected: &[&str]) {
    let whole = run(kind, lenient, input.as_bytes(), usize::MAX);
    assert_eq!(whole, expected, "{input:?}");
    assert_eq!(run(kind, lenient, input.as_bytes(), 1), expected, "byte by byte: {input:?}");
}

#[track_caller]
fn request(input: &str, expected: &[&str]) {
    check(Kind::Request, 0, input, expected);
}

#[test]
fn plain_and_pipelined() {
    request("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &["head 1 0 / Host|a|", "end "]);
    request(
        "\r\nPOST /x?y#z HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET http://h:80/p HTTP/1.0\r\n\r\n",
        &["head 3 0 /x?y#z Content-Length|3|", "body abc", "end ", "head 1 0 http://h:80/p ", "end "],
    );
}

#[test]
fn chunked_with_extensions_and_trailers() {
    request(
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked \r\n\r\n3;a=b;c=\"d\\\"\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nT:  v \r\n\r\n",
        &["head 3 0 / Transfer-Encoding|gzip, Chunked|", "body abc0123456789", "end T|v|"],
    );
}

#[test]
fn smuggling_is_refused() {
    for (headers, code) in [
        ("Content-Length: 1\r\nTransfer-Encoding: chunked", "HPE_INVALID_TRANSFER_ENCODING"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 1", "HPE_INVALID_CONTENT_LENGTH"),
        ("Content-Length: 1\r\nContent-Length: 1", "HPE_UNEXPECTED_CONTENT_LENGTH"),
        ("Content-Length: 1, 1", "HPE_INVALID_CONTENT_LENGTH"),
        ("Content-Length: +1", "HPE_INVALID_CONTENT_LENGTH"),
        ("Content-Length:", "HPE_INVALID_CONTENT_LENGTH"),
        ("Content-Length: 99999999999999999999", "HPE_INVALID_CONTENT_LENGTH"),
        ("Transfer-Encoding: chunked, gzip", "HPE_INVALID_TRANSFER_ENCODING"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", "HPE_INVALID_TRANSFER_ENCODING"),
        ("A : b", "HPE_INVALID_HEADER_TOKEN"),
        ("A: b\r\n c", "HPE_INVALID_HEADER_TOKEN"),
        ("A: b\nC: d", "HPE_CR_EXPECTED"),
        ("A: b\rC: d", "HPE_LF_EXPECTED"),
        ("A: \u{1}", "HPE_INVALID_HEADER_TOKEN"),
        (" A: b", "HPE_UNEXPECTED_SPACE"),
        (": b", "HPE_INVALID_HEADER_TOKEN"),
    ] {
        request(&format!("POST / HTTP/1.1\r\n{headers}\r\n\r\n"), &[code]);
    }
    request(
        "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n",
        &["head 3 0 / Transfer-Encoding|xchunked|", "HPE_INVALID_TRANSFER_ENCODING"],
    );
    for (body, code) in [
        ("g\r\n", "HPE_INVALID_CHUNK_SIZE"),
        ("1 \r\n", "HPE_INVALID_CHUNK_SIZE"),
        ("10000000000000000\r\n", "HPE_INVALID_CHUNK_SIZE"),
        ("1\na\r\n", "HPE_CR_EXPECTED"),
    ] {
        request(
            &format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}"),
            &["head 3 0 / Transfer-Encoding|chunked|", code],
        );
    }
    request(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        &["head 3 0 / Transfer-Encoding|chunked|", "body a", "HPE_STRICT"],
    );
    request(
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\nGET",
        &["head 1 0 / Connection|close|", "end ", "HPE_CLOSED_CONNECTION"],
    );
}

#[test]
fn bad_lines() {
    for (line, code) in [
        ("get / HTTP/1.1", "HPE_INVALID_METHOD"),
        ("GETT / HTTP/1.1", "HPE_INVALID_METHOD"),
        ("GET \u{1} HTTP/1.1", "HPE_INVALID_URL"),
        ("GET /\u{7f} HTTP/1.1", "HPE_INVALID_URL"),
        ("GET / HTTQ/1.1", "HPE_INVALID_CONSTANT"),
        ("GET / HTTP/1.2", "HPE_INVALID_VERSION"),
        ("GET / HTTP/1.1x", "HPE_INVALID_VERSION"),
        ("PLAY / HTTP/1.1", "HPE_INVALID_CONSTANT"),
    ] {
        request(&format!("{line}\r\n\r\n"), &[code]);
    }
}

#[test]
fn responses_end_where_they_should() {
    let response = |input, expected| check(Kind::Response, 0, input, expected);
    response("HTTP/1.1 200 OK\r\n\r\nuntil the end", &["head 0 200  ", "body until the end", "end at EOF"]);
    response("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 304\r\n\r\n", &["head 0 204  ", "end ", "head 0 304  ", "end "]);
    response(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
        &["head 0 100  ", "end ", "head 0 200  Content-Length|1|", "body a", "end "],
    );
    response(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
        &["head 0 200  Content-Length|2|", "body a", "HPE_INVALID_EOF_STATE"],
    );
}

#[test]
fn leniency() {
    let all = lenient::HEADERS | lenient::OPTIONAL_CR_BEFORE_LF | lenient::CHUNKED_LENGTH;
    check(Kind::Request, all, "GET / HTTP/1.1\nA: \u{1}b\n c\n\n", &["head 1 0 / A|\u{1}b c|", "end "]);
}

#[test]
fn heads_are_bounded() {
    let long = "a".repeat(17000);
    request(&format!("GET /{long} HTTP/1.1\r\n\r\n"), &["HPE_HEADER_OVERFLOW"]);
    request(&format!("GET / HTTP/1.1\r\nA: {long}\r\n\r\n"), &["HPE_HEADER_OVERFLOW"]);
}
