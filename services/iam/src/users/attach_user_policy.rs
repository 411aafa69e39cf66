//! `iam:AttachUserPolicy`: attaches a managed policy to a user.

use api::iam::AttachUserPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::attachments;
use crate::permissions::Holding;
use crate::target::Asked;
use crate::users::record::UserRecord;
use crate::users::subject::{self, Subject};

pub(crate) async fn attach_user_policy(ctx: &Ctx, req: AttachUserPolicyRequest) -> Result<Empty> {
    let asked = Asked {
        policy_arn: Some(&req.policy_arn),
        ..Asked::default()
    };
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit_with(ctx, "iam:AttachUserPolicy", &asked)
        .await?;
    let mut user = UserRecord::clone(&*subject::user(permitted)?);
    let permissions = &mut user.permissions;
    attachments::attach(ctx, permissions, Holding::User, &req.policy_arn).await?;
    user.put(ctx).await;
    Ok(Empty)
}
