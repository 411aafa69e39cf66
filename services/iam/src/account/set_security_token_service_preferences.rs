//! `iam:SetSecurityTokenServicePreferences`: says which tokens the global endpoint hands out.

use api::iam::{GlobalEndpointTokenVersion, SetSecurityTokenServicePreferencesRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::account::settings::AccountSettings;
use crate::account::whole_account;

pub(crate) async fn set_security_token_service_preferences(
    ctx: &Ctx,
    req: SetSecurityTokenServicePreferencesRequest,
) -> Result<Empty> {
    whole_account(ctx, "iam:SetSecurityTokenServicePreferences").await?;
    let version_2_tokens = match req.global_endpoint_token_version {
        GlobalEndpointTokenVersion::V1Token => false,
        GlobalEndpointTokenVersion::V2Token => true,
    };
    AccountSettings {
        version_2_tokens,
        ..AccountSettings::clone(&*AccountSettings::of_caller(ctx).await?)
    }
    .put(ctx)
    .await;
    Ok(Empty)
}
