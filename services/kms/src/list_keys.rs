//! `kms:ListKeys`: the keys of the account in the region, in no meaningful order.

use api::kms::{
    InvalidMarkerException, KeyListEntry, ListKeysRequest, ListKeysResponse, ResourceOwnerType,
};
use platform::{Ctx, Result};
use store::{Cursor, Key as RecordKey};

use crate::access;
use crate::key::KeyRecord;
use crate::paging::{Paging, page_size};

pub(crate) async fn list_keys(ctx: &Ctx, req: ListKeysRequest) -> Result<ListKeysResponse> {
    let limit = page_size(req.limit, 100, 1000)?;
    access::authorize_account(ctx, "kms:ListKeys").await?;
    let paging = Paging {
        ctx,
        list: "ListKeys",
        about: "",
    };
    let after = match paging.open(req.marker.as_deref())? {
        Some(position) => Some(cursor(&position)?),
        None => None,
    };
    // No account shares keys with another, so there are none to list but one's own.
    let owners = &req.resource_owners;
    if !owners.is_empty() && !owners.contains(&ResourceOwnerType::Self_) {
        return Ok(none());
    }

    let prefix = RecordKey::new(ctx.account(), ctx.region.as_str(), [""; 0]);
    let page = ctx
        .scan::<KeyRecord>(&prefix, after.as_ref(), limit)
        .await?;
    let next_marker = match &page.next {
        Some(next) => Some(paging.seal(&next.to_string())?),
        None => None,
    };
    let records = page.rows.iter().map(|(_, record)| record);
    let existing = records.filter(|record| !record.is_gone(ctx.now));
    let keys = existing.map(|record| entry(record)).collect();
    let truncated = Some(next_marker.is_some());
    Ok(ListKeysResponse {
        keys: Some(keys),
        next_marker,
        truncated,
    })
}

fn none() -> ListKeysResponse {
    ListKeysResponse {
        keys: Some(Vec::new()),
        next_marker: None,
        truncated: Some(false),
    }
}

fn entry(record: &KeyRecord) -> KeyListEntry {
    KeyListEntry {
        key_id: Some(record.id.clone()),
        key_arn: Some(record.arn.clone()),
    }
}

fn cursor(position: &str) -> Result<Cursor> {
    position
        .parse()
        .map_err(|_| InvalidMarkerException::bare().into())
}
