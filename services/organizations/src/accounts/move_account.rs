//! `organizations:MoveAccount`: moves an account from one root or unit into another.

use api::organizations::{
    DestinationParentNotFoundException, DuplicateAccountException, MoveAccountRequest,
    SourceParentNotFoundException,
};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::refusals;

pub(crate) async fn move_account(ctx: &Ctx, req: MoveAccountRequest) -> Result<Empty> {
    let action = "organizations:MoveAccount";
    let permitted = permit(ctx, action, Reach::Management, About::id(&req.account_id)).await?;
    // Taking out of a place and putting into one are permissions about these places.
    for place in [&req.source_parent_id, &req.destination_parent_id] {
        permit(ctx, action, Reach::Management, About::id(place)).await?;
    }
    let mut organization = permitted.draft();
    let member = organization.accounts.get(&req.account_id);
    let parent = member.ok_or_else(refusals::no_account)?.parent.clone();
    if !organization.is_parent(&req.destination_parent_id) {
        let message = "You specified a destination parent that doesn't exist.";
        return Err(DestinationParentNotFoundException::new(message).into());
    }
    if parent == req.destination_parent_id {
        let message = "The specified account is already present in the specified destination.";
        return Err(DuplicateAccountException::new(message).into());
    }
    if parent != req.source_parent_id {
        let message = "You specified a source parent that doesn't exist.";
        return Err(SourceParentNotFoundException::new(message).into());
    }
    if let Some(member) = organization.accounts.get_mut(&req.account_id) {
        member.parent = req.destination_parent_id;
    }
    organization.put(ctx).await;
    Ok(Empty)
}
