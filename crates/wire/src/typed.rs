//! The bridge between values and the typed structs of `api`, which codegen implements.

use zeroize::Zeroizing;

use crate::shape::{Kind, OperationTable, ServiceTable, Shape, Structure};
use crate::value::{Timestamp, Value};

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

/// An operation that other services call, with a request that they write and a response that they
/// read.
pub trait Callable: Operation<Input: IntoValue, Output: FromValue> {
    /// The service that answers.
    const SERVICE: &'static ServiceTable;
}

/// The input or output of an operation that has none.
#[derive(Default)]
pub struct Empty;

/// The shape of `Empty`.
pub static EMPTY: Shape = Shape {
    name: "Unit",
    kind: Kind::Structure(Structure {
        members: &[],
        union: false,
    }),
    sensitive: false,
};

impl FromValue for Empty {
    fn from_value(_: Value) -> Option<Self> {
        Some(Self)
    }
}

impl IntoValue for Empty {
    fn into_value(self) -> Value {
        Value::Structure(Vec::new())
    }
}

/// Hands out the members of a structure one after the other, in the order of its table.
pub struct Members(std::vec::IntoIter<Option<Value>>);

impl Members {
    /// The members of `value`, or `None` if it is no structure.
    pub fn of(value: Value) -> Option<Self> {
        match value {
            Value::Structure(members) => Some(Self(members.into_iter())),
            _ => None,
        }
    }

    /// The next member: `Some(None)` where it is absent, `None` where it does not fit.
    pub fn take<T: FromValue>(&mut self) -> Option<Option<T>> {
        match self.0.next()? {
            None => Some(None),
            Some(value) => T::from_value(value).map(Some),
        }
    }

    /// The next member, which must be there.
    pub fn required<T: FromValue>(&mut self) -> Option<T> {
        self.take()?
    }

    /// The next member, or its type's default where it is absent.
    pub fn or_default<T: FromValue + Default>(&mut self) -> Option<T> {
        self.take().map(Option::unwrap_or_default)
    }
}

macro_rules! scalar {
    ($($type:ty, $variant:ident;)*) => {$(
        impl FromValue for $type {
            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::$variant(inner) => Some(inner),
                    _ => None,
                }
            }
        }
        impl IntoValue for $type {
            fn into_value(self) -> Value {
                Value::$variant(self)
            }
        }
    )*};
}

scalar! {
    bool, Boolean;
    i64, Integer;
    f64, Double;
    Zeroizing<String>, String;
    Zeroizing<Vec<u8>>, Blob;
    Timestamp, Timestamp;
}

impl FromValue for i32 {
    fn from_value(value: Value) -> Option<Self> {
        Self::try_from(i64::from_value(value)?).ok()
    }
}

impl IntoValue for i32 {
    fn into_value(self) -> Value {
        Value::Integer(i64::from(self))
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::String(mut text) => Some(std::mem::take(&mut *text)),
            _ => None,
        }
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::String(Zeroizing::new(self))
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::List(members) => members.into_iter().map(T::from_value).collect(),
            _ => None,
        }
    }
}

impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect())
    }
}

/// The entries of a map, in the order of the wire; a key occurs once.
#[derive(Clone)]
pub struct Entries<T>(pub Vec<(String, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> std::ops::Deref for Entries<T> {
    type Target = [(String, T)];

    fn deref(&self) -> &[(String, T)] {
        &self.0
    }
}

impl<T: FromValue> FromValue for Entries<T> {
    fn from_value(value: Value) -> Option<Self> {
        let Value::Map(entries) = value else {
            return None;
        };
        let entries = entries
            .into_iter()
            .map(|(key, value)| Some((key, T::from_value(value)?)));
        entries.collect::<Option<_>>().map(Self)
    }
}

impl<T: IntoValue> IntoValue for Entries<T> {
    fn into_value(self) -> Value {
        Value::Map(
            self.0
                .into_iter()
                .map(|(key, value)| (key, value.into_value()))
                .collect(),
        )
    }
}
