//! What a commit means, the same for every backend.

use std::sync::Arc;

use crypto::{IntegrityError, SealFailure};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::backend::{Batch, Range, Write};
use crate::error::Contested;
use crate::journal::{Event, Head};
use crate::key::RowId;
use crate::sealing::Sealer;

const STATE: &[u8] = b"state";
const OUTBOX: &[u8] = b"outbox of events";
/// The name of an entry that holds one event, without its length.
const OUTBOX_1: &[u8] = b"outbox";

/// What the store knows of itself; sealed, and written with every commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// The last commit.
    pub(crate) commit_seq: u64,
    /// Number of rows.
    pub(crate) rows: u64,
    /// XOR of the keyed fingerprints of all rows, so that a check of the whole store notices a row
    /// that was changed, removed, or put back.
    pub(crate) digest: u128,
    journal_seq: u64,
    journal_hash: [u8; 32],
}

impl State {
    /// An event that is known to be durable in the journal.
    pub(crate) fn journal_head(&self) -> Head {
        Head {
            seq: self.journal_seq,
            hash: self.journal_hash,
        }
    }

    pub(crate) fn set_journal_head(&mut self, head: Head) {
        (self.journal_seq, self.journal_hash) = (head.seq, head.hash);
    }

    /// The state of the same store without rows.
    pub(crate) fn emptied(self) -> Self {
        Self {
            commit_seq: self.commit_seq,
            ..Self::default()
        }
    }

    pub(crate) fn seal(&self, sealer: &Sealer) -> Result<Vec<u8>, SealFailure> {
        let plaintext = postcard::to_stdvec(self).map_err(|_| SealFailure::TooLong)?;
        sealer.seal_own(STATE, &plaintext)
    }

    pub(crate) fn open(sealer: &Sealer, sealed: &[u8]) -> Result<Self, IntegrityError> {
        let plaintext = sealer.open_own(STATE, sealed)?;
        postcard::from_bytes(&plaintext).map_err(|_| IntegrityError)
    }
}

/// What a row carries in clear: the commit that wrote it (0: absent), and its fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stamp {
    pub(crate) version: u64,
    pub(crate) fingerprint: u128,
}

/// The rows of a backend, inside its transaction.
pub(crate) trait Rows {
    type Error;
    /// Version and fingerprint of a row, zero if it is absent.
    fn stamp(&mut self, index: &[u8]) -> Result<Stamp, Self::Error>;
    /// How many rows a range has, and their highest version.
    fn extent(&mut self, range: &Range) -> Result<(u64, u64), Self::Error>;
    fn put(&mut self, index: &[u8], stamp: Stamp, sealed: &[u8]) -> Result<(), Self::Error>;
    fn delete(&mut self, index: &[u8]) -> Result<(), Self::Error>;
}

/// Why a batch was not applied.
pub(crate) enum Rejected<E> {
    /// What it read has changed; nothing was written.
    Conflict(Contested),
    /// It cannot be sealed; nothing was written.
    Seal(SealFailure),
    /// The backend failed, perhaps half way.
    Backend(E),
}

/// Applies a batch if everything it read still holds, and moves `state` on.
pub(crate) fn apply<R: Rows>(
    batch: &Batch,
    rows: &mut R,
    state: &mut State,
    sealer: &Sealer,
) -> Result<(), Rejected<R::Error>> {
    if let Some(contested) = contested(batch, rows).map_err(Rejected::Backend)? {
        return Err(Rejected::Conflict(contested));
    }
    let version = state.commit_seq + 1;
    let mut sealed = Vec::with_capacity(batch.writes.len());
    for Write { row, plaintext } in &batch.writes {
        let seal = |bytes: &Zeroizing<Vec<u8>>| sealer.seal_row(row, version, bytes);
        sealed.push(
            plaintext
                .as_ref()
                .map(seal)
                .transpose()
                .map_err(Rejected::Seal)?,
        );
    }
    for (Write { row, .. }, sealed) in batch.writes.iter().zip(sealed) {
        write(row, version, sealed.as_deref(), (rows, state), sealer).map_err(Rejected::Backend)?;
    }
    state.commit_seq = version;
    Ok(())
}

/// The first of what the batch read that has changed since.
fn contested<R: Rows>(batch: &Batch, rows: &mut R) -> Result<Option<Contested>, R::Error> {
    for (row, version) in &batch.reads {
        if rows.stamp(&row.index)?.version != *version {
            return Ok(Some(Contested(row.index.clone())));
        }
    }
    for scanned in &batch.ranges {
        if rows.extent(&scanned.range)? != (scanned.count, scanned.last_version) {
            return Ok(Some(scanned.range.contested()));
        }
    }
    Ok(None)
}

fn write<R: Rows>(
    row: &Arc<RowId>,
    version: u64,
    sealed: Option<&[u8]>,
    (rows, state): (&mut R, &mut State),
    sealer: &Sealer,
) -> Result<(), R::Error> {
    let old = rows.stamp(&row.index)?;
    if old.version != 0 {
        state.rows = state.rows.saturating_sub(1);
        state.digest ^= old.fingerprint;
    }
    let Some(sealed) = sealed else {
        return if old.version == 0 {
            Ok(())
        } else {
            rows.delete(&row.index)
        };
    };
    let fingerprint = sealer.fingerprint(&row.index, version, sealed);
    rows.put(
        &row.index,
        Stamp {
            version,
            fingerprint,
        },
        sealed,
    )?;
    state.rows += 1;
    state.digest ^= fingerprint;
    Ok(())
}

/// Seals the events of a commit for the outbox: the time and the length of each, then its payload.
pub(crate) fn seal_events(
    sealer: &Sealer,
    commit_seq: u64,
    events: &[Event],
) -> Result<Vec<u8>, SealFailure> {
    let mut plaintext = Vec::new();
    for event in events {
        plaintext.extend(event.now_millis.to_be_bytes());
        plaintext.extend((event.payload.len() as u64).to_be_bytes());
        plaintext.extend(&event.payload);
    }
    sealer.seal_own(&outbox_name(OUTBOX, commit_seq), &plaintext)
}

pub(crate) fn open_events(
    sealer: &Sealer,
    commit_seq: u64,
    sealed: &[u8],
) -> Result<Vec<Event>, IntegrityError> {
    let Ok(plaintext) = sealer.open_own(&outbox_name(OUTBOX, commit_seq), sealed) else {
        let plaintext = sealer.open_own(&outbox_name(OUTBOX_1, commit_seq), sealed)?;
        let (time, payload) = plaintext.split_first_chunk().ok_or(IntegrityError)?;
        return Ok(vec![event(*time, payload)]);
    };
    let (mut rest, mut events) = (&plaintext[..], Vec::new());
    while !rest.is_empty() {
        let (time, after) = rest.split_first_chunk().ok_or(IntegrityError)?;
        let (length, after) = after.split_first_chunk().ok_or(IntegrityError)?;
        let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|_| IntegrityError)?;
        let (payload, after) = after.split_at_checked(length).ok_or(IntegrityError)?;
        events.push(event(*time, payload));
        rest = after;
    }
    Ok(events)
}

fn event(time: [u8; 8], payload: &[u8]) -> Event {
    Event {
        now_millis: u64::from_be_bytes(time),
        payload: payload.to_vec(),
        // Whether it was is not kept: whoever wants to know looks.
        is_marked: true,
    }
}

fn outbox_name(kind: &[u8], commit_seq: u64) -> Vec<u8> {
    [kind, &commit_seq.to_be_bytes()].concat()
}
