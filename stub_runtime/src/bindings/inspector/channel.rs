//! The two ends that V8 speaks to: a function of JavaScript on the same thread, and a frontend elsewhere.
//!
//! Owns: text out of V8's buffers, and where it goes. Does not own: sessions (`super::Inspector`).

use super::inbox::Sink;
use v8::inspector::{ChannelImpl, StringBuffer, StringView};

/// V8's messages are JSON in ASCII, whatever the width of the characters.
pub fn text_of(view: StringView) -> Vec<u8> {
    match view {
        StringView::U8(bytes) => bytes.to_vec(),
        StringView::U16(units) => units.iter().map(|&unit| unit as u8).collect(),
    }
}

fn text_of_message(mut message: v8::UniquePtr<StringBuffer>) -> Vec<u8> {
    message.as_mut().map_or_else(Vec::new, |buffer| text_of(buffer.string()))
}

/// A session of JavaScript's on this thread: each message is a call, at once.
pub struct LocalChannel {
    /// Number of the session.
    pub id: u32,
}

impl ChannelImpl for LocalChannel {
    fn send_response(&self, _: i32, message: v8::UniquePtr<StringBuffer>) {
        super::call_listener(self.id, &text_of_message(message));
    }

    fn send_notification(&self, message: v8::UniquePtr<StringBuffer>) {
        super::call_listener(self.id, &text_of_message(message));
    }

    fn flush_protocol_notifications(&self) {}
}

/// A frontend on another thread.
pub struct RemoteChannel {
    /// Where messages go.
    pub sink: std::rc::Rc<Sink>,
}

impl RemoteChannel {
    fn send(&self, message: v8::UniquePtr<StringBuffer>) {
        (self.sink)(String::from_utf8(text_of_message(message)).unwrap_or_default());
    }
}

impl ChannelImpl for RemoteChannel {
    fn send_response(&self, _: i32, message: v8::UniquePtr<StringBuffer>) {
        self.send(message);
    }

    fn send_notification(&self, message: v8::UniquePtr<StringBuffer>) {
        self.send(message);
    }

    fn flush_protocol_notifications(&self) {}
}
