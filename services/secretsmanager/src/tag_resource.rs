//! `secretsmanager:TagResource`: sets tags of a secret.

use api::secretsmanager::TagResourceRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Asked};
use crate::{replication, tags};

pub(crate) async fn tag_resource(ctx: &Ctx, req: TagResourceRequest) -> Result<Empty> {
    let action = "secretsmanager:TagResource";
    let new = match tags::pairs(req.tags) {
        Ok(new) => new,
        Err(bad) => {
            access::writable(ctx, action, &req.secret_id, Asked::default()).await?;
            return Err(bad.into());
        }
    };
    let asked = Asked {
        tags: &new,
        ..Asked::default()
    };
    let secret = access::writable(ctx, action, &req.secret_id, asked.clone()).await?;
    let mut draft = secret.draft(ctx);
    tags::merge(&mut draft.tags, new.clone())?;
    access::still(ctx, action, (&secret, &draft), asked).await?;
    replication::store(ctx, &secret.place, draft).await?;
    Ok(Empty)
}
