//! What can go wrong in a handler, and the errors that every service shares.

use store::StoreError;
use wire::{Common, Fault};

/// The result of a handler.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a handler did not succeed.
pub enum Error {
    /// An answer for the caller, in AWS's words.
    Fault(Fault),
    /// Something failed inside. The caller learns no more than that; the source goes to the log.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// An internal failure with a plain reason.
    pub fn internal(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(reason.into())
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<crypto::RandomFailure> for Error {
    fn from(error: crypto::RandomFailure) -> Self {
        Self::internal(error)
    }
}

/// `ValidationException` (`ValidationError` in query services) with a text.
pub fn validation(message: impl Into<String>) -> Error {
    Error::Fault(Fault::common(Common::Validation, message))
}

/// AWS's sentence for a refused call. `because` is empty where it gives no reason.
pub fn access_denied(caller_arn: &str, action: &str, resource: &str, because: &str) -> Error {
    let message = format!(
        "User: {caller_arn} is not authorized to perform: {action} on resource: {resource} {because}"
    );
    let message = message.trim_end();
    Error::Fault(Fault::common(Common::AccessDenied, message))
}
