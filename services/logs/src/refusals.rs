//! What CloudWatch Logs says to requests that it does not serve.

use api::logs::{
    InvalidParameterException, LimitExceededException, OperationAbortedException,
    ResourceAlreadyExistsException, ResourceNotFoundException, TooManyTagsException,
    ValidationException,
};
use wire::Fault;

pub(crate) fn no_group() -> Fault {
    ResourceNotFoundException::new("The specified log group does not exist.")
}

pub(crate) fn no_stream() -> Fault {
    ResourceNotFoundException::new("The specified log stream does not exist.")
}

pub(crate) fn no_resource() -> Fault {
    ResourceNotFoundException::new("The specified resource does not exist.")
}

pub(crate) fn no_metric_filter() -> Fault {
    ResourceNotFoundException::new("The specified metric filter does not exist.")
}

pub(crate) fn no_resource_policy(name: &str) -> Fault {
    ResourceNotFoundException::new(format!("Policy with name [{name}] does not exist."))
}

pub(crate) fn group_exists() -> Fault {
    ResourceAlreadyExistsException::new("The specified log group already exists")
}

pub(crate) fn stream_exists() -> Fault {
    ResourceAlreadyExistsException::new("The specified log stream already exists")
}

pub(crate) fn reserved_name() -> Fault {
    invalid("Log group names can't start with the string aws/")
}

pub(crate) fn protected() -> Fault {
    ValidationException::new("The log group has deletion protection enabled.")
}

pub(crate) fn other_class() -> Fault {
    invalid("The log group class does not support this operation.")
}

pub(crate) fn not_a_key_arn() -> Fault {
    invalid("The specified kmsKeyId must be the ARN of a KMS key.")
}

pub(crate) fn unusable_key() -> Fault {
    invalid("The specified KMS key is disabled, or cannot be used for encryption.")
}

pub(crate) fn bad_token() -> Fault {
    invalid("The specified nextToken is invalid.")
}

pub(crate) fn too_large(bytes: usize, limit: usize) -> Fault {
    invalid(format!(
        "Upload too large: {bytes} bytes exceeds limit of {limit}"
    ))
}

pub(crate) fn not_chronological() -> Fault {
    invalid("Log events in a single PutLogEvents request must be in chronological order.")
}

pub(crate) fn too_wide() -> Fault {
    invalid(
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
    )
}

pub(crate) fn too_many_tags(most: usize) -> Fault {
    TooManyTagsException::new(format!("A resource can have at most {most} tags."))
}

pub(crate) fn too_many(what: &str) -> Fault {
    LimitExceededException::new(format!("Resource limit exceeded: {what}."))
}

pub(crate) fn other_revision() -> Fault {
    OperationAbortedException::new("The expected revision is not the current one.")
}

pub(crate) fn invalid(text: impl Into<String>) -> Fault {
    InvalidParameterException::new(text)
}
