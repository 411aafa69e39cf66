//! `iam:UntagSAMLProvider`: takes tags away from a SAML provider.

use api::iam::UntagSAMLProviderRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::saml_providers::record::SamlProviderRecord;
use crate::tagging;

pub(crate) async fn untag_saml_provider(ctx: &Ctx, req: UntagSAMLProviderRequest) -> Result<Empty> {
    let target = SamlProviderRecord::target(ctx, req.saml_provider_arn).await?;
    tagging::untag(ctx, target, "iam:UntagSAMLProvider", &req.tag_keys).await?;
    Ok(Empty)
}
