//! Policies of an organization, and what they are attached to.

mod attach_policy;
mod content;
mod create_policy;
mod delete_policy;
mod describe_effective_policy;
mod describe_policy;
mod detach_policy;
mod disable_policy_type;
mod effective;
mod enable_policy_type;
mod limits;
mod list_policies;
mod list_policies_for_target;
mod list_targets_for_policy;
pub(crate) mod managed;
pub(crate) mod record;
mod update_policy;

use api::organizations::{
    AttachPolicy, CreatePolicy, DeletePolicy, DescribeEffectivePolicy, DescribePolicy,
    DetachPolicy, DisablePolicyType, EnablePolicyType, ListPolicies, ListPoliciesForTarget,
    ListTargetsForPolicy, PolicyTypeNotEnabledException, UpdatePolicy,
};
use platform::{Error, Service};

pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<AttachPolicy>(attach_policy::attach_policy)
        .op::<CreatePolicy>(create_policy::create_policy)
        .op::<DeletePolicy>(delete_policy::delete_policy)
        .op::<DescribeEffectivePolicy>(describe_effective_policy::describe_effective_policy)
        .op::<DescribePolicy>(describe_policy::describe_policy)
        .op::<DetachPolicy>(detach_policy::detach_policy)
        .op::<DisablePolicyType>(disable_policy_type::disable_policy_type)
        .op::<EnablePolicyType>(enable_policy_type::enable_policy_type)
        .op::<ListPolicies>(list_policies::list_policies)
        .op::<ListPoliciesForTarget>(list_policies_for_target::list_policies_for_target)
        .op::<ListTargetsForPolicy>(list_targets_for_policy::list_targets_for_policy)
        .op::<UpdatePolicy>(update_policy::update_policy)
}

/// The type is not enabled in the root.
fn not_enabled() -> Error {
    let message = "This operation can be performed only for enabled policy types.";
    PolicyTypeNotEnabledException::new(message).into()
}
