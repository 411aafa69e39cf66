//! What is wrong with a query, and where; what a running one may not exceed.

use std::ops::Range;

/// A query that is not understood (StartQuery, `MalformedQueryException`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CompileError {
    /// The characters of the query that the message is about.
    pub span: Range<usize>,
    /// What is wrong with them.
    pub message: String,
}

impl CompileError {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
        }
    }
}

/// A query that would need more memory than it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the query needs more than {0} bytes of memory")]
pub struct Exceeded(pub usize);
