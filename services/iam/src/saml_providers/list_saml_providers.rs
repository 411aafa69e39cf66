//! `iam:ListSAMLProviders`: shows all providers, which are never in pages.

use api::iam::{ListSAMLProvidersRequest, ListSAMLProvidersResponse, SAMLProviderListEntry};
use platform::{Ctx, Everything, Result};
use wire::Timestamp;

use crate::saml_providers::record::SamlProviderRecord;
use crate::target::Entity;

pub(crate) async fn list_saml_providers(
    ctx: &Ctx,
    _: ListSAMLProvidersRequest,
) -> Result<ListSAMLProvidersResponse> {
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    let list = ctx.authorize("iam:ListSAMLProviders", everything);
    list.decide().await?;
    let rows = ctx
        .scan_all::<SamlProviderRecord>(&SamlProviderRecord::prefix(ctx.account()))
        .await?;
    let mut providers: Vec<_> = rows.into_iter().map(|(_, provider)| provider).collect();
    providers.sort_by(|one, other| one.name.cmp(&other.name));
    let entry = |provider: &SamlProviderRecord| SAMLProviderListEntry {
        arn: Some(provider.arn()),
        valid_until: Some(Timestamp {
            millis: provider.valid_until_millis,
        }),
        create_date: Some(Timestamp {
            millis: provider.created_millis,
        }),
    };
    let entries = providers.iter().map(|provider| entry(provider)).collect();
    Ok(ListSAMLProvidersResponse {
        saml_provider_list: Some(entries),
    })
}
