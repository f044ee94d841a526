//! `internalBinding('url')`: the WHATWG URL parser.
//!
//! Owns: parsing and writing URLs, domains to ASCII and back. Does not own: the classes, `searchParams`, the legacy API, errors
//! (`js/internal/url.js`, `js/url.js`). A URL goes to JavaScript as its text and the offsets of its parts ([`record::Record::write`]).

mod canonical;
mod encode;
mod host;
mod parser;
mod record;
mod setters;

use crate::{binding, fast_call};
use record::Record;
use std::cell::RefCell;
use v8::fast_api::FastApiOneByteString;

/// The text of a string argument as UTF-8; lone surrogates become U+FFFD.
fn text(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    value.to_rust_string_lossy(scope)
}

/// Gives `url` to JavaScript: its parts go to the Uint32Array `target`, the text is the result.
fn answer<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    url: &Record,
    target: v8::Local<'s, v8::Value>,
    mut rv: v8::ReturnValue,
) {
    let (href, parts) = url.write();
    write_parts(target, parts);
    rv.set(binding::string(scope, &href));
}

thread_local! {
    /// The last base: programs resolve many URLs against one.
    static BASE: RefCell<(String, Option<Record>)> = RefCell::default();
}

/// Parses the argument `i` relative to the one after it, where that is no `undefined`.
fn parse_arguments(scope: &mut v8::PinScope, args: &v8::FunctionCallbackArguments) -> Option<Record> {
    let input = text(scope, args.get(0));
    if args.get(1).is_undefined() {
        return parser::parse(&input, None);
    }
    let base = text(scope, args.get(1));
    BASE.with_borrow_mut(|known| {
        if known.0 != base {
            *known = (base, None);
            known.1 = parser::parse(&known.0, None);
        }
        parser::parse(&input, Some(known.1.as_ref()?))
    })
}

/// `parse(input, base, parts)`: the URL's text, `undefined` where it is none; `parts` is a Uint32Array of nine.
fn parse<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, rv: v8::ReturnValue) {
    if let Some(url) = parse_arguments(scope, &args) {
        answer(scope, &url, args.get(2), rv);
    }
}

fn write_parts(target: v8::Local<v8::Value>, parts: [u32; 9]) {
    for (slot, part) in binding::bytes_in_place(target).unwrap_or_default().as_chunks_mut().0.iter_mut().zip(parts) {
        *slot = part.to_ne_bytes();
    }
}

/// `isCanonical(input, parts)`: whether parsing the text gives itself; then `parts` are filled. False says nothing.
fn is_canonical(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(string) = v8::Local::<v8::String>::try_from(args.get(0)) else { return };
    let view = v8::ValueView::new(scope, string);
    let parts = match view.data() {
        v8::ValueViewData::OneByte(text) => canonical::offsets(text),
        v8::ValueViewData::TwoByte(_) => None,
    };
    if let Some(parts) = parts {
        write_parts(args.get(1), parts);
    }
    rv.set_bool(parts.is_some());
}

extern "C" fn fast_is_canonical(
    _: v8::Local<v8::Value>,
    input: *const FastApiOneByteString,
    target: v8::Local<v8::Value>,
) -> bool {
    // SAFETY: V8's argument.
    let parts = canonical::offsets(unsafe { fast_call::characters(input) });
    if let Some(parts) = parts {
        write_parts(target, parts);
    }
    parts.is_some()
}

crate::fast_call!(IS_CANONICAL = fast_is_canonical, (SeqOneByteString, V8Value) -> Bool);

/// `canParse(input, base)`.
fn can_parse(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(parse_arguments(scope, &args).is_some());
}

/// `update(href, part, value, parts)`: as `parse` with one part set; part is a number of [`setters::Part`].
fn update<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, rv: v8::ReturnValue) {
    let href = text(scope, args.get(0));
    let Some(part) = args.get(1).uint32_value(scope).and_then(setters::Part::from_number) else { return };
    let value = text(scope, args.get(2));
    let Some(mut url) = parser::parse(&href, None) else { return };
    setters::set(&mut url, part, &value);
    answer(scope, &url, args.get(3), rv);
}

/// `format(href, fragment, unicode, search, auth)`: the text without the parts whose flag is false.
fn format(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let href = text(scope, args.get(0));
    let Some(mut url) = parser::parse(&href, None) else { return };
    if !args.get(1).is_true() {
        url.fragment = None;
    }
    if args.get(2).is_true() {
        url.host = url.host.map(|host| host::domain_to_unicode(&host));
    }
    if !args.get(3).is_true() {
        url.query = None;
    }
    if !args.get(4).is_true() {
        url.username.clear();
        url.password.clear();
    }
    rv.set(binding::string(scope, &url.write().0));
}

/// The host that setting the hostname of a `ws:` URL would give: what Node takes for a domain.
fn host_of(domain: &str) -> Option<String> {
    let mut url = Record { scheme: "ws".into(), ..Record::default() };
    setters::set(&mut url, setters::Part::Hostname, domain);
    url.host
}

/// `domainToASCII(domain)`: empty where it is none.
fn domain_to_ascii(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let host = host_of(&text(scope, args.get(0))).unwrap_or_default();
    rv.set(binding::string(scope, &host));
}

/// `domainToUnicode(domain)`: empty where it is none.
fn domain_to_unicode(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let host = host_of(&text(scope, args.get(0))).unwrap_or_default();
    rv.set(binding::string(scope, &host::domain_to_unicode(&host)));
}

/// `canonicalHost(name, special)`: the host as a URL with a special scheme, or another, has it; `undefined` where it is none.
fn canonical_host(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let scheme = if args.get(1).is_true() { "https" } else { "x" };
    let mut url = Record { scheme: scheme.into(), ..Record::default() };
    setters::set(&mut url, setters::Part::Hostname, &text(scope, args.get(0)));
    if let Some(host) = url.host {
        rv.set(binding::string(scope, &host));
    }
}

/// `toASCII(name)`: UTS 46 alone, without a URL's rules; empty where it fails.
fn to_ascii(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let name = host::domain_to_ascii(&text(scope, args.get(0))).unwrap_or_default();
    rv.set(binding::string(scope, &name));
}

/// `toUnicode(name)`: what is no Punycode stays.
fn to_unicode(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let name = host::domain_to_unicode(&text(scope, args.get(0)));
    rv.set(binding::string(scope, &name));
}

/// `randomId()`: a version 4 UUID that cannot be guessed, for object URLs.
fn random_id(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let mut bytes = [0u8; 16];
    // SAFETY: the buffer is as long as it says; so few bytes always come whole.
    unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let id = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    rv.set(binding::string(scope, &id));
}

binding!("url", [
    parse => parse,
    canParse => can_parse,
    update => update,
    format => format,
    domainToASCII => domain_to_ascii,
    domainToUnicode => domain_to_unicode,
    canonicalHost => canonical_host,
    toASCII => to_ascii,
    toUnicode => to_unicode,
    randomId => random_id,
    isCanonical => is_canonical,
], fast = [isCanonical => IS_CANONICAL]);
