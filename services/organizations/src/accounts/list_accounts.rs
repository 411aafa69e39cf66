//! `organizations:ListAccounts`: shows all accounts of the organization.

use api::organizations::{Account, ListAccountsRequest, ListAccountsResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::accounts::known;
use crate::organization::record::OrganizationRecord;
use crate::page::{Wanted, page};

pub(crate) async fn list_accounts(
    ctx: &Ctx,
    req: ListAccountsRequest,
) -> Result<ListAccountsResponse> {
    let action = "organizations:ListAccounts";
    let permitted = permit(ctx, action, Reach::Reader, About::everything()).await?;
    let organization = permitted.organization();
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let numbers = organization.accounts.keys().cloned().collect();
    let (accounts, next_token) = listed(ctx, organization, numbers, &wanted).await?;
    Ok(ListAccountsResponse {
        accounts: Some(accounts),
        next_token,
    })
}

/// One page of the accounts of these numbers.
pub(super) async fn listed(
    ctx: &Ctx,
    organization: &OrganizationRecord,
    numbers: Vec<String>,
    wanted: &Wanted,
) -> Result<(Vec<Account>, Option<String>)> {
    let (numbers, next_token) = page(numbers, String::clone, wanted)?;
    let mut accounts = Vec::with_capacity(numbers.len());
    for number in &numbers {
        accounts.push(known::shown(ctx, organization, number).await?);
    }
    Ok((accounts, next_token))
}
