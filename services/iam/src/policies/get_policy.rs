//! `iam:GetPolicy`: shows a managed policy without its document.

use api::iam::{GetPolicyRequest, GetPolicyResponse};
use platform::{Ctx, Result};

use crate::policies::target::{self, PolicyTarget};

pub(crate) async fn get_policy(ctx: &Ctx, req: GetPolicyRequest) -> Result<GetPolicyResponse> {
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit(ctx, "iam:GetPolicy")
        .await?;
    let policy = target::require(permitted)?;
    Ok(GetPolicyResponse {
        policy: Some(policy.described(ctx).await?),
    })
}
