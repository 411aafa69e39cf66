//! Functions that services run: to rotate a secret, as the target of a rule, as a subscriber.
//!
//! A port, since a function runs for seconds and calls the program back while it does. Jobs run
//! functions; handlers at most ask whether that is allowed, since a handler that runs again would
//! run the function again.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use crate::ctx::Ctx;
use crate::upkeep::Upkeep;

/// A future of an answer about functions.
pub type FunctionFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, FunctionFailure>> + Send + 'a>>;

/// A function that a service runs as itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCaller {
    /// The ARN of the function, of a version, or of an alias.
    pub function: String,
    /// The service principal: `secretsmanager.amazonaws.com`. The function's policy has to let it in.
    pub service: String,
    /// `aws:SourceArn`: the resource for which the service runs it.
    pub source_arn: String,
    /// `aws:SourceAccount`: the account of that resource, 12 digits.
    pub source_account: String,
}

/// What a function answered. It may be secret, so it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct FunctionAnswer {
    /// JSON: what it returned, or what became of it.
    pub payload: Bytes,
    /// `Handled` or `Unhandled` if it failed (header `X-Amz-Function-Error`).
    pub error: Option<String>,
}

/// Why a function was not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {text}")]
pub struct FunctionFailure {
    /// What Lambda calls it: `ResourceNotFoundException`, `AccessDeniedException`,
    /// `TooManyRequestsException`.
    pub code: String,
    /// The same for people, without anything secret.
    pub text: String,
    /// Whether it may succeed later though nobody changes anything.
    pub is_transient: bool,
}

impl FunctionFailure {
    /// A failure that stays until somebody changes something.
    pub fn lasting(code: &str, text: impl std::fmt::Display) -> Self {
        Self {
            code: code.to_owned(),
            text: text.to_string(),
            is_transient: false,
        }
    }

    /// A failure that may pass by itself.
    pub fn transient(code: &str, text: impl std::fmt::Display) -> Self {
        Self {
            is_transient: true,
            ..Self::lasting(code, text)
        }
    }
}

/// Whoever runs functions.
pub trait Functions: Send + Sync {
    /// Whether the function exists and its policy lets the service run it, as of `ctx`'s
    /// transaction. It does not run, and nothing goes on record.
    fn may_run<'a>(&'a self, ctx: &'a Ctx, caller: &'a FunctionCaller) -> FunctionFuture<'a, ()>;

    /// Runs the function with a JSON event and waits for its answer (`RequestResponse`).
    fn run<'a>(
        &'a self,
        upkeep: &'a Upkeep,
        caller: &'a FunctionCaller,
        event: Bytes,
    ) -> FunctionFuture<'a, FunctionAnswer>;

    /// Has the function run with a JSON event some time soon, with Lambda's retries (`Event`). Once
    /// this answers, the event is not lost.
    fn queue<'a>(
        &'a self,
        upkeep: &'a Upkeep,
        caller: &'a FunctionCaller,
        event: Bytes,
    ) -> FunctionFuture<'a, ()>;
}

/// No functions at all.
pub struct NoFunctions;

impl Functions for NoFunctions {
    fn may_run<'a>(&'a self, _: &'a Ctx, caller: &'a FunctionCaller) -> FunctionFuture<'a, ()> {
        absent(caller)
    }

    fn run<'a>(
        &'a self,
        _: &'a Upkeep,
        caller: &'a FunctionCaller,
        _: Bytes,
    ) -> FunctionFuture<'a, FunctionAnswer> {
        absent(caller)
    }

    fn queue<'a>(
        &'a self,
        _: &'a Upkeep,
        caller: &'a FunctionCaller,
        _: Bytes,
    ) -> FunctionFuture<'a, ()> {
        absent(caller)
    }
}

fn absent<'a, T: Send + 'a>(caller: &FunctionCaller) -> FunctionFuture<'a, T> {
    let text = format!("Function not found: {}", caller.function);
    let failure = FunctionFailure::lasting("ResourceNotFoundException", text);
    Box::pin(std::future::ready(Err(failure)))
}
