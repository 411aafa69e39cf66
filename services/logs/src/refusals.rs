//! What CloudWatch Logs says to requests that it does not serve.

use api::logs::{
    InvalidParameterException, LimitExceededException, OperationAbortedException,
    ResourceAlreadyExistsException, ResourceNotFoundException, TooManyTagsException,
    ValidationException,
};
use wire::{Common, Fault};

pub(crate) fn no_group() -> Fault {
    ResourceNotFoundException::new("The specified log group does not exist.")
}

/// A group that a query is to search, in the words of the service behind StartQuery.
pub(crate) fn no_group_to_search(name: &str, account: &str) -> Fault {
    ResourceNotFoundException::new(format!(
        "Log group '{name}' does not exist for account ID '{account}'"
    ))
}

/// A group that is named in both ways.
pub(crate) fn name_and_arn() -> Fault {
    ValidationException::new("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
}

/// What the model of an operation does not allow. Names that are too long get words of their own.
pub(crate) fn malformed(message: String) -> Fault {
    const LONG: &str =
        "failed to satisfy constraint: Member must have length less than or equal to 512";
    let is_of = |member: &str| message.contains(&format!("' at '{member}' {LONG}"));
    match is_of("logGroupName") || is_of("logStreamName") {
        true => invalid(
            "Invalid LogGroup or LogStream, both must have length less than or equal to 512.",
        ),
        false => invalid(message),
    }
}

/// A function of another account, which only a destination can lead to.
pub(crate) fn foreign_function() -> Fault {
    Fault::common(
        Common::AccessDenied,
        "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies \
         to create cross account lambda triggers.",
    )
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

pub(crate) fn no_subscription_filter() -> Fault {
    ResourceNotFoundException::new("The specified subscription filter does not exist.")
}

pub(crate) const NO_DESTINATION: &str = "The specified destination does not exist.";

pub(crate) fn no_destination() -> Fault {
    ResourceNotFoundException::new(NO_DESTINATION)
}

/// The service that an ARN is of, as AWS's texts about destinations call it.
pub(crate) fn vendor(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}

pub(crate) fn needless_role(vendor: &str) -> Fault {
    invalid(format!(
        "destinationArn for vendor {vendor} cannot be used with roleArn"
    ))
}

pub(crate) fn missing_role(vendor: &str) -> Fault {
    invalid(format!(
        "destinationArn for vendor {vendor} cannot be used without roleArn"
    ))
}

pub(crate) fn unusable_vendor(operation: &str, member: &str, vendor: &str) -> Fault {
    invalid(format!(
        "{operation} operation cannot work with {member} for vendor {vendor}"
    ))
}

pub(crate) fn no_function() -> Fault {
    invalid(
        "Could not execute the lambda function. Make sure you have given CloudWatch Logs \
         permission to execute your function.",
    )
}

pub(crate) fn no_kinesis_stream() -> Fault {
    invalid(
        "Could not deliver message to specified Kinesis stream. Ensure that the Kinesis stream \
         exists and is ACTIVE.",
    )
}

pub(crate) fn no_firehose() -> Fault {
    invalid(
        "Could not deliver message to specified Firehose stream. Ensure that the Firehose stream \
         exists and is ACTIVE.",
    )
}

pub(crate) fn limit_exceeded() -> Fault {
    LimitExceededException::new("Resource limit exceeded.")
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

pub(crate) fn not_standard() -> Fault {
    ValidationException::new("This operation is only supported on the Standard log class.")
}

pub(crate) fn delivery_class() -> Fault {
    ValidationException::new("This operation is not supported for Delivery log class")
}

pub(crate) fn not_a_key_arn() -> Fault {
    invalid("The specified KMS Key Id could not be found.")
}

pub(crate) fn unusable_key() -> Fault {
    invalid("The specified KMS key is disabled, or cannot be used for encryption.")
}

pub(crate) fn no_query() -> Fault {
    ResourceNotFoundException::new("The specified query does not exist.")
}

pub(crate) fn not_running() -> Fault {
    invalid("The specified query is not running.")
}

pub(crate) fn too_many_queries(most: usize) -> Fault {
    LimitExceededException::new(format!(
        "Account maximum query concurrency limit of [{most}] reached."
    ))
}

pub(crate) fn no_query_definition() -> Fault {
    ResourceNotFoundException::new("The specified query definition does not exist.")
}

pub(crate) fn bad_pointer() -> Fault {
    invalid("The specified logRecordPointer is invalid.")
}

pub(crate) fn no_record() -> Fault {
    ResourceNotFoundException::new("The specified log record does not exist.")
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

pub(crate) fn other_revision() -> Fault {
    OperationAbortedException::new("The expected revision is not the current one.")
}

pub(crate) fn invalid(text: impl Into<String>) -> Fault {
    InvalidParameterException::new(text)
}
