//! `organizations:DetachPolicy`: detaches a policy from the root, a unit or an account.

use api::organizations::{DetachPolicyRequest, PolicyNotAttachedException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::organization::membership::{RESOURCE_CONTROL, SERVICE_CONTROL};
use crate::policies::managed;
use crate::refusals;

pub(crate) async fn detach_policy(ctx: &Ctx, req: DetachPolicyRequest) -> Result<Empty> {
    let action = "organizations:DetachPolicy";
    let permitted = permit(ctx, action, Reach::Delegated, About::id(&req.policy_id)).await?;
    let target = About {
        policy_type: permitted.policy().ok().map(|policy| policy.kind.as_str()),
        ..About::id(&req.target_id)
    };
    permit(ctx, action, Reach::Delegated, target).await?;
    let policy = permitted.policy()?;
    let mut organization = permitted.draft();
    if !organization.is_target(&req.target_id) {
        return Err(refusals::no_target());
    }
    let attached = organization.attachments.entry(req.target_id).or_default();
    if !attached.iter().any(|one| one.policy_id == policy.id) {
        let message = "The specified policy isn't attached to the specified target.";
        return Err(PolicyNotAttachedException::new(message).into());
    }
    let of_kind = attached.iter().filter(|one| one.kind == policy.kind);
    let is_last = of_kind.count() == 1;
    if policy.kind == RESOURCE_CONTROL && managed::of_id(&policy.id).is_some() {
        return Err(refusals::invalid(
            "NON_DETACHABLE_POLICY",
            "You can't detach this AWS Managed Policy.",
        ));
    }
    if policy.kind == SERVICE_CONTROL && is_last {
        return Err(refusals::constraint(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You cannot remove the last policy of the specified type from the specified target.",
        ));
    }
    attached.retain(|one| one.policy_id != policy.id);
    organization.drop_unattached();
    organization.put(ctx).await;
    Ok(Empty)
}
