//! Loads modules on all threads until no new one is named. Which thread loads what is left to chance; the result is a map and does not
//! show it.

use super::constants::Known;
use super::link::{Context, Target};
use super::module::{self, Module};
use super::packages::Package;
use super::resolve::{Found, RequestKind};
use crate::disk;
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
    dependencies: HashMap<(PathBuf, Meant), Vec<PathBuf>>,
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
        for meant in meant_by(&module) {
            for package in context.packages.asked(context.project, &path) {
                let key = (package.folder.clone(), meant);
                if !guard.dependencies.contains_key(&key) {
                    guard.dependencies.insert(key.clone(), Vec::new());
                    drop(guard);
                    let found = dependencies(context, &package, meant);
                    guard = lock(state);
                    found.iter().for_each(|path| guard.add(path.clone()));
                    guard.dependencies.insert(key, found);
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
        for meant in meant_by(module) {
            for package in context.packages.asked(context.project, &path) {
                todo.extend(state.dependencies.get(&(package.folder.clone(), meant)).into_iter().flatten().cloned());
            }
        }
        reached.insert(path);
    }
    state.done.retain(|path, _| reached.contains(path));
}

/// What of a dependency a wholly unknown request may mean: its main file, or the programs that its package.json names.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Meant {
    kind: RequestKind,
    programs: bool,
}

/// What the module's unknown requests may mean.
fn meant_by(module: &Module) -> impl Iterator<Item = Meant> + use<> {
    let all = [RequestKind::Import, RequestKind::Require]
        .into_iter()
        .flat_map(|kind| [false, true].map(|programs| Meant { kind, programs }));
    let has = |meant: &Meant| {
        module
            .unknown
            .iter()
            .any(|unknown| unknown.package && unknown.kind == meant.kind && (unknown.manifest || !meant.programs))
    };
    all.filter(has).collect::<Vec<_>>().into_iter()
}

/// What of a package's dependencies a wholly unknown request most likely means.
fn dependencies(context: &Context, package: &Package, meant: Meant) -> Vec<PathBuf> {
    let from = package.folder.join("package.json");
    let resolve = |request: &str| match context.resolver.resolve(&from, meant.kind, request) {
        Found::File(path) => Some(path),
        _ => None,
    };
    let names = package.askable(context.project);
    let names = names.iter().filter(|name| !name.starts_with("@types/"));
    if !meant.programs {
        return names.filter_map(|name| resolve(name)).collect();
    }
    let mut found = Vec::new();
    for manifest in names.filter_map(|name| resolve(&format!("{name}/package.json"))) {
        let Some(package) = manifest.parent().and_then(|folder| context.packages.in_folder(folder)) else { continue };
        let programs = package.programs().into_iter().map(|program| package.folder.join(program));
        found.extend(
            programs.filter_map(|program| disk::canonicalize(&program).ok()).filter(|file| disk::is_file(file)),
        );
        found.push(manifest);
    }
    found
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
