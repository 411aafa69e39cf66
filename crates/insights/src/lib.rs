//! The query language of CloudWatch Logs Insights: parse a query, feed it events, take its rows.
//!
//! [`Query::parse`] reads the text and resolves its names; [`Run`] takes events one by one, in any
//! order, and keeps no more of them than the answer needs. Fields of JSON events are found in one
//! pass, and only where a command asks for one.
//!
//! What this crate never does: read a clock, keep an event that no row shows, backtrack over one,
//! or take a command that it does not carry out.
//!
//! ("CloudWatch Logs Insights language query syntax", CloudWatch Logs user guide.)

mod aggregate;
mod ast;
mod calendar;
mod collect;
mod compile;
mod discover;
mod event;
mod expression;
mod fault;
mod functions;
mod glob;
mod json;
mod lexer;
mod network;
mod order;
mod parser;
mod plan;
mod print;
mod run;
mod scope;
mod value;

pub use discover::{MOST_FIELDS, fields};
pub use event::{Event, Pointer};
pub use fault::{CompileError, Exceeded};
pub use run::{Answer, Limits, Query, Row, Run};
