//! What a worker writes: read in order, split into lines, handed to the log sink.
//!
//! Standard output and error are one pipe. It is read by a task of its own that waits for the sink, so
//! that memory stays bounded whatever a function prints: it waits too.

use std::io;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::unix::pipe::Receiver;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::logging::Logging;
use crate::settings::{LogBatch, LogSink, Machine};

/// What `Invoke` returns of the log at most, in bytes (AWS: "the last 4 KB").
pub(crate) const TAIL: usize = 4096;
/// The longest line: what an event of CloudWatch Logs holds, in bytes.
const MAX_LINE: usize = 262_118;
/// As many bytes are handed on at once.
const BATCH: usize = 64 * 1024;
/// How long a line waits for more at most.
const DELAY: Duration = Duration::from_secs(1);
/// What is read at most before a line of the platform, so that nobody can keep it from being written.
const MAX_DRAINED: usize = 1024 * 1024;

/// The output of one worker.
pub(crate) struct Output {
    orders: mpsc::Sender<Order>,
}

enum Order {
    /// Writes lines of the platform's own behind all that was printed.
    Lines(Vec<String>),
    /// The same, and answers with the end of the log since the last time.
    End(Vec<String>, oneshot::Sender<Vec<u8>>),
    /// Answers with the line that was printed last.
    Last(oneshot::Sender<Vec<u8>>),
}

/// Where the lines of a worker go.
pub(crate) struct Stream {
    pub(crate) group: String,
    pub(crate) stream: String,
    pub(crate) logs: Arc<dyn LogSink>,
    pub(crate) machine: Arc<dyn Machine>,
    /// Which of them there are.
    pub(crate) logging: Logging,
}

impl Output {
    /// Reads `pipe` until all who may write to it have ended and the value is gone.
    pub(crate) fn read(pipe: Receiver, stream: Stream) -> Self {
        let (orders, ordered) = mpsc::channel(1);
        let reader = Reader {
            pipe,
            stream,
            partial: Vec::new(),
            lines: Vec::new(),
            size: 0,
            since: None,
            tail: Vec::new(),
            last: Vec::new(),
        };
        tokio::spawn(reader.run(ordered));
        Self { orders }
    }

    /// Writes lines of the platform's own behind what was printed so far.
    pub(crate) async fn lines(&self, lines: Vec<String>) {
        // The task ends after this value.
        let _ = self.orders.send(Order::Lines(lines)).await;
    }

    /// The same at the end of an invocation.
    ///
    /// # Returns
    ///
    /// The last [`TAIL`] bytes since the last end.
    pub(crate) async fn end(&self, lines: Vec<String>) -> Vec<u8> {
        let (answer, answered) = oneshot::channel();
        let _ = self.orders.send(Order::End(lines, answer)).await;
        answered.await.unwrap_or_default()
    }

    /// The line that was printed last, whether or not it is logged; none if none was.
    pub(crate) async fn last_line(&self) -> Vec<u8> {
        let (answer, answered) = oneshot::channel();
        let _ = self.orders.send(Order::Last(answer)).await;
        answered.await.unwrap_or_default()
    }
}

struct Reader {
    pipe: Receiver,
    stream: Stream,
    /// The line that has not ended.
    partial: Vec<u8>,
    lines: Vec<(i64, String)>,
    /// Bytes in `lines`.
    size: usize,
    /// When the first of `lines` was read.
    since: Option<Instant>,
    tail: Vec<u8>,
    last: Vec<u8>,
}

impl Reader {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut is_open = true;
        loop {
            let due = self.since.map(|since| since + DELAY);
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => break,
                },
                readable = self.pipe.readable(), if is_open => {
                    is_open = readable.is_ok() && !matches!(self.read_once(), Ok(0));
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.flush().await;
                }
            }
            if self.size >= BATCH {
                self.flush().await;
            }
        }
        self.drain().await;
        self.end_line();
        self.flush().await;
    }

    async fn obey(&mut self, order: Order) {
        self.drain().await;
        self.end_line();
        let (lines, answer) = match order {
            Order::Lines(lines) => (lines, None),
            Order::End(lines, answer) => (lines, Some(answer)),
            Order::Last(answer) => {
                let _ = answer.send(self.last.clone());
                return;
            }
        };
        for line in lines {
            self.take_line(line.as_bytes());
        }
        if let Some(answer) = answer {
            let mut tail = mem::take(&mut self.tail);
            tail.drain(..tail.len().saturating_sub(TAIL));
            // Nobody may be waiting any more.
            let _ = answer.send(tail);
            self.flush().await;
        }
    }

    /// Reads what was written by now.
    async fn drain(&mut self) {
        let mut drained = 0;
        while let Ok(read) = self.read_once() {
            drained += read;
            if read == 0 || drained > MAX_DRAINED {
                break;
            }
            if self.size >= BATCH {
                self.flush().await;
            }
        }
    }

    fn read_once(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 16 * 1024];
        let read = self.pipe.try_read(&mut buffer)?;
        let mut rest = buffer.get(..read).unwrap_or_default();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(end);
            self.partial.extend_from_slice(line);
            self.take_printed();
            rest = after.get(1..).unwrap_or_default();
        }
        self.partial.extend_from_slice(rest);
        if self.partial.len() >= MAX_LINE {
            self.end_line();
        }
        Ok(read)
    }

    fn end_line(&mut self) {
        if !self.partial.is_empty() {
            self.take_printed();
        }
    }

    /// Takes a line of the function's, if it is one to be logged.
    fn take_printed(&mut self) {
        let line = mem::take(&mut self.partial);
        if self.stream.logging.shows(&line) {
            self.take_line(&line);
        }
        self.last = line;
    }

    fn take_line(&mut self, line: &[u8]) {
        self.tail.extend_from_slice(line);
        self.tail.push(b'\n');
        if self.tail.len() > 16 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
        let now = self.stream.machine.now_millis();
        for part in line.chunks(MAX_LINE).chain(line.is_empty().then_some(line)) {
            self.size += part.len() + 26;
            let text = String::from_utf8_lossy(part).into_owned();
            self.lines.push((now, text));
        }
        self.since.get_or_insert_with(Instant::now);
    }

    async fn flush(&mut self) {
        self.size = 0;
        self.since = None;
        if self.lines.is_empty() {
            return;
        }
        let batch = LogBatch {
            group: self.stream.group.clone(),
            stream: self.stream.stream.clone(),
            lines: mem::take(&mut self.lines),
        };
        self.stream.logs.write(batch).await;
    }
}
