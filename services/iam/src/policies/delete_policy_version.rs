//! `iam:DeletePolicyVersion`: deletes a version of a managed policy that is not the default one.

use api::iam::{DeleteConflictException, DeletePolicyVersionRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::policies::managed::Managed;
use crate::policies::record::ManagedPolicyRecord;
use crate::policies::target::{self, PolicyTarget};
use crate::policies::versions;

pub(crate) async fn delete_policy_version(
    ctx: &Ctx,
    req: DeletePolicyVersionRequest,
) -> Result<Empty> {
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit(ctx, "iam:DeletePolicyVersion")
        .await?;
    let policy = target::require_own(permitted)?;
    let version = versions::named(&Managed::Own(policy.clone()), &req.version_id)?;
    if version.is_default {
        let message = "Cannot delete the default version of a policy.";
        return Err(DeleteConflictException::new(message).into());
    }
    let mut policy = ManagedPolicyRecord::clone(&policy);
    policy.versions.retain(|known| !version.is(known.number));
    policy.put(ctx).await;
    Ok(Empty)
}
