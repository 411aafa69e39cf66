//! Functions of Lambda as targets. The policy of the function decides about EventBridge, or that of
//! the target's role ("Using resource-based policies for Amazon EventBridge", EventBridge user
//! guide).

use api::lambda::{InvocationRequest, InvocationType, Invoke};
use bytes::Bytes;
use platform::{Ctx, FunctionCaller, FunctionFailure, Outcome, Result, is_account};
use zeroize::Zeroizing;

use crate::deliverer::{EVENTS, failed_with};
use crate::dispatch::Dispatch;

/// The most characters of a function's name, and of a version or alias (Invoke, `FunctionName` and
/// `Qualifier`).
const MOST_OF_NAME: usize = 64;
const MOST_OF_QUALIFIER: usize = 128;

/// Whether this is the ARN of a function, of one of its versions, or of an alias.
pub(crate) fn is_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", _, "lambda", _, account, "function", name, rest @ ..] = parts.as_slice() else {
        return false;
    };
    let is_qualifier = |text: &str| text == "$LATEST" || is_name(text, MOST_OF_QUALIFIER);
    is_account(account)
        && is_name(name, MOST_OF_NAME)
        && match rest {
            [] => true,
            [qualifier] => is_qualifier(qualifier),
            _ => false,
        }
}

/// Has the function get the event some time soon.
pub(crate) async fn deliver(ctx: &Ctx, dispatch: &Dispatch) -> Result<Outcome> {
    let event = dispatch.input_apart(ctx).await?;
    if dispatch.target.role.is_some() {
        let request = InvocationRequest {
            function_name: dispatch.target.arn.clone(),
            invocation_type: Some(InvocationType::Event),
            payload: Some(Zeroizing::new(event.into_bytes())),
            ..InvocationRequest::default()
        };
        dispatch.call::<Invoke>(ctx, request).await?;
        return Ok(Outcome::Done);
    }
    let caller = FunctionCaller {
        function: dispatch.target.arn.clone(),
        service: EVENTS.to_owned(),
        source_arn: dispatch.rule_arn.clone(),
        source_account: dispatch.account().to_owned(),
    };
    let upkeep = ctx.upkeep();
    let queued = upkeep
        .functions()
        .queue(upkeep, &caller, Bytes::from(event));
    Ok(match queued.await {
        Ok(()) => Outcome::Done,
        Err(failure) => refused(&failure),
    })
}

/// What becomes of a delivery that Lambda does not take.
fn refused(failure: &FunctionFailure) -> Outcome {
    match failed_with(&failure.code, &failure.text) {
        Outcome::GiveUp(told) if failure.is_transient => Outcome::Retry(told),
        outcome => outcome,
    }
}

fn is_name(text: &str, most: usize) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=most).contains(&text.len()) && text.bytes().all(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_known_by_its_arn() {
        let arn = "arn:aws:lambda:eu-west-2:111122223333:function:f-1";
        for qualifier in ["", ":7", ":live", ":$LATEST"] {
            assert!(is_arn(&format!("{arn}{qualifier}")), "{qualifier}");
        }
        for other in [
            "arn:aws:lambda:eu-west-2:1:function:f",
            "arn:aws:lambda:eu-west-2:111122223333:layer:f",
            "arn:aws:lambda:eu-west-2:111122223333:function:",
            "arn:aws:lambda:eu-west-2:111122223333:function:f:",
            "arn:aws:lambda:eu-west-2:111122223333:function:f:1:2",
            "arn:aws:lambda:eu-west-2:111122223333:function:$LATEST",
            "arn:aws:sqs:eu-west-2:111122223333:function:f",
        ] {
            assert!(!is_arn(other), "{other}");
        }
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        let retried = |failure: &FunctionFailure| match refused(failure) {
            Outcome::Retry(told) => (true, told.code),
            Outcome::GiveUp(told) => (false, told.code),
            _ => (false, String::new()),
        };
        for (code, is_transient, expected) in [
            ("TooManyRequestsException", true, (true, "THROTTLING")),
            ("ServiceException", true, (true, "INTERNAL_ERROR")),
            ("AccessDeniedException", false, (false, "NO_PERMISSIONS")),
            ("ResourceNotFoundException", false, (false, "NO_RESOURCE")),
            (
                "RequestTooLargeException",
                false,
                (false, "INVALID_PARAMETER"),
            ),
        ] {
            let failure = match is_transient {
                true => FunctionFailure::transient(code, "why"),
                false => FunctionFailure::lasting(code, "why"),
            };
            let (is_retried, told) = retried(&failure);
            assert_eq!((is_retried, &*told), expected, "{code}");
        }
    }
}
