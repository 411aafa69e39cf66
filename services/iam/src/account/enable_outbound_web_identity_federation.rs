//! `iam:EnableOutboundWebIdentityFederation`: lets the account's principals get web identity
//! tokens.

use api::iam::{EnableOutboundWebIdentityFederationResponse, FeatureEnabledException};
use platform::{Ctx, Result};
use wire::Empty;

use crate::account::settings::AccountSettings;
use crate::account::whole_account;

pub(crate) async fn enable_outbound_web_identity_federation(
    ctx: &Ctx,
    _: Empty,
) -> Result<EnableOutboundWebIdentityFederationResponse> {
    whole_account(ctx, "iam:EnableOutboundWebIdentityFederation").await?;
    let mut settings = AccountSettings::clone(&*AccountSettings::of_caller(ctx).await?);
    if settings.outbound_federation {
        let message = "Outbound web identity federation is already enabled for this account.";
        return Err(FeatureEnabledException::new(message).into());
    }
    // An account keeps its issuer, since others trust it by its URL.
    if settings.issuer_id.is_none() {
        settings.issuer_id = Some(ctx.new_uuid()?);
    }
    settings.outbound_federation = true;
    let issuer_identifier = settings.issuer();
    settings.put(ctx).await;
    Ok(EnableOutboundWebIdentityFederationResponse { issuer_identifier })
}
