//! What delivers: reads the journal for each trail, writes log files, and digests of them.
//!
//! A go is one transaction. It notes what was delivered once all of it lies in the bucket; what
//! fails or is interrupted is delivered again, under the same keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use platform::{BucketObject, Buckets, Ctx, Error, Result, Upkeep};
use store::Key;
use wire::{Protocol, Timestamp};

use crate::collection::{Collected, collect};
use crate::digest::DigestState;
use crate::digest_key::{self, Signer};
use crate::encryption::{self, PRINCIPAL};
use crate::log_group::{self, Events};
use crate::notification;
use crate::trail::{PendingTrail, TrailRecord};

/// Delivers what the trails of all accounts have to deliver; returns how many log files that were.
/// What cannot be delivered is tried again the next time, and the trail's status says why.
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
            let done = one(upkeep, &trail, (&**buckets, now)).await?;
            delivered += done.files;
            if !done.has_more {
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
    pending: &PendingTrail,
    (buckets, now): (&dyn Buckets, Timestamp),
) -> Result<Done> {
    let PendingTrail {
        account,
        region,
        name,
    } = pending;
    let ctx = upkeep.ctx(PRINCIPAL, region, now)?;
    let place = TrailRecord::place(account, region, name);
    let Some(known) = ctx.get::<TrailRecord>(&place).await? else {
        let marker = PendingTrail::place(account, region, name);
        ctx.delete::<PendingTrail>(&marker).await;
        upkeep.commit_ctx(ctx, &[]).await?;
        return Ok(Done::default());
    };
    let go = Go {
        ctx: &ctx,
        upkeep,
        buckets,
    };
    let (mut trail, mut done) = match go.run(&known).await? {
        Ok((trail, done)) => (trail, done),
        // Nothing moves on; what was written is written again.
        Err(code) => {
            tracing::warn!(code, trail = known.arn(), "a trail could not deliver");
            let mut trail = TrailRecord::clone(&known);
            trail.error = Some(code);
            (trail, Done::default())
        }
    };
    if !trail.is_logging() && trail.ranges.is_empty() {
        // The chain ends with the digest of the last hour.
        trail.digests.retain(|state| !state.files.is_empty());
    }
    let has_moved = trail.ranges != known.ranges || trail.error != known.error;
    if has_moved || trail.digest_millis != known.digest_millis || !trail.has_work() {
        trail.put(&ctx).await;
    }
    if !upkeep.commit_ctx(ctx, &[]).await? {
        done.has_more = false;
    }
    Ok(done)
}

/// One go of one trail.
struct Go<'a> {
    ctx: &'a Ctx,
    upkeep: &'a Upkeep,
    buckets: &'a dyn Buckets,
}

impl Go<'_> {
    /// Delivers; the trail as it is then, or the code of what is in the way.
    async fn run(
        &self,
        known: &TrailRecord,
    ) -> Result<std::result::Result<(TrailRecord, Done), String>> {
        let now = self.ctx.now;
        let first = known.ranges.first().map_or(1, |(first, _)| *first);
        let (reader, trail) = (self.upkeep.journal_reader(first), known.clone());
        let collecting = self.upkeep.unhurried(move || collect(&trail, reader));
        let mut collected = collecting.await??;
        self.keep_members(known, &mut collected).await?;
        let mut signers = BTreeMap::new();
        for state in known.digests.iter().filter(|state| state.is_due(now)) {
            let signer = digest_key::signer(self.ctx, self.upkeep, &state.region).await?;
            signers.insert(state.region.clone(), signer);
        }
        let has_more = collected.has_more;
        let trail = known.clone();
        let writing = self
            .upkeep
            .unhurried(move || write(trail, collected, &signers, now));
        let (mut trail, files, objects, events) = writing.await??;
        if let Err(code) = self.put(&trail, objects).await? {
            return Ok(Err(code));
        }
        self.log(&mut trail, &events).await?;
        notification::tell(self.ctx, &mut trail, &files).await?;
        trail.error = None;
        let files = files.len();
        Ok(Ok((trail, Done { files, has_more })))
    }

    /// Puts the events into the trail's log group, if it has one.
    async fn log(&self, trail: &mut TrailRecord, events: &Events) -> Result<()> {
        let Some(group) = trail.log_group.clone().filter(|_| !events.is_empty()) else {
            return Ok(());
        };
        let refused = log_group::put(self.ctx, (trail, &group), events).await?;
        trail.log_error = refused.map(|fault| fault.code(Protocol::Json11).to_owned());
        if trail.log_error.is_none() {
            trail.logged_millis = Some(self.ctx.now.millis);
        }
        Ok(())
    }

    /// Drops the events of accounts that are not in the trail's organization.
    async fn keep_members(&self, trail: &TrailRecord, collected: &mut Collected) -> Result<()> {
        let Some(organization) = trail.organization.as_deref() else {
            return Ok(());
        };
        let accounts: BTreeSet<_> = collected.files.keys().map(|it| it.0.clone()).collect();
        for account in accounts {
            let membership = self.ctx.membership(&account).await?;
            if membership.is_none_or(|it| it.organization_id != organization) {
                collected.files.retain(|(known, _), _| *known != account);
                collected.events.retain(|(known, _), _| *known != account);
            }
        }
        Ok(())
    }

    /// Puts all objects into the bucket, encrypted if the trail has a key.
    async fn put(
        &self,
        trail: &TrailRecord,
        mut objects: Vec<BucketObject>,
    ) -> Result<std::result::Result<(), String>> {
        if let Some(key) = trail.kms_key.as_ref().filter(|_| !objects.is_empty()) {
            if self.buckets.encrypts() {
                let keys = objects.iter_mut().map(|object| &mut object.kms_key);
                keys.for_each(|place| *place = Some(key.clone()));
            } else {
                match encryption::seal(self.ctx, (key, &trail.arn()), &mut objects).await {
                    Ok(()) => {}
                    Err(Error::Fault(fault)) => {
                        return Ok(Err(format!("KMS.{}", fault.code(Protocol::Json11))));
                    }
                    Err(internal @ Error::Internal(_)) => return Err(internal),
                }
            }
        }
        for object in objects {
            if let Err(failure) = self.buckets.put(object).await {
                tracing::warn!(%failure, "a bucket does not take a file");
                return Ok(Err(failure.code));
            }
        }
        Ok(Ok(()))
    }
}

/// The digests of the hours that are over, and the log files of what was collected; the trail as it
/// is once they are delivered, and the keys of the log files.
fn write(
    mut trail: TrailRecord,
    collected: Collected,
    signers: &BTreeMap<String, Signer>,
    now: Timestamp,
) -> Result<(TrailRecord, Vec<String>, Vec<BucketObject>, Events)> {
    let mut objects = Vec::new();
    let mut states = std::mem::take(&mut trail.digests);
    for state in &mut states {
        if let Some(signer) = signers.get(&state.region) {
            objects.extend(state.deliver(&trail, signer, now)?);
            trail.digest_millis = Some(now.millis);
        }
    }
    trail.digests = states;
    trail.ranges = collected.ranges;
    let mut files = Vec::new();
    for ((account, region), writer) in collected.files {
        let Some((object, file)) = writer.finish(&trail, (&account, &region))? else {
            continue;
        };
        files.push(object.key.clone());
        objects.push(object);
        trail.delivered_millis = Some(now.millis);
        if let Some(file) = file {
            let states = &mut trail.digests;
            let is_its = |state: &DigestState| state.account == account && state.region == region;
            match states.iter_mut().find(|state| is_its(state)) {
                Some(state) => state.files.push(file),
                None => {
                    let mut state = DigestState::new(&account, &region, now.whole_secs().millis);
                    state.files.push(file);
                    states.push(state);
                }
            }
        }
    }
    Ok((trail, files, objects, collected.events))
}
