//! `strongroom:ListAccounts`: shows the accounts of the installation.

use std::collections::BTreeSet;

use platform::{Ctx, Result};
use store::Key;
use wire::Empty;

use crate::account::{AccountEntry, AccountRecord, HomeAccount};
use crate::operator::permit;
use crate::operator::tables::ListAccountsResponse;

pub(super) async fn list_accounts(ctx: &Ctx, _: Empty) -> Result<ListAccountsResponse> {
    permit(ctx, "strongroom:ListAccounts").await?;
    let all = Key::new("", "", std::iter::empty::<String>());
    let mut accounts = Vec::new();
    let entries = ctx.scan_all::<AccountEntry>(&all).await?;
    // The home account stands in a record of its own.
    let home = ctx.get::<HomeAccount>(&HomeAccount::key()).await?;
    let home = home.iter().map(|home| home.account.clone());
    let mut numbers: BTreeSet<String> = home.collect();
    numbers.extend(entries.iter().map(|(_, entry)| entry.account.clone()));
    for number in numbers {
        let key = AccountRecord::key(&number);
        accounts.extend(
            ctx.get::<AccountRecord>(&key)
                .await?
                .map(|found| found.shown()),
        );
    }
    Ok(ListAccountsResponse { accounts })
}
