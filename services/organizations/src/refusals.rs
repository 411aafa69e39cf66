//! Errors that several operations share, in AWS's words where they are recorded.

use api::organizations::{
    AWSOrganizationsNotInUseException, AccessDeniedException, AccountNotFoundException,
    ConstraintViolationException, HandshakeConstraintViolationException, InvalidInputException,
    PolicyNotFoundException, RootNotFoundException, TargetNotFoundException,
};
use platform::Error;
use wire::{Fault, Value};

/// `ConstraintViolationException` with its reason.
pub(crate) fn constraint(reason: &'static str, message: impl Into<String>) -> Error {
    with_reason(ConstraintViolationException::new(message), reason)
}

/// `HandshakeConstraintViolationException` with its reason.
pub(crate) fn handshake_constraint(reason: &'static str, message: impl Into<String>) -> Error {
    with_reason(HandshakeConstraintViolationException::new(message), reason)
}

/// `InvalidInputException` with its reason.
pub(crate) fn invalid(reason: &'static str, message: impl Into<String>) -> Error {
    with_reason(InvalidInputException::new(message), reason)
}

/// The second member of these errors is the reason, the first their text.
fn with_reason(fault: Fault, reason: &'static str) -> Error {
    let members = vec![None, Some(Value::string(reason))];
    Error::Fault(fault.with_members(members))
}

/// A token that no list gave.
pub(crate) fn bad_token() -> Error {
    invalid(
        "INVALID_NEXT_TOKEN",
        "You specified an invalid value for nextToken. You must get the value from the response \
         to a previous call to the API.",
    )
}

/// A value of the wrong form.
pub(crate) fn bad_pattern() -> Error {
    invalid(
        "INVALID_PATTERN",
        "You provided a value that does not match the required pattern.",
    )
}

/// The caller's account is in no organization.
pub(crate) fn not_in_use() -> Error {
    AWSOrganizationsNotInUseException::new("Your account is not a member of an organization.")
        .into()
}

/// The caller's account has no part in this operation.
pub(crate) fn not_for_members() -> Error {
    AccessDeniedException::new("You don't have permissions to access this resource.").into()
}

/// No such account in the organization.
pub(crate) fn no_account() -> Error {
    AccountNotFoundException::new("You specified an account that doesn't exist.").into()
}

/// No such policy in the organization.
pub(crate) fn no_policy() -> Error {
    PolicyNotFoundException::new("You specified a policy that doesn't exist.").into()
}

/// No such root in the organization.
pub(crate) fn no_root() -> Error {
    RootNotFoundException::new("You specified a root that doesn't exist.").into()
}

/// No such target in the organization.
pub(crate) fn no_target() -> Error {
    TargetNotFoundException::new("You specified a target that doesn't exist.").into()
}

/// The operation wants all features.
pub(crate) fn not_all_features() -> Error {
    constraint(
        "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
        "The operation requires the organization to have all features enabled.",
    )
}

/// The organization has as many accounts as it may have.
pub(crate) const TOO_MANY_ACCOUNTS: &str = "You have exceeded the allowed number of AWS Accounts.";
