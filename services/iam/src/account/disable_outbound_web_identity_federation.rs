//! `iam:DisableOutboundWebIdentityFederation`: gives the account's principals no more web identity
//! tokens.

use platform::{Ctx, Result};
use wire::Empty;

use crate::account::get_outbound_web_identity_federation_info::disabled;
use crate::account::settings::AccountSettings;
use crate::account::whole_account;

pub(crate) async fn disable_outbound_web_identity_federation(ctx: &Ctx, _: Empty) -> Result<Empty> {
    whole_account(ctx, "iam:DisableOutboundWebIdentityFederation").await?;
    let mut settings = AccountSettings::clone(&*AccountSettings::of_caller(ctx).await?);
    if !settings.outbound_federation {
        return Err(disabled());
    }
    settings.outbound_federation = false;
    settings.put(ctx).await;
    Ok(Empty)
}
