//! `iam:SetDefaultPolicyVersion`: makes another version of a managed policy the one that counts.

use api::iam::SetDefaultPolicyVersionRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::policies::managed::Managed;
use crate::policies::record::ManagedPolicyRecord;
use crate::policies::target::{self, PolicyTarget};
use crate::policies::versions;

pub(crate) async fn set_default_policy_version(
    ctx: &Ctx,
    req: SetDefaultPolicyVersionRequest,
) -> Result<Empty> {
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit(ctx, "iam:SetDefaultPolicyVersion")
        .await?;
    let absent = |arn: &str| versions::absent(arn, &req.version_id);
    let policy = target::require_own_or(permitted, absent)?;
    let version = versions::named(&Managed::Own(policy.clone()), &req.version_id)?;
    let mut policy = ManagedPolicyRecord::clone(&policy);
    policy.default_version = version.number;
    policy.put(ctx).await;
    Ok(Empty)
}
