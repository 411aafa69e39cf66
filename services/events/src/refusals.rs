//! What EventBridge says to requests that it does not serve.

use api::events::{
    IllegalStatusException, InvalidEventPatternException, LimitExceededException,
    PolicyLengthExceededException, ResourceAlreadyExistsException, ResourceNotFoundException,
};
use patterns::PatternError;
use wire::{Common, Fault};

pub(crate) fn no_bus(name: &str) -> Fault {
    ResourceNotFoundException::new(format!("Event bus {name} does not exist."))
}

pub(crate) fn bus_exists(name: &str) -> Fault {
    ResourceAlreadyExistsException::new(format!("Event bus {name} already exists."))
}

pub(crate) fn no_rule(rule: &str, bus: &str) -> Fault {
    ResourceNotFoundException::new(format!("Rule {rule} does not exist on EventBus {bus}."))
}

pub(crate) fn no_archive(name: &str) -> Fault {
    ResourceNotFoundException::new(format!("Archive {name} does not exist."))
}

pub(crate) fn archive_exists(name: &str) -> Fault {
    ResourceAlreadyExistsException::new(format!("Archive {name} already exists."))
}

pub(crate) fn no_statement() -> Fault {
    ResourceNotFoundException::new("Statement with the provided id does not exist.")
}

pub(crate) fn policy_too_long() -> Fault {
    PolicyLengthExceededException::new("EventBus policy cannot exceed 10240 bytes.")
}

pub(crate) fn too_many() -> Fault {
    LimitExceededException::new("The requested resource exceeds the maximum number allowed.")
}

pub(crate) fn bad_pattern(error: &PatternError) -> Fault {
    InvalidEventPatternException::new(format!("Event pattern is not valid. Reason: {error}"))
}

pub(crate) fn too_complex() -> Fault {
    let message = "Event pattern is not valid. Reason: Rule is too complex - try using fewer wildcard \
                   characters or fewer repeating character sequences after a wildcard character";
    InvalidEventPatternException::new(message)
}

pub(crate) fn bad_target_arn() -> Fault {
    invalid("Parameter Arn is not valid. Reason: Provided Arn is not in correct format.")
}

pub(crate) fn no_such_kind_of_target(service: &str) -> Fault {
    unsupported(&format!("targets of {service}"))
}

pub(crate) fn role_required(arn: &str) -> Fault {
    invalid(format!("RoleArn is required for target {arn}."))
}

pub(crate) fn foreign_target(arn: &str) -> Fault {
    invalid(format!(
        "Parameter Arn is not valid. Reason: {arn} is in another account."
    ))
}

pub(crate) fn bus_input(id: &str) -> Fault {
    invalid(format!(
        "Input, InputPath and InputTransformer are not supported for the event bus target {id}."
    ))
}

pub(crate) fn log_input(id: &str) -> Fault {
    invalid(format!(
        "Input and InputPath are not supported for the CloudWatch Logs target {id}."
    ))
}

pub(crate) fn no_connection(name: &str) -> Fault {
    ResourceNotFoundException::new(format!(
        "Failed to describe the connection(s). Connection '{name}' does not exist."
    ))
}

pub(crate) fn connection_exists(name: &str) -> Fault {
    ResourceAlreadyExistsException::new(format!("Connection {name} already exists."))
}

pub(crate) fn no_api_destination(name: &str) -> Fault {
    ResourceNotFoundException::new(format!(
        "Failed to describe the api-destination(s). An api-destination '{name}' does not exist."
    ))
}

pub(crate) fn api_destination_exists(name: &str) -> Fault {
    ResourceAlreadyExistsException::new(format!("An api-destination '{name}' already exists."))
}

pub(crate) fn not_its(parameters: &str, id: &str) -> Fault {
    invalid(format!(
        "Parameter(s) {parameters} not valid for target: {id}."
    ))
}

pub(crate) fn too_many_http(member: &str, most: usize) -> Fault {
    invalid(format!(
        "Parameter HttpParameters.{member} is not valid. Reason: Must have at most {most} entries."
    ))
}

pub(crate) fn long_path_value(most: usize) -> Fault {
    invalid(format!(
        "Parameter HttpParameters.PathParameterValues is not valid. Reason: Must have values of at \
         most {most} bytes."
    ))
}

pub(crate) fn group_required(id: &str) -> Fault {
    invalid(format!(
        "Parameter(s) SqsParameters must be specified for target: {id}."
    ))
}

pub(crate) fn bad_dead_letters(reason: &str) -> Fault {
    invalid(format!(
        "Parameter DeadLetterConfig is not valid. Reason: {reason}."
    ))
}

pub(crate) fn target_is_source() -> Fault {
    invalid(
        "Parameter Arn is not valid. Reason: A rule's target cannot be the rule's own event bus.",
    )
}

pub(crate) fn fifo_topic() -> Fault {
    invalid("Parameter Arn is not valid. Reason: FIFO topics cannot be targets of rules.")
}

/// A role that there is not, which AWS does not tell from one that does not trust EventBridge.
pub(crate) fn not_assumable(role: &str) -> Fault {
    invalid(format!(
        "Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'."
    ))
}

/// What this program does not do, where AWS does.
pub(crate) fn unsupported(what: &str) -> Fault {
    invalid(format!(
        "This server does not support {what} of EventBridge."
    ))
}

/// KMS does not answer, or has too many calls: an entry that may be put again (PutEvents, `ErrorCode`).
pub(crate) fn not_now(fault: &Fault) -> Fault {
    match fault.as_common() {
        Some(Common::InternalFailure) => Fault::common(
            Common::InternalFailure,
            "The request processing has failed because of an unknown error, exception or failure.",
        ),
        _ => throttled(),
    }
}

/// A KMS key that EventBridge cannot use.
pub(crate) fn bad_key(why: &str) -> Fault {
    invalid(format!(
        "Parameter KmsKeyIdentifier is not valid. Reason: {why}"
    ))
}

pub(crate) fn bad_token() -> Fault {
    invalid("The pagination token is not valid.")
}

pub(crate) fn reserved_tag() -> Fault {
    invalid("Tag keys must not begin with the reserved prefix \"aws:\".")
}

pub(crate) fn duplicate_tag() -> Fault {
    invalid("A tag key occurs more than once in the request.")
}

/// `ValidationException` with a text.
pub(crate) fn invalid(message: impl Into<String>) -> Fault {
    Fault::common(Common::Validation, message)
}

/// Too much waits for targets of the account.
pub(crate) fn throttled() -> Fault {
    Fault::common(Common::Throttling, "Rate exceeded")
}

pub(crate) fn no_replay(name: &str) -> Fault {
    ResourceNotFoundException::new(format!("Replay {name} does not exist."))
}

pub(crate) fn replay_exists(name: &str) -> Fault {
    ResourceAlreadyExistsException::new(format!("Replay {name} already exists."))
}

pub(crate) fn replay_is_over(name: &str) -> Fault {
    IllegalStatusException::new(format!(
        "Replay {name} is not in a valid state for this operation."
    ))
}

pub(crate) fn not_an_archive() -> Fault {
    invalid("Parameter EventSourceArn is not valid. Reason: Must contain an archive ARN.")
}

pub(crate) fn no_archive_to_replay(name: &str) -> Fault {
    invalid(format!(
        "Parameter EventSourceArn is not valid. Reason: Archive {name} does not exist."
    ))
}

pub(crate) fn cross_bus_replay() -> Fault {
    invalid(
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.",
    )
}

pub(crate) fn replay_ends_before_it_begins() -> Fault {
    invalid(
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
    )
}

pub(crate) fn bad_replay_filter() -> Fault {
    invalid(
        "Parameter Destination.FilterArns is not valid. Reason: Must contain ARNs of rules of the \
         event bus.",
    )
}

pub(crate) fn no_bus_to_replay_to() -> Fault {
    invalid("Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.")
}
