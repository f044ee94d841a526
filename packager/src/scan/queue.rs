//! Loads modules on all threads until no new one is named. Which thread loads what is left to chance; the result is a map and does not
//! show it.

use super::link::{Context, Target};
use super::module::{self, Module};
use super::packages::Package;
use super::resolve::{Found, RequestKind};
use crate::progress::Progress;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Syntax trees are walked by recursion, and generated code nests deeply; only touched pages cost memory.
const STACK: usize = 1 << 28;

#[derive(Default)]
struct State {
    waiting: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
    done: BTreeMap<PathBuf, Module>,
    /// Threads that are loading something, and may name more.
    busy: usize,
    /// Packages whose dependencies were added for unknown requests of either kind.
    dependencies: [HashSet<PathBuf>; 2],
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
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let thread = std::thread::Builder::new().stack_size(STACK);
            let started = thread.spawn_scoped(scope, || work(context, &state, &wake, progress));
            // With one thread at least the work gets done; without any the map stays empty and the entry is reported missing.
            drop(started);
        }
    });
    state.into_inner().unwrap_or_else(PoisonError::into_inner).done
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
        drop(guard);
        let module = module::load(context, &path);
        progress.module(&path);
        guard = lock(state);
        for edge in module.edges.values() {
            if let Target::Module(target) = &edge.target {
                guard.add(target.clone());
            }
        }
        for kind in [RequestKind::Import, RequestKind::Require] {
            let wanted = module.unknown.iter().any(|unknown| unknown.kind == kind && unknown.package);
            if !wanted {
                continue;
            }
            for package in context.packages.asked(context.project, &path) {
                if guard.dependencies[kind as usize].insert(package.folder.clone()) {
                    drop(guard);
                    let found = dependencies(context, &package, kind);
                    guard = lock(state);
                    found.into_iter().for_each(|path| guard.add(path));
                }
            }
        }
        guard.done.insert(path, module);
        guard.busy -= 1;
        wake.notify_all();
    }
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
