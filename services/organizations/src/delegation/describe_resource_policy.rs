//! `organizations:DescribeResourcePolicy`: shows the delegation policy.

use api::organizations::{DescribeResourcePolicyResponse, ResourcePolicyNotFoundException};
use platform::{Ctx, Error, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::delegation::record::ResourcePolicyRecord;

pub(crate) async fn describe_resource_policy(
    ctx: &Ctx,
    _: Empty,
) -> Result<DescribeResourcePolicyResponse> {
    let action = "organizations:DescribeResourcePolicy";
    let permitted = permit(ctx, action, Reach::Reader, About::everything()).await?;
    let organization = permitted.organization();
    let found = ResourcePolicyRecord::get(ctx, organization).await?;
    let found = found.ok_or_else(no_resource_policy)?;
    Ok(DescribeResourcePolicyResponse {
        resource_policy: Some(found.shown(ctx, organization).await?),
    })
}

/// The organization has no delegation policy.
pub(super) fn no_resource_policy() -> Error {
    let message = "We can't find a resource policy for the organization.";
    ResourcePolicyNotFoundException::new(message).into()
}
