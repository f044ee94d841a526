//! `internalBinding('http_parser')`: HTTP/1 parsers, fed by JavaScript or straight from a stream.
//!
//! Owns: the calls into JavaScript: one for a whole head, and for a message without a body no other. Does not own: the
//! protocol (`http_parser/machine.rs`), what a request is in Node (`js/internal/http/parser.js`).

mod chars;
mod chunked;
mod head;
mod machine;
mod repeated;
#[cfg(test)]
mod tests;

use super::stream_handle::{Channel, Consumer, call_in_context, find as find_stream};
use crate::{binding, event_loop, tasks};
use machine::{Kind, Machine, Step, flag, lenient};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

struct Calls {
    /// `(parser, method | undefined, url, headers, bits, status, statusMessage)` gives 0, 1 (no body),
    /// 2 (upgrade, no body) or 3 (upgrade, after the body).
    on_head: v8::Global<v8::Function>,
    /// `(parser, arrayBuffer)`
    on_body: v8::Global<v8::Function>,
    /// `(parser, trailers | undefined)`
    on_complete: v8::Global<v8::Function>,
    /// `(parser, code | undefined, reason, bytesParsed, arrayBuffer)`: refused, or upgraded; only for consumed streams.
    on_stop: v8::Global<v8::Function>,
}

/// Parsers by number, and the numbers that are free.
struct Parsers {
    slots: Vec<Option<Rc<Parser>>>,
    free: Vec<u32>,
}

thread_local! {
    static CALLS: RefCell<Option<Rc<Calls>>> = const { RefCell::new(None) };
    static PARSERS: RefCell<Parsers> = const { RefCell::new(Parsers { slots: Vec::new(), free: Vec::new() }) };
}

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    CALLS.take();
}

// Bits of `on_head`, after four each of the version's halves.
const UPGRADE: i32 = 1 << 8;
const KEEP_ALIVE: i32 = 1 << 9;
const BODILESS: i32 = 1 << 10;
const HAS_HOST: i32 = 1 << 11;
const HAS_EXPECT: i32 = 1 << 12;
const REPEATED: i32 = 1 << 13;

/// One connection's parser. JavaScript knows it by a number and reuses it for other connections.
struct Parser {
    machine: RefCell<Machine>,
    object: v8::Global<v8::Object>,
    context: RefCell<v8::Global<v8::Value>>,
    stream: RefCell<Option<Weak<dyn Channel>>>,
    /// Counts uses of this parser, so that one that was freed and taken again inside a callback is seen.
    generation: Cell<u32>,
    paused: Cell<bool>,
    held: RefCell<Vec<u8>>,
    /// Loop time when the current message began, 0 between messages.
    started: Cell<u64>,
    head_done: Cell<bool>,
    executing: Cell<bool>,
}

/// Why [`Parser::execute`] stopped before the end of its input, or that it did not.
enum Outcome {
    Done,
    Stopped {
        failure: Option<machine::Failure>,
        at: usize,
    },
    /// JavaScript threw, or freed the parser.
    Gone,
}

fn calls() -> Rc<Calls> {
    CALLS.with(|c| c.borrow().clone()).expect("http_parser.setup")
}

fn array_buffer<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> v8::Local<'s, v8::Value> {
    crate::array_buffers::from_vec(scope, bytes.to_vec()).into()
}

fn latin1<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> v8::Local<'s, v8::Value> {
    let text = v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal);
    text.unwrap_or_else(|| v8::String::empty(scope)).into()
}

impl Parser {
    /// Calls JavaScript: from the loop with its errors going to the process, or inside a call of JavaScript's with errors
    /// passed on (`None`).
    fn call<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        function: &v8::Global<v8::Function>,
        args: &[v8::Local<'s, v8::Value>],
        from_loop: bool,
    ) -> Option<v8::Local<'s, v8::Value>> {
        if from_loop {
            // Not borrowed during the call: JavaScript may give the parser another context.
            let context = v8::Local::new(scope, &*self.context.borrow());
            return call_in_context(scope, context, function, args);
        }
        let function = v8::Local::new(scope, function);
        let recv = v8::undefined(scope).into();
        function.call(scope, recv, args)
    }

    fn execute(&self, scope: &mut v8::PinScope, input: &[u8], from_loop: bool) -> Outcome {
        let calls = calls();
        let generation = self.generation.get();
        let mut at = 0;
        self.executing.set(true);
        let outcome = loop {
            if self.generation.get() != generation {
                break Outcome::Gone;
            }
            if self.paused.get() {
                self.held.borrow_mut().extend_from_slice(&input[at..]);
                break Outcome::Done;
            }
            v8::scope!(let scope, scope);
            let step = {
                let mut machine = self.machine.borrow_mut();
                let before = machine.in_message;
                let step = machine.run(input, &mut at);
                if machine.in_message && !before {
                    if self.started.get() == 0 {
                        self.started.set(event_loop::current().now().max(1));
                    }
                    self.head_done.set(false);
                }
                step
            };
            match step {
                Step::More => break Outcome::Done,
                Step::Head => {
                    self.head_done.set(true);
                    if !self.tell_head(scope, &calls, from_loop) {
                        break Outcome::Gone;
                    }
                }
                Step::Body(start, end) => {
                    let object = v8::Local::new(scope, &self.object).into();
                    let chunk = array_buffer(scope, &input[start..end]);
                    let called = self.call(scope, &calls.on_body, &[object, chunk], from_loop).is_some();
                    if !called && !from_loop {
                        break Outcome::Gone;
                    }
                    // As in Node, where heads and ends wait for the packet's last event, and pieces of a body do not.
                    if called && from_loop {
                        tasks::drain_between(scope);
                    }
                }
                Step::Complete => {
                    let upgraded = self.machine.borrow().upgrade;
                    if !self.tell_complete(scope, &calls, from_loop) {
                        break Outcome::Gone;
                    }
                    if upgraded && self.generation.get() == generation {
                        break Outcome::Stopped { failure: None, at };
                    }
                }
                Step::Failed(failure) => break Outcome::Stopped { failure: Some(failure), at },
            }
        };
        self.executing.set(false);
        outcome
    }

    fn tell_head(&self, scope: &mut v8::PinScope, calls: &Calls, from_loop: bool) -> bool {
        let (args, bodiless, upgrade) = {
            let machine = self.machine.borrow();
            let request = machine.kind() == Kind::Request;
            let bodiless = machine.is_bodiless() && !machine.upgrade;
            let mut bits = i32::from(machine.major) | i32::from(machine.minor) << 4;
            for (on, bit) in [
                (machine.upgrade, UPGRADE),
                (machine.should_keep_alive(), KEEP_ALIVE),
                (bodiless, BODILESS),
                (machine.flags & flag::HOST != 0, HAS_HOST),
                (machine.flags & flag::EXPECT != 0, HAS_EXPECT),
            ] {
                if on {
                    bits |= bit;
                }
            }
            let none: v8::Local<v8::Value> = v8::undefined(scope).into();
            let object = v8::Local::new(scope, &self.object).into();
            let headers = match repeated::text(scope, &machine.headers) {
                Some(text) => {
                    bits |= REPEATED;
                    text.into()
                }
                None => latin1(scope, &machine.headers),
            };
            let bits = v8::Integer::new(scope, bits).into();
            let args = if request {
                let method = v8::Integer::new(scope, machine.method.into()).into();
                let url = latin1(scope, &machine.url);
                [object, method, url, headers, bits, none, none]
            } else {
                let status = v8::Integer::new(scope, machine.status.into()).into();
                let text = latin1(scope, &machine.status_text);
                [object, none, none, headers, bits, status, text]
            };
            (args, bodiless, machine.upgrade)
        };
        let generation = self.generation.get();
        let answer = self.call(scope, &calls.on_head, &args, from_loop);
        let Some(answer) = answer else { return from_loop };
        if self.generation.get() != generation {
            return true;
        }
        if bodiless {
            // JavaScript has completed the message in the same call, so this one is over.
            self.started.set(0);
        }
        let answer = answer.int32_value(scope).unwrap_or(0);
        let mut machine = self.machine.borrow_mut();
        match answer {
            1 => machine.skip_body(),
            2 => machine.accept_upgrade(),
            3 => {}
            _ if upgrade => machine.refuse_upgrade(),
            _ => {}
        }
        if bodiless && answer != 2 {
            machine.complete_silently();
        }
        true
    }

    fn tell_complete(&self, scope: &mut v8::PinScope, calls: &Calls, from_loop: bool) -> bool {
        self.started.set(0);
        let trailers: v8::Local<v8::Value> = {
            let machine = self.machine.borrow();
            if machine.headers.is_empty() { v8::undefined(scope).into() } else { latin1(scope, &machine.headers) }
        };
        let object = v8::Local::new(scope, &self.object).into();
        self.call(scope, &calls.on_complete, &[object, trailers], from_loop).is_some() || from_loop
    }

    fn tell_stop(&self, scope: &mut v8::PinScope, failure: Option<machine::Failure>, at: usize, input: &[u8]) {
        let object = v8::Local::new(scope, &self.object).into();
        let none: v8::Local<v8::Value> = v8::undefined(scope).into();
        let (code, reason) = match failure {
            Some(failure) => (binding::string(scope, failure.code), binding::string(scope, failure.reason)),
            None => (none, none),
        };
        let at = v8::Integer::new(scope, at as i32).into();
        let input = array_buffer(scope, input);
        self.call(scope, &calls().on_stop, &[object, code, reason, at, input], true);
    }

    fn awaits_upgrade(&self) -> bool {
        let machine = self.machine.borrow();
        machine.upgrade && machine.in_message && self.head_done.get()
    }

    fn execute_from_loop(&self, scope: &mut v8::PinScope, input: &[u8]) {
        // A packet's events happen before the ticks they scheduled, as in Node, but for the pieces of bodies.
        tasks::together(scope, |scope| {
            match self.execute(scope, input, true) {
                Outcome::Stopped { failure, at } => self.tell_stop(scope, failure, at, input),
                // The head of an upgrade whose body has not all come.
                Outcome::Done if self.awaits_upgrade() => self.tell_stop(scope, None, input.len(), input),
                _ => {}
            }
        });
    }
}

impl Consumer for Parser {
    fn data(self: Rc<Self>, scope: &mut v8::PinScope, from: &dyn Channel, data: Result<&[u8], i32>) {
        match data {
            Ok(bytes) => self.execute_from_loop(scope, bytes),
            Err(status) => from.deliver_end(scope, status),
        }
    }
}

fn setup(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let function = |scope: &mut v8::PinScope, i| {
        let f = v8::Local::<v8::Function>::try_from(args.get(i)).expect("http_parser.setup: a function");
        v8::Global::new(scope, f)
    };
    let calls = Calls {
        on_head: function(scope, 0),
        on_body: function(scope, 1),
        on_complete: function(scope, 2),
        on_stop: function(scope, 3),
    };
    CALLS.with(|c| *c.borrow_mut() = Some(Rc::new(calls)));
}

fn find(id: i32) -> Option<Rc<Parser>> {
    PARSERS.with(|p| p.borrow().slots.get(usize::try_from(id).ok()?)?.clone())
}

fn parser_of(scope: &mut v8::PinScope, args: &Args) -> Option<Rc<Parser>> {
    args.get(0).int32_value(scope).and_then(find)
}

/// `create(parser)`: the number of a new parser.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let context = scope.get_continuation_preserved_embedder_data();
    let parser = Rc::new(Parser {
        machine: RefCell::new(Machine::new(Kind::Request, 0, 0)),
        object: v8::Global::new(scope, object),
        context: RefCell::new(v8::Global::new(scope, context)),
        stream: RefCell::default(),
        generation: Cell::new(0),
        paused: Cell::new(false),
        held: RefCell::default(),
        started: Cell::new(0),
        head_done: Cell::new(false),
        executing: Cell::new(false),
    });
    let id = PARSERS.with(|p| {
        let Parsers { slots, free } = &mut *p.borrow_mut();
        match free.pop() {
            Some(id) => {
                slots[id as usize] = Some(parser);
                id
            }
            None => {
                slots.push(Some(parser));
                slots.len() as u32 - 1
            }
        }
    });
    rv.set_int32(id as i32);
}

/// `initialize(id, isResponse, maxHeaderSize, lenientFlags, startClock)`
fn initialize(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(parser) = parser_of(scope, &args) else { return };
    let kind = if args.get(1).is_true() { Kind::Response } else { Kind::Request };
    let limit = args.get(2).number_value(scope).unwrap_or(0.0) as usize;
    let lenient = args.get(3).uint32_value(scope).unwrap_or(0) as u16;
    parser.generation.set(parser.generation.get().wrapping_add(1));
    *parser.machine.borrow_mut() = Machine::new(kind, limit, lenient);
    let context = scope.get_continuation_preserved_embedder_data();
    *parser.context.borrow_mut() = v8::Global::new(scope, context);
    parser.paused.set(false);
    parser.held.borrow_mut().clear();
    // A connection that never sends anything is late too.
    let started = if args.get(4).is_true() { event_loop::current().now().max(1) } else { 0 };
    parser.started.set(started);
    parser.head_done.set(false);
}

/// `setMaxFields(id, n)`: fields that a head may have; 0 is any number.
fn set_max_fields(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(parser) = parser_of(scope, &args) else { return };
    let limit = args.get(1).uint32_value(scope).unwrap_or(0) as usize;
    parser.machine.borrow_mut().max_fields = if limit == 0 { usize::MAX } else { limit };
}

/// `execute(id, view)`: bytes parsed, or `[code | undefined, reason, bytesParsed]` where it stopped.
fn execute(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let (Some(parser), Some(bytes)) = (parser_of(scope, &args), binding::bytes(args.get(1))) else { return };
    // A copy: JavaScript that is called meanwhile could change the buffer.
    let input = bytes.to_vec();
    match parser.execute(scope, &input, false) {
        Outcome::Done => rv.set_int32(input.len() as i32),
        Outcome::Gone => {}
        Outcome::Stopped { failure, at } => rv.set(stopped(scope, failure, at)),
    }
}

fn stopped<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    failure: Option<machine::Failure>,
    at: usize,
) -> v8::Local<'s, v8::Value> {
    let none: v8::Local<v8::Value> = v8::undefined(scope).into();
    let (code, reason) = match failure {
        Some(failure) => (binding::string(scope, failure.code), binding::string(scope, failure.reason)),
        None => (none, none),
    };
    let at = v8::Integer::new(scope, at as i32).into();
    v8::Array::new_with_elements(scope, &[code, reason, at]).into()
}

/// `finish(id)`: the stream has ended; `[code, reason, 0]` where that is in the middle of a message.
fn finish(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(parser) = parser_of(scope, &args) else { return };
    let step = parser.machine.borrow_mut().finish();
    match step {
        Step::Complete => {
            parser.tell_complete(scope, &calls(), false);
        }
        Step::Failed(failure) => rv.set(stopped(scope, Some(failure), 0)),
        _ => {}
    }
}

fn pause(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(parser) = parser_of(scope, &args) {
        parser.paused.set(true);
    }
}

fn resume(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(parser) = parser_of(scope, &args) else { return };
    parser.paused.set(false);
    if parser.held.borrow().is_empty() || parser.executing.get() {
        return;
    }
    let generation = parser.generation.get();
    event_loop::current().enqueue(move |scope| {
        if parser.generation.get() == generation && !parser.paused.get() {
            let input = parser.held.take();
            parser.execute_from_loop(scope, &input);
        }
    });
}

/// `consume(id, streamId, isTls)`: the stream's bytes come straight here.
fn consume(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(parser) = parser_of(scope, &args) else { return };
    let Some(id) = args.get(1).int32_value(scope) else { return };
    let stream: Option<Rc<dyn Channel>> = if args.get(2).is_true() {
        super::tls::find(id).map(|c| c as Rc<dyn Channel>)
    } else {
        find_stream(id).map(|s| s as Rc<dyn Channel>)
    };
    if let Some(stream) = stream {
        *parser.stream.borrow_mut() = Some(Rc::downgrade(&stream));
        stream.set_consumer(Some(parser));
    }
}

impl Parser {
    fn let_go(&self) {
        if let Some(stream) = self.stream.take().and_then(|s| s.upgrade()) {
            stream.set_consumer(None);
        }
    }
}

fn unconsume(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(parser) = parser_of(scope, &args) {
        parser.let_go();
    }
}

/// `reset(id)`: the connection is over; the parser waits for `initialize`.
fn reset(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(parser) = parser_of(scope, &args) {
        parser.let_go();
        parser.generation.set(parser.generation.get().wrapping_add(1));
        parser.started.set(0);
    }
}

/// `free(id)`: the number may be given to another.
fn free(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(id) = args.get(0).int32_value(scope) else { return };
    if let Some(parser) = find(id) {
        parser.let_go();
        parser.generation.set(parser.generation.get().wrapping_add(1));
        PARSERS.with(|p| {
            let mut parsers = p.borrow_mut();
            parsers.slots[id as usize] = None;
            parsers.free.push(id as u32);
        });
    }
}

/// `messageStart(id)`: loop time at which the current message began, negative once its head is complete, 0 between messages.
fn message_start(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(parser) = parser_of(scope, &args) else { return };
    let started = parser.started.get() as f64;
    rv.set_double(if parser.head_done.get() { -started } else { started });
}

/// `duration(id)`-like clock for the same: the loop's time now.
fn now(_: &mut v8::PinScope, _: Args, mut rv: v8::ReturnValue) {
    rv.set_double(event_loop::current().now() as f64);
}

fn constants(scope: &mut v8::PinScope, target: v8::Local<v8::Object>) {
    let target = v8::Local::new(scope, target);
    let methods: Vec<v8::Local<v8::Value>> = chars::METHODS.iter().map(|m| binding::string(scope, m)).collect();
    let methods = v8::Array::new_with_elements(scope, &methods);
    binding::set(scope, target, "methods", methods.into());
    for (name, value) in [
        ("LENIENT_HEADERS", lenient::HEADERS),
        ("LENIENT_CHUNKED_LENGTH", lenient::CHUNKED_LENGTH),
        ("LENIENT_KEEP_ALIVE", lenient::KEEP_ALIVE),
        ("LENIENT_TRANSFER_ENCODING", lenient::TRANSFER_ENCODING),
        ("LENIENT_VERSION", lenient::VERSION),
        ("LENIENT_DATA_AFTER_CLOSE", lenient::DATA_AFTER_CLOSE),
        ("LENIENT_OPTIONAL_LF_AFTER_CR", lenient::OPTIONAL_LF_AFTER_CR),
        ("LENIENT_OPTIONAL_CRLF_AFTER_CHUNK", lenient::OPTIONAL_CRLF_AFTER_CHUNK),
        ("LENIENT_OPTIONAL_CR_BEFORE_LF", lenient::OPTIONAL_CR_BEFORE_LF),
        ("LENIENT_SPACES_AFTER_CHUNK_SIZE", lenient::SPACES_AFTER_CHUNK_SIZE),
        ("LENIENT_HEADER_VALUE_RELAXED", lenient::HEADER_VALUE_RELAXED),
    ] {
        binding::set_number(scope, target, name, f64::from(value));
    }
}

binding!("http_parser", [
    setup => setup,
    create => create,
    initialize => initialize,
    setMaxFields => set_max_fields,
    execute => execute,
    finish => finish,
    pause => pause,
    resume => resume,
    consume => consume,
    unconsume => unconsume,
    reset => reset,
    free => free,
    messageStart => message_start,
    now => now,
], init = constants);
