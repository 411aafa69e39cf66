//! What Amazon SNS says to requests that it does not serve.

use api::sns::{
    AuthorizationErrorException, InvalidParameterException, InvalidParameterValueException,
    NotFoundException, ResourceNotFoundException,
};
use platform::Error;
use wire::{Common, Fault};

/// `InvalidParameter` with a text.
pub(crate) fn invalid(message: impl Into<String>) -> Fault {
    InvalidParameterException::new(message)
}

/// A parameter with a value that it cannot have.
pub(crate) fn bad(parameter: &str) -> Fault {
    invalid(format!("Invalid parameter: {parameter}"))
}

/// The same, with what is wrong.
pub(crate) fn bad_because(parameter: &str, reason: &str) -> Fault {
    invalid(format!("Invalid parameter: {parameter} Reason: {reason}"))
}

/// A subscription whose endpoint knows envelopes alone.
pub(crate) fn no_raw_messages(protocol: &str) -> Fault {
    let what = format!("Delivery protocol [{protocol}] does not support raw message delivery.");
    bad(&what)
}

/// Too much waits for endpoints.
pub(crate) fn throttled() -> Fault {
    Fault::common(Common::Throttling, "Rate exceeded")
}

/// An ARN that is cut short.
pub(crate) fn few_elements(parameter: &str, arn: &str) -> Option<Fault> {
    let count = arn.split(':').count();
    let reason = format!("An ARN must have at least 6 elements, not {count}");
    (count < 6).then(|| bad_because(parameter, &reason))
}

/// `ParameterValueInvalid` with a text.
pub(crate) fn parameter_value(message: String) -> Fault {
    InvalidParameterValueException::new(message)
}

pub(crate) fn no_topic() -> Fault {
    NotFoundException::new("Topic does not exist")
}

pub(crate) fn no_subscription() -> Fault {
    NotFoundException::new("Subscription does not exist")
}

pub(crate) fn no_resource() -> Fault {
    ResourceNotFoundException::new("Resource does not exist")
}

/// What this program does not do, where AWS does.
pub(crate) fn unsupported(what: &str) -> Fault {
    invalid(format!(
        "This server does not support {what} of Amazon SNS."
    ))
}

/// What the model of an operation does not allow.
pub(crate) fn malformed(message: String) -> Fault {
    invalid(message)
}

/// A denial in the words of Amazon SNS, which has a code of its own and writes actions with a
/// capital prefix.
pub(crate) fn denied(error: Error) -> Error {
    match error {
        Error::Fault(fault) if fault.as_common() == Some(Common::AccessDenied) => {
            let text = fault.message().unwrap_or_default();
            let text = text
                .replace(": sns:", ": SNS:")
                .replace("the sns:", "the SNS:");
            AuthorizationErrorException::new(text).into()
        }
        other => other,
    }
}
