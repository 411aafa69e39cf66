//! `iam:DeletePolicy`: deletes a managed policy that is not in use.

use api::iam::{DeleteConflictException, DeletePolicyRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::account::AccountRecord;
use crate::policies::record::{ManagedPolicyRecord, PolicyUse};
use crate::policies::target::{self, PolicyTarget};

pub(crate) async fn delete_policy(ctx: &Ctx, req: DeletePolicyRequest) -> Result<Empty> {
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit(ctx, "iam:DeletePolicy")
        .await?;
    let policy = target::require_own(permitted)?;
    let used = PolicyUse::of(ctx, &policy.arn()).await?;
    if used.attachments > 0 || used.boundaries > 0 {
        let message = "Cannot delete a policy attached to entities.";
        return Err(DeleteConflictException::new(message).into());
    }
    if policy.versions.len() > 1 {
        let message = "This policy has more than one version. Before you delete a policy, you \
                       must delete the policy's versions. The default version is deleted with \
                       the policy.";
        return Err(DeleteConflictException::new(message).into());
    }
    let key = ManagedPolicyRecord::key(&policy.account, &policy.name);
    ctx.delete::<ManagedPolicyRecord>(&key).await;
    let mut account = AccountRecord::clone(&*AccountRecord::of_caller(ctx).await?);
    account.policies = account.policies.saturating_sub(1);
    account.put(ctx).await;
    Ok(Empty)
}
