//! `iam:ListInstanceProfilesForRole`: shows the instance profiles that hold a role.

use api::iam::{ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse};
use platform::{Ctx, Result};

use crate::instance_profiles::record::InstanceProfileRecord;
use crate::page::{Wanted, page};
use crate::roles::RoleRecord;
use crate::target::require;

pub(crate) async fn list_instance_profiles_for_role(
    ctx: &Ctx,
    req: ListInstanceProfilesForRoleRequest,
) -> Result<ListInstanceProfilesForRoleResponse> {
    let target = RoleRecord::target(ctx, req.role_name).await?;
    let role = require(
        target
            .permit(ctx, "iam:ListInstanceProfilesForRole")
            .await?,
    )?;
    let profiles = InstanceProfileRecord::of_role(ctx, &role.name).await?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(profiles, |profile| &profile.name, &wanted);
    let mut profiles = Vec::with_capacity(paged.items.len());
    for profile in &paged.items {
        profiles.push(profile.listed(ctx).await?);
    }
    Ok(ListInstanceProfilesForRoleResponse {
        instance_profiles: Some(profiles),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
