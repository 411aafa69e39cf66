//! `kms:ListKeys`: the keys of the account in the region, in no meaningful order.

use api::kms::{
    InvalidMarkerException, KeyListEntry, ListKeysRequest, ListKeysResponse, ResourceOwnerType,
};
use platform::{Ctx, Everything, Result};
use store::{Cursor, Key as RecordKey};

use crate::condition_keys::KeyConditions;
use crate::key::KeyRecord;
use crate::paging::{Paging, page_size};

pub(crate) async fn list_keys(ctx: &Ctx, req: ListKeysRequest) -> Result<ListKeysResponse> {
    let limit = page_size(req.limit, 100, 1000)?;
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    let conditions = KeyConditions::without_key(ctx);
    ctx.authorize("kms:ListKeys", everything)
        .keys(&conditions)
        .decide()
        .await?;
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
        let keys = Some(Vec::new());
        return Ok(ListKeysResponse {
            keys,
            next_marker: None,
            truncated: Some(false),
        });
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
    let keys = records
        .filter(|record| !record.is_gone(ctx.now))
        .map(|record| KeyListEntry {
            key_id: Some(record.id.clone()),
            key_arn: Some(record.arn.clone()),
        });
    let truncated = Some(next_marker.is_some());
    Ok(ListKeysResponse {
        keys: Some(keys.collect()),
        next_marker,
        truncated,
    })
}

fn cursor(position: &str) -> Result<Cursor> {
    position
        .parse()
        .map_err(|_| InvalidMarkerException::bare().into())
}
