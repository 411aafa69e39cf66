//! `iam:ListOpenIDConnectProviders`: shows the ARNs of all providers, which are never in pages.

use api::iam::{
    ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse,
    OpenIDConnectProviderListEntry,
};
use platform::{Ctx, Everything, Result};

use crate::oidc_providers::record::OidcProviderRecord;
use crate::target::Entity;

pub(crate) async fn list_open_id_connect_providers(
    ctx: &Ctx,
    _: ListOpenIDConnectProvidersRequest,
) -> Result<ListOpenIDConnectProvidersResponse> {
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    let list = ctx.authorize("iam:ListOpenIDConnectProviders", everything);
    list.decide().await?;
    let rows = ctx
        .scan_all::<OidcProviderRecord>(&OidcProviderRecord::prefix(ctx.account()))
        .await?;
    let mut arns: Vec<String> = rows.iter().map(|(_, provider)| provider.arn()).collect();
    arns.sort();
    let entry = |arn| OpenIDConnectProviderListEntry { arn: Some(arn) };
    Ok(ListOpenIDConnectProvidersResponse {
        open_id_connect_provider_list: Some(arns.into_iter().map(entry).collect()),
    })
}
