//! `kms:RotateKeyOnDemand`: begins a rotation at once. It is completed before the key is used
//! next; automatic rotations stay where they are.

use api::kms::{
    ConflictException, KMSInvalidStateException, LimitExceededException, RotateKeyOnDemandRequest,
    RotateKeyOnDemandResponse,
};
use platform::{Ctx, Result};

use crate::condition_keys::RequestKeys;
use crate::kind::Origin;
use crate::lookup::Found;
use crate::quotas::{ON_DEMAND_ROTATIONS_PER_KEY, QUOTAS};
use crate::{access, deletion, key::Key, rotation};

pub(crate) async fn rotate_key_on_demand(
    ctx: &Ctx,
    req: RotateKeyOnDemandRequest,
) -> Result<RotateKeyOnDemandResponse> {
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys::default();
    let key = access::authorize(ctx, "kms:RotateKeyOnDemand", found, &request).await?;
    key.check_enabled()?;
    key.record.check_can_rotate()?;
    key.record.check_is_no_replica()?;
    let key = deletion::settled(ctx, key).await?;
    if key.record.origin == Origin::External && !key.record.can_use_imported() {
        let text = format!(
            "No available key material pending rotation for the key: {}.",
            key.record.arn
        );
        return Err(KMSInvalidStateException::new(text).into());
    }
    check_is_free(ctx, &key).await?;
    let since = ctx.now.millis;
    rotation::change_schedule(ctx, &key, |record| {
        record.on_demand_since_millis = Some(since);
    })
    .await?;
    Ok(RotateKeyOnDemandResponse {
        key_id: Some(key.record.id.clone()),
    })
}

async fn check_is_free(ctx: &Ctx, key: &Key) -> Result<()> {
    let record = &key.record;
    let quota = ctx.count_quota(&record.account, &QUOTAS, ON_DEMAND_ROTATIONS_PER_KEY);
    if record.on_demand_rotations() as u64 >= quota.await? {
        return Err(LimitExceededException::new(format!(
            "The on-demand rotations limit has been reached for the given keyId. No more \
             on-demand rotations can be performed for this key: {}",
            record.arn
        ))
        .into());
    }
    if record.on_demand_since_millis.is_some() || record.rotates_soon(ctx.now) {
        return Err(ConflictException::new(format!(
            "A rotation of {} is in progress or scheduled to begin within the next 20 minutes.",
            record.arn
        ))
        .into());
    }
    Ok(())
}
