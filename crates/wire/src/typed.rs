//! The bridge between values and the typed structs of `api`, which codegen implements.

use crate::shape::OperationTable;
use crate::value::Value;

/// A typed input: read from a value that has passed validation.
pub trait FromValue: Sized {
    /// Takes the members out of `value`. `None` means that the value does not fit the shape,
    /// which validation rules out.
    fn from_value(value: Value) -> Option<Self>;
}

/// A typed output.
pub trait IntoValue {
    /// The value to encode.
    fn into_value(self) -> Value;
}

/// One operation as a type: `api::kms::Decrypt`.
pub trait Operation {
    /// The request.
    type Input: FromValue + Send;
    /// The response.
    type Output: IntoValue + Send;
    /// The table.
    const TABLE: &'static OperationTable;
}
