//! Tags of accounts, roots, units and policies.

mod list_tags_for_resource;
mod tag_resource;
mod untag_resource;

use std::collections::BTreeSet;

use api::organizations::{ListTagsForResource, Tag, TagResource, UntagResource};
use platform::{Ctx, Result, Service};

use crate::access::{About, Reach, permit};
use crate::organization::record::OrganizationRecord;
use crate::policies::managed;
use crate::refusals;

/// The most tags of one thing ("Quotas for AWS Organizations").
const QUOTA: usize = 50;

pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<ListTagsForResource>(list_tags_for_resource::list_tags_for_resource)
        .op::<TagResource>(tag_resource::tag_resource)
        .op::<UntagResource>(untag_resource::untag_resource)
}

/// Keys and values of a request.
pub(crate) fn pairs(tags: Vec<Tag>) -> Vec<(String, String)> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// Whoever gives tags to something new needs the permission to tag.
pub(crate) async fn permit_giving(ctx: &Ctx, tags: &[(String, String)]) -> Result<()> {
    if tags.is_empty() {
        return Ok(());
    }
    let about = About {
        tags,
        ..About::everything()
    };
    permit(ctx, "organizations:TagResource", Reach::Delegated, about).await?;
    Ok(())
}

/// Refuses tags that a request may not give.
pub(crate) fn check(tags: &[(String, String)]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for (key, _) in tags {
        check_key(key)?;
        if !seen.insert(key) {
            return Err(refusals::invalid(
                "DUPLICATE_TAG_KEY",
                "You have provided duplicate tag keys.",
            ));
        }
    }
    check_count(tags.len())
}

fn check_key(key: &str) -> Result<()> {
    if key.to_lowercase().starts_with("aws:") {
        return Err(refusals::invalid(
            "INVALID_SYSTEM_TAGS_PARAMETER",
            "You can't add, edit, or delete system tag keys.",
        ));
    }
    Ok(())
}

fn check_count(count: usize) -> Result<()> {
    if count > QUOTA {
        return Err(refusals::constraint(
            "MAX_TAG_LIMIT_EXCEEDED",
            "You have exceeded the number of tags allowed on this resource.",
        ));
    }
    Ok(())
}

/// Gives tags to something new.
pub(crate) fn give(organization: &mut OrganizationRecord, id: &str, tags: Vec<(String, String)>) {
    if !tags.is_empty() {
        organization.tags.insert(id.to_owned(), tags);
    }
}

/// Whether tags can be given to `id`: AWS's own policies have none.
fn is_taggable(organization: &OrganizationRecord, id: &str, is_policy: bool) -> bool {
    organization.is_target(id)
        || organization.resource_policy.as_deref() == Some(id)
        || is_policy && managed::of_id(id).is_none()
}
