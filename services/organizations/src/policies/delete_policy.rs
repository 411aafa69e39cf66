//! `organizations:DeletePolicy`: deletes a policy that is attached to nothing.

use api::organizations::{DeletePolicyRequest, PolicyInUseException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::policies::record::PolicyRecord;
use crate::policies::update_policy::check_mutable;

pub(crate) async fn delete_policy(ctx: &Ctx, req: DeletePolicyRequest) -> Result<Empty> {
    let about = About::id(&req.policy_id);
    let permitted = permit(ctx, "organizations:DeletePolicy", Reach::Delegated, about).await?;
    let policy = permitted.policy()?;
    check_mutable(&policy.id)?;
    let mut organization = permitted.draft();
    let mut attachments = organization.attachments.values().flatten();
    if attachments.any(|attached| attached.policy_id == policy.id) {
        let message = "The policy is attached to one or more entities. You must detach it from \
                       all roots, OUs, and accounts before performing this operation.";
        return Err(PolicyInUseException::new(message).into());
    }
    ctx.delete::<PolicyRecord>(&PolicyRecord::key(&organization, &policy.id))
        .await;
    // Written even without tags to take away: who attaches the policy meanwhile must not succeed.
    organization.tags.remove(&policy.id);
    organization.put(ctx).await;
    Ok(Empty)
}
