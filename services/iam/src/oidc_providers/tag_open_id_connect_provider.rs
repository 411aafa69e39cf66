//! `iam:TagOpenIDConnectProvider`: gives tags to an OpenID Connect provider.

use api::iam::TagOpenIDConnectProviderRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::oidc_providers::record::OidcProviderRecord;
use crate::tagging;

pub(crate) async fn tag_open_id_connect_provider(
    ctx: &Ctx,
    req: TagOpenIDConnectProviderRequest,
) -> Result<Empty> {
    let target = OidcProviderRecord::target(ctx, req.open_id_connect_provider_arn).await?;
    tagging::tag(ctx, target, "iam:TagOpenIDConnectProvider", req.tags).await?;
    Ok(Empty)
}
