//! `organizations:ListDelegatedAdministrators`: shows the accounts that administer a service, or any.

use std::collections::BTreeMap;

use api::organizations::{
    DelegatedAdministrator, ListDelegatedAdministratorsRequest, ListDelegatedAdministratorsResponse,
};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::access::{About, Reach, permit};
use crate::accounts::known;
use crate::page::{Wanted, page};

pub(crate) async fn list_delegated_administrators(
    ctx: &Ctx,
    req: ListDelegatedAdministratorsRequest,
) -> Result<ListDelegatedAdministratorsResponse> {
    let about = About {
        service: req.service_principal.as_deref(),
        ..About::everything()
    };
    let action = "organizations:ListDelegatedAdministrators";
    let permitted = permit(ctx, action, Reach::Reader, about).await?;
    let organization = permitted.organization();
    let mut since: BTreeMap<String, i64> = BTreeMap::new();
    for one in &organization.delegates {
        if req
            .service_principal
            .as_ref()
            .is_none_or(|service| *service == one.service)
        {
            let first = since
                .entry(one.account.clone())
                .or_insert(one.enabled_millis);
            *first = one.enabled_millis.min(*first);
        }
    }
    let wanted = Wanted {
        next_token: req.next_token,
        max_results: req.max_results,
    };
    let delegates: Vec<(String, i64)> = since.into_iter().collect();
    let (delegates, next_token) = page(delegates, |(account, _)| account.clone(), &wanted)?;
    let mut shown = Vec::with_capacity(delegates.len());
    for (account, millis) in delegates {
        let account = known::shown(ctx, organization, &account).await?;
        shown.push(DelegatedAdministrator {
            id: account.id,
            arn: account.arn,
            email: account.email,
            name: account.name,
            status: account.status,
            state: account.state,
            joined_method: account.joined_method,
            joined_timestamp: account.joined_timestamp,
            delegation_enabled_date: Some(Timestamp { millis }),
        });
    }
    Ok(ListDelegatedAdministratorsResponse {
        delegated_administrators: Some(shown),
        next_token,
    })
}
