//! `iam:UpdateOpenIDConnectProviderThumbprint`: replaces the list of thumbprints.

use api::iam::{InvalidInputException, UpdateOpenIDConnectProviderThumbprintRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::oidc_providers::record::{OidcProviderRecord, checked_thumbprints};
use crate::tagging::Tagged;
use crate::target::require;

pub(crate) async fn update_open_id_connect_provider_thumbprint(
    ctx: &Ctx,
    req: UpdateOpenIDConnectProviderThumbprintRequest,
) -> Result<Empty> {
    let target = OidcProviderRecord::target(ctx, req.open_id_connect_provider_arn).await?;
    let permitted = target.permit(ctx, "iam:UpdateOpenIDConnectProviderThumbprint");
    let mut provider = OidcProviderRecord::clone(&*require(permitted.await?)?);
    provider.thumbprints = checked_thumbprints(req.thumbprint_list)?;
    if provider.thumbprints.is_empty() {
        let message = "Thumbprint list must contain at least one entry.";
        return Err(InvalidInputException::new(message).into());
    }
    provider.put(ctx).await;
    Ok(Empty)
}
