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
use crate::managed_key::predefined_aliases;
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

    let mut listed = match &key {
        Some(key) => of_key(ctx, key).await?,
        None => all(ctx).await?,
    };
    if let Some(after) = after {
        listed.retain(|alias| *alias.name() > *after);
    }
    let is_truncated = listed.len() > limit;
    listed.truncate(limit);
    let next_marker = match listed.last() {
        Some(last) if is_truncated => Some(paging.seal(last.name())?),
        _ => None,
    };
    Ok(ListAliasesResponse {
        aliases: Some(listed.iter().map(|alias| alias.entry(ctx)).collect()),
        next_marker,
        truncated: Some(is_truncated),
    })
}

async fn own_key(ctx: &Ctx, key_id: &str) -> Result<Key> {
    match Found::own(ctx, key_id).await? {
        Found::Here(key) => Ok(key),
        Found::Absent(absent) => Err(absent.fault.into()),
    }
}

/// An alias in the list.
enum Listed {
    Record(Arc<AliasRecord>),
    /// One of AWS that has no key yet.
    Predefined(String),
}

async fn of_key(ctx: &Ctx, key: &Key) -> Result<Vec<Listed>> {
    let mut records = Vec::with_capacity(key.record.aliases.len());
    for name in &key.record.aliases {
        let place = AliasRecord::place(ctx.account(), &ctx.region, name);
        records.extend(ctx.get::<AliasRecord>(&place).await?.map(Listed::Record));
    }
    Ok(records)
}

/// All aliases whose keys still exist, and those of AWS without keys, sorted by name.
async fn all(ctx: &Ctx) -> Result<Vec<Listed>> {
    let gone = deletion::ended(ctx).await?;
    let prefix = RecordKey::new(ctx.account(), ctx.region.as_str(), [""; 0]);
    let rows = ctx.scan_all::<AliasRecord>(&prefix).await?;
    let mut records: Vec<_> = rows.into_iter().map(|(_, record)| record).collect();
    records.retain(|record| !gone.contains(&record.key_id));
    let is_free = |name: &String| records.iter().all(|record| record.name != *name);
    let predefined: Vec<_> = predefined_aliases().filter(is_free).collect();
    let records = records.into_iter().map(Listed::Record);
    let predefined = predefined.into_iter().map(Listed::Predefined);
    let mut listed: Vec<_> = records.chain(predefined).collect();
    listed.sort_unstable_by(|one, two| one.name().cmp(two.name()));
    Ok(listed)
}

impl Listed {
    fn name(&self) -> &str {
        match self {
            Self::Record(record) => &record.name,
            Self::Predefined(name) => name,
        }
    }

    fn entry(&self, ctx: &Ctx) -> AliasListEntry {
        let record = match self {
            Self::Record(record) => Some(record),
            Self::Predefined(_) => None,
        };
        let at = |millis| Timestamp { millis };
        AliasListEntry {
            alias_name: Some(self.name().to_owned()),
            alias_arn: Some(arn(&ctx.region, ctx.account(), self.name())),
            target_key_id: record.map(|record| record.key_id.clone()),
            creation_date: record.map(|record| at(record.created_millis)),
            last_updated_date: record.map(|record| at(record.updated_millis)),
        }
    }
}
