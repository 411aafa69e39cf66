//! What Lambda says to requests that it does not serve.

use api::lambda::{
    InvalidParameterValueException, PreconditionFailedException, ResourceNotFoundException,
};
use wire::Fault;

/// `InvalidParameterValueException` with a text.
pub(crate) fn invalid(message: impl Into<String>) -> Fault {
    InvalidParameterValueException::new(message)
}

/// No function, version or alias of this ARN.
pub(crate) fn no_function(arn: &str) -> Fault {
    ResourceNotFoundException::new(format!("Function not found: {arn}"))
}

/// No alias of this ARN.
pub(crate) fn no_alias(arn: &str) -> Fault {
    ResourceNotFoundException::new(format!("Cannot find alias arn: {arn}"))
}

/// Something of a function that is not there.
pub(crate) fn nothing() -> Fault {
    ResourceNotFoundException::new("The resource you requested does not exist.")
}

/// Nothing that has tags is at this ARN.
pub(crate) fn no_resource(arn: &str) -> Fault {
    ResourceNotFoundException::new(format!("Resource not found: {arn}"))
}

/// What this program does not do, where AWS does.
pub(crate) fn unsupported(what: &str) -> Fault {
    invalid(format!(
        "This server does not support {what} of AWS Lambda."
    ))
}

/// Somebody else changed it first.
pub(crate) fn other_revision() -> Fault {
    PreconditionFailedException::new(
        "The Revision Id provided does not match the latest Revision Id. Call the \
         GetFunction/GetAlias API to retrieve the latest Revision Id",
    )
}

/// Somebody else changed the policy first.
pub(crate) fn other_policy_revision() -> Fault {
    PreconditionFailedException::new(
        "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to \
         retrieve the latest Revision Id",
    )
}

/// A number above the limit of all accounts.
pub(crate) fn above(member: &str, most: u32) -> Fault {
    invalid(format!(
        "'{member}' value failed to satisfy constraint: Member must have value less than or equal \
         to {most}"
    ))
}
