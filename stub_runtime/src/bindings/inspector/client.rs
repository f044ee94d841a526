//! What V8's inspector asks of its embedder: to wait while the program is paused, and what a script's URL is.

use v8::inspector::{StringBuffer, StringView, V8InspectorClientImpl};

/// The embedder's half; its state is the thread's [`super::Inspector`].
pub struct Client;

impl V8InspectorClientImpl for Client {
    fn run_message_loop_on_pause(&self, _: i32) {
        if let Some(inspector) = super::current() {
            inspector.stay_paused();
        }
    }

    fn quit_message_loop_on_pause(&self) {
        if let Some(inspector) = super::current() {
            inspector.resume();
        }
    }

    fn run_if_waiting_for_debugger(&self, _: i32) {
        if let Some(inspector) = super::current() {
            inspector.stop_waiting();
        }
    }

    fn ensure_default_context_in_group(&self, _: i32) -> Option<v8::Local<'_, v8::Context>> {
        let inspector = super::current()?;
        // SAFETY: a local is the address of a handle's slot, and that of the inspector's own handle outlives what V8 does with it.
        Some(unsafe { std::mem::transmute::<&v8::Context, v8::Local<v8::Context>>(inspector.context_slot()) })
    }

    /// Modules are named by their path; debuggers know files by their URL.
    fn resource_name_to_url(&self, name: &StringView) -> Option<v8::UniquePtr<StringBuffer>> {
        let path = match name {
            StringView::U8(bytes) => bytes.iter().map(|&b| char::from(b)).collect(),
            StringView::U16(units) => String::from_utf16_lossy(units),
        };
        let url = url_of_path(&path)?;
        Some(StringBuffer::create(StringView::from(url.as_bytes())))
    }
}

/// The `file:` URL of an absolute path.
pub fn url_of_path(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return None;
    }
    let mut url = String::from("file://");
    for &byte in path.as_bytes() {
        if byte.is_ascii_graphic() && !b"\"#%<>?\\^`{|}".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::url_of_path;

    #[test]
    fn urls_of_paths() {
        assert_eq!(url_of_path("/a b/\u{e9}#.js").as_deref(), Some("file:///a%20b/%C3%A9%23.js"));
        assert_eq!(url_of_path("node:fs"), None);
    }
}
