//! Reports about a whole account: its identities with their policies, the state of its
//! credentials, and which services and actions were last used by whom.

mod access_report;
mod account_details;
mod credential_report;
mod generate_credential_report;
mod generate_organizations_access_report;
mod generate_service_last_accessed_details;
mod get_account_authorization_details;
mod get_credential_report;
mod get_organizations_access_report;
mod get_service_last_accessed_details;
mod get_service_last_accessed_details_with_entities;
mod last_access;
mod organization_report;
mod scope;

use platform::{Ctx, Everything, Result, Service};

/// Adds the reports.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::GenerateCredentialReport>(
            generate_credential_report::generate_credential_report,
        )
        .op::<api::iam::GenerateOrganizationsAccessReport>(
            generate_organizations_access_report::generate_organizations_access_report,
        )
        .op::<api::iam::GenerateServiceLastAccessedDetails>(
            generate_service_last_accessed_details::generate_service_last_accessed_details,
        )
        .op::<api::iam::GetAccountAuthorizationDetails>(
            get_account_authorization_details::get_account_authorization_details,
        )
        .op::<api::iam::GetCredentialReport>(get_credential_report::get_credential_report)
        .op::<api::iam::GetOrganizationsAccessReport>(
            get_organizations_access_report::get_organizations_access_report,
        )
        .op::<api::iam::GetServiceLastAccessedDetails>(
            get_service_last_accessed_details::get_service_last_accessed_details,
        )
        .op::<api::iam::GetServiceLastAccessedDetailsWithEntities>(
            get_service_last_accessed_details_with_entities::get_service_last_accessed_details_with_entities,
        )
}

/// Decides about an action that names no resource.
async fn permit(ctx: &Ctx, action: &'static str) -> Result<()> {
    let account = ctx.account().to_owned();
    let everything = Everything { account };
    ctx.authorize(action, everything).decide().await?;
    Ok(())
}
