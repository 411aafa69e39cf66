//! `kms:DisableKey`: takes a key out of use until it is enabled again.

use api::kms::DisableKeyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::get_key_last_usage::days_without_use;
use crate::key::{State, change};
use crate::lookup::Found;

pub(crate) async fn disable_key(ctx: &Ctx, req: DisableKeyRequest) -> Result<Empty> {
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys {
        days_without_use: days_without_use(ctx, &found).await?,
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:DisableKey", found, &request).await?;
    key.check_not_pending_deletion()?;
    key.check_not_pending_import()?;
    if key.record.state != State::Disabled {
        change(ctx, &key, |record| record.state = State::Disabled).await;
    }
    Ok(Empty)
}
