//! `iam:ListGroups`: shows the groups below a path.

use api::iam::{ListGroupsRequest, ListGroupsResponse};
use platform::{Ctx, Result};

use crate::groups::record::{self, GroupRecord};
use crate::page::{Wanted, page};
use crate::target::Place;

pub(crate) async fn list_groups(ctx: &Ctx, req: ListGroupsRequest) -> Result<ListGroupsResponse> {
    let prefix = req.path_prefix.unwrap_or_else(|| "/".to_owned());
    let below = Place::new(ctx, record::arn(ctx.account(), &prefix, ""));
    ctx.authorize("iam:ListGroups", below).decide().await?;

    let rows = ctx
        .scan_all::<GroupRecord>(&GroupRecord::prefix(ctx.account()))
        .await?;
    let groups = rows.into_iter().map(|(_, group)| group);
    let groups: Vec<_> = groups
        .filter(|group| group.path.starts_with(&prefix))
        .collect();
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(groups, |group| &group.name, &wanted);
    Ok(ListGroupsResponse {
        groups: Some(paged.items.iter().map(|group| group.shown()).collect()),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
