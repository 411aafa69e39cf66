//! `kms:EnableKey`: puts a key into use (again).

use api::kms::EnableKeyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::key::{State, change};
use crate::lookup::Found;

pub(crate) async fn enable_key(ctx: &Ctx, req: EnableKeyRequest) -> Result<Empty> {
    let found = Found::own(ctx, &req.key_id).await?;
    let key = access::authorize(ctx, "kms:EnableKey", found, &RequestKeys::default()).await?;
    key.check_not_pending_deletion()?;
    key.check_not_pending_import()?;
    if key.record.state != State::Enabled {
        change(ctx, &key, |record| record.state = State::Enabled).await;
    }
    Ok(Empty)
}
