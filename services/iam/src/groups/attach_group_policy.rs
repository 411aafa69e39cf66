//! `iam:AttachGroupPolicy`: attaches a managed policy to a group.

use api::iam::AttachGroupPolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::attachments;
use crate::groups::record::{self, GroupRecord};
use crate::permissions::Holding;
use crate::target::{Asked, require};

pub(crate) async fn attach_group_policy(ctx: &Ctx, req: AttachGroupPolicyRequest) -> Result<Empty> {
    let asked = Asked {
        policy_arn: Some(&req.policy_arn),
        ..Asked::default()
    };
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit_with(ctx, "iam:AttachGroupPolicy", &asked)
        .await?;
    let mut group = GroupRecord::clone(&*require(permitted)?);
    let permissions = &mut group.permissions;
    attachments::attach(ctx, permissions, Holding::Group, &req.policy_arn).await?;
    group.put(ctx).await;
    Ok(Empty)
}
