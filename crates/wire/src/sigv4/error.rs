//! Why a signature is refused, in the words of AWS.

use thiserror::Error;

use crate::fault::Common;

/// A refused signature. `Display` is the text to answer, [`SignatureError::common`] its kind.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// The request carries no credentials at all.
    #[error("Missing Authentication Token")]
    MissingToken,
    /// More than one `Authorization` header.
    #[error("Found more than one 'Authorization' HTTP header.")]
    RepeatedAuthorization,
    /// Credentials in the header and in the query.
    #[error("Found both '{parameter}' as a query-string param and '{header}' as HTTP header.")]
    BothForms {
        /// The query parameter.
        parameter: &'static str,
        /// The header.
        header: &'static str,
    },
    /// A word of the header that is no `key=value`. The header itself is not repeated, since it
    /// may be a password or a token meant for someone else.
    #[error(
        "Invalid key=value pair (missing equal-sign) in Authorization header \
         (hashed with SHA-256 and encoded with Base64): '{digest}'."
    )]
    NotKeyValue {
        /// The header's digest.
        digest: String,
    },
    /// Parameters of the header, or the date, are missing; one sentence for each.
    #[error("{sentences}Authorization={scheme}")]
    MissingHeaderParameters {
        /// The sentences, each with a space after it.
        sentences: String,
        /// The first word of the header.
        scheme: String,
    },
    /// Parameters of the query are missing; one sentence for each.
    #[error("{sentences}Re-examine the query-string parameters.")]
    MissingQueryParameters {
        /// The sentences, each with a space after it.
        sentences: String,
    },
    /// A header, or a parameter of the header or query, occurs twice.
    #[error("Found more than one '{name}' in the AWS Authorization.")]
    Repeated {
        /// Which.
        name: String,
    },
    /// A value that is not text.
    #[error("'{name}' is not valid UTF-8.")]
    NotText {
        /// Where.
        name: &'static str,
    },
    /// Any algorithm but the two.
    #[error("Unsupported AWS 'algorithm': '{algorithm}'.")]
    UnsupportedAlgorithm {
        /// What was asked for.
        algorithm: String,
    },
    /// The date cannot be read.
    #[error(
        "Date must be in ISO-8601 'basic format'. Got '{date}'. \
         See http://en.wikipedia.org/wiki/ISO_8601"
    )]
    MalformedDate {
        /// What came.
        date: String,
    },
    /// The credential does not have its parts.
    #[error(
        "Credential must have exactly {} slash-delimited elements, e.g. {shape}, got '{credential}'",
        shape.split('/').count()
    )]
    MalformedCredential {
        /// What it should look like.
        shape: &'static str,
        /// What came.
        credential: String,
    },
    /// `X-Amz-Expires` is no integer.
    #[error("X-Amz-Expires should be a number")]
    ExpiresNotNumber,
    /// `X-Amz-Expires` is zero or less.
    #[error("X-Amz-Expires must be non-negative")]
    ExpiresNotPositive,
    /// `X-Amz-Expires` is more than a week.
    #[error(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires \
         must be less than 604800 seconds"
    )]
    ExpiresTooLong,
    /// `host` is not covered.
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    HostNotSigned,
    /// `SignedHeaders` names a header that did not arrive.
    #[error("'{name}' is named as a SignedHeader, but it does not exist in the HTTP request.")]
    SignedHeaderAbsent {
        /// Which.
        name: String,
    },
    /// The credential scope is wrong in at least one respect; one sentence for each.
    #[error("{sentences}")]
    Scope {
        /// The sentences.
        sentences: String,
    },
    /// Signed in the future.
    #[error(
        "Signature not yet current: {signed_at} is still later than {limit} ({now} + {window})"
    )]
    NotYetCurrent {
        /// When it says it was signed.
        signed_at: String,
        /// The latest time allowed.
        limit: String,
        /// The time here.
        now: String,
        /// The tolerance.
        window: String,
    },
    /// Signed too long ago.
    #[error("Signature expired: {signed_at} is now earlier than {limit} ({now} - {window})")]
    Expired {
        /// When it says it was signed.
        signed_at: String,
        /// The earliest time allowed.
        limit: String,
        /// The time here.
        now: String,
        /// How long a signature is good for.
        window: String,
    },
    /// `x-amz-*` headers arrived that the signature does not cover.
    #[error(
        "There were headers present in the request which were not signed: {}",
        headers.join(", ")
    )]
    HeadersNotSigned {
        /// Their names, in lower case.
        headers: Vec<String>,
    },
    /// S3 wants the body's digest in a header.
    #[error("Missing required header for this request: x-amz-content-sha256")]
    ContentDigestAbsent,
    /// `x-amz-content-sha256` is not the body's digest.
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    ContentDigestMismatch,
    /// `x-amz-content-sha256` is neither a digest nor a mode that this service has.
    #[error("x-amz-content-sha256 must be a valid sha256 value.")]
    ContentDigestUnsupported,
    /// The signature is not the one that the key gives.
    #[error("{0}")]
    Mismatch(Box<Mismatch>),
}

/// What the service computed when the signature did not match. It repeats what the sender sent
/// and holds nothing that depends on the key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "The request signature we calculated does not match the signature you provided. Check your \
     AWS Secret Access Key and signing method. Consult the service documentation for details.\
     \n\nThe Canonical String for this request should have been\n'{canonical_request}'\
     \n\nThe String-to-Sign should have been\n'{string_to_sign}'\n"
)]
pub struct Mismatch {
    /// The canonical request.
    pub canonical_request: String,
    /// The string to sign.
    pub string_to_sign: String,
}

impl SignatureError {
    /// The shared error that carries this to the caller.
    pub fn common(&self) -> Common {
        match self {
            Self::MissingToken => Common::MissingAuthenticationToken,
            Self::RepeatedAuthorization
            | Self::NotKeyValue { .. }
            | Self::MissingHeaderParameters { .. }
            | Self::MissingQueryParameters { .. }
            | Self::Repeated { .. }
            | Self::NotText { .. }
            | Self::UnsupportedAlgorithm { .. }
            | Self::MalformedDate { .. }
            | Self::MalformedCredential { .. }
            | Self::ExpiresNotNumber
            | Self::ExpiresNotPositive
            | Self::ExpiresTooLong => Common::IncompleteSignature,
            Self::NotYetCurrent { .. } | Self::Expired { .. } => Common::RequestExpired,
            Self::HeadersNotSigned { .. } => Common::HeadersNotSigned,
            Self::BothForms { .. }
            | Self::HostNotSigned
            | Self::SignedHeaderAbsent { .. }
            | Self::Scope { .. }
            | Self::ContentDigestAbsent
            | Self::ContentDigestMismatch
            | Self::ContentDigestUnsupported
            | Self::Mismatch(_) => Common::InvalidSignature,
        }
    }
}
