//! `iam:GetOutboundWebIdentityFederationInfo`: shows the issuer of the account's web identity
//! tokens.

use api::iam::{FeatureDisabledException, GetOutboundWebIdentityFederationInfoResponse};
use platform::{Ctx, Error, Result};
use wire::Empty;

use crate::account::settings::AccountSettings;
use crate::account::whole_account;

pub(crate) async fn get_outbound_web_identity_federation_info(
    ctx: &Ctx,
    _: Empty,
) -> Result<GetOutboundWebIdentityFederationInfoResponse> {
    whole_account(ctx, "iam:GetOutboundWebIdentityFederationInfo").await?;
    let issuer = AccountSettings::of_caller(ctx).await?.issuer();
    Ok(GetOutboundWebIdentityFederationInfoResponse {
        issuer_identifier: Some(issuer.ok_or_else(disabled)?),
        jwt_vending_enabled: Some(true),
    })
}

/// AWS's answer that there are no web identity tokens.
pub(crate) fn disabled() -> Error {
    let message = "Outbound web identity federation is disabled for this account.";
    FeatureDisabledException::new(message).into()
}
