//! `iam:ListPolicyVersions`: shows the versions of a managed policy, newest first.

use api::iam::{ListPolicyVersionsRequest, ListPolicyVersionsResponse};
use platform::{Ctx, Result};

use crate::page::{Wanted, page_in_order};
use crate::policies::target::{self, PolicyTarget};
use crate::policies::versions::Version;

pub(crate) async fn list_policy_versions(
    ctx: &Ctx,
    req: ListPolicyVersionsRequest,
) -> Result<ListPolicyVersionsResponse> {
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit(ctx, "iam:ListPolicyVersions")
        .await?;
    let policy = target::require(permitted)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let mut versions = policy.versions();
    versions.reverse();
    let paged = page_in_order(versions, |version| &version.id, &wanted);
    Ok(ListPolicyVersionsResponse {
        versions: Some(paged.items.iter().map(Version::listed).collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
