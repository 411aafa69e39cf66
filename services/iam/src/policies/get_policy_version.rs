//! `iam:GetPolicyVersion`: shows a version of a managed policy with its document.

use api::iam::{GetPolicyVersionRequest, GetPolicyVersionResponse};
use platform::{Ctx, Result};

use crate::policies::target::{self, PolicyTarget};
use crate::policies::versions;

pub(crate) async fn get_policy_version(
    ctx: &Ctx,
    req: GetPolicyVersionRequest,
) -> Result<GetPolicyVersionResponse> {
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit(ctx, "iam:GetPolicyVersion")
        .await?;
    let absent = |arn: &str| versions::absent(arn, &req.version_id);
    let policy = target::require_or(permitted, absent)?;
    let version = versions::named(&policy, &req.version_id)?;
    Ok(GetPolicyVersionResponse {
        policy_version: Some(version.described()?),
    })
}
