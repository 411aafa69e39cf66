//! `iam:ListGroupPolicies`: shows the names of a group's inline policies.

use api::iam::{ListGroupPoliciesRequest, ListGroupPoliciesResponse};
use platform::{Ctx, Result};

use crate::groups::record;
use crate::inline_policies;
use crate::page::Wanted;
use crate::target::require;

pub(crate) async fn list_group_policies(
    ctx: &Ctx,
    req: ListGroupPoliciesRequest,
) -> Result<ListGroupPoliciesResponse> {
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit(ctx, "iam:ListGroupPolicies")
        .await?;
    let group = require(permitted)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = inline_policies::list_names(&group.permissions, &wanted);
    Ok(ListGroupPoliciesResponse {
        policy_names: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
