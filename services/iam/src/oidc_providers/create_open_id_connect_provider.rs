//! `iam:CreateOpenIDConnectProvider`: trusts an issuer of identity tokens.
//!
//! AWS looks the certificate up where no thumbprint is given. This program calls nobody here: without
//! thumbprints, the issuer's TLS has to end in a root certificate that everybody trusts.

use api::iam::{
    CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse,
    EntityAlreadyExistsException, LimitExceededException,
};
use platform::{Ctx, Result};

use crate::oidc_providers::record::{
    OidcProviderRecord, QUOTA, arn_of, checked_client_ids, checked_thumbprints, checked_url,
};
use crate::tagging::{self, Tagged};
use crate::tags;

pub(crate) async fn create_open_id_connect_provider(
    ctx: &Ctx,
    req: CreateOpenIDConnectProviderRequest,
) -> Result<CreateOpenIDConnectProviderResponse> {
    let tags = tags::pairs(req.tags);
    let arn = arn_of(ctx.account(), req.url.trim_start_matches("https://"));
    let actions = (
        "iam:CreateOpenIDConnectProvider",
        "iam:TagOpenIDConnectProvider",
    );
    tagging::permit_new(ctx, &arn, actions, &tags).await?;

    let url = checked_url(&req.url)?;
    let (client_ids, thumbprints) = (
        checked_client_ids(req.client_id_list)?,
        checked_thumbprints(req.thumbprint_list)?,
    );
    check_room(ctx, url).await?;
    let provider = OidcProviderRecord {
        account: ctx.account().to_owned(),
        url: url.to_owned(),
        client_ids,
        thumbprints,
        created_millis: ctx.now.whole_secs().millis,
        tags,
    };
    let tags = tagging::sorted(&provider.tags);
    provider.put(ctx).await;
    Ok(CreateOpenIDConnectProviderResponse {
        open_id_connect_provider_arn: Some(arn),
        tags,
    })
}

/// An issuer has one provider, and an account so many.
async fn check_room(ctx: &Ctx, url: &str) -> Result<()> {
    let rows = ctx
        .scan_all::<OidcProviderRecord>(&OidcProviderRecord::prefix(ctx.account()))
        .await?;
    if rows.iter().any(|(_, known)| known.url == url) {
        let message = format!("Provider with url https://{url} already exists.");
        return Err(EntityAlreadyExistsException::new(message).into());
    }
    if rows.len() >= QUOTA {
        let message = format!("Cannot exceed quota for OpenIdConnectProvidersPerAccount: {QUOTA}");
        return Err(LimitExceededException::new(message).into());
    }
    Ok(())
}
