//! `iam:ListInstanceProfiles`: shows the instance profiles below a path.

use api::iam::{ListInstanceProfilesRequest, ListInstanceProfilesResponse};
use platform::{Ctx, Result};

use crate::instance_profiles::record::{self, InstanceProfileRecord};
use crate::page::{Wanted, page};
use crate::target::Place;

pub(crate) async fn list_instance_profiles(
    ctx: &Ctx,
    req: ListInstanceProfilesRequest,
) -> Result<ListInstanceProfilesResponse> {
    let prefix = req.path_prefix.unwrap_or_else(|| "/".to_owned());
    let below = Place::new(ctx, record::arn(ctx.account(), &prefix, ""));
    let access = ctx.authorize("iam:ListInstanceProfiles", below);
    access.decide().await?;

    let mut profiles = InstanceProfileRecord::all(ctx).await?;
    profiles.retain(|profile| profile.path.starts_with(&prefix));
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let paged = page(profiles, |profile| &profile.name, &wanted);
    let mut profiles = Vec::with_capacity(paged.items.len());
    for profile in &paged.items {
        profiles.push(profile.listed(ctx).await?);
    }
    Ok(ListInstanceProfilesResponse {
        instance_profiles: Some(profiles),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
