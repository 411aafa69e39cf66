//! `organizations:ListAccountsForParent`: shows the accounts directly in the root or a unit.

use api::organizations::{ListAccountsForParentRequest, ListAccountsForParentResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::accounts::list_accounts::listed;
use crate::page::Wanted;
use crate::units::no_parent;

pub(crate) async fn list_accounts_for_parent(
    ctx: &Ctx,
    req: ListAccountsForParentRequest,
) -> Result<ListAccountsForParentResponse> {
    let action = "organizations:ListAccountsForParent";
    let permitted = permit(ctx, action, Reach::Reader, About::id(&req.parent_id)).await?;
    let organization = permitted.organization();
    if !organization.is_parent(&req.parent_id) {
        return Err(no_parent());
    }
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let numbers = organization.accounts_in(&req.parent_id).cloned().collect();
    let (accounts, next_token) = listed(ctx, organization, numbers, &wanted).await?;
    Ok(ListAccountsForParentResponse {
        accounts: Some(accounts),
        next_token,
    })
}
