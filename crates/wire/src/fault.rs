//! Errors as AWS sends them: a modeled error of one operation, or one that every service shares.

use crate::shape::{ErrorShape, Member, Protocol};
use crate::value::Value;

/// An error on its way to the caller.
#[derive(Clone)]
pub struct Fault {
    kind: FaultKind,
    message: Option<String>,
    /// What goes on record instead of the message, where that repeats something hidden.
    recorded: Option<String>,
    /// Whether the call ended before its parameters were of any use: none goes on record.
    is_early: bool,
    members: Vec<Option<Value>>,
}

#[derive(Clone, Copy)]
enum FaultKind {
    Modeled(&'static ErrorShape),
    Common(Common),
}

impl Fault {
    /// A modeled error; generated constructors call this.
    pub fn modeled(shape: &'static ErrorShape, message: Option<String>) -> Self {
        Self {
            kind: FaultKind::Modeled(shape),
            message,
            recorded: None,
            is_early: false,
            members: Vec::new(),
        }
    }

    /// An error that every service shares.
    pub fn common(common: Common, message: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Common(common),
            message: Some(message.into()),
            recorded: None,
            is_early: false,
            members: Vec::new(),
        }
    }

    /// An error that every service shares, without text.
    pub fn common_bare(common: Common) -> Self {
        Self {
            kind: FaultKind::Common(common),
            message: None,
            recorded: None,
            is_early: false,
            members: Vec::new(),
        }
    }

    /// Sets further members of a modeled error, in the order of its table.
    #[must_use]
    pub fn with_members(mut self, members: Vec<Option<Value>>) -> Self {
        self.members = members;
        self
    }

    /// Sets what goes on record instead of the text. The caller may read in an answer what it sent,
    /// but whoever reads the record may not.
    #[must_use]
    pub fn recorded_as(mut self, recorded: Option<String>) -> Self {
        self.recorded = recorded;
        self
    }

    /// Puts neither parameters nor resources of the call on record.
    #[must_use]
    pub fn early(mut self) -> Self {
        self.is_early = true;
        self
    }

    /// Whether neither parameters nor resources of the call go on record.
    pub fn is_early(&self) -> bool {
        self.is_early
    }

    /// The code on the wire, which differs between JSON and query services.
    pub fn code(&self, protocol: Protocol) -> &'static str {
        match self.kind {
            FaultKind::Modeled(shape) => shape.code,
            FaultKind::Common(common) => common.row(protocol).0,
        }
    }

    /// The name of the error's shape, which RPC v2 CBOR and JSON write as its type.
    pub fn shape_name(&self, protocol: Protocol) -> &'static str {
        match self.kind {
            FaultKind::Modeled(shape) => shape.name,
            FaultKind::Common(common) => common.row(protocol).0,
        }
    }

    /// The HTTP status.
    pub fn status(&self, protocol: Protocol) -> u16 {
        match self.kind {
            FaultKind::Modeled(shape) => shape.status,
            FaultKind::Common(common) => common.row(protocol).1,
        }
    }

    /// Whether the sender is at fault.
    pub fn is_sender_fault(&self) -> bool {
        match self.kind {
            FaultKind::Modeled(shape) => shape.sender_fault,
            FaultKind::Common(common) => {
                !matches!(common, Common::InternalFailure | Common::ServiceUnavailable)
            }
        }
    }

    /// The text, if there is one.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What was set to go on record instead of the text.
    pub fn into_recorded(self) -> Option<String> {
        self.recorded
    }

    /// The text that goes on record, if there is one.
    pub fn recorded_message(&self) -> Option<&str> {
        self.recorded.as_deref().or(self.message())
    }

    /// The modeled shape and the members beyond the text.
    pub fn modeled_parts(&self) -> Option<(&'static ErrorShape, &[Option<Value>])> {
        match self.kind {
            FaultKind::Modeled(shape) => Some((shape, &self.members)),
            FaultKind::Common(_) => None,
        }
    }

    /// The members of a modeled error that are set, beyond its text.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'static Member, &Value)> {
        let (members, values) = match self.kind {
            FaultKind::Modeled(error) => (error.shape.members(), self.members.as_slice()),
            FaultKind::Common(_) => (&[][..], &[][..]),
        };
        let text_set = self.message.is_some();
        let pairs = members.iter().zip(values);
        pairs.filter_map(move |(member, value)| match value {
            Some(_) if text_set && member.is_message() => None,
            Some(value) => Some((member, value)),
            None => None,
        })
    }

    /// Which shared error this is, if it is one.
    pub fn as_common(&self) -> Option<Common> {
        match self.kind {
            FaultKind::Modeled(_) => None,
            FaultKind::Common(common) => Some(common),
        }
    }
}

/// The errors that every service shares, under the names and statuses that the two families of
/// services use (AWS "Common Errors" pages of KMS and IAM).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Common {
    /// The caller may not do this.
    AccessDenied,
    /// A header is there that the signature does not cover.
    HeadersNotSigned,
    /// The `Authorization` header or query is not well formed.
    IncompleteSignature,
    /// The signature does not match.
    InvalidSignature,
    /// The request is too old, from the future, or a presigned one has expired.
    RequestExpired,
    /// Neither header nor query carry credentials.
    MissingAuthenticationToken,
    /// The access key or session token is unknown.
    InvalidClientTokenId,
    /// The session's time is over.
    ExpiredToken,
    /// The body cannot be read.
    Serialization,
    /// The input does not meet a constraint.
    Validation,
    /// No such operation.
    UnknownOperation,
    /// A query request that names no operation.
    MissingAction,
    /// The body is larger than any request may be.
    RequestTooLarge,
    /// The body is of a media type that the operation does not read.
    UnsupportedMediaType,
    /// Too many requests.
    Throttling,
    /// Something failed inside.
    InternalFailure,
    /// Sealed, or the journal cannot be written.
    ServiceUnavailable,
    /// The service does not answer in the Region.
    UnknownEndpoint,
}

impl Common {
    /// The code and the HTTP status.
    fn row(self, protocol: Protocol) -> (&'static str, u16) {
        if protocol.is_query() {
            self.query_row()
        } else if protocol.is_rest() {
            self.rest_row()
        } else {
            self.json_row()
        }
    }

    /// The REST services use the codes of the JSON services, and more of HTTP's statuses.
    fn rest_row(self) -> (&'static str, u16) {
        let (code, status) = self.json_row();
        let status = match self {
            Self::AccessDenied
            | Self::HeadersNotSigned
            | Self::IncompleteSignature
            | Self::InvalidSignature
            | Self::RequestExpired
            | Self::MissingAuthenticationToken
            | Self::InvalidClientTokenId
            | Self::ExpiredToken => 403,
            Self::UnknownOperation | Self::MissingAction => 404,
            Self::Throttling => 429,
            _ => status,
        };
        (code, status)
    }

    fn json_row(self) -> (&'static str, u16) {
        match self {
            Self::AccessDenied => ("AccessDeniedException", 400),
            Self::HeadersNotSigned => ("AccessDeniedException", 403),
            Self::IncompleteSignature => ("IncompleteSignatureException", 400),
            Self::InvalidSignature | Self::RequestExpired => ("InvalidSignatureException", 400),
            Self::MissingAuthenticationToken => ("MissingAuthenticationTokenException", 400),
            Self::InvalidClientTokenId => ("UnrecognizedClientException", 400),
            Self::ExpiredToken => ("ExpiredTokenException", 400),
            Self::Serialization => ("SerializationException", 400),
            Self::Validation => ("ValidationException", 400),
            Self::UnknownOperation | Self::MissingAction => ("UnknownOperationException", 400),
            Self::RequestTooLarge => ("RequestEntityTooLargeException", 413),
            Self::UnsupportedMediaType => ("UnsupportedMediaTypeException", 415),
            Self::Throttling => ("ThrottlingException", 400),
            Self::InternalFailure => ("InternalFailure", 500),
            Self::ServiceUnavailable => ("ServiceUnavailableException", 503),
            Self::UnknownEndpoint => ("UnknownEndpointException", 404),
        }
    }

    fn query_row(self) -> (&'static str, u16) {
        match self {
            Self::AccessDenied | Self::HeadersNotSigned => ("AccessDenied", 403),
            Self::IncompleteSignature => ("IncompleteSignature", 403),
            Self::InvalidSignature | Self::RequestExpired => ("SignatureDoesNotMatch", 403),
            Self::MissingAuthenticationToken => ("MissingAuthenticationToken", 403),
            Self::InvalidClientTokenId => ("InvalidClientTokenId", 403),
            Self::ExpiredToken => ("ExpiredToken", 403),
            Self::Serialization => ("MalformedInput", 400),
            Self::Validation => ("ValidationError", 400),
            Self::UnknownOperation => ("InvalidAction", 400),
            Self::MissingAction => ("MissingAction", 400),
            Self::RequestTooLarge => ("RequestEntityTooLarge", 413),
            Self::UnsupportedMediaType => ("UnsupportedMediaType", 415),
            Self::Throttling => ("Throttling", 400),
            Self::InternalFailure => ("InternalFailure", 500),
            Self::ServiceUnavailable => ("ServiceUnavailable", 503),
            Self::UnknownEndpoint => ("UnknownEndpoint", 404),
        }
    }
}
