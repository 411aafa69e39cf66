//! AWS Lambda: functions, their versions, their configuration and their code.
//!
//! One operation, one file. A function is reached through the decision about it (`access`), which
//! reads its policy. Versions are records of their own (`function`), code lies in pieces beside them
//! (`code`), and what their environments say is encrypted by KMS with the permissions of whoever sets
//! or reads it (`environment`).
//!
//! What this crate never does: keep a package that was not read to its end, give a function a role that
//! its maker may not pass or that Lambda cannot assume, or keep an environment in plaintext.

mod access;
mod add_permission;
mod code;
mod concurrency;
mod configuration;
mod create_function;
mod delete_function;
mod delete_function_concurrency;
mod environment;
#[cfg(test)]
mod formats;
mod function;
mod get_account_settings;
mod get_function;
mod get_function_code_signing_config;
mod get_function_concurrency;
mod get_function_configuration;
mod get_policy;
mod get_runtime_management_config;
mod invoke;
mod layers;
mod list_functions;
mod list_tags;
mod list_versions_by_function;
mod location;
mod names;
mod page;
mod permissions;
mod policy_subject;
mod publish_version;
mod publishing;
mod put_function_concurrency;
mod put_runtime_management_config;
mod queued;
mod quotas;
mod refusals;
mod remove_permission;
mod roles;
mod running;
mod runtimes;
mod settings;
mod tag_resource;
mod tags;
mod untag_resource;
mod unused;
mod update_function_code;
mod update_function_configuration;

use api::lambda as api;
use platform::Service;

use queued::Events;
use running::Invoking;

pub use location::download;
pub use running::{LambdaFunctions, Running, RunningParts};

/// The largest body of a request with a deployment package, in bytes, as AWS has it: 50 MB in base64,
/// and what stands around it.
const MOST_BODY: usize = 70_167_211;

/// The largest body of an invocation, in bytes: what is larger than an event may be is refused in
/// Lambda's words up to here.
const MOST_EVENT: usize = 8 << 20;

/// The service with all its operations. It runs no functions.
pub fn service() -> Service {
    service_running(&Running::default())
}

/// The service, which runs functions as soon as `running` does.
pub fn service_running(running: &Running) -> Service {
    Service::new(&api::SERVICE)
        .quotas(&quotas::QUOTAS)
        .delivers(Events::new(running.clone()))
        .bodies_of::<api::CreateFunction>(MOST_BODY)
        .bodies_of::<api::UpdateFunctionCode>(MOST_BODY)
        .op::<api::AddPermission>(add_permission::add_permission)
        .op::<api::CreateFunction>(create_function::create_function)
        .op::<api::DeleteFunction>(delete_function::delete_function)
        .op::<api::DeleteFunctionConcurrency>(
            delete_function_concurrency::delete_function_concurrency,
        )
        .op::<api::GetAccountSettings>(get_account_settings::get_account_settings)
        .op::<api::GetFunction>(get_function::get_function)
        .op::<api::GetFunctionCodeSigningConfig>(
            get_function_code_signing_config::get_function_code_signing_config,
        )
        .op::<api::GetFunctionConcurrency>(get_function_concurrency::get_function_concurrency)
        .op::<api::GetFunctionConfiguration>(get_function_configuration::get_function_configuration)
        .op::<api::GetPolicy>(get_policy::get_policy)
        .op::<api::GetRuntimeManagementConfig>(
            get_runtime_management_config::get_runtime_management_config,
        )
        .bodies_of::<api::Invoke>(MOST_EVENT)
        .op::<api::Invoke>(Invoking(running.clone()))
        .op::<api::ListFunctions>(list_functions::list_functions)
        .op::<api::ListTags>(list_tags::list_tags)
        .op::<api::ListVersionsByFunction>(list_versions_by_function::list_versions_by_function)
        .op::<api::PublishVersion>(publish_version::publish_version)
        .op::<api::PutFunctionConcurrency>(put_function_concurrency::put_function_concurrency)
        .op::<api::PutRuntimeManagementConfig>(
            put_runtime_management_config::put_runtime_management_config,
        )
        .op::<api::RemovePermission>(remove_permission::remove_permission)
        .op::<api::TagResource>(tag_resource::tag_resource)
        .op::<api::UntagResource>(untag_resource::untag_resource)
        .op::<api::UpdateFunctionCode>(update_function_code::update_function_code)
        .op::<api::UpdateFunctionConfiguration>(
            update_function_configuration::update_function_configuration,
        )
}
