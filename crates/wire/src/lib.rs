//! Bytes on the AWS wire: shapes, values, codecs (one file a protocol), validation and request
//! signatures.
//!
//! Everything here is a pure function of its arguments: no I/O, no clock, no randomness, no
//! environment. It knows protocols and tables, and not a single service. What the tables of a
//! service look like is in `shape`; `api` holds the generated ones.

pub mod attestation;
pub mod buffer;
pub mod cbor;
pub mod codec;
mod coercion;
mod decimal;
pub mod fault;
pub mod json;
mod limits;
pub mod marker;
pub mod pem;
pub mod query;
pub mod rest;
pub mod rest_json;
pub mod saml;
pub mod shape;
pub mod sigv4;
pub mod timestamp;
pub mod typed;
pub mod validate;
pub mod value;
mod wipe;
pub mod xml;

pub use decimal::{Decimal, Excess};
pub use fault::{Common, Fault};
pub use shape::{Http, OperationTable, Protocol, Recording, ServiceTable};
pub use typed::{Callable, Empty, Entries, FromValue, IntoValue, Members, Operation};
pub use value::{Timestamp, Value};
pub use wipe::wipe;
