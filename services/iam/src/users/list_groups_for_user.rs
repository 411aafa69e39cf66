//! `iam:ListGroupsForUser`: shows the groups of a user.

use api::iam::{ListGroupsForUserRequest, ListGroupsForUserResponse};
use platform::{Ctx, Result};

use crate::groups::GroupRecord;
use crate::page::{Wanted, page};
use crate::users::subject::{self, Subject};

pub(crate) async fn list_groups_for_user(
    ctx: &Ctx,
    req: ListGroupsForUserRequest,
) -> Result<ListGroupsForUserResponse> {
    let permitted = Subject::named(ctx, req.user_name)
        .await?
        .permit(ctx, "iam:ListGroupsForUser")
        .await?;
    let user = subject::user(permitted)?;
    let mut groups = Vec::with_capacity(user.groups.len());
    for name in &user.groups {
        let key = GroupRecord::key(&user.account, name);
        groups.extend(ctx.get::<GroupRecord>(&key).await?);
    }
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(groups, |group| &group.name, &wanted);
    Ok(ListGroupsForUserResponse {
        groups: Some(paged.items.iter().map(|group| group.shown()).collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
