//! Message ports: queues that know their siblings, and the ports that this thread owns.
//!
//! A [`Port`] belongs to no thread: it may wait in a message, or in the start options of a worker. A thread that gives it to
//! JavaScript owns it ([`adopt`]): its number is the thread's name for it, and messages wake the thread's loop. To hand a port to
//! another thread take it ([`take`]), send the `Arc<Port>`, and adopt it there.

use super::message::{self, Message};
use crate::event_loop::{self, LoopHandle};
use crate::number_map::NumberMap;
use crate::tasks::Callback;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, Weak};

/// The most messages that one turn of the loop delivers, where no more were there when it began.
const BATCH: usize = 1000;

enum Item {
    Message(Message),
    /// The sibling is gone.
    Close,
}

/// Ports of a thread that have something to deliver, each once.
type Pending = Arc<Mutex<Vec<u32>>>;

/// The thread that owns a port.
struct Owner {
    wake: LoopHandle,
    pending: Pending,
    number: u32,
    /// Whether JavaScript started it.
    receiving: bool,
    /// Whether it is among the pending ones.
    scheduled: bool,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Item>,
    owner: Option<Owner>,
}

impl State {
    /// Notes that the owner has something to deliver, if it wants it; gives the loop that must be told.
    #[must_use]
    fn schedule(&mut self) -> Option<LoopHandle> {
        let owner = self.owner.as_mut()?;
        let wanted = match self.queue.front() {
            None => false,
            Some(Item::Close) => true,
            Some(Item::Message(_)) => owner.receiving,
        };
        if !wanted || std::mem::replace(&mut owner.scheduled, true) {
            return None;
        }
        let mut pending = owner.pending.lock().unwrap();
        pending.push(owner.number);
        (pending.len() == 1).then(|| owner.wake.clone())
    }
}

/// Tells a loop of its ports, when no lock is held that it would wait for.
fn tell(wake: Option<LoopHandle>) {
    if let Some(wake) = wake {
        wake.post(deliver_pending);
    }
}

/// Ports that get each other's messages: the two of a channel, or all of a broadcast channel's name.
struct Group {
    name: Option<String>,
    members: Mutex<Vec<Weak<Port>>>,
}

/// One end.
pub struct Port {
    state: Mutex<State>,
    group: Mutex<Option<Arc<Group>>>,
}

impl Port {
    fn new(group: &Arc<Group>) -> Arc<Port> {
        let port = Arc::new(Port { state: Mutex::default(), group: Mutex::new(Some(group.clone())) });
        group.members.lock().unwrap().push(Arc::downgrade(&port));
        port
    }

    /// The other members of its group.
    fn siblings(self: &Arc<Port>) -> Vec<Arc<Port>> {
        let Some(group) = self.group.lock().unwrap().clone() else { return Vec::new() };
        let members = group.members.lock().unwrap();
        members.iter().filter_map(Weak::upgrade).filter(|p| !Arc::ptr_eq(p, self)).collect()
    }

    fn push(&self, item: Item) {
        let wake = {
            let mut state = self.state.lock().unwrap();
            state.queue.push_back(item);
            state.schedule()
        };
        tell(wake);
    }

    /// Gives the siblings a message. False where the message carries its own target: it is lost, and the channel with it.
    pub fn send(self: &Arc<Port>, message: Message) -> bool {
        let siblings = self.siblings();
        if siblings.iter().any(|sibling| message.carries(sibling)) {
            return false;
        }
        let mut siblings = siblings.into_iter();
        if let Some(first) = siblings.next() {
            for other in siblings {
                other.push(Item::Message(message.clone()));
            }
            first.push(Item::Message(message));
        }
        true
    }

    /// Leaves the group. The other end of a channel closes after the messages that are on their way.
    fn disentangle(&self) {
        let Some(group) = self.group.lock().unwrap().take() else { return };
        let rest: Vec<_> = {
            let mut members = group.members.lock().unwrap();
            members.retain(|member| member.as_ptr() != std::ptr::from_ref(self));
            members.iter().filter_map(Weak::upgrade).collect()
        };
        if group.name.is_none() {
            for sibling in rest {
                sibling.push(Item::Close);
            }
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.disentangle();
    }
}

/// The two ends of a new channel.
pub fn channel() -> (Arc<Port>, Arc<Port>) {
    let group = Arc::new(Group { name: None, members: Mutex::default() });
    (Port::new(&group), Port::new(&group))
}

/// A new member of the broadcast channels of that name in this process.
pub fn broadcast(name: &str) -> Arc<Port> {
    static GROUPS: OnceLock<Mutex<HashMap<String, Weak<Group>>>> = OnceLock::new();
    let mut groups = GROUPS.get_or_init(Mutex::default).lock().unwrap();
    groups.retain(|_, group| group.strong_count() > 0);
    let group = groups.get(name).and_then(Weak::upgrade).unwrap_or_else(|| {
        let group = Arc::new(Group { name: Some(name.to_owned()), members: Mutex::default() });
        groups.insert(name.to_owned(), Arc::downgrade(&group));
        group
    });
    Port::new(&group)
}

/// A port that JavaScript of this thread has.
struct Owned {
    port: Arc<Port>,
    object: v8::Global<v8::Object>,
    emit: Callback,
    /// Closed by JavaScript; it goes in the loop's close phase.
    closing: Cell<bool>,
}

#[derive(Default)]
struct Ports {
    last: u32,
    all: NumberMap<u32, Rc<Owned>>,
    pending: Pending,
}

thread_local! {
    static PORTS: RefCell<Ports> = RefCell::default();
}

fn get(number: u32) -> Option<Rc<Owned>> {
    PORTS.with_borrow(|ports| ports.all.get(&number).cloned())
}

/// Whether this thread has an open port of that number.
pub fn is_open(number: u32) -> bool {
    get(number).is_some_and(|owned| !owned.closing.get())
}

/// Whether this thread has a port of that number, closing or not.
pub fn exists(number: u32) -> bool {
    get(number).is_some()
}

/// Gives the port to the object of this thread; `emit(object, type, value, ports)` delivers. Not started, not ref'd.
pub fn adopt(port: Arc<Port>, object: v8::Global<v8::Object>, emit: Callback) -> u32 {
    emit.alive.set_ref(false);
    let (number, pending) = PORTS.with_borrow_mut(|ports| {
        ports.last += 1;
        let owned = Owned { port: port.clone(), object, emit, closing: Cell::new(false) };
        ports.all.insert(ports.last, Rc::new(owned));
        (ports.last, ports.pending.clone())
    });
    let wake = event_loop::current().handle();
    let wake = {
        let mut state = port.state.lock().unwrap();
        state.owner = Some(Owner { wake, pending, number, receiving: false, scheduled: false });
        state.schedule()
    };
    tell(wake);
    number
}

/// Takes a port from this thread: it waits, with its queue, for who adopts it. Its object gets the event `close`.
pub fn take(number: u32) -> Option<Arc<Port>> {
    let owned = PORTS.with_borrow_mut(|ports| ports.all.remove(&number))?;
    let port = owned.port.clone();
    port.state.lock().unwrap().owner = None;
    event_loop::current().enqueue_close(move |scope| owned.emit_close(scope));
    Some(port)
}

/// Closes a port in the loop's close phase. Until then a delivery that is under way goes on.
pub fn close(number: u32) {
    let Some(owned) = get(number) else { return };
    if owned.closing.replace(true) {
        return;
    }
    event_loop::current().enqueue_close(move |scope| {
        if PORTS.with_borrow_mut(|ports| ports.all.remove(&number)).is_none() {
            return;
        }
        let dropped = {
            let mut state = owned.port.state.lock().unwrap();
            state.owner = None;
            std::mem::take(&mut state.queue)
        };
        drop(dropped);
        owned.port.disentangle();
        owned.emit_close(scope);
    });
}

impl Owned {
    fn emit_close(&self, scope: &mut v8::PinScope) {
        let object = v8::Local::new(scope, &self.object).into();
        let kind = crate::binding::string(scope, "close");
        self.emit.call(scope, &[object, kind]);
    }
}

/// Closes every port of this thread without telling its objects: the thread ends.
pub fn close_all() {
    let all = PORTS.with_borrow_mut(|ports| std::mem::take(&mut ports.all));
    for owned in all.values() {
        let queue = {
            let mut state = owned.port.state.lock().unwrap();
            state.owner = None;
            std::mem::take(&mut state.queue)
        };
        drop(queue);
        owned.port.disentangle();
    }
}

/// Sends a message from an open port; false where it carried its target, `None` where the port is not open.
pub fn post(number: u32, message: Message) -> Option<bool> {
    Some(get(number)?.port.send(message))
}

/// Starts or stops delivery.
pub fn set_receiving(number: u32, on: bool) {
    let Some(owned) = get(number) else { return };
    let wake = {
        let mut state = owned.port.state.lock().unwrap();
        if let Some(owner) = &mut state.owner {
            owner.receiving = on;
        }
        state.schedule()
    };
    tell(wake);
}

/// Whether the port keeps the loop alive.
pub fn set_ref(number: u32, on: bool) {
    if let Some(owned) = get(number) {
        owned.emit.alive.set_ref(on);
    }
}

/// The first message in the queue, whether the port was started or not.
pub fn receive(number: u32) -> Option<Message> {
    let owned = get(number)?;
    let mut state = owned.port.state.lock().unwrap();
    match state.queue.pop_front()? {
        Item::Message(message) => Some(message),
        Item::Close => {
            state.queue.push_front(Item::Close);
            None
        }
    }
}

/// Delivers what the ports of this thread have got; a callback of the loop.
fn deliver_pending(scope: &mut v8::PinScope) {
    let mut pending = PORTS.with_borrow(|ports| std::mem::take(&mut *ports.pending.lock().unwrap()));
    // As libuv looks at its handles.
    pending.sort_unstable();
    for number in pending {
        let Some(owned) = get(number) else { continue };
        if let Some(owner) = &mut owned.port.state.lock().unwrap().owner {
            owner.scheduled = false;
        }
        if !owned.closing.get() {
            deliver(scope, number);
        }
    }
}

/// Delivers what is in the queue of a port.
pub fn deliver(scope: &mut v8::PinScope, number: u32) {
    let Some(owned) = get(number) else { return };
    let state = || owned.port.state.lock().unwrap();
    let limit = state().queue.len().max(BATCH);
    for _ in 0..limit {
        let item = {
            let mut state = state();
            // A listener may have stopped or moved the port.
            let Some(owner) = &state.owner else { return };
            let wanted = owner.receiving || matches!(state.queue.front(), Some(Item::Close));
            if owner.number != number || !wanted {
                return;
            }
            state.queue.pop_front()
        };
        match item {
            None => return,
            Some(Item::Close) => return close(number),
            Some(Item::Message(message)) => {
                v8::scope!(let scope, scope);
                owned.emit_message(scope, message);
            }
        }
    }
    let wake = state().schedule();
    tell(wake);
}

impl Owned {
    /// Calls the listeners of `message`, or of `messageerror` where the value cannot be read here.
    fn emit_message(&self, scope: &mut v8::PinScope, message: Message) {
        let object = v8::Local::new(scope, &self.object);
        // The values of a message are of the context that the port was moved to.
        let own = scope.get_current_context();
        let context = object.get_creation_context(scope).unwrap_or(own);
        let read = if context == own {
            v8::tc_scope!(let tc, scope);
            message::deserialize(tc, message).ok_or_else(|| tc.exception())
        } else {
            let read = {
                let scope = &mut v8::ContextScope::new(scope, context);
                v8::tc_scope!(let tc, scope);
                match message::deserialize(tc, message) {
                    Some((value, ports)) => Ok((v8::Global::new(tc, value), v8::Global::new(tc, ports))),
                    None => Err(tc.exception().map(|e| v8::Global::new(tc, e))),
                }
            };
            match read {
                Ok((value, ports)) => Ok((v8::Local::new(scope, value), v8::Local::new(scope, ports))),
                Err(error) => Err(error.map(|e| v8::Local::new(scope, e))),
            }
        };
        let (failed, value, ports) = match read {
            Ok((value, ports)) => (false, value, ports),
            Err(error) => {
                let none = v8::undefined(scope).into();
                (true, error.unwrap_or(none), none)
            }
        };
        let kind = crate::binding::string(scope, if failed { "messageerror" } else { "message" });
        self.emit.call(scope, &[object.into(), kind, value, ports]);
    }
}
