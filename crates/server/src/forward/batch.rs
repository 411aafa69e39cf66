//! Events of the journal that go out together.

use std::borrow::Cow;

use serde::Deserialize;
use store::journal::{Damage, Entry, Reader};

/// How many bytes of events a batch has at most, unless the first one alone has more.
const MOST_BYTES: usize = 1 << 20;

/// Events in the order of the journal.
pub(super) struct Batch(Vec<Entry>);

impl Batch {
    /// The next events, at most `most`; none if there are none yet. It reads files.
    pub(super) fn read(reader: &mut Reader, most: usize) -> Result<Self, Damage> {
        let (mut entries, mut bytes) = (Vec::new(), 0);
        while entries.len() < most && bytes < MOST_BYTES {
            let Some(entry) = reader.next()? else { break };
            bytes += entry.payload.len();
            entries.push(entry);
        }
        Ok(Self(entries))
    }

    #[cfg(test)]
    pub(super) fn of(events: &[(u64, &str)]) -> Self {
        let entry = |(seq, payload): &(u64, &str)| Entry {
            seq: *seq,
            commit_seq: 0,
            now_millis: 1_767_225_600_123,
            payload: payload.as_bytes().to_vec(),
        };
        Self(events.iter().map(entry).collect())
    }

    /// The events.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The number of the first event.
    pub(super) fn first(&self) -> Option<u64> {
        self.0.first().map(|entry| entry.seq)
    }

    /// The number of the last event.
    pub(super) fn last(&self) -> Option<u64> {
        self.0.last().map(|entry| entry.seq)
    }
}

/// What formats outside of the event say about it. What an event lacks is empty.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Described<'a> {
    /// `AwsApiCall`, `AwsServiceEvent`.
    #[serde(borrow)]
    pub(super) event_type: Cow<'a, str>,
    /// `kms.amazonaws.com`.
    #[serde(borrow)]
    pub(super) event_source: Cow<'a, str>,
    /// `Decrypt`.
    #[serde(borrow)]
    pub(super) event_name: Cow<'a, str>,
    /// A UUID.
    #[serde(borrow, rename = "eventID")]
    pub(super) event_id: Cow<'a, str>,
    /// The Region.
    #[serde(borrow)]
    pub(super) aws_region: Cow<'a, str>,
    /// Whose event it is.
    #[serde(borrow)]
    pub(super) recipient_account_id: Cow<'a, str>,
    /// Why the call failed, if it did.
    #[serde(borrow)]
    pub(super) error_code: Option<Cow<'a, str>>,
}

impl<'a> Described<'a> {
    /// What the event says of itself.
    pub(super) fn of(entry: &'a Entry) -> Self {
        serde_json::from_slice(&entry.payload).unwrap_or_default()
    }
}
