//! Loads modules on all threads until no new one is named. Which thread loads what is left to chance; the result is a map and does not
//! show it.

use super::constants::Known;
use super::link::{Context, Target};
use super::module::{self, Module};
use super::packages::Package;
use super::resolve::{Found, RequestKind};
use crate::progress::Progress;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Syntax trees are walked by recursion, and generated code nests deeply; only touched pages cost memory.
const STACK: usize = 1 << 28;
/// Constants that are made of constants of other modules, which are made of constants of others.
const ROUNDS: usize = 6;

#[derive(Default)]
struct State {
    waiting: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
    done: BTreeMap<PathBuf, Module>,
    /// Threads that are loading something, and may name more.
    busy: usize,
    /// Constants that were known when this round began; nothing is in the first one.
    known: Option<Arc<Known>>,
    /// By package: its dependencies, which were added for unknown requests of either kind.
    dependencies: [HashMap<PathBuf, Vec<PathBuf>>; 2],
}

impl State {
    fn add(&mut self, path: PathBuf) {
        if self.seen.insert(path.clone()) {
            self.waiting.push(path);
        }
    }
}

/// Every module that can be reached from the entry, by real path.
pub fn load_all(context: &Context, progress: &dyn Progress) -> BTreeMap<PathBuf, Module> {
    let state = Mutex::new(State::default());
    let wake = Condvar::new();
    lock(&state).add(context.project.entry.clone());
    let jobs = match context.options.jobs {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        jobs => jobs,
    };
    let mut known = Known::default();
    for _ in 0..ROUNDS {
        round(context, &state, &wake, progress, jobs);
        let mut state = lock(&state);
        let again = known.advance(context.project, &state.done);
        if again.is_empty() {
            break;
        }
        state.waiting = again;
        state.known = Some(Arc::new(known.clone()));
    }
    let mut state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    if state.known.is_some() {
        drop_unreached(context, &mut state);
    }
    state.done
}

/// Loads what waits, and what that names.
fn round(context: &Context, state: &Mutex<State>, wake: &Condvar, progress: &dyn Progress, jobs: usize) {
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let thread = std::thread::Builder::new().stack_size(STACK);
            let started = thread.spawn_scoped(scope, || work(context, state, wake, progress));
            // With one thread at least the work gets done; without any the map stays empty and the entry is reported missing.
            drop(started);
        }
    });
}

fn work(context: &Context, state: &Mutex<State>, wake: &Condvar, progress: &dyn Progress) {
    let mut guard = lock(state);
    loop {
        let Some(path) = guard.waiting.pop() else {
            if guard.busy == 0 {
                wake.notify_all();
                return;
            }
            guard = wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        guard.busy += 1;
        let again = guard.done.contains_key(&path);
        let known = guard.known.clone();
        drop(guard);
        let module = module::load(context, &path, known.as_deref());
        if !again {
            progress.module(&path);
        }
        guard = lock(state);
        for edge in module.edges.values() {
            if let Target::Module(target) = &edge.target {
                guard.add(target.clone());
            }
        }
        for kind in unknown_kinds(&module) {
            for package in context.packages.asked(context.project, &path) {
                if !guard.dependencies[kind as usize].contains_key(&package.folder) {
                    guard.dependencies[kind as usize].insert(package.folder.clone(), Vec::new());
                    drop(guard);
                    let found = dependencies(context, &package, kind);
                    guard = lock(state);
                    found.iter().for_each(|path| guard.add(path.clone()));
                    guard.dependencies[kind as usize].insert(package.folder.clone(), found);
                }
            }
        }
        guard.done.insert(path, module);
        guard.busy -= 1;
        wake.notify_all();
    }
}

/// Drops what only the requests of earlier rounds led to: a request of which more is known means fewer modules.
fn drop_unreached(context: &Context, state: &mut State) {
    let mut todo = vec![context.project.entry.clone()];
    let mut reached = HashSet::new();
    while let Some(path) = todo.pop() {
        let Some(module) = state.done.get(&path).filter(|_| !reached.contains(&path)) else { continue };
        todo.extend(module.edges.values().filter_map(|edge| match &edge.target {
            Target::Module(target) => Some(target.clone()),
            _ => None,
        }));
        for kind in unknown_kinds(module) {
            for package in context.packages.asked(context.project, &path) {
                todo.extend(state.dependencies[kind as usize].get(&package.folder).into_iter().flatten().cloned());
            }
        }
        reached.insert(path);
    }
    state.done.retain(|path, _| reached.contains(path));
}

/// The kinds of requests that may name any package.
fn unknown_kinds(module: &Module) -> impl Iterator<Item = RequestKind> + use<> {
    let has = |kind: &RequestKind| module.unknown.iter().any(|unknown| unknown.kind == *kind && unknown.package);
    [RequestKind::Import, RequestKind::Require].map(|kind| Some(kind).filter(has)).into_iter().flatten()
}

/// The main files of what a package names as dependencies: what a wholly unknown request most likely means.
fn dependencies(context: &Context, package: &Package, kind: RequestKind) -> Vec<PathBuf> {
    let from = package.folder.join("package.json");
    let resolve = |name: &String| match context.resolver.resolve(&from, kind, name) {
        Found::File(path) => Some(path),
        _ => None,
    };
    let names = package.askable(context.project);
    names.iter().filter(|name| !name.starts_with("@types/")).filter_map(resolve).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
