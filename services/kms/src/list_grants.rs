//! `kms:ListGrants`: the grants of a key.

use std::sync::Arc;

use api::kms::{InvalidMarkerException, ListGrantsRequest, ListGrantsResponse};
use platform::{Ctx, Result, validation};
use store::Page;

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::grant::{GrantRecord, OfKey, check_id};
use crate::grant_entry::entry;
use crate::grant_principal::GrantPrincipal;
use crate::key::KeyRecord;
use crate::lookup::Found;
use crate::paging::{Paging, page_size};

pub(crate) async fn list_grants(ctx: &Ctx, req: ListGrantsRequest) -> Result<ListGrantsResponse> {
    let limit = page_size(req.limit, 50, 100)?;
    if req.grantee_service_principal.is_some() {
        return Err(validation(
            "GranteeServicePrincipal can only be specified by AWS service principals.",
        ));
    }
    let found = Found::by_id(ctx, &req.key_id).await?;
    let key = access::authorize(ctx, "kms:ListGrants", found, &RequestKeys::about_grants()).await?;

    let grantee = req.grantee_principal.as_deref();
    let about = [key.record.arn.as_str(), grantee.unwrap_or_default()].join("\n");
    let paging = Paging {
        ctx,
        list: "ListGrants",
        about: &about,
    };
    let page = match &req.grant_id {
        Some(id) => one(ctx, &key.record, id, grantee).await?,
        None => page(&paging, &key.record, grantee, req.marker.as_deref(), limit).await?,
    };
    let next_marker = match &page.next {
        Some(next) => Some(paging.seal(&next.to_string())?),
        None => None,
    };
    let mut grants = Vec::with_capacity(page.rows.len());
    for (_, grant) in &page.rows {
        grants.push(entry(ctx, grant).await?);
    }
    Ok(ListGrantsResponse {
        grants: Some(grants),
        truncated: Some(next_marker.is_some()),
        next_marker,
    })
}

async fn page(
    paging: &Paging<'_>,
    key: &KeyRecord,
    grantee: Option<&str>,
    marker: Option<&str>,
    limit: usize,
) -> Result<Page<GrantRecord>> {
    let (ctx, of_key) = (paging.ctx, OfKey::new(key));
    let prefix = match grantee {
        Some(grantee) => of_key.to(GrantPrincipal::of_filter(ctx, grantee).await?.kept()),
        None => of_key.all(),
    };
    let after = paging.open(marker)?;
    let after = after.map(|after| after.parse()).transpose();
    let after = after.map_err(|_| InvalidMarkerException::bare())?;
    ctx.scan(&prefix, after.as_ref(), limit).await
}

/// The grant with this id, if the key has it and it is to the grantee.
async fn one(
    ctx: &Ctx,
    key: &KeyRecord,
    id: &str,
    grantee: Option<&str>,
) -> Result<Page<GrantRecord>> {
    check_id(id)?;
    let mut found: Option<Arc<GrantRecord>> = OfKey::new(key).find(ctx, id).await?;
    if let Some(grantee) = grantee {
        let grantee = GrantPrincipal::of_filter(ctx, grantee).await?;
        found = found.filter(|found| found.grantee == grantee);
    }
    let rows = found.map(|found| (OfKey::new(key).all(), found));
    Ok(Page {
        rows: rows.into_iter().collect(),
        next: None,
    })
}
