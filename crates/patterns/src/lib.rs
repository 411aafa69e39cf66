//! Event patterns: which events a rule is about (Amazon EventBridge user guide, "Amazon EventBridge
//! event patterns" and "Comparison operators for use in event patterns").
//!
//! A [`Pattern`] is compiled once; an [`Event`] is read once and matched against as many patterns
//! as there are. A [`RuleSet`] finds those that match among many without looking at most of them.
//! Faults of a pattern are worded as EventBridge words them, with the place in the text.
//!
//! Everything takes time in proportion to its input: no pattern makes an event costly, and no event
//! a pattern.
//!
//! What it never does: I/O, or know a service.

mod addresses;
mod compile;
mod complexity;
mod consistency;
mod event;
mod exclusions;
mod expression;
mod folding;
mod json;
mod matcher;
mod needles;
mod number;
mod pattern;
mod rule_set;
mod text_index;
mod wildcard;

pub use event::{Event, EventError};
pub use json::{Json, Kind, SyntaxError};
pub use pattern::{Pattern, PatternError};
pub use rule_set::RuleSet;
