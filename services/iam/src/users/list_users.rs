//! `iam:ListUsers`: shows the users below a path.

use api::iam::{ListUsersRequest, ListUsersResponse};
use platform::{Ctx, Result};

use crate::page::{Wanted, page};
use crate::target::Place;
use crate::users::record::{self, UserRecord};

pub(crate) async fn list_users(ctx: &Ctx, req: ListUsersRequest) -> Result<ListUsersResponse> {
    let prefix = req.path_prefix.unwrap_or_else(|| "/".to_owned());
    let below = Place::new(ctx, record::arn(ctx.account(), &prefix, ""));
    ctx.authorize("iam:ListUsers", below).decide().await?;

    // The index on disk is opaque, so the order of names is made here.
    let rows = ctx
        .scan_all::<UserRecord>(&UserRecord::prefix(ctx.account()))
        .await?;
    let users = rows.into_iter().map(|(_, user)| user);
    let users: Vec<_> = users
        .filter(|user| user.path.starts_with(&prefix))
        .collect();
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(users, |user| &user.name, &wanted);
    Ok(ListUsersResponse {
        users: Some(paged.items.iter().map(|user| user.listed()).collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
