//! Measures what workers use, and kills those that use too much.
//!
//! Memory, processes and storage are limits of a worker as a whole, which the kernel knows for groups
//! of its own kind alone that not every program may make. So a thread looks at the busy workers, at
//! their first processes forty times a second, at all five times, and another one at their files
//! once. A worker that stands still between invocations uses no more.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

const PERIOD: Duration = Duration::from_millis(25);
/// All processes are looked at once in so many periods.
const PROCESSES_EVERY: u64 = 8;
const STORAGE_PERIOD: Duration = Duration::from_secs(1);
/// What a file or directory takes at least: they cannot be made without end because they are empty.
const SMALLEST: u64 = 4096;
const IDLE: Duration = Duration::from_secs(1);
/// Processes and threads that a worker may have (AWS: 1,024).
pub(crate) const MAX_PROCESSES: u64 = 1024;

/// What a worker may use, and does.
pub(crate) struct Watched {
    /// The process group, which is the first process's id.
    pub(crate) group: i32,
    /// In bytes.
    pub(crate) memory: u64,
    /// In bytes.
    pub(crate) storage: u64,
    /// The directory it writes to.
    pub(crate) directory: PathBuf,
    is_busy: AtomicBool,
    /// Whether the process group is still the worker's: held while it is killed.
    is_own: Mutex<bool>,
    peak: AtomicU64,
    verdict: AtomicU8,
}

/// What a worker used too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    Memory,
    Processes,
    Storage,
}

/// A worker that is looked at as long as the value is there and has not ended.
pub(crate) struct Watching {
    monitor: Arc<Monitor>,
    worker: Arc<Watched>,
}

impl Watching {
    pub(crate) fn begin(monitor: Arc<Monitor>, worker: Arc<Watched>) -> Self {
        monitor
            .shared
            .lock()
            .insert(worker.group, Arc::clone(&worker));
        monitor.shared.woken.notify_all();
        Self { monitor, worker }
    }

    /// Looks at it no more: its process group may be somebody else's once it was waited for.
    pub(crate) fn end(&self) {
        let is_own = &self.worker.is_own;
        *is_own.lock().unwrap_or_else(PoisonError::into_inner) = false;
        let mut workers = self.monitor.shared.lock();
        // A later worker may have the same id.
        let is_own = |known: &Arc<Watched>| Arc::ptr_eq(known, &self.worker);
        if workers.get(&self.worker.group).is_some_and(is_own) {
            workers.remove(&self.worker.group);
        }
    }

    /// Says whether the worker runs.
    pub(crate) fn set_busy(&self, is_busy: bool) {
        self.worker.is_busy.store(is_busy, Ordering::SeqCst);
        if is_busy {
            self.monitor.shared.woken.notify_all();
        }
    }

    /// The most memory it had, in bytes, as far as it may.
    pub(crate) fn peak(&self) -> u64 {
        self.worker.peak().min(self.worker.memory)
    }

    /// What it was killed for.
    pub(crate) fn excess(&self) -> Option<Excess> {
        self.worker.excess()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.end();
    }
}

/// The threads that look. They end with the value.
pub(crate) struct Monitor {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    workers: Mutex<BTreeMap<i32, Arc<Watched>>>,
    /// There is work.
    woken: Condvar,
    /// There will be none any more.
    ended: Condvar,
}

impl Watched {
    pub(crate) fn new(group: i32, memory: u64, storage: u64, directory: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            group,
            memory,
            storage,
            directory,
            is_busy: AtomicBool::new(true),
            is_own: Mutex::new(true),
            peak: AtomicU64::new(0),
            verdict: AtomicU8::new(0),
        })
    }

    fn excess(&self) -> Option<Excess> {
        match self.verdict.load(Ordering::SeqCst) {
            1 => Some(Excess::Memory),
            2 => Some(Excess::Processes),
            3 => Some(Excess::Storage),
            _ => None,
        }
    }

    /// The most memory it had, in bytes, by what was seen and by the first process's own account.
    fn peak(&self) -> u64 {
        let own = fs::read_to_string(format!("/proc/{}/status", self.group)).unwrap_or_default();
        let highest = own
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        let highest = highest.unwrap_or_default() * 1024;
        self.peak.fetch_max(highest, Ordering::SeqCst).max(highest)
    }

    fn judge(&self, memory: u64) {
        self.peak.fetch_max(memory, Ordering::SeqCst);
        if memory > self.memory {
            self.kill(Excess::Memory);
        }
    }

    fn kill(&self, excess: Excess) {
        let verdict = match excess {
            Excess::Memory => 1,
            Excess::Processes => 2,
            Excess::Storage => 3,
        };
        let _ = self
            .verdict
            .compare_exchange(0, verdict, Ordering::SeqCst, Ordering::SeqCst);
        let is_own = self.is_own.lock().unwrap_or_else(PoisonError::into_inner);
        if *is_own && let Some(group) = Pid::from_raw(self.group) {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Monitor {
    pub(crate) fn start() -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        shared.look("functions-memory", watch)?;
        shared.look("functions-files", watch_files)?;
        Ok(Self { shared })
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.shared.woken.notify_all();
        self.shared.ended.notify_all();
    }
}

impl Shared {
    fn look(self: &Arc<Self>, name: &str, look: fn(&Weak<Self>)) -> std::io::Result<()> {
        let watched = Arc::downgrade(self);
        let thread = thread::Builder::new().name(name.to_owned());
        thread.spawn(move || look(&watched)).map(drop)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<i32, Arc<Watched>>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits so long, or for work if there is none, and tells which workers are busy then.
    ///
    /// Work that comes while there is some wakes nobody: invocations may be much shorter than that.
    fn busy_after(&self, period: Duration) -> Vec<Arc<Watched>> {
        let is_busy = |worker: &&Arc<Watched>| worker.is_busy.load(Ordering::SeqCst);
        let mut workers = self.lock();
        if workers.values().any(|worker| is_busy(&worker)) {
            let waited = self.ended.wait_timeout(workers, period);
            (workers, _) = waited.unwrap_or_else(PoisonError::into_inner);
        } else {
            // Now and then it looks whether it is still wanted.
            let waited = self.woken.wait_timeout(workers, IDLE);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
            return Vec::new();
        }
        workers.values().filter(is_busy).cloned().collect()
    }
}

/// Looks at memory and processes.
fn watch(shared: &Weak<Shared>) {
    let mut tick = 0_u64;
    while let Some(shared) = shared.upgrade() {
        let busy = shared.busy_after(PERIOD);
        tick += 1;
        if tick.is_multiple_of(PROCESSES_EVERY) {
            judge_groups(&busy);
        } else {
            for worker in &busy {
                worker.judge(memory(worker.group).unwrap_or_default().0);
            }
        }
    }
}

/// Looks at files, which takes as long as there are many.
fn watch_files(shared: &Weak<Shared>) {
    while let Some(shared) = shared.upgrade() {
        for worker in shared.busy_after(STORAGE_PERIOD) {
            if used(&worker.directory, worker.storage) > worker.storage {
                worker.kill(Excess::Storage);
            }
        }
    }
}

/// Adds up all processes by their groups.
fn judge_groups(workers: &[Arc<Watched>]) {
    if workers.is_empty() {
        return;
    }
    let mut used: BTreeMap<i32, (u64, u64)> = BTreeMap::new();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in processes {
        let id = process
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let Some((id, (group, threads))) = id.and_then(|id: i32| Some((id, membership(id)?)))
        else {
            continue;
        };
        if workers.iter().all(|worker| worker.group != group) {
            continue;
        }
        let (resident, shared) = memory(id).unwrap_or_default();
        let total = used.entry(group).or_default();
        // What is shared with the first process is not counted again.
        total.0 += if id == group {
            resident
        } else {
            resident.saturating_sub(shared)
        };
        total.1 += threads;
    }
    for worker in workers {
        let (memory, processes) = used.get(&worker.group).copied().unwrap_or_default();
        if processes > MAX_PROCESSES {
            worker.kill(Excess::Processes);
        }
        worker.judge(memory);
    }
}

/// The process group and the number of threads (proc(5), `stat`).
fn membership(id: i32) -> Option<(i32, u64)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before may contain anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let group = fields.nth(2)?.parse().ok()?;
    let threads = fields.nth(14)?.parse().ok()?;
    Some((group, threads))
}

/// Resident memory and the shared part of it, in bytes (proc(5), `statm`).
fn memory(id: i32) -> Option<(u64, u64)> {
    let statm = fs::read_to_string(format!("/proc/{id}/statm")).ok()?;
    let mut fields = statm.split(' ').skip(1);
    let page = rustix::param::page_size() as u64;
    let resident = fields.next()?.parse::<u64>().ok()?;
    let shared = fields.next()?.parse::<u64>().ok()?;
    Some((resident * page, shared * page))
}

/// The bytes that all below `directory` takes on disk, counted up to `enough`. Deeper than a path reaches
/// nobody counts them, so whoever has something there has too much.
fn used(directory: &Path, enough: u64) -> u64 {
    let mut total = 0;
    let mut waiting = vec![directory.to_owned()];
    while let Some(next) = waiting.pop() {
        let entries = match fs::read_dir(next) {
            Err(error) if error.kind() == ErrorKind::InvalidFilename => return u64::MAX,
            entries => entries.into_iter().flatten().flatten(),
        };
        for entry in entries {
            // Links are not followed.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            total += (metadata.blocks() * 512).max(SMALLEST);
            if total > enough {
                return total;
            }
            if metadata.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write as _;

    use rustix::fs::{Mode, OFlags, mkdirat, openat};

    use super::*;

    #[test]
    fn a_process_is_measured() {
        let own = i32::try_from(std::process::id()).unwrap();
        let (resident, shared) = memory(own).unwrap();
        assert!(resident > shared && resident > 100_000);
        let (group, threads) = membership(own).unwrap();
        assert_eq!(group, rustix::process::getpgrp().as_raw_pid());
        assert!((1..MAX_PROCESSES).contains(&threads));
        assert_eq!(memory(i32::MAX), None);
    }

    #[test]
    fn files_are_added_up_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/b"), [1; 100_000]).unwrap();
        std::os::unix::fs::symlink("/usr", folder.path().join("l")).unwrap();
        let total = used(folder.path(), u64::MAX);
        assert!((100_000..200_000).contains(&total), "{total}");
        assert!(used(folder.path(), 1000) > 1000);
        for number in 0..100 {
            fs::write(folder.path().join(number.to_string()), "").unwrap();
        }
        assert!(used(folder.path(), u64::MAX) > total + 100 * 4096 - 1);
    }

    #[test]
    fn sec_w2_no_file_lies_too_deep_to_count() {
        let folder = tempfile::tempdir().unwrap();
        let mut deepest = File::open(folder.path()).unwrap();
        let name = "d".repeat(200);
        for _ in 0..25 {
            mkdirat(&deepest, &*name, Mode::RWXU).unwrap();
            let next = openat(&deepest, &*name, OFlags::DIRECTORY, Mode::empty());
            deepest = next.unwrap().into();
        }
        let flags = OFlags::CREATE | OFlags::WRONLY;
        let file = openat(&deepest, "f", flags, Mode::RWXU).unwrap();
        File::from(file).write_all(&[1; 1_000_000]).unwrap();
        assert!(used(folder.path(), 1_000_000) > 1_000_000);
    }
}
