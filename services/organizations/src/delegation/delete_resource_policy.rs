//! `organizations:DeleteResourcePolicy`: takes the delegation policy away.

use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::delegation::describe_resource_policy::no_resource_policy;
use crate::delegation::record::ResourcePolicyRecord;

pub(crate) async fn delete_resource_policy(ctx: &Ctx, _: Empty) -> Result<Empty> {
    let action = "organizations:DeleteResourcePolicy";
    let permitted = permit(ctx, action, Reach::Management, About::everything()).await?;
    let mut organization = permitted.draft();
    let id = organization.resource_policy.take();
    let id = id.ok_or_else(no_resource_policy)?;
    organization.tags.remove(&id);
    ctx.delete::<ResourcePolicyRecord>(&ResourcePolicyRecord::key(&organization))
        .await;
    organization.put(ctx).await;
    Ok(Empty)
}
