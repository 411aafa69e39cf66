//! `iam:ListAccessKeys`: shows the access keys of a user, by default the caller, without secrets.

use api::iam::{ListAccessKeysRequest, ListAccessKeysResponse};
use platform::{Ctx, Error, Result};

use crate::access_keys::record::AccessKeyRecord;
use crate::page::{Wanted, page};
use crate::users::subject::{self, Subject};

pub(crate) async fn list_access_keys(
    ctx: &Ctx,
    req: ListAccessKeysRequest,
) -> Result<ListAccessKeysResponse> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:ListAccessKeys").await?;
    let holder = subject::holder(ctx, permitted).await?;

    let ids = holder.access_keys().to_vec();
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(ids, |id| id, &wanted);
    let mut metadata = Vec::with_capacity(paged.items.len());
    for id in &paged.items {
        let key = ctx
            .get::<AccessKeyRecord>(&AccessKeyRecord::key(id))
            .await?;
        metadata.push(
            key.ok_or_else(|| Error::dangling("an access key"))?
                .listed(),
        );
    }
    Ok(ListAccessKeysResponse {
        access_key_metadata: Some(metadata),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
