//! Verification of request signatures: AWS Signature Version 4 (`AWS4-HMAC-SHA256`) and 4A
//! (`AWS4-ECDSA-P256-SHA256`), in the `Authorization` header or in the query of a presigned URL.
//!
//! It goes in three steps. [`presented`] reads who claims to have signed. [`Presented::check`]
//! tests all that needs no secret: the time, the scope, and that every `x-amz-*` header which
//! arrived is covered. [`Presented::verify`] computes the signature and compares it in constant
//! time. A request is authentic only if all three succeed.
//!
//! It never looks up a key, never reads the clock and never decides what the signer may do.
//! Reference: IAM User Guide, "AWS Signature Version 4 for API requests".

mod arrived;
mod asymmetric;
mod authorization;
mod canonical;
mod check;
mod encoding;
mod error;
mod instant;
mod key;
mod pieces;
mod presented;
mod presign;
mod sign;
mod signed_headers;
mod verify;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod signer;
#[cfg(test)]
mod vectors;

pub use asymmetric::SigV4aKey;
pub use error::{Mismatch, SignatureError};
pub use key::{SigningKey, VerifyingKey};
pub use presented::{Algorithm, Form, Presented, presented};
pub use sign::{Signer, scope_date};

/// The parts of an HTTP request that a signature covers, besides the body.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    /// The method as sent, `POST`.
    pub method: &'a str,
    /// The path as sent: starts with `/`, percent-escapes not decoded, dots not resolved.
    pub path: &'a str,
    /// The query as sent, without `?`; empty where there is none.
    pub query: &'a str,
    /// All headers that arrived. HTTP/2 has no `host`: the caller inserts the `:authority`.
    pub headers: &'a http::HeaderMap,
}
