//! `iam:RemoveClientIDFromOpenIDConnectProvider`: accepts an audience no more. One that was never
//! accepted is no error.

use api::iam::RemoveClientIDFromOpenIDConnectProviderRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::oidc_providers::record::OidcProviderRecord;
use crate::tagging::Tagged;
use crate::target::require;

pub(crate) async fn remove_client_id_from_open_id_connect_provider(
    ctx: &Ctx,
    req: RemoveClientIDFromOpenIDConnectProviderRequest,
) -> Result<Empty> {
    let target = OidcProviderRecord::target(ctx, req.open_id_connect_provider_arn).await?;
    let permitted = target.permit(ctx, "iam:RemoveClientIDFromOpenIDConnectProvider");
    let mut provider = OidcProviderRecord::clone(&*require(permitted.await?)?);
    provider.client_ids.retain(|known| *known != req.client_id);
    provider.put(ctx).await;
    Ok(Empty)
}
