//! `iam:ListAccountAliases`: shows the account's alias.

use api::iam::{ListAccountAliasesRequest, ListAccountAliasesResponse};
use platform::{Ctx, Result};

use crate::account::settings::AccountSettings;
use crate::account::whole_account;
use crate::page::{Wanted, page};

pub(crate) async fn list_account_aliases(
    ctx: &Ctx,
    req: ListAccountAliasesRequest,
) -> Result<ListAccountAliasesResponse> {
    whole_account(ctx, "iam:ListAccountAliases").await?;
    let settings = AccountSettings::of_caller(ctx).await?;
    let wanted = Wanted {
        marker: req.marker,
        max_items: req.max_items,
    };
    let aliases = settings.alias.iter().cloned().collect();
    let paged = page(aliases, |alias: &String| alias, &wanted);
    Ok(ListAccountAliasesResponse {
        account_aliases: Some(paged.items),
        is_truncated: Some(paged.marker.is_some()),
        marker: paged.marker,
    })
}
