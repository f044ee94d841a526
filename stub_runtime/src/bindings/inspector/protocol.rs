//! Messages of the protocol, as far as they are not V8's business.
//!
//! Owns: finding the members of a message. Does not own: what a domain does (`super::Inspector`).

/// The text of the member `key` of the object `message`, a JSON value; `None` where it has none. Members of objects inside do not count.
pub fn member<'a>(message: &'a str, key: &str) -> Option<&'a str> {
    let bytes = message.as_bytes();
    let (mut depth, mut at) = (0, 0);
    // Where the value that is wanted began.
    let mut start = None;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = end_of_string(bytes, at);
                let after = at_token(bytes, end);
                if depth == 1
                    && start.is_none()
                    && bytes.get(after) == Some(&b':')
                    && message.get(at + 1..end - 1)? == key
                {
                    start = Some(after + 1);
                }
                at = end;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(message.get(start?..at)?.trim());
                }
            }
            b',' if depth == 1 => {
                if let Some(start) = start {
                    return Some(message.get(start..at)?.trim());
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The member `key`, which is text without escapes.
pub fn text<'a>(message: &'a str, key: &str) -> Option<&'a str> {
    member(message, key)?.strip_prefix('"')?.strip_suffix('"')
}

/// The place after the string that begins at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != b'"' {
        end += if bytes[end] == b'\\' { 2 } else { 1 };
    }
    (end + 1).min(bytes.len())
}

/// The first place from `at` on that is not white space.
fn at_token(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|b| b.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_the_message_itself() {
        let message = r#"{"params": {"method": "NodeRuntime.x", "id": 7, "a": ["}\"", 1]}, "id" : 12 , "method":"Runtime.evaluate"}"#;
        assert_eq!(text(message, "method"), Some("Runtime.evaluate"));
        assert_eq!(member(message, "id"), Some("12"));
        assert_eq!(member(message, "a"), None);
        assert_eq!(member(member(message, "params").unwrap(), "id"), Some("7"));
    }

    #[test]
    fn what_is_no_message() {
        for text in ["", "{", "[]", "\"method\"", r#"{"method""#, r#"{"method":"#, r#"{"meth\"#, "{}", r#"{"id":1}"#] {
            assert_eq!(member(text, "method"), None, "{text}");
        }
    }
}
