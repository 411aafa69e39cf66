//! `iam:GetGroupPolicy`: shows an inline policy of a group.

use api::iam::{GetGroupPolicyRequest, GetGroupPolicyResponse};
use platform::{Ctx, Result};

use crate::groups::record;
use crate::percent::percent_encoded;
use crate::target::require;

pub(crate) async fn get_group_policy(
    ctx: &Ctx,
    req: GetGroupPolicyRequest,
) -> Result<GetGroupPolicyResponse> {
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit(ctx, "iam:GetGroupPolicy")
        .await?;
    let group = require(permitted)?;
    let policy = group.permissions.inline(&req.policy_name);
    let policy = policy.ok_or_else(|| record::no_such_policy(&req.policy_name))?;
    Ok(GetGroupPolicyResponse {
        group_name: Some(group.name.clone()),
        policy_name: Some(policy.name.clone()),
        policy_document: Some(percent_encoded(&policy.document)?),
    })
}
