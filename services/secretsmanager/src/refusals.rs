//! Errors, in the words of Secrets Manager.

use api::secretsmanager::{
    InvalidNextTokenException, InvalidParameterException, InvalidRequestException,
    ResourceExistsException, ResourceNotFoundException,
};
use wire::{Common, Fault};

/// A name with other characters than names have, or an ARN of something else.
pub(crate) fn bad_name() -> Fault {
    let text = "Invalid name. Must be a valid name containing alphanumeric characters, or any of \
                the following: -/_+=.@!";
    Fault::common(Common::Validation, text)
}

/// A parameter that cannot be what it is.
pub(crate) fn invalid(text: impl Into<String>) -> Fault {
    InvalidParameterException::new(text)
}

/// A request that the secret's state does not allow.
pub(crate) fn wrong_state(text: impl Into<String>) -> Fault {
    InvalidRequestException::new(text)
}

/// There is no such secret.
pub(crate) fn no_secret() -> Fault {
    ResourceNotFoundException::new("Secrets Manager can't find the specified secret.")
}

/// The secret has no policy of this name.
pub(crate) fn no_policy() -> Fault {
    ResourceNotFoundException::new("Secrets Manager can't find the specified resource policy.")
}

/// No version has this label.
pub(crate) fn no_label(label: &str) -> Fault {
    ResourceNotFoundException::new(format!(
        "Secrets Manager can't find the specified secret value for staging label: {label}"
    ))
}

/// There is no version of this id.
pub(crate) fn no_version(id: &str) -> Fault {
    ResourceNotFoundException::new(format!(
        "Secrets Manager can't find the specified secret value for VersionId: {id}"
    ))
}

/// The secret waits for its deletion.
pub(crate) fn marked() -> Fault {
    wrong_state(
        "You can't perform this operation on the secret because it was marked for deletion.",
    )
}

/// A replica says what its primary secret says.
pub(crate) fn is_replica() -> Fault {
    invalid(
        "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
    )
}

/// The secret is another service's.
pub(crate) fn is_managed() -> Fault {
    wrong_state(
        "The secret is managed by another service, and you must use that service to update it.",
    )
}

/// A name that is kept for a service.
pub(crate) fn reserved_name(service: &str) -> Fault {
    invalid(format!(
        "Invalid name. Names that begin with {service}! are reserved for secrets that the service \
         manages."
    ))
}

/// Only replicas are made secrets of their own.
pub(crate) fn is_no_replica() -> Fault {
    invalid(
        "Operation not permitted on a primary secret. Call must be made in replica secret's region.",
    )
}

/// There is a secret of this name.
pub(crate) fn already_exists(name: &str) -> Fault {
    ResourceExistsException::new(format!(
        "The operation failed because the secret {name} already exists."
    ))
}

/// The id of a version that says something else.
pub(crate) fn token_in_use(token: &str, arn: &str) -> Fault {
    ResourceExistsException::new(format!(
        "You can't use ClientRequestToken {token} because that value is already in use for a \
         version of secret {arn}."
    ))
}

/// A page that no answer named.
pub(crate) fn bad_token() -> Fault {
    InvalidNextTokenException::new("The NextToken value is invalid.")
}
