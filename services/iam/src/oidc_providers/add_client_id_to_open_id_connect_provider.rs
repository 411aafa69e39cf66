//! `iam:AddClientIDToOpenIDConnectProvider`: accepts one more audience.

use api::iam::AddClientIDToOpenIDConnectProviderRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::oidc_providers::record::{OidcProviderRecord, checked_client_ids};
use crate::tagging::Tagged;
use crate::target::require;

pub(crate) async fn add_client_id_to_open_id_connect_provider(
    ctx: &Ctx,
    req: AddClientIDToOpenIDConnectProviderRequest,
) -> Result<Empty> {
    let target = OidcProviderRecord::target(ctx, req.open_id_connect_provider_arn).await?;
    let permitted = target.permit(ctx, "iam:AddClientIDToOpenIDConnectProvider");
    let mut provider = OidcProviderRecord::clone(&*require(permitted.await?)?);
    provider.client_ids.push(req.client_id);
    provider.client_ids = checked_client_ids(provider.client_ids)?;
    provider.put(ctx).await;
    Ok(Empty)
}
