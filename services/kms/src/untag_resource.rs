//! `kms:UntagResource`: takes tags off a key.

use api::kms::UntagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::condition_keys::RequestKeys;
use crate::key::change;
use crate::lookup::Found;
use crate::{access, tags};

pub(crate) async fn untag_resource(ctx: &Ctx, req: UntagResourceRequest) -> Result<Empty> {
    let UntagResourceRequest { key_id, tag_keys } = req;
    for key in &tag_keys {
        tags::check_key(key)?;
    }
    let found = Found::own(ctx, &key_id).await?;
    let request = RequestKeys {
        tag_keys: &tag_keys,
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:UntagResource", found, &request).await?;
    key.check_not_pending_deletion()?;
    change(ctx, &key, |record| {
        record.tags.retain(|(tag, _)| !tag_keys.contains(tag));
    })
    .await;
    Ok(Empty)
}
