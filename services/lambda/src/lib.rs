//! AWS Lambda: functions, their versions, their configuration and their code.
//!
//! One operation, one file. A function is reached through the decision about it (`access`), which
//! reads its policy. Layers are versions of code without a function (`layer`). Versions are records of their own (`function`), code lies in pieces beside them
//! (`code`), and what their environments say is encrypted by KMS with the permissions of whoever sets
//! or reads it (`environment`).
//!
//! What this crate never does: keep a package that was not read to its end, give a function a role that
//! its maker may not pass or that Lambda cannot assume, or keep an environment in plaintext.

mod access;
mod add_layer_version_permission;
mod add_permission;
mod alias;
mod code;
mod concurrency;
mod configuration;
mod create_alias;
mod create_function;
mod delete_alias;
mod delete_function;
mod delete_function_concurrency;
mod delete_function_event_invoke_config;
mod delete_layer_version;
mod environment;
mod event_invoke;
#[cfg(test)]
mod formats;
mod function;
mod get_account_settings;
mod get_alias;
mod get_function;
mod get_function_code_signing_config;
mod get_function_concurrency;
mod get_function_configuration;
mod get_function_event_invoke_config;
mod get_function_recursion_config;
mod get_layer_version;
mod get_layer_version_by_arn;
mod get_layer_version_policy;
mod get_policy;
mod get_runtime_management_config;
mod invoke;
mod invoke_async;
mod layer;
mod layer_access;
mod layer_policy;
mod layer_uses;
mod layers;
mod list_aliases;
mod list_function_event_invoke_configs;
mod list_functions;
mod list_layer_versions;
mod list_layers;
mod list_tags;
mod list_versions_by_function;
mod location;
mod names;
mod page;
mod permissions;
mod policy_subject;
mod publish_layer_version;
mod publish_version;
mod publishing;
mod put_function_concurrency;
mod put_function_event_invoke_config;
mod put_function_recursion_config;
mod put_runtime_management_config;
mod queued;
mod quotas;
mod refusals;
mod remove_layer_version_permission;
mod remove_permission;
mod roles;
mod running;
mod runtimes;
mod settings;
mod showing_layers;
mod tag_resource;
mod tags;
mod untag_resource;
mod unused;
mod update_alias;
mod update_function_code;
mod update_function_configuration;
mod update_function_event_invoke_config;

use api::lambda as api;
use platform::Service;

use queued::Events;
use running::{Invoking, InvokingAsync};

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
    let service = Service::new(&api::SERVICE)
        .throttled(quotas::exceeded)
        .quotas(&quotas::QUOTAS)
        .delivers(Events::new(running.clone()))
        .bodies_of::<api::CreateFunction>(MOST_BODY)
        .bodies_of::<api::PublishLayerVersion>(MOST_BODY)
        .bodies_of::<api::UpdateFunctionCode>(MOST_BODY)
        .op::<api::AddLayerVersionPermission>(
            add_layer_version_permission::add_layer_version_permission,
        )
        .op::<api::AddPermission>(add_permission::add_permission)
        .op::<api::CreateAlias>(create_alias::create_alias)
        .op::<api::CreateFunction>(create_function::create_function)
        .op::<api::DeleteAlias>(delete_alias::delete_alias)
        .op::<api::DeleteFunction>(delete_function::delete_function)
        .op::<api::DeleteFunctionConcurrency>(
            delete_function_concurrency::delete_function_concurrency,
        )
        .op::<api::DeleteFunctionEventInvokeConfig>(
            delete_function_event_invoke_config::delete_function_event_invoke_config,
        )
        .op::<api::DeleteLayerVersion>(delete_layer_version::delete_layer_version)
        .op::<api::GetAccountSettings>(get_account_settings::get_account_settings)
        .op::<api::GetAlias>(get_alias::get_alias)
        .op::<api::GetFunction>(get_function::get_function)
        .op::<api::GetFunctionCodeSigningConfig>(
            get_function_code_signing_config::get_function_code_signing_config,
        )
        .op::<api::GetFunctionConcurrency>(get_function_concurrency::get_function_concurrency)
        .op::<api::GetFunctionConfiguration>(get_function_configuration::get_function_configuration)
        .op::<api::GetFunctionEventInvokeConfig>(
            get_function_event_invoke_config::get_function_event_invoke_config,
        )
        .op::<api::GetFunctionRecursionConfig>(
            get_function_recursion_config::get_function_recursion_config,
        )
        .op::<api::GetLayerVersion>(get_layer_version::get_layer_version)
        .op::<api::GetLayerVersionByArn>(get_layer_version_by_arn::get_layer_version_by_arn)
        .op::<api::GetLayerVersionPolicy>(get_layer_version_policy::get_layer_version_policy)
        .op::<api::GetPolicy>(get_policy::get_policy)
        .op::<api::GetRuntimeManagementConfig>(
            get_runtime_management_config::get_runtime_management_config,
        )
        .bodies_of::<api::Invoke>(MOST_EVENT)
        .op::<api::Invoke>(Invoking(running.clone()))
        .bodies_of::<api::InvokeAsync>(MOST_EVENT)
        .op::<api::InvokeAsync>(InvokingAsync(running.clone()));
    with_the_rest(service)
}

/// The operations from `ListAliases` on.
fn with_the_rest(service: Service) -> Service {
    service
        .op::<api::ListAliases>(list_aliases::list_aliases)
        .op::<api::ListFunctionEventInvokeConfigs>(
            list_function_event_invoke_configs::list_function_event_invoke_configs,
        )
        .op::<api::ListFunctions>(list_functions::list_functions)
        .op::<api::ListLayerVersions>(list_layer_versions::list_layer_versions)
        .op::<api::ListLayers>(list_layers::list_layers)
        .op::<api::ListTags>(list_tags::list_tags)
        .op::<api::ListVersionsByFunction>(list_versions_by_function::list_versions_by_function)
        .op::<api::PublishLayerVersion>(publish_layer_version::publish_layer_version)
        .op::<api::PublishVersion>(publish_version::publish_version)
        .op::<api::PutFunctionConcurrency>(put_function_concurrency::put_function_concurrency)
        .op::<api::PutFunctionEventInvokeConfig>(
            put_function_event_invoke_config::put_function_event_invoke_config,
        )
        .op::<api::PutFunctionRecursionConfig>(
            put_function_recursion_config::put_function_recursion_config,
        )
        .op::<api::PutRuntimeManagementConfig>(
            put_runtime_management_config::put_runtime_management_config,
        )
        .op::<api::RemoveLayerVersionPermission>(
            remove_layer_version_permission::remove_layer_version_permission,
        )
        .op::<api::RemovePermission>(remove_permission::remove_permission)
        .op::<api::TagResource>(tag_resource::tag_resource)
        .op::<api::UntagResource>(untag_resource::untag_resource)
        .op::<api::UpdateAlias>(update_alias::update_alias)
        .op::<api::UpdateFunctionCode>(update_function_code::update_function_code)
        .op::<api::UpdateFunctionConfiguration>(
            update_function_configuration::update_function_configuration,
        )
        .op::<api::UpdateFunctionEventInvokeConfig>(
            update_function_event_invoke_config::update_function_event_invoke_config,
        )
}
