//! Events to CloudWatch Logs, beside the bucket ("Sending events to CloudWatch Logs", AWS CloudTrail
//! user guide): each goes into a stream of its account and Region, in a session of the trail's role.

use std::collections::BTreeMap;

use api::logs::{
    CreateLogStream, CreateLogStreamRequest, InputLogEvent, PutLogEvents, PutLogEventsRequest,
};
use platform::{Ctx, Error, Passing, Result, RoleSession};
use store::journal::Entry;
use wire::{Fault, Protocol};

use crate::encryption::PRINCIPAL;
use crate::refusals;
use crate::trail::{LogGroup, TrailRecord};

/// CloudWatch Logs takes no larger event; such an event is in the bucket alone.
const MOST_BYTES_OF_ONE: usize = 256 * 1024 - OVERHEAD;
/// What a request may have (PutLogEvents, CloudWatch Logs API reference).
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1_048_576;
const MOST_MILLIS: u64 = 24 * 60 * 60 * 1000;
/// What an event counts beyond its text.
const OVERHEAD: usize = 26;

/// The name of sessions of the role.
const SESSION: &str = "CLOUDWATCHLOGS_DELIVERY_SESSION";

/// The group and role that a request sets, once events can be put there: both or neither.
pub(crate) async fn usable(
    ctx: &Ctx,
    trail: &TrailRecord,
    (arn, role): (String, String),
) -> Result<Option<LogGroup>> {
    match (arn.is_empty(), role.is_empty()) {
        (true, true) => return Ok(None),
        (false, true) => return Err(refusals::group_without_role().into()),
        (true, false) => return Err(refusals::role_without_group().into()),
        (false, false) => {}
    }
    let group = LogGroup { arn, role };
    if group.name(trail).is_none() {
        return Err(refusals::bad_group().into());
    }
    let passing = Passing {
        service: PRINCIPAL,
        resource: None,
    };
    if ctx.pass_role(&group.role, passing).await?.is_none() {
        return Err(refusals::bad_role().into());
    }
    let session = match session(ctx, trail, &group).await {
        Err(Error::Fault(_)) => return Err(refusals::untrusted_role().into()),
        session => session?,
    };
    let writer = Writer {
        ctx,
        session: &session,
        group: group.name(trail).unwrap_or_default(),
    };
    match writer
        .make(stream(trail, &trail.account, &trail.region))
        .await
    {
        Ok(()) => Ok(Some(group)),
        Err(Error::Fault(fault)) if fault.code(Protocol::Json11) == NOT_FOUND => {
            Err(refusals::bad_group().into())
        }
        Err(Error::Fault(_)) => Err(refusals::closed_group().into()),
        Err(internal) => Err(internal),
    }
}

const NOT_FOUND: &str = "ResourceNotFoundException";

/// Events of accounts and Regions.
pub(crate) type Events = BTreeMap<(String, String), Vec<Entry>>;

/// Puts events into the trail's group; gives the error of the call that failed. What is refused is
/// not put later: it is in the bucket.
pub(crate) async fn put(
    ctx: &Ctx,
    (trail, group): (&TrailRecord, &LogGroup),
    events: &Events,
) -> Result<Option<Fault>> {
    let outcome = put_all(ctx, (trail, group), events).await;
    match outcome {
        Ok(()) => Ok(None),
        Err(Error::Fault(fault)) => Ok(Some(fault)),
        Err(internal) => Err(internal),
    }
}

async fn put_all(
    ctx: &Ctx,
    (trail, group): (&TrailRecord, &LogGroup),
    events: &Events,
) -> Result<()> {
    let session = session(ctx, trail, group).await?;
    let writer = Writer {
        ctx,
        session: &session,
        group: group.name(trail).ok_or_else(refusals::bad_group)?,
    };
    for ((account, region), events) in events {
        let stream = stream(trail, account, region);
        for batch in batches(events) {
            writer.put(&stream, batch).await?;
        }
    }
    Ok(())
}

async fn session(ctx: &Ctx, trail: &TrailRecord, group: &LogGroup) -> Result<RoleSession> {
    let role = (group.role.as_str(), SESSION);
    ctx.as_role(PRINCIPAL, role, &trail.arn()).await
}

/// The stream of an account and Region; in those of an organization's trail the organization comes
/// first.
fn stream(trail: &TrailRecord, account: &str, region: &str) -> String {
    let organization = trail.organization.as_ref().map(|id| format!("{id}_"));
    let organization = organization.unwrap_or_default();
    format!("{organization}{account}_CloudTrail_{region}")
}

/// Events by the request, in the order of their times.
fn batches(events: &[Entry]) -> Vec<Vec<&Entry>> {
    let taken = events
        .iter()
        .filter(|event| event.payload.len() <= MOST_BYTES_OF_ONE);
    let mut taken: Vec<_> = taken.collect();
    taken.sort_by_key(|event| (event.now_millis, event.seq));
    let mut batches: Vec<Vec<&Entry>> = Vec::new();
    let (mut bytes, mut first) = (0, 0);
    for event in taken {
        let size = event.payload.len() + OVERHEAD;
        let fits = batches.last().is_some_and(|batch| {
            batch.len() < MOST_EVENTS
                && bytes + size <= MOST_BYTES
                && event.now_millis - first < MOST_MILLIS
        });
        if !fits {
            batches.push(Vec::new());
            (bytes, first) = (0, event.now_millis);
        }
        bytes += size;
        if let Some(batch) = batches.last_mut() {
            batch.push(event);
        }
    }
    batches
}

fn log_event(event: &Entry) -> InputLogEvent {
    InputLogEvent {
        timestamp: i64::try_from(event.now_millis).unwrap_or(i64::MAX),
        message: String::from_utf8_lossy(&event.payload).into_owned(),
    }
}

/// What writes to a group.
struct Writer<'a> {
    ctx: &'a Ctx,
    session: &'a RoleSession,
    group: &'a str,
}

impl Writer<'_> {
    /// Puts events into a stream, which is made if it is not there.
    async fn put(&self, stream: &str, events: Vec<&Entry>) -> Result<()> {
        let request = || PutLogEventsRequest {
            log_group_name: self.group.to_owned(),
            log_stream_name: stream.to_owned(),
            log_events: events.iter().map(|event| log_event(event)).collect(),
            ..PutLogEventsRequest::default()
        };
        let call = self.ctx.in_session(self.session);
        match call.call::<PutLogEvents>(request()).await {
            Err(Error::Fault(fault)) if fault.code(Protocol::Json11) == NOT_FOUND => {
                self.make(stream.to_owned()).await?;
                let call = self.ctx.in_session(self.session);
                call.call::<PutLogEvents>(request()).await?;
            }
            answered => drop(answered?),
        }
        Ok(())
    }

    /// Makes a stream, unless it is there.
    async fn make(&self, stream: String) -> Result<()> {
        let request = CreateLogStreamRequest {
            log_group_name: self.group.to_owned(),
            log_stream_name: stream,
        };
        let call = self.ctx.in_session(self.session);
        match call.call::<CreateLogStream>(request).await {
            Err(Error::Fault(fault))
                if fault.code(Protocol::Json11) == "ResourceAlreadyExistsException" =>
            {
                Ok(())
            }
            made => made.map(drop),
        }
    }
}

impl LogGroup {
    /// The name of the group, if it is one of the trail's own account and Region.
    fn name(&self, trail: &TrailRecord) -> Option<&str> {
        let parts: Vec<_> = self.arn.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", split, "logs", region, account, name]
                if *split == platform::partition(region)
                    && *region == trail.region
                    && *account == trail.account =>
            {
                let name = name.strip_prefix("log-group:")?.strip_suffix(":*")?;
                Some(name).filter(|name| !name.is_empty() && !name.contains(':'))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: u64, now_millis: u64, bytes: usize) -> Entry {
        Entry {
            seq,
            commit_seq: 0,
            now_millis,
            payload: vec![b'x'; bytes],
        }
    }

    #[test]
    fn a_request_has_no_more_than_it_may() {
        let sizes = |events: &[Entry]| {
            let batches = batches(events);
            batches.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(&[]), [0; 0]);
        let day = MOST_MILLIS;
        let later = [event(1, day + 1, 9), event(2, 1, 9), event(3, day, 9)];
        assert_eq!(
            sizes(&later),
            [2, 1],
            "a day is too long, and order is by time"
        );
        let large = [event(1, 1, MOST_BYTES_OF_ONE + 1), event(2, 1, 9)];
        assert_eq!(sizes(&large), [1]);
        let many: Vec<_> = (0..10_001).map(|seq| event(seq, 1, 9)).collect();
        assert_eq!(sizes(&many), [10_000, 1]);
        let heavy: Vec<_> = (0..5).map(|seq| event(seq, 1, MOST_BYTES_OF_ONE)).collect();
        assert_eq!(sizes(&heavy), [4, 1]);
    }
}
