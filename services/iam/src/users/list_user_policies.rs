//! `iam:ListUserPolicies`: shows the names of a user's inline policies.

use api::iam::{ListUserPoliciesRequest, ListUserPoliciesResponse};
use platform::{Ctx, Result};

use crate::inline_policies;
use crate::page::Wanted;
use crate::users::subject::{self, Subject};

pub(crate) async fn list_user_policies(
    ctx: &Ctx,
    req: ListUserPoliciesRequest,
) -> Result<ListUserPoliciesResponse> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:ListUserPolicies")
        .await?;
    let user = subject::user(permitted)?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = inline_policies::list_names(&user.permissions, &wanted);
    Ok(ListUserPoliciesResponse {
        policy_names: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
