//! The log of trace events: which categories are enabled, the file in Chrome's format.
//!
//! Owns: categories of all threads, writing and closing the file. Does not own: who emits (`js/internal/trace_events/`, the pool).
//!
//! The file is opened by the first event. What is written is kept up to [`KEPT`] bytes; the end of the process writes the rest and the
//! metadata.

use crate::options::{self, Options};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// Events of a file; the next ones go into another.
const PER_FILE: usize = 1 << 19;
/// Bytes that wait to be written.
const KEPT: usize = 1 << 15;
/// What waited so long is written with the next event: a signal may end the process at any time.
const OFTEN: Duration = Duration::from_millis(100);
/// The file's name where no option gives one.
const PATTERN: &str = "node_trace.${rotation}.log";

#[derive(Default)]
struct Log {
    /// Enabled categories, each as often as it was.
    enabled: BTreeMap<String, usize>,
    /// What JavaScript looks at, by category group.
    shown: BTreeMap<String, &'static AtomicU8>,
    pattern: Option<String>,
    file: Option<File>,
    files: u32,
    events: usize,
    waiting: String,
    /// When some of it was, last.
    written: Option<Instant>,
    metadata: Vec<String>,
    closes: bool,
    collectors: Vec<Collector>,
}

/// Who wants events of some categories, but no file: a session of the inspector.
struct Collector {
    number: u32,
    categories: Vec<String>,
    events: Vec<String>,
}

impl Collector {
    fn wants(&self, group: &str) -> bool {
        group.split(',').any(|category| self.categories.iter().any(|wanted| wanted == category))
    }
}

static LOG: Mutex<Option<Log>> = Mutex::new(None);
/// Whether work on the pool is told of: when it is asked for and done, and by the thread that does it.
static POOL: [AtomicBool; 2] = [const { AtomicBool::new(false) }; 2];

/// The groups of [`POOL`].
pub const POOL_GROUPS: [&str; 2] =
    ["node,node.threadpoolwork,node.threadpoolwork.async", "node,node.threadpoolwork,node.threadpoolwork.sync"];

/// One event.
pub struct Event<'a> {
    /// Of the format's phases: `b'B'`, `b'E'`, `b'X'`, ...
    pub phase: u8,
    /// Comma-separated.
    pub group: &'a str,
    pub name: &'a str,
    pub id: Option<u64>,
    /// A JSON object.
    pub args: &'a str,
    /// When, if not now.
    pub at: Option<Stamp>,
    /// From `at` until now.
    pub lasted: bool,
}

/// A moment in microseconds: of the monotonic clock, and of the thread's processor time.
#[derive(Clone, Copy)]
pub struct Stamp {
    pub time: u64,
    pub cpu: u64,
}

impl Stamp {
    /// Now, on this thread.
    pub fn now() -> Self {
        let mut cpu = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: a valid timespec.
        unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut cpu) };
        Stamp { time: crate::milestones::now() / 1000, cpu: cpu.tv_sec as u64 * 1_000_000 + cpu.tv_nsec as u64 / 1000 }
    }
}

fn with<R>(f: impl FnOnce(&mut Log) -> R) -> R {
    f(LOG.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert_default())
}

impl Log {
    /// Whether the file has it.
    fn is_written(&self, group: &str) -> bool {
        group.split(',').any(|category| self.enabled.contains_key(category))
    }

    fn is_enabled(&self, group: &str) -> bool {
        self.is_written(group) || self.collectors.iter().any(|collector| collector.wants(group))
    }

    fn show(&self) {
        for (group, shown) in &self.shown {
            shown.store(u8::from(self.is_enabled(group)), Ordering::Relaxed);
        }
        for (told, group) in POOL.iter().zip(POOL_GROUPS) {
            told.store(self.is_enabled(group), Ordering::Relaxed);
        }
    }

    fn open(&mut self) {
        self.files += 1;
        let pattern = self.pattern.as_deref().unwrap_or(PATTERN);
        let path =
            pattern.replace("${pid}", &std::process::id().to_string()).replace("${rotation}", &self.files.to_string());
        match File::options().write(true).create(true).truncate(true).open(&path) {
            Ok(file) => self.file = Some(file),
            Err(error) => crate::stdio::write_stderr(&format!("Could not open trace file {path}: {error}\n")),
        }
        self.waiting.push_str("{\"traceEvents\":[");
    }

    fn append(&mut self, text: &str) {
        if self.events == 0 {
            self.open();
        } else {
            self.waiting.push(',');
        }
        self.events += 1;
        self.waiting.push_str(text);
        if self.events == PER_FILE {
            self.end();
        } else if self.waiting.len() > KEPT || self.written.is_none_or(|at| at.elapsed() > OFTEN) {
            self.write();
        }
    }

    fn write(&mut self) {
        if let Some(file) = &mut self.file {
            // A disk that is full loses events, not the program.
            let _ = file.write_all(self.waiting.as_bytes());
        }
        self.waiting.clear();
        self.written = Some(Instant::now());
    }

    /// Ends the file.
    fn end(&mut self) {
        self.waiting.push_str("]}");
        self.write();
        self.file = None;
        self.events = 0;
    }
}

/// Appends a JSON string.
pub fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn text_of(event: &Event, thread: i32, at: Stamp, lasted: Stamp) -> String {
    let mut out = format!(
        "{{\"pid\":{},\"tid\":{thread},\"ts\":{},\"tts\":{},\"ph\":\"{}\",\"cat\":",
        std::process::id(),
        at.time,
        at.cpu,
        event.phase as char
    );
    quoted(&mut out, event.group);
    out.push_str(",\"name\":");
    quoted(&mut out, event.name);
    out.push_str(&format!(",\"dur\":{},\"tdur\":{}", lasted.time, lasted.cpu));
    if let Some(id) = event.id {
        out.push_str(&format!(",\"id\":\"0x{id:x}\""));
    }
    out.push_str(",\"args\":");
    out.push_str(event.args);
    out.push('}');
    out
}

fn this_thread() -> i32 {
    // SAFETY: asks for a number.
    unsafe { libc::gettid() }
}

fn stamped(event: &Event) -> String {
    let now = Stamp::now();
    let at = event.at.unwrap_or(now);
    let lasted = if event.lasted {
        Stamp { time: now.time.saturating_sub(at.time), cpu: now.cpu.saturating_sub(at.cpu) }
    } else {
        Stamp { time: 0, cpu: 0 }
    };
    text_of(event, this_thread(), at, lasted)
}

/// Whether one of the categories of `group` is enabled.
pub fn is_enabled(group: &str) -> bool {
    with(|log| log.is_enabled(group))
}

/// Writes an event down, if its group is enabled.
pub fn emit(event: &Event) {
    with(|log| {
        if !log.is_enabled(event.group) {
            return;
        }
        let text = stamped(event);
        if log.is_written(event.group) {
            log.append(&text);
        }
        for collector in log.collectors.iter_mut().filter(|collector| collector.wants(event.group)) {
            collector.events.push(text.clone());
        }
    });
}

/// What a reader is told of the process or this thread; written at the end of each file. `args` is a JSON object.
pub fn describe(name: &str, args: &str) {
    let event = Event { phase: b'M', group: "__metadata", name, id: None, args, at: None, lasted: false };
    with(|log| {
        let text = stamped(&event);
        log.metadata.push(text);
    });
}

/// Enables categories, or takes that back.
pub fn change(categories: &[String], enable: bool) {
    with(|log| {
        for category in categories {
            if enable {
                *log.enabled.entry(category.clone()).or_default() += 1;
            } else if let Some(count) = log.enabled.get_mut(category) {
                *count -= 1;
                if *count == 0 {
                    log.enabled.remove(category);
                }
            }
        }
        log.show();
        if !log.closes {
            log.closes = true;
            crate::exit::at_exit(close);
        }
        if log.enabled.is_empty() {
            log.write();
        }
    });
    crate::v8_trace::change(&enabled());
}

/// What the options say: the categories, the pattern of the files' names.
pub fn start(options: &Options) {
    const EVERYTHING: &str = "v8,node,node.async_hooks";
    let text = |name: &str| match options.values.iter().rfind(|(n, _)| n == name) {
        Some((_, options::Value::Text(text))) => Some(text.as_str()),
        _ => None,
    };
    if let Some(pattern) = text("--trace-event-file-pattern") {
        with(|log| log.pattern = Some(pattern.to_owned()));
    }
    let given = text("--trace-event-categories");
    let Some(given) = given.or_else(|| options.flag("--trace-events-enabled").then_some(EVERYTHING)) else { return };
    let mut categories: Vec<String> = given.split(',').map(|name| name.trim().to_owned()).collect();
    categories.retain(|name| !name.is_empty());
    categories.dedup();
    if !categories.is_empty() {
        change(&categories, true);
    }
}

/// Keeps the events of these categories until [`collected`] is called with the number that this gives.
pub fn collect(categories: Vec<String>) -> u32 {
    let number = with(|log| {
        let number = log.collectors.iter().map(|collector| collector.number).max().unwrap_or(0) + 1;
        log.collectors.push(Collector { number, categories, events: Vec::new() });
        log.show();
        number
    });
    crate::v8_trace::change(&enabled());
    number
}

/// What was collected: a JSON array.
pub fn collected(number: u32) -> String {
    let events = with(|log| {
        let found = log.collectors.iter().position(|collector| collector.number == number);
        let events = found.map(|at| log.collectors.remove(at).events).unwrap_or_default();
        log.show();
        events
    });
    crate::v8_trace::change(&enabled());
    format!("[{}]", events.join(","))
}

/// What [`describe`] was told: a JSON array.
pub fn metadata() -> String {
    with(|log| format!("[{}]", log.metadata.join(",")))
}

/// The enabled categories, by name.
pub fn enabled() -> Vec<String> {
    with(|log| {
        let collected = log.collectors.iter().flat_map(|collector| &collector.categories);
        let all: BTreeSet<&String> = log.enabled.keys().chain(collected).collect();
        all.into_iter().cloned().collect()
    })
}

/// A byte that is 1 while the group is enabled.
pub fn shown(group: String) -> &'static AtomicU8 {
    with(|log| {
        let value = u8::from(log.is_enabled(&group));
        let shown: &'static AtomicU8 =
            log.shown.entry(group).or_insert_with(|| Box::leak(Box::new(AtomicU8::new(value))));
        shown
    })
}

/// V8's threads, which have no JavaScript that could tell of them: by the name that V8 gives them.
fn describe_workers() {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return };
    for task in tasks.flatten() {
        let name = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        let number = task.file_name().to_str().and_then(|n| n.parse::<i32>().ok());
        if let (true, Some(number)) = (name.starts_with("V8 "), number) {
            let args = "{\"name\":\"PlatformWorkerThread\"}";
            let event = Event {
                phase: b'M',
                group: "__metadata",
                name: "thread_name",
                id: None,
                args,
                at: None,
                lasted: false,
            };
            let now = Stamp::now();
            let text = text_of(&event, number, now, Stamp { time: 0, cpu: 0 });
            with(|log| log.metadata.push(text));
        }
    }
}

/// At the process's end.
fn close() {
    let at = |nanoseconds: u64| Stamp { time: nanoseconds / 1000, cpu: Stamp::now().cpu };
    let moment = |name, nanoseconds| {
        let group = "node,node.bootstrap";
        emit(&Event { phase: b'I', group, name, id: None, args: "{}", at: Some(at(nanoseconds)), lasted: false });
    };
    let [start, exit, ..] = crate::event_loop::current().times().all();
    for (name, time) in [("loopStart", start), ("loopExit", exit)] {
        if time > 0 {
            moment(name, time);
        }
    }
    let group = "node,node.environment";
    let now = Some(Stamp::now());
    for name in ["RunCleanup", "AtExit"] {
        emit(&Event { phase: b'X', group, name, id: None, args: "{}", at: now, lasted: true });
    }
    emit(&Event { phase: b'e', group, name: "Environment", id: Some(1), args: "{}", at: None, lasted: false });
    describe_workers();
    with(|log| {
        for text in log.metadata.clone() {
            log.append(&text);
        }
        if log.events > 0 {
            log.end();
        }
        log.enabled.clear();
    });
}

/// One piece of work for the pool: what it is called in the log.
pub struct Work(Option<(&'static str, u64)>);

impl Work {
    /// It is asked for; `name` is what `process.getActiveResourcesInfo()` calls it.
    pub fn asked(name: &'static str, id: u64) -> Self {
        if !POOL.iter().any(|told| told.load(Ordering::Relaxed)) {
            return Work(None);
        }
        let name = match name {
            "" => "zlib",
            name if name.ends_with("REQUEST") || name.ends_with("JOB") => "crypto",
            _ => return Work(None),
        };
        let work = Work(Some((name, id)));
        work.tell(0, b'b', "{}");
        work
    }

    fn tell(&self, group: usize, phase: u8, args: &str) {
        if let Some((name, id)) = self.0 {
            let id = (group == 0).then_some(id);
            emit(&Event { phase, group: POOL_GROUPS[group], name, id, args, at: None, lasted: false });
        }
    }

    /// A thread of the pool does it.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        self.tell(1, b'B', "{}");
        let result = work();
        self.tell(1, b'E', "{}");
        result
    }

    /// The loop has the result.
    pub fn done(&self) {
        self.tell(0, b'e', "{\"result\":0}");
    }
}
