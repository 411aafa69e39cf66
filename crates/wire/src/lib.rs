//! Bytes on the AWS wire: shapes, values, codecs (one file a protocol), validation and request
//! signatures.
//!
//! Everything here is a pure function of its arguments: no I/O, no clock, no randomness, no
//! environment. It knows protocols and tables, and not a single service. What the tables of a
//! service look like is in `shape`; `api` holds the generated ones.

pub mod fault;
pub mod shape;
pub mod sigv4;
pub mod typed;
pub mod value;

pub use fault::{Common, Fault};
pub use shape::{OperationTable, Protocol, ServiceTable};
pub use typed::{Empty, Entries, FromValue, IntoValue, Members, Operation};
pub use value::{Timestamp, Value};
