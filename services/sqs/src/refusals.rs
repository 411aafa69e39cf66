//! What Amazon SQS says to requests that it does not serve.

use api::sqs::{
    InvalidAddress, InvalidAttributeName, InvalidAttributeValue, InvalidMessageContents, OverLimit,
    PurgeQueueInProgress, QueueDeletedRecently, QueueDoesNotExist, QueueNameExists,
    ReceiptHandleIsInvalid, UnsupportedOperation,
};
use wire::Fault;
use wire::shape::ErrorShape;
use wire::typed::EMPTY;

/// Errors that the API model lacks ("Common errors", Amazon SQS API reference).
static INVALID_PARAMETER_VALUE: ErrorShape = plain("InvalidParameterValue");
static MISSING_PARAMETER: ErrorShape = plain("MissingParameter");

/// Errors that Amazon SQS answers with 403 in both protocols, where the API model says nothing of it.
static PURGE_QUEUE_IN_PROGRESS: ErrorShape = forbidden(PurgeQueueInProgress::SHAPE);
static OVER_LIMIT: ErrorShape = forbidden(OverLimit::SHAPE);

const fn forbidden(shape: &ErrorShape) -> ErrorShape {
    ErrorShape {
        name: shape.name,
        code: shape.code,
        status: 403,
        sender_fault: true,
        shape: &EMPTY,
    }
}

const fn plain(name: &'static str) -> ErrorShape {
    ErrorShape {
        name,
        code: name,
        status: 400,
        sender_fault: true,
        shape: &EMPTY,
    }
}

/// `InvalidParameterValue` with a text.
pub(crate) fn invalid(message: impl Into<String>) -> Fault {
    Fault::modeled(&INVALID_PARAMETER_VALUE, Some(message.into()))
}

/// A parameter with a value that it cannot have.
pub(crate) fn bad_value(parameter: &str, value: &str, reason: &str) -> Fault {
    invalid(format!(
        "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
    ))
}

/// A parameter that must be there.
pub(crate) fn missing(parameter: &str) -> Fault {
    let message = format!("The request must contain the parameter {parameter}.");
    Fault::modeled(&MISSING_PARAMETER, Some(message))
}

/// A parameter of FIFO queues for another one, or the other way round.
pub(crate) fn not_for_this_type(parameter: &str, value: &str) -> Fault {
    let reason = "The request include parameter that is not valid for this queue type.";
    bad_value(parameter, value, reason)
}

/// An id of a sender's or receiver's own choice that is malformed.
pub(crate) fn bad_id(parameter: &str, id: &str) -> Fault {
    let reason = format!(
        "{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length."
    );
    bad_value(parameter, id, &reason)
}

/// A message of a FIFO queue that nothing tells from others.
pub(crate) fn no_deduplication() -> Fault {
    invalid(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
         provided explicitly",
    )
}

pub(crate) fn no_queue() -> Fault {
    QueueDoesNotExist::new("The specified queue does not exist.")
}

pub(crate) fn bad_address(url: &str) -> Fault {
    InvalidAddress::new(format!("The address {url} is not valid for this endpoint."))
}

pub(crate) fn queue_exists(attribute: &str) -> Fault {
    QueueNameExists::new(format!(
        "A queue already exists with the same name and a different value for attribute {attribute}"
    ))
}

pub(crate) fn deleted_recently() -> Fault {
    QueueDeletedRecently::new(
        "You must wait 60 seconds after deleting a queue before you can create another with the \
         same name.",
    )
}

pub(crate) fn purging(name: &str) -> Fault {
    let message = format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
    Fault::modeled(&PURGE_QUEUE_IN_PROGRESS, Some(message))
}

pub(crate) fn unknown_attribute(name: &str) -> Fault {
    InvalidAttributeName::new(format!("Unknown Attribute {name}."))
}

/// Two kinds of encryption at once, which AWS calls a wrong name.
pub(crate) fn two_encryptions() -> Fault {
    InvalidAttributeName::new(
        "You can use one type of server-side encryption (SSE) at one time. You can either enable \
         KMS SSE or SQS SSE.",
    )
}

pub(crate) fn bad_attribute(name: &str) -> Fault {
    InvalidAttributeValue::new(format!("Invalid value for the parameter {name}."))
}

pub(crate) fn bad_attribute_because(name: &str, reason: &str) -> Fault {
    InvalidAttributeValue::new(format!(
        "Invalid value for the parameter {name}. Reason: {reason}"
    ))
}

pub(crate) fn bad_receipt(handle: &str) -> Fault {
    let told =
        |handle: &str| format!("The input receipt handle {handle}is not a valid receipt handle.");
    ReceiptHandleIsInvalid::new(told(&format!("\"{handle}\" "))).recorded_as(Some(told("")))
}

pub(crate) fn expired_receipt(handle: &str) -> Fault {
    bad_handle(handle, "The receipt handle has expired.")
}

pub(crate) fn not_in_flight(handle: &str) -> Fault {
    let reason = "Message does not exist or is not available for visibility timeout change.";
    bad_handle(handle, reason)
}

/// Whoever has a handle can delete the message: it goes on no record.
fn bad_handle(handle: &str, reason: &str) -> Fault {
    let recorded = format!("Value for parameter ReceiptHandle is invalid. Reason: {reason}");
    bad_value("ReceiptHandle", handle, reason).recorded_as(Some(recorded))
}

pub(crate) fn too_many_in_flight() -> Fault {
    over_limit("Too many messages in flight.")
}

/// An attribute with a word that it cannot have, or that no queue can be given.
pub(crate) fn unknown_or_bad(name: &str, is_word: bool) -> Fault {
    match is_word {
        true => unknown_attribute(name),
        false => bad_attribute(name),
    }
}

/// `UnsupportedOperation` with a text.
pub(crate) fn unsupported(message: &str) -> Fault {
    UnsupportedOperation::new(message)
}

pub(crate) fn bad_character(character: char) -> Fault {
    let code = u32::from(character);
    InvalidMessageContents::new(format!(
        "Invalid binary character '#x{code:X}' was found in the message body, the set of allowed \
         characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
    ))
}

/// `OverLimit` with a text.
pub(crate) fn over_limit(message: &str) -> Fault {
    Fault::modeled(&OVER_LIMIT, Some(message.to_owned()))
}

/// What the model of an operation does not allow. A member that must be there and is not gets SQS's
/// own words.
pub(crate) fn malformed(message: String) -> Fault {
    const NULL: &str = "1 validation error detected: Value null at '";
    let member = message
        .strip_prefix(NULL)
        .and_then(|rest| rest.split('\'').next());
    match member.and_then(|path| path.rsplit('.').next()) {
        Some(member) => missing(&capitalized(member)),
        None => invalid(message),
    }
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
