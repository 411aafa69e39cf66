//! `organizations:EnablePolicyType`: enables a policy type in the root. AWS's policy of the type is
//! attached to everything, so that nothing loses a permission.

use api::organizations::{
    EnablePolicyTypeRequest, EnablePolicyTypeResponse, PolicyTypeAlreadyEnabledException,
};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::organization::record::Attachment;
use crate::policies::create_policy::unavailable;
use crate::policies::managed;
use crate::refusals;

pub(crate) async fn enable_policy_type(
    ctx: &Ctx,
    req: EnablePolicyTypeRequest,
) -> Result<EnablePolicyTypeResponse> {
    let kind = req.policy_type.as_str();
    let about = About {
        policy_type: Some(kind),
        ..About::id(&req.root_id)
    };
    let action = "organizations:EnablePolicyType";
    let permitted = permit(ctx, action, Reach::Delegated, about).await?;
    let mut organization = permitted.draft();
    if req.root_id != organization.root_id {
        return Err(refusals::no_root());
    }
    if !organization.all_features {
        return Err(unavailable());
    }
    if !organization.policy_types.insert(kind.to_owned()) {
        let message = "The specified policy type is already enabled.";
        return Err(PolicyTypeAlreadyEnabledException::new(message).into());
    }
    if let Some(managed) = managed::of_kind(kind) {
        for target in organization.targets() {
            let attached = organization.attachments.entry(target).or_default();
            attached.push(Attachment {
                policy_id: managed.id.to_owned(),
                kind: managed.kind.to_owned(),
            });
        }
    }
    let root = organization.shown_root();
    organization.put(ctx).await;
    Ok(EnablePolicyTypeResponse { root: Some(root) })
}
