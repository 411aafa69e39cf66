//! `sns:AddPermission`: lets accounts use a topic, by a statement of its policy.

use api::sns::AddPermissionInput;
use platform::{Ctx, Result};
use wire::Empty;

use crate::{access, permissions, topic};

pub(crate) async fn add_permission(ctx: &Ctx, req: AddPermissionInput) -> Result<Empty> {
    let topic = access::topic(ctx, "sns:AddPermission", &req.topic_arn).await?;
    let statement = permissions::statement(
        &topic.place,
        &req.label,
        &req.aws_account_id,
        &req.action_name,
    )?;
    let policy = topic.kept_policy(&topic.place);
    let policy = permissions::with(&policy, statement)?;
    let mut record = topic.draft();
    let kept = topic::kept_policy(ctx, &policy).await?;
    record.settings.insert("Policy".to_owned(), kept);
    ctx.put(topic.place.key(), record).await;
    Ok(Empty)
}
