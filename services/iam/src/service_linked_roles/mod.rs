//! Service-linked roles: made by name of the service, and out of reach of ordinary changes.

mod create_service_linked_role;
mod delete_service_linked_role;
mod get_service_linked_role_deletion_status;
mod record;
mod table;

use platform::Service;

/// Adds the operations on service-linked roles.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::CreateServiceLinkedRole>(
            create_service_linked_role::create_service_linked_role,
        )
        .op::<api::iam::DeleteServiceLinkedRole>(
            delete_service_linked_role::delete_service_linked_role,
        )
        .op::<api::iam::GetServiceLinkedRoleDeletionStatus>(
            get_service_linked_role_deletion_status::get_service_linked_role_deletion_status,
        )
}
