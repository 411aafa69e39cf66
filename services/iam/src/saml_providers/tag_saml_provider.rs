//! `iam:TagSAMLProvider`: gives tags to a SAML provider.

use api::iam::TagSAMLProviderRequest;
use platform::{Ctx, Result};
use wire::Empty;

use crate::saml_providers::record::SamlProviderRecord;
use crate::tagging;

pub(crate) async fn tag_saml_provider(ctx: &Ctx, req: TagSAMLProviderRequest) -> Result<Empty> {
    let target = SamlProviderRecord::target(ctx, req.saml_provider_arn).await?;
    tagging::tag(ctx, target, "iam:TagSAMLProvider", req.tags).await?;
    Ok(Empty)
}
