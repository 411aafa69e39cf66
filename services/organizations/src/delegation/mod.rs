//! What others than the management account may do: services with trusted access, delegated
//! administrators, and the delegation policy.

mod delete_resource_policy;
mod deregister_delegated_administrator;
mod describe_resource_policy;
mod disable_aws_service_access;
mod enable_aws_service_access;
mod list_aws_service_access_for_organization;
mod list_delegated_administrators;
mod list_delegated_services_for_account;
mod put_resource_policy;
pub(crate) mod record;
mod register_delegated_administrator;

use api::organizations::{
    DeleteResourcePolicy, DeregisterDelegatedAdministrator, DescribeResourcePolicy,
    DisableAWSServiceAccess, EnableAWSServiceAccess, ListAWSServiceAccessForOrganization,
    ListDelegatedAdministrators, ListDelegatedServicesForAccount, PutResourcePolicy,
    RegisterDelegatedAdministrator,
};
use platform::{Result, Service};

use crate::refusals;

pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<DeleteResourcePolicy>(delete_resource_policy::delete_resource_policy)
        .op::<DeregisterDelegatedAdministrator>(
            deregister_delegated_administrator::deregister_delegated_administrator,
        )
        .op::<DescribeResourcePolicy>(describe_resource_policy::describe_resource_policy)
        .op::<DisableAWSServiceAccess>(disable_aws_service_access::disable_aws_service_access)
        .op::<EnableAWSServiceAccess>(enable_aws_service_access::enable_aws_service_access)
        .op::<ListAWSServiceAccessForOrganization>(
            list_aws_service_access_for_organization::list_aws_service_access_for_organization,
        )
        .op::<ListDelegatedAdministrators>(
            list_delegated_administrators::list_delegated_administrators,
        )
        .op::<ListDelegatedServicesForAccount>(
            list_delegated_services_for_account::list_delegated_services_for_account,
        )
        .op::<PutResourcePolicy>(put_resource_policy::put_resource_policy)
        .op::<RegisterDelegatedAdministrator>(
            register_delegated_administrator::register_delegated_administrator,
        )
}

/// Refuses what has not the form of a service principal, `name.amazonaws.com`.
fn check_service(service: &str) -> Result<()> {
    let name = service.strip_suffix(".amazonaws.com").unwrap_or_default();
    let is_letter =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_letter) {
        return Ok(());
    }
    Err(refusals::invalid(
        "UNRECOGNIZED_SERVICE_PRINCIPAL",
        "You specified an unrecognized service principal.",
    ))
}
