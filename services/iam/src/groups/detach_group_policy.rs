//! `iam:DetachGroupPolicy`: detaches a managed policy from a group.

use api::iam::DetachGroupPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::attachments;
use crate::groups::record::{self, GroupRecord};
use crate::target::{Asked, require};

pub(crate) async fn detach_group_policy(ctx: &Ctx, req: DetachGroupPolicyRequest) -> Result<Empty> {
    let asked = Asked {
        policy_arn: Some(&req.policy_arn),
        ..Asked::default()
    };
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit_with(ctx, "iam:DetachGroupPolicy", &asked)
        .await?;
    let mut group = GroupRecord::clone(&*require(permitted)?);
    attachments::detach(ctx, &mut group.permissions, &req.policy_arn).await?;
    group.put(ctx).await;
    Ok(Empty)
}
