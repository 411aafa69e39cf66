//! The IAM policy language: parse, validate, match, decide, explain.
//!
//! A [`Policy`] is parsed and compiled once from its JSON text; [`decide`] then
//! answers one [`Request`] from all the policies that apply to it ([`Sources`]),
//! as AWS documents its evaluation logic, and says which statement decided or
//! which kind of policy lacked an allow ([`Decision`]).
//!
//! The crate is pure. It never reads a clock, a network, a store or a request
//! header: every value of a condition key comes from the caller's
//! [`Conditions`], and it never checks that a named principal exists, which is
//! the caller's part ([`Policy::principals`]). A document that it does not
//! understand to the last element is refused, never evaluated in part.

mod action;
mod arn;
mod canonical;
mod condition;
mod context_keys;
mod decide;
mod decision;
mod grammar;
mod json;
pub mod limits;
pub mod lockout;
mod malformed;
mod named_principal;
mod operand;
mod operator;
mod outline;
mod pattern;
mod policy;
mod position;
mod prefixes;
mod principal;
pub mod reference;
mod rename;
mod shared_provider;
mod shift_and;
mod statement;
mod wildcard;

pub use canonical::canonical;
pub use condition::{Conditions, Values};
pub use context_keys::context_keys;
pub use decide::{GrantOutcome, Named, Request, ResourceRule, Sources, decide};
pub use decision::{Decision, Layer, Outcome, Reason};
pub use malformed::{Fault, Malformed};
pub use named_principal::NamedPrincipal;
pub use policy::{Policy, PolicyKind, Version};
pub use position::{Position, Span, statement_spans};
pub use principal::{Principal, PrincipalKind};
pub use rename::{named_principals, rename_principals};
pub use statement::{Effect, Statement};
