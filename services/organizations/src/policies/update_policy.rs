//! `organizations:UpdatePolicy`: changes name, description or document of a policy. Whom it binds
//! is bound by the new document from the commit on.

use api::organizations::{UpdatePolicyRequest, UpdatePolicyResponse};
use platform::{Ctx, Error, Result};

use crate::access::{About, Reach, permit};
use crate::organization::record::Control;
use crate::policies::create_policy::check_name;
use crate::policies::record::PolicyRecord;
use crate::policies::{content, managed};
use crate::refusals;

pub(crate) async fn update_policy(
    ctx: &Ctx,
    req: UpdatePolicyRequest,
) -> Result<UpdatePolicyResponse> {
    let about = About::id(&req.policy_id);
    let permitted = permit(ctx, "organizations:UpdatePolicy", Reach::Delegated, about).await?;
    let mut policy = PolicyRecord::clone(permitted.policy()?);
    check_mutable(&policy.id)?;
    let mut organization = permitted.draft();
    if let Some(name) = req.name {
        check_name(ctx, &organization, (&policy.kind, &name), Some(&policy.id)).await?;
        policy.name = name;
    }
    if let Some(description) = req.description {
        policy.description = description;
    }
    if let Some(content) = req.content {
        content::check(&policy.kind, &content)?;
        policy.content = content;
    }
    policy.updated_millis = ctx.now.millis;
    let shown = policy.shown(&organization);
    if let Some(control) = organization.controls.get_mut(&policy.id) {
        *control = Control::new(&policy.kind, &policy.content);
        organization.clone().put(ctx).await;
    }
    policy.put(ctx, &organization).await;
    Ok(UpdatePolicyResponse {
        policy: Some(shown),
    })
}

/// AWS's own policies do not change.
pub(super) fn check_mutable(id: &str) -> Result<(), Error> {
    match managed::of_id(id) {
        None => Ok(()),
        Some(_) => Err(refusals::invalid(
            "IMMUTABLE_POLICY",
            "You specified a policy that is managed by AWS and can't be modified.",
        )),
    }
}
