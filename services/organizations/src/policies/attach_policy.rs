//! `organizations:AttachPolicy`: attaches a policy to the root, a unit or an account.

use api::organizations::{AttachPolicyRequest, DuplicatePolicyAttachmentException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::organization::membership::{RESOURCE_CONTROL, SERVICE_CONTROL};
use crate::organization::record::{Attachment, Control};
use crate::policies::{limits, managed, not_enabled};
use crate::refusals;

pub(crate) async fn attach_policy(ctx: &Ctx, req: AttachPolicyRequest) -> Result<Empty> {
    let action = "organizations:AttachPolicy";
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
    if !organization.policy_types.contains(&policy.kind) {
        return Err(not_enabled());
    }
    let attached = organization.attachments.entry(req.target_id).or_default();
    if attached.iter().any(|one| one.policy_id == policy.id) {
        let message = "The specified policy is already attached to the specified target.";
        return Err(DuplicatePolicyAttachmentException::new(message).into());
    }
    let of_kind = attached.iter().filter(|one| one.kind == policy.kind);
    if of_kind.count() >= limits::per_target(&policy.kind) {
        return Err(refusals::constraint(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have attached the maximum number of policies to the specified target.",
        ));
    }
    attached.push(Attachment {
        policy_id: policy.id.clone(),
        kind: policy.kind.clone(),
    });
    let decides = [SERVICE_CONTROL, RESOURCE_CONTROL].contains(&policy.kind.as_str());
    if decides && managed::of_id(&policy.id).is_none() {
        let control = Control::new(&policy.kind, &policy.content);
        organization.controls.insert(policy.id.clone(), control);
    }
    organization.put(ctx).await;
    Ok(Empty)
}
