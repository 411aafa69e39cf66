//! The journal's thread: takes everything that waits, one write, one fdatasync, then answers all.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crypto::{SealFailure, SegmentKey};

use super::files::{JournalFiles, SegmentFile};
use super::format::{HEADER_LEN, Header, Position, SEGMENT, append_frame};
use super::{BUSY, Head, Message, Pending, Place, Recovered, Status};
use crate::error::JournalError;
use crate::sealing::Sealer;

/// A write takes no more than this many bytes of payload, give or take one event.
const MAX_WRITE: usize = 4 << 20;

/// How long the writer lets a batch grow for each call under way beside those that wait already, and
/// at most. They have to be many for a batch to be worth waiting for. A write and an fdatasync cost
/// as much for one event as for thirty, and a caller beside many others waits longer for the
/// processor.
const GATHER: Duration = Duration::from_micros(4);
const GATHER_AT_MOST: Duration = Duration::from_micros(500);
/// How long at a time where so many wait already: calls are quick, and soon all of them would wait for
/// the disk, and none for the processor. While many others still stand in line for the processor,
/// nobody loses by another while.
const GATHER_MORE: Duration = Duration::from_micros(150);

/// What the writer begins with.
pub(crate) struct Start {
    pub(crate) files: Arc<dyn JournalFiles>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) status: Arc<Status>,
    pub(crate) recovered: Recovered,
    pub(crate) segment_bytes: u64,
}

/// The running thread. Dropping it finishes what was handed over and ends the thread.
pub(crate) struct JournalThread {
    pub(crate) sender: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl JournalThread {
    pub(crate) fn spawn(start: Start) -> io::Result<Self> {
        let (sender, receiver) = channel();
        let Start {
            files,
            sealer,
            status,
            recovered,
            segment_bytes,
        } = start;
        let mut writer = Writer {
            files,
            sealer,
            status,
            segment_bytes,
            open: None,
            next_segment: recovered.next_segment,
            head: recovered.head,
            last_commit: recovered.last_commit,
            backlog: VecDeque::new(),
            buffer: Vec::new(),
            marked: Vec::new(),
        };
        let builder = std::thread::Builder::new().name("journal".to_owned());
        let thread = builder.spawn(move || writer.run(&receiver))?;
        Ok(Self {
            sender,
            thread: Some(thread),
        })
    }
}

impl Drop for JournalThread {
    fn drop(&mut self) {
        let _ = self.sender.send(Message::Close);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Writer {
    files: Arc<dyn JournalFiles>,
    sealer: Arc<Sealer>,
    status: Arc<Status>,
    segment_bytes: u64,
    open: Option<OpenSegment>,
    next_segment: u64,
    head: Head,
    last_commit: u64,
    /// Events of commits for which there was no room; they go before all others.
    backlog: VecDeque<Pending>,
    buffer: Vec<u8>,
    /// The marked events of the write under way.
    marked: Vec<Place>,
}

struct OpenSegment {
    number: u64,
    file: Box<dyn SegmentFile>,
    key: SegmentKey,
    first_seq: u64,
    length: u64,
}

/// Why a write did not happen.
enum Unwritten {
    /// The disk is full, and what was half written is cut off again.
    NoSpace,
    /// Nothing may be written any more.
    Failed,
}

impl Writer {
    fn run(&mut self, receiver: &Receiver<Message>) {
        let mut waiting = Vec::new();
        let mut size = 0;
        while let Ok(message) = receiver.recv() {
            let mut next = Some(message);
            let mut patience = GATHER_AT_MOST;
            while let Some(Message::Append(pending)) = next {
                size += pending.size();
                waiting.push(pending);
                if size >= MAX_WRITE {
                    next = None;
                    break;
                }
                next = receiver.try_recv().ok();
                if next.is_none() && !patience.is_zero() {
                    patience = self.gather(waiting.len(), patience);
                    next = receiver.try_recv().ok();
                }
            }
            size = 0;
            self.process(&mut waiting);
            match next {
                Some(Message::Drain(done)) => {
                    let _ = done.send(());
                }
                Some(Message::Close) => break,
                Some(Message::Append(_)) | None => {}
            }
        }
        self.finish();
    }

    /// Waits for the events of other calls under way, if they are many; returns how much longer it may
    /// wait for more.
    fn gather(&self, waiting: usize, patience: Duration) -> Duration {
        let others = self.status.calls();
        let others = others.saturating_sub(waiting);
        if others < BUSY {
            return Duration::ZERO;
        }
        let others = u32::try_from(others).unwrap_or(u32::MAX);
        let at_most = match waiting >= BUSY {
            true => patience.min(GATHER_MORE),
            false => patience,
        };
        let time = GATHER.saturating_mul(others).min(at_most);
        std::thread::park_timeout(time);
        patience.saturating_sub(time)
    }

    /// Writes what was left over and what is new, and answers; `batch` is empty afterwards.
    fn process(&mut self, batch: &mut Vec<Pending>) {
        if !self.backlog.is_empty() {
            batch.splice(..0, self.backlog.drain(..));
        }
        if batch.is_empty() {
            return;
        }
        if self.status.has_failed() {
            return answer_all(batch, JournalError::Failed);
        }
        match self.write(batch) {
            Ok(head) => self.succeed(head, batch),
            Err(Unwritten::Failed) => {
                self.status.fail();
                answer_all(batch, JournalError::Failed);
            }
            Err(Unwritten::NoSpace) => {
                // Known before the answer: whoever hears it must not find the way ahead free.
                let kept = batch.iter().filter(|it| it.commit_seq != 0).count();
                self.status.backlog.store(kept as u64, Ordering::Release);
                self.status.is_full.store(true, Ordering::Relaxed);
                batch
                    .iter_mut()
                    .for_each(|pending| pending.answer(Err(JournalError::NoSpace)));
                self.backlog
                    .extend(batch.drain(..).filter(|it| it.commit_seq != 0));
            }
        }
    }

    fn succeed(&mut self, head: Head, batch: &mut Vec<Pending>) {
        let commits = batch.iter().map(|pending| pending.commit_seq);
        self.last_commit = commits.max().unwrap_or_default().max(self.last_commit);
        let mut seq = self.head.seq;
        self.head = head;
        self.status
            .last_commit
            .store(self.last_commit, Ordering::Release);
        self.status.backlog.store(0, Ordering::Release);
        self.status.is_full.store(false, Ordering::Relaxed);
        // Before the head: who finds an event durable must find its mark.
        self.status.marks().note(self.marked.drain(..));
        self.status.head.send_replace(head);
        for mut pending in batch.drain(..) {
            seq += pending.events.len() as u64;
            pending.answer(Ok(seq));
        }
    }

    /// Writes the batch and makes it durable. The head moves only with success.
    fn write(&mut self, batch: &[Pending]) -> Result<Head, Unwritten> {
        let mut segment = match self.open.take() {
            Some(segment) if segment.length < self.segment_bytes => segment,
            Some(full) => {
                self.end(full);
                self.create()?
            }
            None => self.create()?,
        };
        let mut head = self.head;
        self.buffer.clear();
        self.marked.clear();
        for (event, commit_seq) in batch.iter().flat_map(Pending::with_commit) {
            let at = Position {
                seq: head.seq + 1,
                first_seq: segment.first_seq,
                write_first: self.head.seq + 1,
                commit_seq,
            };
            if event.is_marked {
                let offset = segment.length + self.buffer.len() as u64;
                self.marked.push(Place::new(at.seq, segment.number, offset));
            }
            let buffer = &mut self.buffer;
            let hash = append_frame(&segment.key, at, &head.hash, event, buffer);
            head = Head {
                seq: at.seq,
                hash: hash.map_err(|_| Unwritten::Failed)?,
            };
        }
        if let Err(error) = segment.file.write_at(segment.length, &self.buffer) {
            return Err(give_up(segment, &error));
        }
        // After a failed fsync nobody knows what is durable, and a second one that succeeds says
        // nothing about the first: https://www.usenix.org/conference/atc20/presentation/rebello
        segment.file.sync().map_err(|_| Unwritten::Failed)?;
        segment.length += self.buffer.len() as u64;
        self.open = Some(segment);
        Ok(head)
    }

    /// Creates a segment with a fresh salt, so that no nonce is ever used twice.
    fn create(&mut self) -> Result<OpenSegment, Unwritten> {
        let sealed = self.sealer.new_segment();
        let (salt, key) = sealed.map_err(|_: SealFailure| Unwritten::Failed)?;
        let header = Header {
            salt,
            number: self.next_segment,
            previous: self.head.hash,
            first_seq: self.head.seq + 1,
            last_commit: self.last_commit,
        };
        let bytes = header
            .to_bytes(SEGMENT, &key)
            .map_err(|_| Unwritten::Failed)?;
        let file = self
            .files
            .create(self.next_segment)
            .map_err(|error| reason(&error))?;
        let number = self.next_segment;
        self.next_segment += 1;
        let first_seq = header.first_seq;
        let mut segment = OpenSegment {
            number,
            file,
            key,
            first_seq,
            length: 0,
        };
        if let Err(error) = segment.file.write_at(0, &bytes) {
            self.next_segment -= 1;
            return Err(give_up(segment, &error));
        }
        // Durable before any event: a file without a header provably never held one.
        segment.file.sync().map_err(|_| Unwritten::Failed)?;
        segment.length = HEADER_LEN as u64;
        Ok(segment)
    }

    fn finish(&mut self) {
        if let Some(segment) = self.open.take() {
            self.end(segment);
        }
    }

    /// Cuts the zeros off a complete segment.
    fn end(&self, mut segment: OpenSegment) {
        if !self.status.has_failed() && segment.file.truncate(segment.length).is_err() {
            self.status.fail();
        }
    }
}

/// A segment whose write failed is cut after its last good event and not written to again: the
/// same message number must never be sealed twice under one key.
fn give_up(mut segment: OpenSegment, error: &io::Error) -> Unwritten {
    match reason(error) {
        Unwritten::NoSpace if segment.file.truncate(segment.length).is_ok() => Unwritten::NoSpace,
        _ => Unwritten::Failed,
    }
}

fn reason(error: &io::Error) -> Unwritten {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Unwritten::NoSpace,
        _ => Unwritten::Failed,
    }
}

fn answer_all(batch: &mut Vec<Pending>, error: JournalError) {
    for mut pending in batch.drain(..) {
        pending.answer(Err(error));
    }
}
