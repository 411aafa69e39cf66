//! Accounts: their records, and what an account switches for itself.

mod alias;
mod create_account_alias;
mod delete_account_alias;
mod disable_organizations_root_credentials_management;
mod disable_organizations_root_sessions;
mod disable_outbound_web_identity_federation;
mod enable_organizations_root_credentials_management;
mod enable_organizations_root_sessions;
mod enable_outbound_web_identity_federation;
mod get_account_summary;
mod get_outbound_web_identity_federation_info;
mod list_account_aliases;
mod list_organizations_features;
mod record;
pub(crate) mod root_access;
mod set_security_token_service_preferences;
pub(crate) mod settings;

use platform::{Ctx, Everything, Result, Service};

pub(crate) use record::{AccountEntry, AccountRecord, HomeAccount};

/// Adds the operations on the account itself.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::CreateAccountAlias>(create_account_alias::create_account_alias)
        .op::<api::iam::DeleteAccountAlias>(delete_account_alias::delete_account_alias)
        .op::<api::iam::DisableOrganizationsRootCredentialsManagement>(disable_organizations_root_credentials_management::disable_organizations_root_credentials_management)
        .op::<api::iam::DisableOrganizationsRootSessions>(disable_organizations_root_sessions::disable_organizations_root_sessions)
        .op::<api::iam::DisableOutboundWebIdentityFederation>(disable_outbound_web_identity_federation::disable_outbound_web_identity_federation)
        .op::<api::iam::EnableOrganizationsRootCredentialsManagement>(enable_organizations_root_credentials_management::enable_organizations_root_credentials_management)
        .op::<api::iam::EnableOrganizationsRootSessions>(enable_organizations_root_sessions::enable_organizations_root_sessions)
        .op::<api::iam::EnableOutboundWebIdentityFederation>(enable_outbound_web_identity_federation::enable_outbound_web_identity_federation)
        .op::<api::iam::GetAccountSummary>(get_account_summary::get_account_summary)
        .op::<api::iam::GetOutboundWebIdentityFederationInfo>(get_outbound_web_identity_federation_info::get_outbound_web_identity_federation_info)
        .op::<api::iam::ListAccountAliases>(list_account_aliases::list_account_aliases)
        .op::<api::iam::ListOrganizationsFeatures>(list_organizations_features::list_organizations_features)
        .op::<api::iam::SetSecurityTokenServicePreferences>(set_security_token_service_preferences::set_security_token_service_preferences)
}

/// Decides about an action that names no resource.
async fn whole_account(ctx: &Ctx, action: &'static str) -> Result<()> {
    let everything = Everything {
        account: ctx.account().to_owned(),
    };
    ctx.authorize(action, everything).decide().await?;
    Ok(())
}
