//! `secretsmanager:UntagResource`: takes tags of a secret away.

use api::secretsmanager::UntagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Asked};
use crate::replication;

pub(crate) async fn untag_resource(ctx: &Ctx, req: UntagResourceRequest) -> Result<Empty> {
    let action = "secretsmanager:UntagResource";
    let asked = Asked {
        tag_keys: &req.tag_keys,
        ..Asked::default()
    };
    let secret = access::writable(ctx, action, &req.secret_id, asked.clone()).await?;
    let mut draft = secret.draft(ctx);
    draft.tags.retain(|(key, _)| !req.tag_keys.contains(key));
    access::still(ctx, action, (&secret, &draft), asked).await?;
    replication::store(ctx, &secret.place, draft).await?;
    Ok(Empty)
}
