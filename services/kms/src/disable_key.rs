//! `kms:DisableKey`: takes a key out of use until it is enabled again.

use api::kms::DisableKeyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::key::{State, change};
use crate::lookup::Found;

pub(crate) async fn disable_key(ctx: &Ctx, req: DisableKeyRequest) -> Result<Empty> {
    let found = Found::own(ctx, &req.key_id).await?;
    let key = access::authorize(ctx, "kms:DisableKey", found, RequestKeys::default()).await?;
    key.check_not_pending_deletion()?;
    key.check_not_pending_import()?;
    if key.record.state != State::Disabled {
        change(ctx, &key, |record| record.state = State::Disabled).await;
    }
    Ok(Empty)
}
