//! `iam:CreateSAMLProvider`: trusts an issuer of assertions.

use api::iam::{
    CreateSAMLProviderRequest, CreateSAMLProviderResponse, EntityAlreadyExistsException,
    LimitExceededException,
};
use platform::{Ctx, Result};

use crate::saml_providers::private_keys;
use crate::saml_providers::record::{QUOTA, SamlProviderRecord, arn_of};
use crate::tagging::{self, Tagged};
use crate::{ids, tags};

pub(crate) async fn create_saml_provider(
    ctx: &Ctx,
    req: CreateSAMLProviderRequest,
) -> Result<CreateSAMLProviderResponse> {
    let tags = tags::pairs(req.tags);
    let arn = arn_of(ctx.account(), &req.name);
    let actions = ("iam:CreateSAMLProvider", "iam:TagSAMLProvider");
    tagging::permit_new(ctx, &arn, actions, &tags).await?;

    let mut provider = SamlProviderRecord {
        account: ctx.account().to_owned(),
        name: req.name,
        uuid: ids::long_id("SAMLP", ctx.random())?,
        metadata: String::new(),
        created_millis: ctx.now.whole_secs().millis,
        valid_until_millis: 0,
        tags,
        encryption_required: None,
        private_keys: Vec::new(),
    };
    provider.set_metadata(req.saml_metadata_document)?;
    if let Some(text) = &req.add_private_key {
        private_keys::add(ctx, &arn, &mut provider.private_keys, text)?;
    }
    provider.set_encryption(req.assertion_encryption_mode)?;
    check_room(ctx, &provider.name).await?;
    let tags = tagging::sorted(&provider.tags);
    provider.put(ctx).await;
    Ok(CreateSAMLProviderResponse {
        saml_provider_arn: Some(arn),
        tags,
    })
}

/// A name has one provider, and an account so many.
async fn check_room(ctx: &Ctx, name: &str) -> Result<()> {
    let rows = ctx
        .scan_all::<SamlProviderRecord>(&SamlProviderRecord::prefix(ctx.account()))
        .await?;
    if rows.iter().any(|(_, known)| known.name == name) {
        let message = format!("Provider for name {name} already exists.");
        return Err(EntityAlreadyExistsException::new(message).into());
    }
    if rows.len() >= QUOTA {
        let message = format!("Cannot exceed quota for SAMLProvidersPerAccount: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    Ok(())
}
