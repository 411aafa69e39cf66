//! Tests of the policy engine through its public interface.

mod conditions;
mod cost;
mod decisions;
mod documents;
mod iam_cases;
mod properties;
mod support;
mod validation;
