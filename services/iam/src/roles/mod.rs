//! Roles, which sessions of STS act for: their records, and the operations on them and their
//! policies.

mod attach_role_policy;
mod create_role;
mod delete_role;
mod delete_role_permissions_boundary;
mod delete_role_policy;
mod detach_role_policy;
mod get_role;
mod get_role_policy;
mod list_attached_role_policies;
mod list_role_policies;
mod list_role_tags;
mod list_roles;
mod put_role_permissions_boundary;
mod put_role_policy;
pub(crate) mod record;
mod tag_role;
mod trust;
mod untag_role;
mod update_assume_role_policy;
mod update_role;
mod update_role_description;

use platform::Service;

pub(crate) use delete_role::remove;
pub(crate) use record::RoleRecord;

/// Adds the operations on roles.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::AttachRolePolicy>(attach_role_policy::attach_role_policy)
        .op::<api::iam::CreateRole>(create_role::create_role)
        .op::<api::iam::DeleteRole>(delete_role::delete_role)
        .op::<api::iam::DeleteRolePermissionsBoundary>(
            delete_role_permissions_boundary::delete_role_permissions_boundary,
        )
        .op::<api::iam::DeleteRolePolicy>(delete_role_policy::delete_role_policy)
        .op::<api::iam::DetachRolePolicy>(detach_role_policy::detach_role_policy)
        .op::<api::iam::GetRole>(get_role::get_role)
        .op::<api::iam::GetRolePolicy>(get_role_policy::get_role_policy)
        .op::<api::iam::ListAttachedRolePolicies>(
            list_attached_role_policies::list_attached_role_policies,
        )
        .op::<api::iam::ListRolePolicies>(list_role_policies::list_role_policies)
        .op::<api::iam::ListRoleTags>(list_role_tags::list_role_tags)
        .op::<api::iam::ListRoles>(list_roles::list_roles)
        .op::<api::iam::PutRolePermissionsBoundary>(
            put_role_permissions_boundary::put_role_permissions_boundary,
        )
        .op::<api::iam::PutRolePolicy>(put_role_policy::put_role_policy)
        .op::<api::iam::TagRole>(tag_role::tag_role)
        .op::<api::iam::UntagRole>(untag_role::untag_role)
        .op::<api::iam::UpdateAssumeRolePolicy>(
            update_assume_role_policy::update_assume_role_policy,
        )
        .op::<api::iam::UpdateRole>(update_role::update_role)
        .op::<api::iam::UpdateRoleDescription>(update_role_description::update_role_description)
}
