//! `organizations:DeregisterDelegatedAdministrator`: ends a delegation.

use api::organizations::{AccountNotRegisteredException, DeregisterDelegatedAdministratorRequest};
use platform::{Ctx, Error, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::delegation::check_service;
use crate::refusals;

pub(crate) async fn deregister_delegated_administrator(
    ctx: &Ctx,
    req: DeregisterDelegatedAdministratorRequest,
) -> Result<Empty> {
    let (account, service) = (req.account_id, req.service_principal);
    let about = About {
        service: Some(&service),
        ..About::id(&account)
    };
    let action = "organizations:DeregisterDelegatedAdministrator";
    let permitted = permit(ctx, action, Reach::Management, about).await?;
    check_service(&service)?;
    let mut organization = permitted.draft();
    if !organization.accounts.contains_key(&account) {
        return Err(refusals::no_account());
    }
    let before = organization.delegates.len();
    let delegates = &mut organization.delegates;
    delegates.retain(|one| one.account != account || one.service != service);
    if delegates.len() == before {
        return Err(not_registered());
    }
    organization.put(ctx).await;
    Ok(Empty)
}

/// The account is no delegated administrator.
pub(super) fn not_registered() -> Error {
    let message = "The provided account is not a registered delegated administrator for your \
                   organization.";
    AccountNotRegisteredException::new(message).into()
}
