//! `iam:DeleteOpenIDConnectProvider`: trusts an issuer no more.

use api::iam::{DeleteOpenIDConnectProviderRequest, NoSuchEntityException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::oidc_providers::record::OidcProviderRecord;
use crate::target::require_or;

pub(crate) async fn delete_open_id_connect_provider(
    ctx: &Ctx,
    req: DeleteOpenIDConnectProviderRequest,
) -> Result<Empty> {
    let target = OidcProviderRecord::target(ctx, req.open_id_connect_provider_arn).await?;
    let permitted = target
        .permit(ctx, "iam:DeleteOpenIDConnectProvider")
        .await?;
    let provider = require_or(permitted, |arn| {
        NoSuchEntityException::new(format!("OpenId connect Provider {arn} cannot be found."))
    })?;
    let key = OidcProviderRecord::key(&provider.account, &provider.url);
    ctx.delete::<OidcProviderRecord>(&key).await;
    Ok(Empty)
}
