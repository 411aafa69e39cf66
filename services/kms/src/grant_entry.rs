//! How lists show a grant.

use api::kms::{GrantListEntry, GrantOperation};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::grant::GrantRecord;
use crate::key_id::arn;

/// The entry of a grant.
pub(crate) async fn entry(ctx: &Ctx, grant: &GrantRecord) -> Result<GrantListEntry> {
    let GrantRecord {
        account,
        region,
        key_id,
        ..
    } = grant;
    let retiring = grant.retiring.as_ref().map(|retiring| &retiring.principal);
    let retiring_principal = match retiring {
        Some(principal) => principal.shown(ctx).await?,
        None => None,
    };
    let operations = grant.terms.operations.iter();
    Ok(GrantListEntry {
        key_id: Some(arn(region, account, &format!("key/{key_id}"))),
        grant_id: Some(grant.id.clone()),
        name: grant.name.clone(),
        creation_date: Some(Timestamp {
            millis: grant.created_millis,
        }),
        grantee_principal: grant.grantee.shown(ctx).await?,
        retiring_principal,
        issuing_account: Some(ctx.show_principal(&grant.issuer).await?),
        operations: Some(
            operations
                .filter_map(|name| GrantOperation::parse(name))
                .collect(),
        ),
        constraints: grant.terms.shown_constraints(),
        grantee_service_principal: grant.grantee.service().map(str::to_owned),
        retiring_service_principal: retiring.and_then(|it| it.service()).map(str::to_owned),
    })
}
