//! `organizations:RegisterDelegatedAdministrator`: lets a member account administer a service, and
//! read the organization.

use api::organizations::{
    AccountAlreadyRegisteredException, RegisterDelegatedAdministratorRequest,
};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{About, Reach, permit};
use crate::delegation::check_service;
use crate::organization::record::Delegate;
use crate::refusals;

pub(crate) async fn register_delegated_administrator(
    ctx: &Ctx,
    req: RegisterDelegatedAdministratorRequest,
) -> Result<Empty> {
    let (account, service) = (req.account_id, req.service_principal);
    let about = About {
        service: Some(&service),
        ..About::id(&account)
    };
    let action = "organizations:RegisterDelegatedAdministrator";
    let permitted = permit(ctx, action, Reach::Management, about).await?;
    let mut organization = permitted.draft();
    if !organization.all_features {
        return Err(refusals::not_all_features());
    }
    check_service(&service)?;
    let member = organization.accounts.get(&account);
    let member = member.ok_or_else(refusals::no_account)?;
    if account == organization.management_account {
        return Err(refusals::constraint(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register master account/yourself as delegated administrator for your \
             organization.",
        ));
    }
    if member.closed_millis.is_some() {
        return Err(refusals::constraint(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register a suspended account as a delegated administrator.",
        ));
    }
    if !organization.services.contains_key(&service) {
        return Err(refusals::constraint(
            "SERVICE_ACCESS_NOT_ENABLED",
            "You attempted to register a delegated administrator before you enabled service \
             access. Call the EnableAWSServiceAccess API first.",
        ));
    }
    let mut delegates = organization.delegates.iter();
    if delegates.any(|one| one.account == account && one.service == service) {
        let message = "The provided account is already a delegated administrator for your \
                       organization.";
        return Err(AccountAlreadyRegisteredException::new(message).into());
    }
    organization.delegates.push(Delegate {
        account,
        service,
        enabled_millis: ctx.now.millis,
    });
    organization.put(ctx).await;
    Ok(Empty)
}
