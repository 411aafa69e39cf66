//! `iam:UntagOpenIDConnectProvider`: takes tags away from an OpenID Connect provider.

use api::iam::UntagOpenIDConnectProviderRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::oidc_providers::record::OidcProviderRecord;
use crate::tagging;

pub(crate) async fn untag_open_id_connect_provider(
    ctx: &Ctx,
    req: UntagOpenIDConnectProviderRequest,
) -> Result<Empty> {
    let target = OidcProviderRecord::target(ctx, req.open_id_connect_provider_arn).await?;
    tagging::untag(ctx, target, "iam:UntagOpenIDConnectProvider", &req.tag_keys).await?;
    Ok(Empty)
}
