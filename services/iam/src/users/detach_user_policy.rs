//! `iam:DetachUserPolicy`: detaches a managed policy from a user.

use api::iam::DetachUserPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::attachments;
use crate::target::Asked;
use crate::users::record::UserRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn detach_user_policy(ctx: &Ctx, req: DetachUserPolicyRequest) -> Result<Empty> {
    let asked = Asked {
        policy_arn: Some(&req.policy_arn),
        ..Asked::default()
    };
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit_with(ctx, "iam:DetachUserPolicy", &asked)
        .await?;
    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    attachments::detach(ctx, &mut user.permissions, &req.policy_arn).await?;
    user.put(ctx).await;
    Ok(Empty)
}
