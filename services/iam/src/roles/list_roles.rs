//! `iam:ListRoles`: shows the roles below a path.

use api::iam::{ListRolesRequest, ListRolesResponse};
use platform::{Ctx, Result};

use crate::page::{Wanted, page};
use crate::roles::record::{self, RoleRecord};
use crate::target::Place;

pub(crate) async fn list_roles(ctx: &Ctx, req: ListRolesRequest) -> Result<ListRolesResponse> {
    let prefix = req.path_prefix.unwrap_or_else(|| "/".to_owned());
    let below = Place::new(ctx, record::arn(ctx.account(), &prefix, ""));
    ctx.authorize("iam:ListRoles", below).decide().await?;

    let rows = ctx
        .scan_all::<RoleRecord>(&RoleRecord::prefix(ctx.account()))
        .await?;
    let roles = rows.into_iter().map(|(_, role)| role);
    let roles: Vec<_> = roles
        .filter(|role| role.path.starts_with(&prefix))
        .collect();
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(roles, |role| &role.name, &wanted);
    let mut roles = Vec::with_capacity(paged.items.len());
    for role in &paged.items {
        roles.push(role.listed(ctx).await?);
    }
    Ok(ListRolesResponse {
        roles: Some(roles),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
