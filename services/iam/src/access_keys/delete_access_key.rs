//! `iam:DeleteAccessKey`: deletes an access key and with it its secret.

use api::iam::DeleteAccessKeyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access_keys::record::AccessKeyRecord;
use crate::last_used;
use crate::users::subject::{self, Subject};

pub(crate) async fn delete_access_key(ctx: &Ctx, req: DeleteAccessKeyRequest) -> Result<Empty> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:DeleteAccessKey").await?;
    let holder = subject::holder(ctx, permitted).await?;
    holder.require(&req.access_key_id)?;

    let mut ids = holder.access_keys().to_vec();
    ids.retain(|id| *id != req.access_key_id);
    holder.put_access_keys(ctx, ids).await;
    ctx.delete::<AccessKeyRecord>(&AccessKeyRecord::key(&req.access_key_id))
        .await;
    last_used::forget(ctx, &req.access_key_id).await;
    Ok(Empty)
}
