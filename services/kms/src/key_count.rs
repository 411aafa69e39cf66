//! How many customer managed keys an account has in a region ("KMS keys", resource quotas).

use api::kms::LimitExceededException;
use platform::{Ctx, Result};
use store::Key as RecordKey;

use crate::key::{KeyRecord, Manager};
use crate::managed_key;
use crate::quotas::{KEYS, QUOTAS};

/// Refuses a new key that is one more than the account may have. Keys of AWS services do not
/// count.
pub(crate) async fn check(ctx: &Ctx, record: &KeyRecord) -> Result<()> {
    if record.manager != Manager::Customer {
        return Ok(());
    }
    let (account, region) = (&record.account, &record.region);
    let quota = ctx.count_quota_in((account, region), &QUOTAS, KEYS).await?;
    let all = || RecordKey::new(account, region, [""; 0]);
    if ctx.has_room::<KeyRecord>(all(), quota).await? {
        return Ok(());
    }
    let of_services = managed_key::count(ctx, account, region).await?;
    let with_them = quota.saturating_add(of_services);
    if of_services > 0 && ctx.has_room::<KeyRecord>(all(), with_them).await? {
        return Ok(());
    }
    let text = format!("The account has the maximum number of {quota} keys.");
    Err(LimitExceededException::new(text).into())
}
