//! The thread that starts processes and waits for them, and the process that outlives a crash.
//!
//! Workers ask the kernel to be killed when the thread that started them ends, so it is a thread of its
//! own which lives as long as functions are run. What a worker has started in turn is not killed that
//! way: a small process of this program, [`watch`], keeps the process groups of all workers, and
//! kills them when its standard input ends, however the server came to its end.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, BufRead as _, PipeWriter, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;

use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, pidfd_open,
    waitid, waitpgid,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// Starts processes.
#[derive(Clone)]
pub(crate) struct Spawner {
    orders: mpsc::Sender<Order>,
}

enum Order {
    Start {
        specification: Zeroizing<Vec<u8>>,
        output: PipeWriter,
        started: oneshot::Sender<io::Result<Child>>,
    },
    /// Kills the group of a process and waits for it.
    End(Child),
    /// The process was waited for.
    Ended(u32),
}

/// A worker's first process and all that it started. It ends with the value.
pub(crate) struct Process {
    /// Its id, which is the group's too.
    pub(crate) group: Pid,
    child: Option<Child>,
    /// Readable when the first process has ended.
    ended: AsyncFd<OwnedFd>,
    spawner: Spawner,
}

impl Spawner {
    pub(crate) fn start(program: Vec<OsString>) -> io::Result<Self> {
        let (orders, ordered) = mpsc::channel();
        thread::Builder::new()
            .name("functions-spawner".to_owned())
            .spawn(move || obey(&program, &ordered))?;
        Ok(Self { orders })
    }

    /// Starts the confined stage with what it reads, its output going to `output`.
    pub(crate) async fn spawn(
        &self,
        specification: Zeroizing<Vec<u8>>,
        output: PipeWriter,
    ) -> io::Result<Process> {
        let (started, starting) = oneshot::channel();
        let order = Order::Start {
            specification,
            output,
            started,
        };
        let ended = || io::Error::other("the thread that starts processes has ended");
        self.orders.send(order).map_err(|_| ended())?;
        let child = starting.await.map_err(|_| ended())??;
        let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
            return Err(io::Error::other("a process without an id"));
        };
        let watched = pidfd_open(group, PidfdFlags::NONBLOCK).map_err(io::Error::from);
        match watched.and_then(registered) {
            Ok(ended) => Ok(Process {
                group,
                child: Some(child),
                ended,
                spawner: self.clone(),
            }),
            Err(error) => {
                let _ = self.orders.send(Order::End(child));
                Err(error)
            }
        }
    }
}

impl Process {
    /// Waits until the first process has ended. It is not waited for, so its id stays its own.
    pub(crate) async fn ended(&self) {
        // It can only fail with the runtime.
        let _ = self.ended.readable().await;
    }

    /// Whether the first process has ended by now.
    pub(crate) fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.group), options), Ok(None))
    }

    /// Sends a signal to all of the group.
    pub(crate) fn signal(&self, signal: Signal) {
        // All may have ended.
        let _ = kill_process_group(self.group, signal);
    }

    /// Kills all that is left and waits for the first process, which has ended or does so now.
    pub(crate) fn reap(mut self) -> Option<ExitStatus> {
        self.signal(Signal::KILL);
        let mut child = self.child.take()?;
        let status = child.wait().ok();
        wait_for_group(self.group);
        let _ = self.spawner.orders.send(Order::Ended(child.id()));
        status
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            self.signal(Signal::KILL);
            let _ = self.spawner.orders.send(Order::End(child));
        }
    }
}

/// Whether workers may have mounts of their own, which is tried once.
pub(crate) fn can_mount(program: &[OsString]) -> bool {
    let tried = command(program, "probe").and_then(|mut command| {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
    });
    tried.is_ok_and(|status| status.success())
}

/// Keeps process groups that are written to standard input, one a line with `+` or `-` before it, and
/// kills those that are left when it ends.
pub(crate) fn watch() -> ExitCode {
    let mut groups = BTreeSet::new();
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else {
            break;
        };
        let (sign, group) = line.split_at_checked(1).unwrap_or_default();
        match (sign, group.parse::<i32>()) {
            ("+", Ok(group)) => _ = groups.insert(group),
            ("-", Ok(group)) => _ = groups.remove(&group),
            _ => {}
        }
    }
    for group in groups.into_iter().filter_map(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    ExitCode::SUCCESS
}

fn obey(program: &[OsString], orders: &mpsc::Receiver<Order>) {
    let mut groups = Groups::default();
    for order in orders {
        match order {
            Order::Start {
                specification,
                output,
                started,
            } => {
                let child = groups
                    .watcher(program)
                    .and_then(|()| spawn(program, &specification, output));
                if let Ok(child) = &child {
                    groups.add(child.id());
                }
                // Nobody waits any more: it must not be left to itself.
                if let Err(Ok(child)) = started.send(child) {
                    groups.end(child);
                }
            }
            Order::End(child) => groups.end(child),
            Order::Ended(group) => groups.remove(group),
        }
    }
}

/// Starts a confined stage in a group of its own and tells it what to run.
fn spawn(program: &[OsString], specification: &[u8], output: PipeWriter) -> io::Result<Child> {
    let errors = output.try_clone()?;
    let mut child = command(program, "run")?
        .stdin(Stdio::piped())
        .stdout(output)
        .stderr(errors)
        .spawn()?;
    let told = child
        .stdin
        .take()
        .map_or(Ok(()), |mut stdin| stdin.write_all(specification));
    if let Err(error) = told {
        let _ = child.kill();
        let _ = child.wait();
        return Err(error);
    }
    Ok(child)
}

#[expect(
    deprecated,
    reason = "unsound for types that report a descriptor which is not theirs; this one owns its own"
)]
fn registered(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(fd, Interest::READABLE)
}

/// This program's hidden command, which inherits nothing of the environment.
fn command(program: &[OsString], stage: &str) -> io::Result<Command> {
    let (program, arguments) = program
        .split_first()
        .ok_or_else(|| io::Error::other("no program to confine functions with"))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg(stage)
        .env_clear()
        .current_dir("/")
        .process_group(0);
    Ok(command)
}

fn wait_for_group(group: Pid) {
    // Where this is the first process of a container, what workers leave behind comes here.
    while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
}

/// The groups of all workers, and the process that kills them after a crash.
#[derive(Default)]
struct Groups {
    living: BTreeSet<u32>,
    watcher: Option<(Child, ChildStdin)>,
}

impl Groups {
    /// Makes sure that the watching process is there.
    fn watcher(&mut self, program: &[OsString]) -> io::Result<()> {
        if let Some((child, _)) = &mut self.watcher {
            if child.try_wait()?.is_none() {
                return Ok(());
            }
            self.watcher = None;
        }
        let mut child = command(program, "watch")?
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(stdin) = child.stdin.take() {
            self.watcher = Some((child, stdin));
        }
        let living: Vec<u32> = self.living.iter().copied().collect();
        for group in living {
            self.tell('+', group);
        }
        Ok(())
    }

    fn add(&mut self, group: u32) {
        self.living.insert(group);
        self.tell('+', group);
    }

    fn remove(&mut self, group: u32) {
        self.living.remove(&group);
        self.tell('-', group);
    }

    fn end(&mut self, mut child: Child) {
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = child.wait();
        group.into_iter().for_each(wait_for_group);
        self.remove(child.id());
    }

    fn tell(&mut self, sign: char, group: u32) {
        if let Some((_, stdin)) = &mut self.watcher {
            // A watcher that has gone is replaced with the next worker.
            let _ = writeln!(stdin, "{sign}{group}");
        }
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        if let Some((mut child, stdin)) = self.watcher.take() {
            drop(stdin);
            let _ = child.wait();
        }
    }
}
