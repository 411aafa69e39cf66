//! `kms:ListAliases`: the aliases of the account in the region, or of one key, by name.

use std::sync::Arc;

use api::kms::{AliasListEntry, ListAliasesRequest, ListAliasesResponse};
use platform::{Ctx, Result};
use store::Key as RecordKey;
use wire::Timestamp;

use crate::alias::AliasRecord;
use crate::key::Key;
use crate::key_id::arn;
use crate::lookup::Found;
use crate::paging::{Paging, page_size};
use crate::{access, deletion};

pub(crate) async fn list_aliases(
    ctx: &Ctx,
    req: ListAliasesRequest,
) -> Result<ListAliasesResponse> {
    let limit = page_size(req.limit, 50, 100)?;
    access::authorize_account(ctx, "kms:ListAliases").await?;
    let key = match &req.key_id {
        Some(key_id) => Some(own_key(ctx, key_id).await?),
        None => None,
    };
    let about = key.as_ref().map_or("", |key| &key.record.id);
    let paging = Paging {
        ctx,
        list: "ListAliases",
        about,
    };
    let after = paging.open(req.marker.as_deref())?;

    let mut records = match &key {
        Some(key) => of_key(ctx, key).await?,
        None => all(ctx).await?,
    };
    if let Some(after) = after {
        records.retain(|record| record.name > after);
    }
    let is_truncated = records.len() > limit;
    records.truncate(limit);
    let next_marker = match records.last() {
        Some(last) if is_truncated => Some(paging.seal(&last.name)?),
        _ => None,
    };
    Ok(ListAliasesResponse {
        aliases: Some(records.iter().map(|record| entry(ctx, record)).collect()),
        next_marker,
        truncated: Some(is_truncated),
    })
}

async fn own_key(ctx: &Ctx, key_id: &str) -> Result<Key> {
    match Found::own(ctx, key_id).await? {
        Found::Here(key) => Ok(*key),
        Found::Absent(absent) => Err(absent.fault.into()),
    }
}

async fn of_key(ctx: &Ctx, key: &Key) -> Result<Vec<Arc<AliasRecord>>> {
    let mut records = Vec::with_capacity(key.record.aliases.len());
    for name in &key.record.aliases {
        let place = AliasRecord::place(ctx.account(), &ctx.region, name);
        records.extend(ctx.get::<AliasRecord>(&place).await?);
    }
    Ok(records)
}

/// All aliases whose keys still exist, sorted by name.
async fn all(ctx: &Ctx) -> Result<Vec<Arc<AliasRecord>>> {
    let gone = deletion::ended(ctx).await?;
    let prefix = RecordKey::new(ctx.account(), ctx.region.as_str(), [""; 0]);
    let rows = ctx.scan_all::<AliasRecord>(&prefix).await?;
    let mut records: Vec<_> = rows.into_iter().map(|(_, record)| record).collect();
    records.retain(|record| !gone.contains(&record.key_id));
    records.sort_unstable_by(|one, two| one.name.cmp(&two.name));
    Ok(records)
}

fn entry(ctx: &Ctx, record: &AliasRecord) -> AliasListEntry {
    AliasListEntry {
        alias_name: Some(record.name.clone()),
        alias_arn: Some(arn(&ctx.region, ctx.account(), &record.name)),
        target_key_id: Some(record.key_id.clone()),
        creation_date: Some(Timestamp {
            millis: record.created_millis,
        }),
        last_updated_date: Some(Timestamp {
            millis: record.updated_millis,
        }),
    }
}
