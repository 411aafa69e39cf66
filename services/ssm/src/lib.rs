//! AWS Systems Manager Parameter Store: values by their names, in a hierarchy, in versions.
//!
//! One operation, one file. A parameter is reached through the decision about it (`access`), and its
//! value leaves in one place (`reading`). A parameter with its current version is one record, which
//! stands where its hierarchy says (`names`, `parameter`); a secret one is encrypted by KMS with the
//! permissions of whoever writes or reads it (`secret`). What parameters do by the clock is carried
//! out by a job (`schedule`). Secrets of Secrets Manager are read as parameters, too
//! (`secret_reference`).
//!
//! What this crate never does: keep a secret value or a data key in plaintext beyond a call, skip a
//! version, or show a parameter whose time is over.

mod access;
mod add_tags_to_resource;
mod catalogue;
mod data_type;
mod delete_parameter;
mod delete_parameters;
mod delete_resource_policy;
mod deleting;
mod describe_parameters;
mod events;
mod filters;
#[cfg(test)]
mod formats;
mod get_parameter;
mod get_parameter_history;
mod get_parameters;
mod get_parameters_by_path;
mod get_resource_policies;
mod get_service_setting;
mod label_parameter_version;
mod labels;
mod lifetime;
mod list_tags_for_resource;
mod listing;
mod names;
mod parameter;
mod put_parameter;
mod put_resource_policy;
mod quotas;
mod reading;
mod refusals;
mod remove_tags_from_resource;
mod reset_service_setting;
mod resolve;
mod schedule;
mod secret;
mod secret_reference;
mod setting;
mod sharing;
mod tags;
mod tier;
mod unlabel_parameter_version;
mod update_service_setting;
mod value;

use api::ssm as api;
use platform::Service;

pub use catalogue::Catalogue;
pub use resolve::resolve;
pub use schedule::carry_out;

/// What operators ask of Parameter Store beyond AWS's API.
pub fn operator() -> Service {
    catalogue::service()
}

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .quotas(&quotas::QUOTAS)
        .resources(access::find)
        .op::<api::AddTagsToResource>(add_tags_to_resource::add_tags_to_resource)
        .op::<api::DeleteParameter>(delete_parameter::delete_parameter)
        .op::<api::DeleteParameters>(delete_parameters::delete_parameters)
        .op::<api::DeleteResourcePolicy>(delete_resource_policy::delete_resource_policy)
        .op::<api::DescribeParameters>(describe_parameters::describe_parameters)
        .op::<api::GetParameter>(get_parameter::get_parameter)
        .op::<api::GetParameterHistory>(get_parameter_history::get_parameter_history)
        .op::<api::GetParameters>(get_parameters::get_parameters)
        .op::<api::GetParametersByPath>(get_parameters_by_path::get_parameters_by_path)
        .op::<api::GetResourcePolicies>(get_resource_policies::get_resource_policies)
        .op::<api::GetServiceSetting>(get_service_setting::get_service_setting)
        .op::<api::LabelParameterVersion>(label_parameter_version::label_parameter_version)
        .op::<api::ListTagsForResource>(list_tags_for_resource::list_tags_for_resource)
        .op::<api::PutParameter>(put_parameter::put_parameter)
        .op::<api::PutResourcePolicy>(put_resource_policy::put_resource_policy)
        .op::<api::RemoveTagsFromResource>(remove_tags_from_resource::remove_tags_from_resource)
        .op::<api::ResetServiceSetting>(reset_service_setting::reset_service_setting)
        .op::<api::UnlabelParameterVersion>(unlabel_parameter_version::unlabel_parameter_version)
        .op::<api::UpdateServiceSetting>(update_service_setting::update_service_setting)
}
