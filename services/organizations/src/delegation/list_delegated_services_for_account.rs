//! `organizations:ListDelegatedServicesForAccount`: shows the services that an account administers.

use api::organizations::{
    DelegatedService, ListDelegatedServicesForAccountRequest,
    ListDelegatedServicesForAccountResponse,
};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::access::{About, Reach, permit};
use crate::delegation::deregister_delegated_administrator::not_registered;
use crate::page::{Wanted, page};
use crate::refusals;

pub(crate) async fn list_delegated_services_for_account(
    ctx: &Ctx,
    req: ListDelegatedServicesForAccountRequest,
) -> Result<ListDelegatedServicesForAccountResponse> {
    let about = About::id(&req.account_id);
    let action = "organizations:ListDelegatedServicesForAccount";
    let permitted = permit(ctx, action, Reach::Reader, about).await?;
    let organization = permitted.organization();
    if !organization.accounts.contains_key(&req.account_id) {
        return Err(refusals::no_account());
    }
    let delegates = organization.delegates.iter();
    let services: Vec<_> = delegates
        .filter(|one| one.account == req.account_id)
        .collect();
    if services.is_empty() {
        return Err(not_registered());
    }
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let (services, next_token) = page(services, |one| one.service.clone(), &wanted)?;
    let shown = services.iter().map(|one| DelegatedService {
        service_principal: Some(one.service.clone()),
        delegation_enabled_date: Some(Timestamp {
            millis: one.enabled_millis,
        }),
    });
    Ok(ListDelegatedServicesForAccountResponse {
        delegated_services: Some(shown.collect()),
        next_token,
    })
}
