//! `kms:UpdatePrimaryRegion`: makes a replica the primary key of its family, and the primary key a
//! replica.
//!
//! It is one commit over all keys of the family, so none is ever `Updating` (decision 12).

use api::kms::{
    self, NotFoundException, UnsupportedOperationException, UpdatePrimaryRegionRequest,
};
use platform::{Authorized, Ctx, Result};
use wire::Empty;

use crate::condition_keys::RequestKeys;
use crate::key::{Key, KeyRecord};
use crate::lookup::{Absent, Found};
use crate::rotation::{self, ScheduledRotation};
use crate::{access, deletion, family};

const ACTION: &str = "kms:UpdatePrimaryRegion";

pub(crate) async fn update_primary_region(
    ctx: &Ctx,
    req: UpdatePrimaryRegionRequest,
) -> Result<Empty> {
    let request = RequestKeys {
        primary_region: Some(&req.primary_region),
        ..RequestKeys::default()
    };
    let found = Found::own(ctx, &req.key_id).await?;
    let primary = access::authorize(ctx, ACTION, found, &request).await?;
    primary.record.check_is_primary()?;
    let primary = deletion::settled(ctx, primary).await?;
    let replica = replica(ctx, &primary, &req.primary_region, request).await?;
    primary.check_enabled()?;
    replica.check_enabled()?;
    swap(ctx, &primary, &replica).await?;
    // Where the new primary key is, the change is on record, too.
    let parameters = [
        ("keyId", replica.record.arn.as_str()),
        ("primaryRegion", &req.primary_region),
    ];
    ctx.record_elsewhere::<kms::UpdatePrimaryRegion>(&kms::SERVICE, &*replica, &parameters, Empty)?;
    Ok(Empty)
}

/// The replica that is to become the primary key, if the caller may do that to it, too. A key of the
/// same id is none by that alone: on development servers ids are given. Nor does a replica count where
/// nobody is answered, since nobody could move the primary key back.
async fn replica(
    ctx: &Ctx,
    primary: &Key,
    region: &str,
    request: RequestKeys<'_>,
) -> Result<Authorized<Key>> {
    let record = &primary.record;
    if record.region == region {
        let text = format!("{} is the primary key already.", record.arn);
        return Err(UnsupportedOperationException::new(text).into());
    }
    let mut related = record.related_regions().into_iter();
    let is_related = related.any(|known| known == region && ctx.serves_region(region));
    let found = match Key::get(ctx, &record.account, region, &record.id).await? {
        Some(replica) if is_related => Found::Here(replica),
        Some(_) | None => {
            let arn = record.arn_in(region);
            let fault = NotFoundException::new(format!("Key '{arn}' does not exist"));
            let account = record.account.clone();
            Found::Absent(Box::new(Absent {
                arn,
                account,
                fault,
            }))
        }
    };
    access::authorize(ctx, ACTION, found, &request).await
}

/// Stages the change in all keys of the family; the schedule of rotations goes with the primary
/// key.
async fn swap(ctx: &Ctx, primary: &Authorized<Key>, replica: &Authorized<Key>) -> Result<()> {
    let (old, new) = (&primary.record, &replica.record);
    let family = old.check_is_primary()?.led_from(&new.region);
    let mut records = family::relatives(ctx, old).await?;
    records.push(old.clone());
    for known in records {
        let mut record = KeyRecord::clone(&known);
        record.family = Some(family.clone());
        let place = KeyRecord::place(&record.account, &record.region, &record.id);
        ctx.put(place, record).await;
    }
    let place = ScheduledRotation::place(&old.account, &old.region, &old.id);
    ctx.delete::<ScheduledRotation>(&place).await;
    rotation::put_schedule(ctx, new).await;
    Ok(())
}
