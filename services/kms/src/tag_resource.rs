//! `kms:TagResource`: sets tags of a key.

use api::kms::TagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::condition_keys::RequestKeys;
use crate::key::change;
use crate::lookup::Found;
use crate::{access, tags};

pub(crate) async fn tag_resource(ctx: &Ctx, req: TagResourceRequest) -> Result<Empty> {
    let new = tags::from_request(req.tags)?;
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys {
        tags: &new,
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:TagResource", found, &request).await?;
    key.check_not_pending_deletion()?;
    let mut merged = key.record.tags.clone();
    tags::merge(&mut merged, new);
    tags::check_count(merged.len())?;
    change(ctx, &key, |record| record.tags = merged).await;
    Ok(Empty)
}
