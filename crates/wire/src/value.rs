//! A request or response as data, between the bytes on the wire and the typed structs of `api`.

use zeroize::Zeroizing;

/// One value of a shape.
///
/// It has no `Debug`: a request may hold plaintext. Blobs and texts are wiped when dropped.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// For `Kind::Boolean`.
    Boolean(bool),
    /// For `Kind::Integer` and `Kind::Long`.
    Integer(i64),
    /// For `Kind::Float` and `Kind::Double`.
    Double(f64),
    /// For `Kind::String`.
    String(Zeroizing<String>),
    /// For `Kind::Blob`, decoded.
    Blob(Zeroizing<Vec<u8>>),
    /// For `Kind::Timestamp`.
    Timestamp(Timestamp),
    /// For `Kind::List`.
    List(Vec<Value>),
    /// For `Kind::Map`, in the order of the wire, without duplicate keys.
    Map(Vec<(String, Value)>),
    /// For `Kind::Structure`: one place per member, in the order of the table.
    Structure(Vec<Option<Value>>),
    /// For `Kind::Document`: JSON text.
    Document(Zeroizing<String>),
}

impl Value {
    /// A text value.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(Zeroizing::new(text.into()))
    }

    /// A blob value.
    pub fn blob(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Blob(Zeroizing::new(bytes.into()))
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The member at `index`, if this is a structure that has it set.
    pub fn member(&self, index: usize) -> Option<&Value> {
        match self {
            Self::Structure(members) => members.get(index)?.as_ref(),
            _ => None,
        }
    }
}

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Milliseconds since the epoch; negative before it.
    pub millis: i64,
}

impl Timestamp {
    /// The time `seconds` after the epoch.
    pub const fn from_secs(seconds: i64) -> Self {
        Self {
            millis: seconds.saturating_mul(1000),
        }
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.millis.div_euclid(1000)
    }

    /// This time without its fraction of a second, for services that keep whole seconds.
    #[must_use]
    pub const fn whole_secs(self) -> Self {
        Self::from_secs(self.secs())
    }

    /// This time plus `seconds`.
    #[must_use]
    pub const fn plus_secs(self, seconds: i64) -> Self {
        Self {
            millis: self.millis.saturating_add(seconds.saturating_mul(1000)),
        }
    }
}
