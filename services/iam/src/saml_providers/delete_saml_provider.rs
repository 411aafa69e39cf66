//! `iam:DeleteSAMLProvider`: trusts an issuer no more. Roles that name it stay as they are.

use api::iam::DeleteSAMLProviderRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::saml_providers::record::SamlProviderRecord;
use crate::target::require;

pub(crate) async fn delete_saml_provider(
    ctx: &Ctx,
    req: DeleteSAMLProviderRequest,
) -> Result<Empty> {
    let target = SamlProviderRecord::target(ctx, req.saml_provider_arn).await?;
    let provider = require(target.permit(ctx, "iam:DeleteSAMLProvider").await?)?;
    let key = SamlProviderRecord::key(&provider.account, &provider.name);
    ctx.delete::<SamlProviderRecord>(&key).await;
    Ok(Empty)
}
