//! Credentials of users for one service each.

mod create_service_specific_credential;
mod delete_service_specific_credential;
mod list_service_specific_credentials;
pub(crate) mod record;
mod reset_service_specific_credential;
mod update_service_specific_credential;

use platform::Service;

/// Adds the operations.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::CreateServiceSpecificCredential>(
            create_service_specific_credential::create_service_specific_credential,
        )
        .op::<api::iam::DeleteServiceSpecificCredential>(
            delete_service_specific_credential::delete_service_specific_credential,
        )
        .op::<api::iam::ListServiceSpecificCredentials>(
            list_service_specific_credentials::list_service_specific_credentials,
        )
        .op::<api::iam::ResetServiceSpecificCredential>(
            reset_service_specific_credential::reset_service_specific_credential,
        )
        .op::<api::iam::UpdateServiceSpecificCredential>(
            update_service_specific_credential::update_service_specific_credential,
        )
}
