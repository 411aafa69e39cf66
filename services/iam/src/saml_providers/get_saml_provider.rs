//! `iam:GetSAMLProvider`: shows a provider with its metadata; of private keys their ids alone.

use api::iam::{GetSAMLProviderRequest, GetSAMLProviderResponse};
use platform::{Ctx, Result};
use wire::Timestamp;

use crate::saml_providers::private_keys::PrivateKey;
use crate::saml_providers::record::SamlProviderRecord;
use crate::tagging;
use crate::target::require;

pub(crate) async fn get_saml_provider(
    ctx: &Ctx,
    req: GetSAMLProviderRequest,
) -> Result<GetSAMLProviderResponse> {
    let target = SamlProviderRecord::target(ctx, req.saml_provider_arn).await?;
    let provider = require(target.permit(ctx, "iam:GetSAMLProvider").await?)?;
    let keys: Vec<_> = provider
        .private_keys
        .iter()
        .map(PrivateKey::shown)
        .collect();
    Ok(GetSAMLProviderResponse {
        saml_provider_uuid: Some(provider.uuid.clone()),
        saml_metadata_document: Some(provider.metadata.clone()),
        create_date: Some(Timestamp {
            millis: provider.created_millis,
        }),
        valid_until: Some(Timestamp {
            millis: provider.valid_until_millis,
        }),
        tags: tagging::sorted_or_none(&provider.tags),
        assertion_encryption_mode: Some(provider.encryption()),
        private_key_list: Some(keys),
    })
}
