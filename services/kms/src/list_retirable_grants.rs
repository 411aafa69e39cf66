//! `kms:ListRetirableGrants`: the grants that a principal of the account may retire.

use api::kms::{InvalidMarkerException, ListGrantsResponse, ListRetirableGrantsRequest};
use platform::{Ctx, Result, access_denied, validation};

use crate::access;
use crate::grant::RetirableGrant;
use crate::grant_entry::entry;
use crate::grant_principal::GrantPrincipal;
use crate::paging::{Paging, page_size};

const ACTION: &str = "kms:ListRetirableGrants";

pub(crate) async fn list_retirable_grants(
    ctx: &Ctx,
    req: ListRetirableGrantsRequest,
) -> Result<ListGrantsResponse> {
    let limit = page_size(req.limit, 50, 100)?;
    let retiring = retiring(&req)?;
    access::authorize_account(ctx, ACTION).await?;
    check_account(ctx, retiring)?;
    let paging = Paging {
        ctx,
        list: "ListRetirableGrants",
        about: retiring,
    };
    let after = paging.open(req.marker.as_deref())?;
    let after = after.map(|after| after.parse()).transpose();
    let after = after.map_err(|_| InvalidMarkerException::bare())?;

    let principal = GrantPrincipal::of_filter(ctx, retiring).await?;
    let place = RetirableGrant::all(ctx.account(), &ctx.region, principal.kept());
    let page = ctx
        .scan::<RetirableGrant>(&place, after.as_ref(), limit)
        .await?;
    let mut grants = Vec::with_capacity(page.rows.len());
    for (_, retirable) in &page.rows {
        if let Some(grant) = retirable.grant(ctx).await? {
            grants.push(entry(ctx, &grant).await?);
        }
    }
    let next_marker = match &page.next {
        Some(next) => Some(paging.seal(&next.to_string())?),
        None => None,
    };
    Ok(ListGrantsResponse {
        grants: Some(grants),
        truncated: Some(next_marker.is_some()),
        next_marker,
    })
}

fn retiring(req: &ListRetirableGrantsRequest) -> Result<&str> {
    match (&req.retiring_principal, &req.retiring_service_principal) {
        (Some(arn), None) => Ok(arn),
        (None, Some(_)) => Err(validation(
            "RetiringServicePrincipal can only be specified by AWS service principals.",
        )),
        _ => Err(validation(
            "You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.",
        )),
    }
}

/// A caller sees what principals of its own account may retire, nobody else's.
fn check_account(ctx: &Ctx, retiring: &str) -> Result<()> {
    let account = retiring.split(':').nth(4);
    if account.is_none_or(|account| account == ctx.account()) {
        return Ok(());
    }
    let because = "because the principal belongs to another account";
    Err(access_denied(&ctx.caller.arn, ACTION, retiring, because))
}
