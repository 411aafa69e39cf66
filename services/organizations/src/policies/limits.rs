//! How many policies of a type there may be, how large, and how many on one target ("Quotas for AWS
//! Organizations").

use policy::limits::{RESOURCE_CONTROL_CHARACTERS, SERVICE_CONTROL_CHARACTERS};

/// The most policies of a type in an organization.
pub(super) fn per_organization(kind: &str) -> usize {
    match kind {
        "SERVICE_CONTROL_POLICY" => 10_000,
        _ => 1000,
    }
}

/// The most policies of a type on one root, unit or account.
pub(super) fn per_target(kind: &str) -> usize {
    match kind {
        "SERVICE_CONTROL_POLICY"
        | "RESOURCE_CONTROL_POLICY"
        | "AISERVICES_OPT_OUT_POLICY"
        | "CHATBOT_POLICY" => 5,
        _ => 10,
    }
}

/// The longest document, in characters; white space counts.
pub(super) fn characters(kind: &str) -> usize {
    match kind {
        "SERVICE_CONTROL_POLICY" => SERVICE_CONTROL_CHARACTERS,
        "RESOURCE_CONTROL_POLICY" => RESOURCE_CONTROL_CHARACTERS,
        "AISERVICES_OPT_OUT_POLICY" => 2500,
        _ => 10_000,
    }
}
