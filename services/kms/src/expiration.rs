//! Imported material that expires ("Setting an expiration time").
//!
//! The clock says when. A key whose material has expired loses it before it is used next, since no
//! caller reaches a key but through [`up_to_date`]; [`delete_expired_material`] finds those that
//! nobody uses. Both do the same work, in a transaction of its own with the service event
//! `DeleteExpiredKeyMaterial`.

use std::sync::Arc;

use platform::{Authorized, Ctx, Error, Result, ServiceEvent, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key as RecordKey, Record, Txn};
use wire::Timestamp;

use crate::erasure::Erasure;
use crate::key::{Key, KeyRecord};
use crate::lifecycle::{self, Turn};
use crate::material::WrappedMaterial;
use crate::rotation::ScheduledRotation;
use crate::{family, waiting};

/// Material to expire. It stands outside of accounts, so that one scan finds all that has.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ScheduledExpiration {
    account: String,
    region: String,
    key_id: String,
    /// When the first material of the key expires.
    at_millis: i64,
}

impl Record for ScheduledExpiration {
    const TABLE: &'static str = "kms.expirations";
    const SERVICE: &'static str = "kms";
}

impl ScheduledExpiration {
    /// Where the entry of a key stands.
    pub(crate) fn place(account: &str, region: &str, key_id: &str) -> RecordKey {
        RecordKey::new("", "", [account, region, key_id])
    }

    /// The entry of a key; none where nothing expires.
    fn of(record: &KeyRecord) -> Option<Self> {
        let (first, _) = record.first_to_expire()?;
        Some(Self {
            account: record.account.clone(),
            region: record.region.clone(),
            key_id: record.id.clone(),
            at_millis: first.millis,
        })
    }
}

impl KeyRecord {
    /// The material that expires before the others, and when.
    fn first_to_expire(&self) -> Option<(Timestamp, &WrappedMaterial)> {
        let materials = self.materials.iter();
        let expiring = materials.filter_map(|material| Some((material.valid_to()?, material)));
        expiring.min_by_key(|(at, _)| at.millis)
    }

    /// The first material that has expired by `now`.
    fn expired(&self, now: Timestamp) -> Option<&WrappedMaterial> {
        let (at, material) = self.first_to_expire()?;
        (at.millis <= now.millis).then_some(material)
    }
}

/// What is written with a change of what material a key has.
struct Change {
    place: RecordKey,
    record: KeyRecord,
    expiration_place: RecordKey,
    expiration: Option<ScheduledExpiration>,
    /// Where the rotation stands that cannot be completed because what it waits for is gone.
    ended_rotation: Option<RecordKey>,
    /// Where something was deleted.
    erasure: Option<(RecordKey, Erasure)>,
}

impl Change {
    fn new(before: &KeyRecord, record: KeyRecord, now: Timestamp) -> Self {
        let (account, region, id) = (&record.account, &record.region, &record.id);
        let had_rotation = before.on_demand_since_millis.is_some();
        let ends_rotation = had_rotation && record.on_demand_since_millis.is_none();
        let rotation_place = || ScheduledRotation::place(account, region, id);
        let is_still_there = |known: &WrappedMaterial| {
            let mut materials = record.materials.iter();
            materials.any(|material| material.id == known.id && material.is_there())
        };
        let mut before = before.materials.iter().filter(|known| known.is_there());
        let deletes = before.any(|known| !is_still_there(known));
        Self {
            place: KeyRecord::place(account, region, id),
            expiration_place: ScheduledExpiration::place(account, region, id),
            expiration: ScheduledExpiration::of(&record),
            ended_rotation: ends_rotation.then(rotation_place),
            erasure: deletes.then(|| Erasure::of(&record, now)),
            record,
        }
    }

    /// The changes of a key and of its relatives, where these take part.
    fn of_family(
        before: &KeyRecord,
        mut record: KeyRecord,
        known: &[Arc<KeyRecord>],
        now: Timestamp,
    ) -> Vec<Self> {
        let mut relatives: Vec<_> = known.iter().map(|key| KeyRecord::clone(key)).collect();
        if waiting::concerns_relatives(before, &record) {
            waiting::spread(&mut record, &mut relatives);
        }
        let of_relatives = known.iter().zip(relatives);
        let mut changes: Vec<_> = of_relatives
            .map(|(before, after)| Self::new(before, after, now))
            .collect();
        changes.push(Self::new(before, record, now));
        changes
    }

    fn stage(self, txn: &mut Txn) {
        match self.expiration {
            Some(entry) => txn.put(self.expiration_place, entry),
            None => txn.delete::<ScheduledExpiration>(&self.expiration_place),
        }
        if let Some(place) = self.ended_rotation {
            txn.delete::<ScheduledRotation>(&place);
        }
        if let Some((place, note)) = self.erasure {
            txn.put(place, note);
        }
        txn.put(self.place, self.record);
    }

    async fn stage_in_call(self, ctx: &Ctx) {
        match self.expiration {
            Some(entry) => ctx.put(self.expiration_place, entry).await,
            None => {
                ctx.delete::<ScheduledExpiration>(&self.expiration_place)
                    .await;
            }
        }
        if let Some(place) = self.ended_rotation {
            ctx.delete::<ScheduledRotation>(&place).await;
        }
        if let Some((place, note)) = self.erasure {
            ctx.put(place, note).await;
        }
        ctx.put(self.place, self.record).await;
    }
}

/// Stages a change of what material a key has, of when it expires, and of what its relatives have
/// to know of it.
pub(crate) async fn change(
    ctx: &Ctx,
    key: &Authorized<Key>,
    edit: impl FnOnce(&mut KeyRecord),
) -> Result<()> {
    let before = &key.record;
    let mut record = KeyRecord::clone(before);
    edit(&mut record);
    let relatives = match waiting::concerns_relatives(before, &record) {
        true => family::relatives(ctx, before).await?,
        false => Vec::new(),
    };
    for change in Change::of_family(before, record, &relatives, ctx.now) {
        change.stage_in_call(ctx).await;
    }
    Ok(())
}

/// The key that the caller may use, without the material that has expired.
pub(crate) async fn up_to_date(ctx: &Ctx, key: Authorized<Key>) -> Result<Authorized<Key>> {
    if key.record.expired(ctx.now).is_none() {
        return Ok(key);
    }
    // In a box: it is rare, and every call would have room for it.
    Box::pin(without_expired(ctx, key)).await
}

/// The key, once what has expired of its material is deleted.
async fn without_expired(ctx: &Ctx, key: Authorized<Key>) -> Result<Authorized<Key>> {
    let mut key = key;
    while key.record.expired(ctx.now).is_some() {
        let record = &key.record;
        let (account, region, id) = (&record.account, &record.region, &record.id);
        // Where somebody else was faster, what they did is read below.
        expire(ctx.upkeep(), (account, region, id), ctx.now).await?;
        let again = Key::get(ctx, account, region, id).await?;
        let mut again = again.ok_or_else(|| Error::dangling("a key"))?;
        again.alias.clone_from(&key.alias);
        key = key.renewed(again)?;
    }
    Ok(key)
}

/// Deletes the material that has expired by `now`. Returns how much. To be run at the start and
/// from time to time.
pub async fn delete_expired_material(upkeep: &Upkeep, now: Timestamp) -> Result<usize> {
    let prefix = RecordKey::new("", "", [""; 0]);
    let (mut deleted, mut after, mut outcome) = (0, None, Ok(()));
    loop {
        let mut txn = upkeep.begin();
        let page = txn
            .scan::<ScheduledExpiration>(&prefix, after.as_ref(), 1000)
            .await?;
        for (_, entry) in &page.rows {
            let place = (&*entry.account, &*entry.region, &*entry.key_id);
            if entry.at_millis > now.millis {
                continue;
            }
            loop {
                // A key that fails holds up no other.
                match expire(upkeep, place, now).await {
                    Ok(true) => deleted += 1,
                    Ok(false) => break,
                    Err(error) => {
                        outcome = outcome.and(Err(error));
                        break;
                    }
                }
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return outcome.map(|()| deleted),
        }
    }
}

/// Deletes one material of a key, if it has expired. A conflict means that somebody works on the
/// key right now; whoever comes next decides again.
async fn expire(
    upkeep: &Upkeep,
    (account, region, id): (&str, &str, &str),
    now: Timestamp,
) -> Result<bool> {
    let mut txn = upkeep.begin();
    let place = KeyRecord::place(account, region, id);
    let known = txn.get::<KeyRecord>(&place).await?;
    let Some(known) = known.filter(|known| !known.is_gone(now)) else {
        return Ok(false);
    };
    let Some(material) = known.expired(now).map(|material| material.id) else {
        return Ok(false);
    };
    let mut record = KeyRecord::clone(&known);
    record.delete_material(material);
    let relatives = match waiting::concerns_relatives(&known, &record) {
        true => family::relatives_in(&mut txn, &known).await?,
        false => Vec::new(),
    };
    for change in Change::of_family(&known, record, &relatives, now) {
        change.stage(&mut txn);
    }
    let event = ServiceEvent {
        service: &api::kms::SERVICE,
        name: "DeleteExpiredKeyMaterial",
        region,
        account,
        resource: ("AWS::KMS::Key", &known.arn),
        response: &[],
        details: &[("keyId", id), ("keyMaterialId", &material.to_string())],
        own: None,
    };
    upkeep.emit(&mut txn, lifecycle::event(&known, Turn::Expiration, now))?;
    upkeep.commit(txn, &event, now).await
}

#[cfg(test)]
impl ScheduledExpiration {
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
