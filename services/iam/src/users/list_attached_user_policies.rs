//! `iam:ListAttachedUserPolicies`: shows the managed policies of a user.

use api::iam::{ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse};
use platform::{Ctx, Result};

use crate::attachments;
use crate::page::Wanted;
use crate::users::subject::{self, Subject};

pub(crate) async fn list_attached_user_policies(
    ctx: &Ctx,
    req: ListAttachedUserPoliciesRequest,
) -> Result<ListAttachedUserPoliciesResponse> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:ListAttachedUserPolicies")
        .await?;
    let user = subject::user(permitted)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let prefix = req.path_prefix.as_deref();
    let paged = attachments::list_attached(&user.permissions, prefix, &wanted);
    Ok(ListAttachedUserPoliciesResponse {
        attached_policies: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
