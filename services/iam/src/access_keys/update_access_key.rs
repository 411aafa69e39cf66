//! `iam:UpdateAccessKey`: lets an access key sign, or not.

use api::iam::{InvalidInputException, StatusType, UpdateAccessKeyRequest};
use platform::{Ctx, Error, Result};
use wire::Empty;

use crate::access_keys::record::AccessKeyRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn update_access_key(ctx: &Ctx, req: UpdateAccessKeyRequest) -> Result<Empty> {
    let subject = Subject::named_or_caller(ctx, req.user_name).await?;
    let permitted = subject.permit(ctx, "iam:UpdateAccessKey").await?;
    let active = match req.status {
        StatusType::Active => true,
        StatusType::Inactive => false,
        StatusType::Expired => {
            let message = "The status of an access key can be set to Active or Inactive only.";
            return Err(InvalidInputException::new(message).into());
        }
    };
    subject::holder(ctx, permitted)
        .await?
        .require(&req.access_key_id)?;

    let key = ctx
        .get::<AccessKeyRecord>(&AccessKeyRecord::key(&req.access_key_id))
        .await?;
    let key = key.ok_or_else(|| Error::dangling("an access key"))?;
    if key.active != active {
        let mut changed = AccessKeyRecord::clone(&key);
        changed.active = active;
        changed.changed_millis = ctx.now.whole_secs().millis;
        changed.put(ctx).await;
    }
    Ok(Empty)
}
