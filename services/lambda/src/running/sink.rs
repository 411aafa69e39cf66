//! What functions print, on its way to CloudWatch Logs ("Sending Lambda function logs to CloudWatch
//! Logs"): with the permissions of the function's role. A role that may not log has no logs.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use api::logs::{
    CreateLogGroup, CreateLogGroupRequest, CreateLogStream, CreateLogStreamRequest, InputLogEvent,
    PutLogEvents, PutLogEventsRequest,
};
use functions::{LogBatch, LogSink, Machine};
use platform::{Ctx, Error, OwnWork, Result, RoleSession};
use wire::{Callable, Protocol};

use super::Run;
use crate::roles::PRINCIPAL;

/// The most events of a request (PutLogEvents).
const MOST_EVENTS: usize = 10_000;
/// The most bytes of its events.
const MOST_BYTES: usize = 1_048_576;
/// What an event counts beside its text, in bytes.
const OVERHEAD: usize = 26;
/// How often lines are written anew because another call committed first.
const ATTEMPTS: usize = 16;

/// Where the logs of a version go.
pub(super) struct Sink {
    work: OwnWork,
    machine: Arc<dyn Machine>,
    region: String,
    session: Mutex<Arc<RoleSession>>,
}

impl Sink {
    pub(super) fn new(
        work: &OwnWork,
        machine: &Arc<dyn Machine>,
        run: &Run,
        session: RoleSession,
    ) -> Self {
        Self {
            work: work.clone(),
            machine: Arc::clone(machine),
            region: run.place.region.clone(),
            session: Mutex::new(Arc::new(session)),
        }
    }

    /// Writes in the session of `other` from now on.
    pub(super) fn renew(&self, other: &Self) {
        let session = other.session();
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }

    /// The session that it writes in.
    pub(super) fn session(&self) -> Arc<RoleSession> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&session)
    }

    /// Writes until it is committed. What the role may not write, nobody writes.
    async fn put(&self, place: (&str, &str), events: &[InputLogEvent]) {
        for _ in 0..ATTEMPTS {
            let Ok(ctx) = self.work.begin(PRINCIPAL, &self.region) else {
                return;
            };
            let writer = Writer {
                ctx: &ctx,
                session: &self.session(),
                place,
            };
            // Why it fails is on record.
            let _ = writer.put(events).await;
            if self.work.commit(ctx).await.unwrap_or(true) {
                return;
            }
        }
    }
}

impl LogSink for Sink {
    fn write(&self, batch: LogBatch) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            // Lines have the machine's time; groups expire by the program's, which may be moved.
            let ahead = self.work.now().millis - self.machine.now_millis();
            let (group, stream) = (batch.group, batch.stream);
            for events in batches(batch.lines, ahead) {
                self.put((&group, &stream), &events).await;
            }
        })
    }
}

/// Lines by the request, in the order of their times.
fn batches(mut lines: Vec<(i64, String)>, ahead: i64) -> Vec<Vec<InputLogEvent>> {
    lines.sort_by_key(|(millis, _)| *millis);
    let (mut batches, mut bytes): (Vec<Vec<InputLogEvent>>, _) = (Vec::new(), 0);
    for (millis, mut message) in lines {
        message.push('\n');
        let size = message.len() + OVERHEAD;
        let has_room = bytes + size <= MOST_BYTES;
        let event = InputLogEvent {
            timestamp: millis + ahead,
            message,
        };
        match batches.last_mut() {
            Some(batch) if has_room && batch.len() < MOST_EVENTS => {
                bytes += size;
                batch.push(event);
            }
            _ => {
                bytes = size;
                batches.push(vec![event]);
            }
        }
    }
    batches
}

/// What writes to a stream.
struct Writer<'a> {
    ctx: &'a Ctx,
    session: &'a RoleSession,
    place: (&'a str, &'a str),
}

impl Writer<'_> {
    /// Writes events; the group and the stream are made if they are not there.
    async fn put(&self, events: &[InputLogEvent]) -> Result<()> {
        let (group, stream) = self.place;
        let request = || PutLogEventsRequest {
            log_group_name: group.to_owned(),
            log_stream_name: stream.to_owned(),
            log_events: events.iter().map(copy).collect(),
            ..PutLogEventsRequest::default()
        };
        let is_absent = |error: &Error| is(error, "ResourceNotFoundException");
        match self.call::<PutLogEvents>(request()).await {
            Err(error) if is_absent(&error) => {}
            answered => return answered.map(drop),
        }
        let new_stream = || CreateLogStreamRequest {
            log_group_name: group.to_owned(),
            log_stream_name: stream.to_owned(),
        };
        if let Err(error) = self.make::<CreateLogStream>(new_stream()).await {
            if !is_absent(&error) {
                return Err(error);
            }
            let new_group = CreateLogGroupRequest {
                log_group_name: group.to_owned(),
                ..CreateLogGroupRequest::default()
            };
            self.make::<CreateLogGroup>(new_group).await?;
            self.make::<CreateLogStream>(new_stream()).await?;
        }
        self.call::<PutLogEvents>(request()).await.map(drop)
    }

    /// Makes something, unless it is there.
    async fn make<O: Callable>(&self, request: O::Input) -> Result<()> {
        match self.call::<O>(request).await {
            Err(error) if is(&error, "ResourceAlreadyExistsException") => Ok(()),
            answered => answered.map(drop),
        }
    }

    async fn call<O: Callable>(&self, request: O::Input) -> Result<O::Output> {
        self.ctx.in_session(self.session).call::<O>(request).await
    }
}

fn is(error: &Error, code: &str) -> bool {
    matches!(error, Error::Fault(fault) if fault.code(Protocol::Json11) == code)
}

fn copy(event: &InputLogEvent) -> InputLogEvent {
    InputLogEvent {
        timestamp: event.timestamp,
        message: event.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_no_more_than_it_may() {
        let lines = |count: usize, size: usize| -> Vec<_> {
            (0..count).map(|at| (at as i64, "x".repeat(size))).collect()
        };
        let sizes =
            |batches: Vec<Vec<InputLogEvent>>| -> Vec<_> { batches.iter().map(Vec::len).collect() };
        assert_eq!(sizes(batches(Vec::new(), 0)), [0; 0]);
        assert_eq!(sizes(batches(lines(10_001, 1), 0)), [10_000, 1]);
        assert_eq!(sizes(batches(lines(5, 262_117), 0)), [4, 1]);
    }

    #[test]
    fn lines_are_in_the_order_of_the_programs_time() {
        let lines = vec![(7, "b".to_owned()), (5, String::new()), (7, "c".to_owned())];
        let batches = batches(lines, 1000);
        let events = batches.into_iter().flatten();
        let events: Vec<_> = events.map(|it| (it.timestamp, it.message)).collect();
        let expected = [(1005, "\n"), (1007, "b\n"), (1007, "c\n")];
        assert_eq!(events, expected.map(|(at, text)| (at, text.to_owned())));
    }
}
