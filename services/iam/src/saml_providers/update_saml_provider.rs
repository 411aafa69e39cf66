//! `iam:UpdateSAMLProvider`: replaces metadata, and adds and removes private keys.

use api::iam::{UpdateSAMLProviderRequest, UpdateSAMLProviderResponse};
use platform::{Ctx, Result};

use crate::saml_providers::private_keys;
use crate::saml_providers::record::SamlProviderRecord;
use crate::tagging::Tagged;
use crate::target::{Entity, require};

pub(crate) async fn update_saml_provider(
    ctx: &Ctx,
    req: UpdateSAMLProviderRequest,
) -> Result<UpdateSAMLProviderResponse> {
    let target = SamlProviderRecord::target(ctx, req.saml_provider_arn).await?;
    let found = require(target.permit(ctx, "iam:UpdateSAMLProvider").await?)?;
    let mut provider = SamlProviderRecord::clone(&found);
    let arn = provider.arn();
    if let Some(text) = req.saml_metadata_document {
        provider.set_metadata(text)?;
    }
    if let Some(id) = &req.remove_private_key {
        private_keys::remove(&mut provider.private_keys, id)?;
    }
    if let Some(text) = &req.add_private_key {
        private_keys::add(ctx, &arn, &mut provider.private_keys, text)?;
    }
    provider.set_encryption(req.assertion_encryption_mode)?;
    provider.put(ctx).await;
    Ok(UpdateSAMLProviderResponse {
        saml_provider_arn: Some(arn),
    })
}
