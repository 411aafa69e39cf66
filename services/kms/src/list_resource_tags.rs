//! `kms:ListResourceTags`: the tags of a key, in the order in which they were first set.

use api::kms::{ListResourceTagsRequest, ListResourceTagsResponse, Tag};
use platform::{Ctx, Result};

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::lookup::Found;
use crate::paging::{Paging, page_size};
use crate::tags::MAX_PER_KEY;

pub(crate) async fn list_resource_tags(
    ctx: &Ctx,
    req: ListResourceTagsRequest,
) -> Result<ListResourceTagsResponse> {
    let limit = page_size(req.limit, MAX_PER_KEY, MAX_PER_KEY)?;
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys::default();
    let key = access::authorize(ctx, "kms:ListResourceTags", found, &request).await?;
    let paging = Paging {
        ctx,
        list: "ListResourceTags",
        about: &key.record.id,
    };
    let after = paging.open(req.marker.as_deref())?;

    let tags = &key.record.tags;
    // A tag that was removed between two pages ends the list rather than repeating it.
    let start = match &after {
        Some(after) => tags
            .iter()
            .position(|(key, _)| key == after)
            .map_or(tags.len(), |at| at + 1),
        None => 0,
    };
    let page: Vec<_> = tags.iter().skip(start).take(limit).collect();
    let is_truncated = start + page.len() < tags.len();
    let next_marker = match page.last() {
        Some((last, _)) if is_truncated => Some(paging.seal(last)?),
        _ => None,
    };
    let shown = |(key, value): &(String, String)| Tag {
        tag_key: key.clone(),
        tag_value: value.clone(),
    };
    Ok(ListResourceTagsResponse {
        tags: Some(page.into_iter().map(shown).collect()),
        next_marker,
        truncated: Some(is_truncated),
    })
}
