//! What delivers: reads the journal for each trail, writes log files, and digests of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use platform::{Buckets, Error, Result, Upkeep};
use serde::Deserialize;
use store::journal::{Entry, Reader};
use store::{Key, Txn};
use wire::Timestamp;

use crate::digest::{DigestState, LogFile};
use crate::digest_key::{self, Signer};
use crate::log_file;
use crate::trail::{PendingTrail, TrailRecord};

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

/// Delivers what the trails of all accounts have to deliver; returns how many files that were. What
/// cannot be delivered is tried again the next time, and the trail's status says why.
pub async fn deliver(upkeep: &Upkeep, buckets: &Arc<dyn Buckets>, now: Timestamp) -> Result<usize> {
    let all = Key::new("", "", [] as [&str; 0]);
    let (mut after, mut pending) = (None, Vec::new());
    loop {
        let page = upkeep
            .begin()
            .scan::<PendingTrail>(&all, after.as_ref(), 1000)
            .await?;
        pending.extend(page.rows.into_iter().map(|(_, trail)| trail));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let mut delivered = 0;
    for trail in pending {
        loop {
            let mut txn = upkeep.begin();
            let done = one(upkeep, &mut txn, &trail, (buckets, now)).await?;
            let is_committed = upkeep.commit_part(txn).await?;
            delivered += done.files;
            if !is_committed || !done.has_more {
                break;
            }
        }
    }
    Ok(delivered)
}

/// What one go did.
#[derive(Default)]
struct Done {
    files: usize,
    has_more: bool,
}

async fn one(
    upkeep: &Upkeep,
    txn: &mut Txn,
    pending: &PendingTrail,
    (buckets, now): (&Arc<dyn Buckets>, Timestamp),
) -> Result<Done> {
    let PendingTrail {
        account,
        region,
        name,
    } = pending;
    let place = TrailRecord::place(account, region, name);
    let marker = PendingTrail::place(account, region, name);
    let Some(known) = txn.get::<TrailRecord>(&place).await? else {
        txn.delete::<PendingTrail>(&marker);
        return Ok(Done::default());
    };
    let mut signers = BTreeMap::new();
    for state in known.digests.iter().filter(|state| state.is_due(now)) {
        let signer = digest_key::signer(upkeep, txn, &state.region, now).await?;
        signers.insert(state.region.clone(), signer);
    }
    let (mut trail, buckets) = ((*known).clone(), Arc::clone(buckets));
    let first = trail.ranges.first().map_or(1, |(first, _)| *first);
    let reader = upkeep.journal_reader(first);
    let working = upkeep.blocking(move || {
        let mut work = Work {
            trail: &mut trail,
            buckets: &*buckets,
            now,
        };
        let outcome = work.run(reader, &signers);
        (trail, outcome)
    });
    let (mut trail, outcome) = working.await?;
    let done = match outcome {
        Ok(done) => {
            trail.error = None;
            done
        }
        Err(error) => {
            // Nothing moves on; what was written is written again.
            trail = (*known).clone();
            trail.error = Some("the bucket does not take files".to_owned());
            if let Error::Internal(error) = error {
                tracing::warn!(%error, trail = trail.arn(), "a trail could not deliver");
            }
            Done::default()
        }
    };
    if trail.ranges.is_empty() {
        txn.delete::<PendingTrail>(&marker);
    }
    let has_moved = trail.ranges != known.ranges || trail.error != known.error;
    if has_moved || trail.digest_millis != known.digest_millis {
        txn.put(place, trail);
    }
    Ok(done)
}

struct Work<'a> {
    trail: &'a mut TrailRecord,
    buckets: &'a dyn Buckets,
    now: Timestamp,
}

impl Work<'_> {
    fn run(&mut self, reader: Reader, signers: &BTreeMap<String, Signer>) -> Result<Done> {
        let mut states = std::mem::take(&mut self.trail.digests);
        if !self.trail.is_validated {
            states.clear();
        }
        for state in &mut states {
            if let Some(signer) = signers.get(&state.region) {
                state.deliver(self.trail, signer, self.buckets, self.now)?;
                self.trail.digest_millis = Some(self.now.millis);
            }
        }
        self.trail.digests = states;
        self.events(reader)
    }

    fn events(&mut self, reader: Reader) -> Result<Done> {
        let (by_region, has_more) = self.collect(reader)?;
        let mut done = Done { files: 0, has_more };
        for (region, events) in by_region {
            let file = log_file::deliver(self.trail, &region, &events, self.buckets)?;
            let Some(file) = file else {
                continue;
            };
            done.files += 1;
            self.trail.delivered_millis = Some(self.now.millis);
            if self.trail.is_validated {
                self.note(&region, file);
            }
        }
        Ok(done)
    }

    /// Notes a file for the next digest of its Region.
    fn note(&mut self, region: &str, file: LogFile) {
        let states = &mut self.trail.digests;
        let known = states.iter().position(|state| state.region == region);
        let mut state = match known {
            Some(position) => states.remove(position),
            None => DigestState::new(region, self.now.whole_secs().millis),
        };
        state.files.push(file);
        states.push(state);
    }

    /// The events to deliver, by Region. Moves the trail's ranges on.
    fn collect(&mut self, mut reader: Reader) -> Result<(BTreeMap<String, Vec<Entry>>, bool)> {
        let mut by_region: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        let (mut count, mut bytes) = (0, 0);
        let Some((first, last)) = self.trail.ranges.first().copied() else {
            return Ok((by_region, false));
        };
        let mut next = first;
        let is_over = loop {
            if last.is_some_and(|last| next > last) {
                break true;
            }
            if count >= EVENTS || bytes >= BYTES {
                break false;
            }
            let Some(entry) = reader.next().map_err(Error::internal)? else {
                break false;
            };
            next = entry.seq + 1;
            if last.is_some_and(|last| entry.seq > last) {
                break true;
            }
            let Some(region) = self.region_of(&entry) else {
                continue;
            };
            count += 1;
            bytes += entry.payload.len();
            by_region.entry(region).or_default().push(entry);
        };
        if is_over {
            self.trail.ranges.remove(0);
        } else if let Some((first, _)) = self.trail.ranges.first_mut() {
            *first = next;
        }
        let has_more =
            count >= EVENTS || bytes >= BYTES || is_over && !self.trail.ranges.is_empty();
        Ok((by_region, has_more))
    }

    /// The Region of an event that the trail delivers.
    fn region_of(&self, entry: &Entry) -> Option<String> {
        let event: Event<'_> = serde_json::from_slice(&entry.payload).ok()?;
        let trail = &self.trail;
        let is_here = trail.is_multi_region || event.aws_region == trail.region.as_str();
        let is_global = GLOBAL.contains(&event.event_source) && event.aws_region == "us-east-1";
        let is_wanted = event.recipient_account_id == trail.account.as_str()
            && is_here
            && (trail.has_global_events || !is_global);
        is_wanted.then(|| event.aws_region.to_owned())
    }
}

/// The members of an event that say where it goes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    recipient_account_id: &'a str,
    aws_region: &'a str,
    event_source: &'a str,
}
