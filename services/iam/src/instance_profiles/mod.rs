//! Instance profiles, which hand roles to instances.

mod add_role_to_instance_profile;
mod create_instance_profile;
mod delete_instance_profile;
mod get_instance_profile;
mod list_instance_profile_tags;
mod list_instance_profiles;
mod list_instance_profiles_for_role;
pub(crate) mod record;
mod remove_role_from_instance_profile;
mod tag_instance_profile;
mod untag_instance_profile;

use platform::Service;

pub(crate) use record::InstanceProfileRecord;

/// Adds the operations on instance profiles.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::AddRoleToInstanceProfile>(
            add_role_to_instance_profile::add_role_to_instance_profile,
        )
        .op::<api::iam::CreateInstanceProfile>(create_instance_profile::create_instance_profile)
        .op::<api::iam::DeleteInstanceProfile>(delete_instance_profile::delete_instance_profile)
        .op::<api::iam::GetInstanceProfile>(get_instance_profile::get_instance_profile)
        .op::<api::iam::ListInstanceProfileTags>(
            list_instance_profile_tags::list_instance_profile_tags,
        )
        .op::<api::iam::ListInstanceProfiles>(list_instance_profiles::list_instance_profiles)
        .op::<api::iam::ListInstanceProfilesForRole>(
            list_instance_profiles_for_role::list_instance_profiles_for_role,
        )
        .op::<api::iam::RemoveRoleFromInstanceProfile>(
            remove_role_from_instance_profile::remove_role_from_instance_profile,
        )
        .op::<api::iam::TagInstanceProfile>(tag_instance_profile::tag_instance_profile)
        .op::<api::iam::UntagInstanceProfile>(untag_instance_profile::untag_instance_profile)
}
