//! Managed policies: those of the account, and those that AWS manages.

mod create_policy;
mod create_policy_version;
mod delete_policy;
mod delete_policy_version;
mod get_policy;
mod get_policy_version;
mod granting;
mod list_entities_for_policy;
mod list_policies;
mod list_policies_granting_service_access;
mod list_policy_tags;
mod list_policy_versions;
mod managed;
pub(crate) mod record;
mod set_default_policy_version;
mod tag_policy;
pub(crate) mod target;
mod untag_policy;
pub(crate) mod versions;

use platform::Service;

pub(crate) use managed::Managed;
pub(crate) use record::{ManagedPolicyRecord, PolicyUse};

/// Adds the operations on managed policies.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::CreatePolicy>(create_policy::create_policy)
        .op::<api::iam::CreatePolicyVersion>(create_policy_version::create_policy_version)
        .op::<api::iam::DeletePolicy>(delete_policy::delete_policy)
        .op::<api::iam::DeletePolicyVersion>(delete_policy_version::delete_policy_version)
        .op::<api::iam::GetPolicy>(get_policy::get_policy)
        .op::<api::iam::GetPolicyVersion>(get_policy_version::get_policy_version)
        .op::<api::iam::ListEntitiesForPolicy>(list_entities_for_policy::list_entities_for_policy)
        .op::<api::iam::ListPolicies>(list_policies::list_policies)
        .op::<api::iam::ListPoliciesGrantingServiceAccess>(
            list_policies_granting_service_access::list_policies_granting_service_access,
        )
        .op::<api::iam::ListPolicyTags>(list_policy_tags::list_policy_tags)
        .op::<api::iam::ListPolicyVersions>(list_policy_versions::list_policy_versions)
        .op::<api::iam::SetDefaultPolicyVersion>(
            set_default_policy_version::set_default_policy_version,
        )
        .op::<api::iam::TagPolicy>(tag_policy::tag_policy)
        .op::<api::iam::UntagPolicy>(untag_policy::untag_policy)
}
