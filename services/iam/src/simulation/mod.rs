//! The policy simulator: what policies would decide, without doing anything.
//!
//! A [`Scenario`](scenario::Scenario) is everything that a request names, checked and parsed; an
//! [`evaluation`] puts it to the same engine that decides real calls.

pub(crate) mod context;
mod effort;
mod entity;
mod evaluation;
mod exclusion;
mod get_context_keys_for_custom_policy;
mod get_context_keys_for_principal_policy;
mod handling;
mod scenario;
mod simulate_custom_policy;
mod simulate_principal_policy;
pub(crate) mod subject;

use platform::Service;

/// Adds the operations of the simulator.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::GetContextKeysForCustomPolicy>(
            get_context_keys_for_custom_policy::get_context_keys_for_custom_policy,
        )
        .op::<api::iam::GetContextKeysForPrincipalPolicy>(
            get_context_keys_for_principal_policy::get_context_keys_for_principal_policy,
        )
        .op::<api::iam::SimulateCustomPolicy>(simulate_custom_policy::simulate_custom_policy)
        .op::<api::iam::SimulatePrincipalPolicy>(
            simulate_principal_policy::simulate_principal_policy,
        )
}
