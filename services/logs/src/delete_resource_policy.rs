//! `logs:DeleteResourcePolicy`: deletes a resource policy.

use api::logs::DeleteResourcePolicyRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::access;
use crate::put_resource_policy::own_group;
use crate::refusals;
use crate::resource_policy::{Place, ResourcePolicyRecord};

pub(crate) async fn delete_resource_policy(
    ctx: &Ctx,
    req: DeleteResourcePolicyRequest,
) -> Result<Empty> {
    access::everything(ctx, "logs:DeleteResourcePolicy").await?;
    let name = req.policy_name.as_deref().unwrap_or_default();
    let group_arn = match &req.resource_arn {
        None => None,
        Some(arn) => Some(own_group(ctx, arn)?.existing_arn(ctx).await?),
    };
    let place = match &group_arn {
        None => Place::Account(name),
        Some(arn) => Place::Group(arn),
    };
    let known = ResourcePolicyRecord::find(ctx, place).await?;
    let known = known.ok_or_else(|| refusals::no_resource_policy(name))?;
    if let Some(revision) = &known.group
        && req.expected_revision_id.as_ref() != Some(&revision.id)
    {
        return Err(refusals::other_revision().into());
    }
    ResourcePolicyRecord::delete(ctx, place).await;
    Ok(Empty)
}
