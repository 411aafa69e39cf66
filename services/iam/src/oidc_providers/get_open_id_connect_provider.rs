//! `iam:GetOpenIDConnectProvider`: shows a provider; its URL without `https://`.

use api::iam::{GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::oidc_providers::record::OidcProviderRecord;
use crate::tagging;
use crate::target::require;

pub(crate) async fn get_open_id_connect_provider(
    ctx: &Ctx,
    req: GetOpenIDConnectProviderRequest,
) -> Result<GetOpenIDConnectProviderResponse> {
    let target = OidcProviderRecord::target(ctx, req.open_id_connect_provider_arn).await?;
    let permitted = target.permit(ctx, "iam:GetOpenIDConnectProvider").await?;
    let provider = require(permitted)?;
    Ok(GetOpenIDConnectProviderResponse {
        url: Some(provider.url.clone()),
        client_id_list: Some(provider.client_ids.clone()),
        thumbprint_list: Some(provider.thumbprints.clone()),
        create_date: Some(Timestamp {
            millis: provider.created_millis,
        }),
        tags: tagging::sorted_or_none(&provider.tags),
    })
}
