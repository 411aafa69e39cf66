//! `sns:RemovePermission`: takes a statement out of a topic's policy.

use api::sns::RemovePermissionInput;
use platform::{Ctx, Result};
use wire::Empty;

use crate::{access, permissions};

pub(crate) async fn remove_permission(ctx: &Ctx, req: RemovePermissionInput) -> Result<Empty> {
    let topic = access::topic(ctx, "sns:RemovePermission", &req.topic_arn).await?;
    let policy = topic.kept_policy(&topic.place);
    let mut record = topic.draft();
    let kept = permissions::without(&policy, &req.label)?;
    record.settings.insert("Policy".to_owned(), kept);
    ctx.put(topic.place.key(), record).await;
    Ok(Empty)
}
