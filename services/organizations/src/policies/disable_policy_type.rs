//! `organizations:DisablePolicyType`: disables a policy type in the root, which detaches all its
//! policies from everything.

use api::organizations::{DisablePolicyTypeRequest, DisablePolicyTypeResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::policies::not_enabled;
use crate::refusals;

pub(crate) async fn disable_policy_type(
    ctx: &Ctx,
    req: DisablePolicyTypeRequest,
) -> Result<DisablePolicyTypeResponse> {
    let kind = req.policy_type.as_str();
    let about = About {
        policy_type: Some(kind),
        ..About::id(&req.root_id)
    };
    let action = "organizations:DisablePolicyType";
    let permitted = permit(ctx, action, Reach::Delegated, about).await?;
    let mut organization = permitted.draft();
    if req.root_id != organization.root_id {
        return Err(refusals::no_root());
    }
    if !organization.policy_types.remove(kind) {
        return Err(not_enabled());
    }
    for attached in organization.attachments.values_mut() {
        attached.retain(|one| one.kind != kind);
    }
    organization.drop_unattached();
    let root = organization.shown_root();
    organization.put(ctx).await;
    Ok(DisablePolicyTypeResponse { root: Some(root) })
}
