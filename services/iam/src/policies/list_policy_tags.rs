//! `iam:ListPolicyTags`: shows the tags of a managed policy.

use api::iam::{ListPolicyTagsRequest, ListPolicyTagsResponse};
use platform::{Ctx, Result};

use crate::page::Wanted;
use crate::policies::target::{self, PolicyTarget};
use crate::tags::{self, Case};

pub(crate) async fn list_policy_tags(
    ctx: &Ctx,
    req: ListPolicyTagsRequest,
) -> Result<ListPolicyTagsResponse> {
    let permitted = PolicyTarget::named(ctx, req.policy_arn)
        .await?
        .permit(ctx, "iam:ListPolicyTags")
        .await?;
    let policy = target::require_taggable(permitted)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = tags::list(Case::Counts, &policy.tags, &wanted);
    Ok(ListPolicyTagsResponse {
        tags: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
