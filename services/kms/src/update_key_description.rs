//! `kms:UpdateKeyDescription`: changes what a key is said to be for.

use api::kms::UpdateKeyDescriptionRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::key::change;
use crate::lookup::Found;

pub(crate) async fn update_key_description(
    ctx: &Ctx,
    req: UpdateKeyDescriptionRequest,
) -> Result<Empty> {
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys::default();
    let key = access::authorize(ctx, "kms:UpdateKeyDescription", found, &request).await?;
    key.check_not_pending_deletion()?;
    change(ctx, &key, |record| record.description = req.description).await;
    Ok(Empty)
}
