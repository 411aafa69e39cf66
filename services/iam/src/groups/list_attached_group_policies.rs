//! `iam:ListAttachedGroupPolicies`: shows the managed policies of a group.

use api::iam::{ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse};
use platform::{Ctx, Result};

use crate::attachments;
use crate::groups::record;
use crate::page::Wanted;
use crate::target::require;

pub(crate) async fn list_attached_group_policies(
    ctx: &Ctx,
    req: ListAttachedGroupPoliciesRequest,
) -> Result<ListAttachedGroupPoliciesResponse> {
    let permitted = record::named(ctx, req.group_name)
        .await?
        .permit(ctx, "iam:ListAttachedGroupPolicies")
        .await?;
    let group = require(permitted)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let prefix = req.path_prefix.as_deref();
    let paged = attachments::list_attached(&group.permissions, prefix, &wanted);
    Ok(ListAttachedGroupPoliciesResponse {
        attached_policies: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
