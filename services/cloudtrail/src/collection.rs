//! The events that a trail has to deliver next, from the journal.

use std::collections::BTreeMap;

use platform::{Error, Result};
use store::journal::{Entry, Reader};

use crate::encryption::PRINCIPAL;
use crate::event::Event;
use crate::log_file::LogFileWriter;
use crate::log_group::Events;
use crate::trail::TrailRecord;

/// The most events of one go.
const EVENTS: usize = 20_000;
/// The most bytes of them.
const BYTES: usize = 32 << 20;
/// Services that are in no Region; their events are in `us-east-1`.
const GLOBAL: [&str; 3] = [
    "iam.amazonaws.com",
    "organizations.amazonaws.com",
    "sts.amazonaws.com",
];

/// Events of a trail.
pub(crate) struct Collected {
    /// Files by account and Region; those of an organization's trail are of any account.
    pub(crate) files: BTreeMap<(String, String), LogFileWriter>,
    /// The events themselves, if the trail has a log group.
    pub(crate) events: Events,
    /// The trail's ranges from there on.
    pub(crate) ranges: Vec<(u64, Option<u64>)>,
    pub(crate) has_more: bool,
}

/// Reads from the first of the trail's ranges on.
pub(crate) fn collect(trail: &TrailRecord, mut reader: Reader) -> Result<Collected> {
    let mut collected = Collected {
        files: BTreeMap::new(),
        events: Events::new(),
        ranges: trail.ranges.clone(),
        has_more: false,
    };
    let Some((first, last)) = trail.ranges.first().copied() else {
        return Ok(collected);
    };
    let (mut next, mut count, mut bytes) = (first, 0, 0);
    let is_full = |count, bytes| count >= EVENTS || bytes >= BYTES;
    let is_over = loop {
        if last.is_some_and(|last| next > last) {
            break true;
        }
        if is_full(count, bytes) {
            break false;
        }
        let Some(mut entry) = reader.next().map_err(Error::internal)? else {
            break false;
        };
        next = entry.seq + 1;
        if last.is_some_and(|last| entry.seq > last) {
            break true;
        }
        let Some(place) = place_of(trail, &entry) else {
            continue;
        };
        platform::tell(&mut entry.payload);
        count += 1;
        bytes += entry.payload.len();
        let file = collected.files.entry(place.clone());
        file.or_insert_with(|| LogFileWriter::new(trail))
            .push(&entry)?;
        if trail.log_group.is_some() {
            collected.events.entry(place).or_default().push(entry);
        }
    };
    if is_over {
        collected.ranges.remove(0);
    } else if let Some((first, _)) = collected.ranges.first_mut() {
        *first = next;
    }
    collected.has_more = is_full(count, bytes) || is_over && !collected.ranges.is_empty();
    Ok(collected)
}

/// Account and Region of an event that the trail delivers.
fn place_of(trail: &TrailRecord, entry: &Entry) -> Option<(String, String)> {
    let event = Event::read(&entry.payload)?;
    let is_ours = trail.organization.is_some() || event.recipient_account_id == *trail.account;
    (is_ours && is_wanted(trail, entry.seq, &event)).then(|| {
        let account = event.recipient_account_id.into_owned();
        (account, event.aws_region.into_owned())
    })
}

/// Whether the trail delivers the event of this number, if it is of one of its accounts.
pub(crate) fn is_wanted(trail: &TrailRecord, number: u64, event: &Event<'_>) -> bool {
    let is_here = trail.is_multi_region || event.aws_region == *trail.region;
    let is_global = GLOBAL.contains(&&*event.event_source) && event.aws_region == "us-east-1";
    let is_own = event.user_identity.invoked_by.as_deref() == Some(PRINCIPAL);
    is_here
        && (trail.has_global_events || !is_global)
        && (trail.is_recursive || !is_own)
        && !is_notification(event)
        && trail.selectors_at(number).select(event)
}

/// Whether an event is a notification on its way. To AWS that is an event of data; here a trail
/// would deliver it in a file, to be notified of, without end.
fn is_notification(event: &Event<'_>) -> bool {
    let by = event.user_identity.invoked_by.as_deref();
    matches!(
        (by, &*event.event_source, &*event.event_name),
        (Some(PRINCIPAL), "sns.amazonaws.com", "Publish")
            | (
                Some("sns.amazonaws.com"),
                "sqs.amazonaws.com",
                "SendMessage"
            )
    )
}
