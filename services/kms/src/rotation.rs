//! Rotation of key material (AWS KMS developer guide, "Rotate AWS KMS keys").
//!
//! The clock says when a key is due. A key that is due rotates before it is used next, since no
//! caller reaches a key but through [`up_to_date`]; [`rotate_due`] finds those that nobody uses.
//! Both do the same work, in a transaction of its own with the service event `RotateKey`.

use api::kms::{RotationType, UnsupportedOperationException};
use platform::{Authorized, Ctx, Error, Result, ServiceEvent, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key as RecordKey, Record, Txn};
use wire::{Fault, Timestamp};

use crate::family;
use crate::key::{Key, KeyRecord, State};
use crate::kind::{Origin, Spec};
use crate::lifecycle::{self, Turn};
use crate::material::{Made, WrappedMaterial};

/// The days between two automatic rotations where a request does not say.
pub(crate) const DEFAULT_PERIOD_IN_DAYS: i32 = 365;
/// An on-demand rotation does not begin within this time before an automatic one
/// (`ConflictException` of RotateKeyOnDemand).
const QUIET_MILLIS: i64 = 20 * 60 * 1000;
const SECONDS_PER_DAY: i64 = 86_400;

/// The schedule of a key that rotates by itself.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AutomaticRotation {
    pub(crate) period_in_days: i32,
    pub(crate) next_millis: i64,
}

impl AutomaticRotation {
    /// A schedule that begins now.
    pub(crate) fn beginning(now: Timestamp, period_in_days: i32) -> Self {
        let next = now.plus_secs(i64::from(period_in_days) * SECONDS_PER_DAY);
        Self {
            period_in_days,
            next_millis: next.millis,
        }
    }
}

/// A rotation to come. It stands outside of accounts, so that one scan finds all that are due.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ScheduledRotation {
    account: String,
    region: String,
    key_id: String,
    at_millis: i64,
}

impl Record for ScheduledRotation {
    const TABLE: &'static str = "kms.rotations";
    const SERVICE: &'static str = "kms";
}

impl ScheduledRotation {
    /// Where the entry of a key stands.
    pub(crate) fn place(account: &str, region: &str, key_id: &str) -> RecordKey {
        RecordKey::new("", "", [account, region, key_id])
    }

    /// The entry of a key; none where nothing is to come.
    fn of(record: &KeyRecord) -> Option<Self> {
        let automatic = record.rotation.map(|automatic| automatic.next_millis);
        let at_millis = match (record.on_demand_since_millis, automatic) {
            (Some(one), Some(other)) => one.min(other),
            (one, other) => one.or(other)?,
        };
        Some(Self {
            account: record.account.clone(),
            region: record.region.clone(),
            key_id: record.id.clone(),
            at_millis,
        })
    }
}

impl KeyRecord {
    /// Whether the key can have more than one material, one after the other.
    pub(crate) fn can_rotate(&self) -> bool {
        let is_of_origin = matches!(self.origin, Origin::AwsKms | Origin::External);
        self.spec == Spec::SymmetricDefault && is_of_origin
    }

    /// Refuses automatic rotation, and what is asked of it, to keys with imported material,
    /// whatever their state.
    pub(crate) fn check_origin_rotates(&self) -> Result<(), Fault> {
        match self.origin {
            Origin::External => Err(self.not_valid_for_origin()),
            _ => Ok(()),
        }
    }

    /// Refuses what AWS refuses to a key that cannot rotate.
    pub(crate) fn check_can_rotate(&self) -> Result<(), Fault> {
        match self.can_rotate() {
            true => Ok(()),
            false => Err(UnsupportedOperationException::bare()),
        }
    }

    /// The rotation that has to take place, if any. A key that is not enabled waits until it is.
    fn due(&self, now: Timestamp) -> Option<Made> {
        // A replica gets what its primary key gets, when that rotates.
        if self.state != State::Enabled || self.is_replica() {
            return None;
        }
        // What was asked for takes place, though a replica may have lost its copy since.
        let is_possible = self.origin != Origin::External || self.for_rotation().is_some();
        if self.on_demand_since_millis.is_some() && is_possible {
            return Some(Made::OnDemand);
        }
        let is_due = |automatic: &AutomaticRotation| automatic.next_millis <= now.millis;
        self.rotation.filter(is_due).map(|_| Made::Automatic)
    }

    /// Whether an automatic rotation is about to begin.
    pub(crate) fn rotates_soon(&self, now: Timestamp) -> bool {
        let soon = now.millis.saturating_add(QUIET_MILLIS);
        let is_soon = |automatic: AutomaticRotation| automatic.next_millis <= soon;
        self.rotation.is_some_and(is_soon)
    }

    /// How many on-demand rotations the key had, with the one in progress.
    pub(crate) fn on_demand_rotations(&self) -> usize {
        let materials = self.materials.iter();
        let made = materials.filter(|material| material.made == Made::OnDemand);
        made.count() + usize::from(self.on_demand_since_millis.is_some())
    }
}

/// Stages a change of when a key rotates, and its replicas with it.
pub(crate) async fn change_schedule(
    ctx: &Ctx,
    key: &Authorized<Key>,
    edit: impl FnOnce(&mut KeyRecord),
) -> Result<()> {
    let mut record = KeyRecord::clone(&key.record);
    edit(&mut record);
    put_schedule(ctx, &record).await;
    family::synchronize(ctx, &record).await?;
    let place = KeyRecord::place(&record.account, &record.region, &record.id);
    ctx.put(place, record).await;
    Ok(())
}

/// Stages when a key that is no replica rotates next.
pub(crate) async fn put_schedule(ctx: &Ctx, record: &KeyRecord) {
    let place = ScheduledRotation::place(&record.account, &record.region, &record.id);
    match ScheduledRotation::of(record) {
        Some(entry) => ctx.put(place, entry).await,
        None => ctx.delete::<ScheduledRotation>(&place).await,
    }
}

/// The key that the caller may use, after the rotation that it is due for.
pub(crate) async fn up_to_date(ctx: &Ctx, key: Authorized<Key>) -> Result<Authorized<Key>> {
    if key.record.due(ctx.now).is_none() {
        return Ok(key);
    }
    // In a box: it is rare, and every call would have room for it.
    Box::pin(rotated(ctx, key)).await
}

/// The key, once a rotation that is overdue is done.
async fn rotated(ctx: &Ctx, key: Authorized<Key>) -> Result<Authorized<Key>> {
    let record = &key.record;
    let (account, region, id) = (&record.account, &record.region, &record.id);
    // Where somebody else was faster, what they did is read below.
    rotate(ctx.upkeep(), (account, region, id), ctx.now).await?;
    let again = Key::get(ctx, account, region, id).await?;
    let mut again = again.ok_or_else(|| Error::dangling("a key"))?;
    again.alias.clone_from(&key.alias);
    key.renewed(again)
}

/// Rotates the keys that are due at `now`. Returns how many. To be run at the start and from time
/// to time.
pub async fn rotate_due(upkeep: &Upkeep, now: Timestamp) -> Result<usize> {
    let prefix = RecordKey::new("", "", [""; 0]);
    let (mut rotated, mut after, mut outcome) = (0, None, Ok(()));
    loop {
        let mut txn = upkeep.begin();
        let page = txn
            .scan::<ScheduledRotation>(&prefix, after.as_ref(), 1000)
            .await?;
        for (_, entry) in &page.rows {
            let place = (&*entry.account, &*entry.region, &*entry.key_id);
            if entry.at_millis <= now.millis {
                // A key that fails holds up no other.
                match rotate(upkeep, place, now).await {
                    Ok(has_rotated) => rotated += usize::from(has_rotated),
                    Err(error) => outcome = outcome.and(Err(error)),
                }
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return outcome.map(|()| rotated),
        }
    }
}

/// Rotates one key, if it is due. A conflict means that somebody works on the key right now;
/// whoever comes next decides again.
async fn rotate(
    upkeep: &Upkeep,
    (account, region, id): (&str, &str, &str),
    now: Timestamp,
) -> Result<bool> {
    let mut txn = upkeep.begin();
    let place = KeyRecord::place(account, region, id);
    let Some(known) = txn.get::<KeyRecord>(&place).await? else {
        return Ok(false);
    };
    let Some(made) = known.due(now) else {
        return Ok(false);
    };
    let mut record = KeyRecord::clone(&known);
    let fresh = match record.origin {
        Origin::External => {
            record.use_imported(now);
            None
        }
        _ => {
            let material = WrappedMaterial::next(upkeep, &known.owner(), now, made)?;
            record.materials.push(material.clone());
            Some(material)
        }
    };
    let named = |key: &KeyRecord| key.current().map(|material| material.id.to_string());
    let previous = named(&known).unwrap_or_default();
    let current = named(&record).unwrap_or_default();
    match made {
        Made::Automatic => {
            let begin =
                |last: AutomaticRotation| AutomaticRotation::beginning(now, last.period_in_days);
            record.rotation = known.rotation.map(begin);
        }
        _ => record.on_demand_since_millis = None,
    }
    let entry_place = ScheduledRotation::place(account, region, id);
    match ScheduledRotation::of(&record) {
        Some(entry) => txn.put(entry_place, entry),
        None => txn.delete::<ScheduledRotation>(&entry_place),
    }
    rotate_relatives(upkeep, &mut txn, (&known, &record), fresh.as_ref(), now).await?;
    txn.put(place, record);
    let kind = made.rotation().map_or("", RotationType::as_str);
    let rotated = ServiceEvent {
        service: &api::kms::SERVICE,
        name: "RotateKey",
        region,
        account,
        resource: ("AWS::KMS::Key", &known.arn),
        response: &[],
        details: &[
            ("rotationType", kind),
            ("keyOrigin", known.origin.shown().as_str()),
            ("previousKeyMaterialId", &previous),
            ("currentKeyMaterialId", &current),
            ("keyId", id),
        ],
        own: None,
    };
    upkeep.emit(&mut txn, lifecycle::event(&known, Turn::Rotation, now))?;
    if known.related_regions().is_empty() {
        return upkeep.commit(txn, &rotated, now).await;
    }
    let primary = [("keyId", known.arn.as_str())];
    let events = [rotated, family::synchronized(&known, &primary)];
    upkeep.commit_all(txn, &events, now).await
}

/// Has the keys that are related to one use what it uses after its rotation.
async fn rotate_relatives(
    upkeep: &Upkeep,
    txn: &mut Txn,
    (before, after): (&KeyRecord, &KeyRecord),
    fresh: Option<&WrappedMaterial>,
    now: Timestamp,
) -> Result<()> {
    for relative in family::relatives_in(txn, before).await? {
        let mut replica = KeyRecord::clone(&relative);
        match fresh {
            Some(fresh) => {
                let copy = fresh.for_owner(upkeep, &before.owner(), &replica.owner())?;
                replica.materials.push(copy);
            }
            None => replica.use_imported(now),
        }
        replica.follow(after);
        let place = KeyRecord::place(&replica.account, &replica.region, &replica.id);
        txn.put(place, replica);
    }
    Ok(())
}

#[cfg(test)]
impl ScheduledRotation {
    /// An entry for samples of formats.
    pub(crate) fn sample() -> Self {
        let (account, region) = ("111122223333".to_owned(), "eu-west-2".to_owned());
        Self {
            account,
            region,
            key_id: "id".to_owned(),
            at_millis: 300,
        }
    }
}
